"""What each family of networks learns best with: chosen once by ablation, on validation only.

A recipe is the part of a plan that does not hang on the wishes of the user. That of `cnn` was
chosen on the last 10,000 training pictures of MNIST and of Fashion-MNIST; every figure, those of
the ideas that lost too, is in docs/decisions/0008.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

__all__ = ["MOST_EPOCHS", "TUNING", "Rung", "ladder", "recipe"]

BATCHES: Final = ((2_000, 32), (20_000, 64), (10**12, 128))  # up to so many pictures
FULL_BATCH: Final = 128  # for which the rates stand; smaller batches go by smaller steps
PLAIN: Final = {"learning_rate": 0.003}
RECIPES: Final[dict[str, dict[str, Any]]] = {
    "linear": PLAIN,
    "dense": PLAIN,
    "cnn": {
        "learning_rate": 0.01,
        "momentum": 0.7,
        "second_momentum": 0.9,
        "label_smoothing": 0.1,
    },
    "lenet": PLAIN,
    "alexnet": {"learning_rate": 0.0001},
    "googlenet": {"learning_rate": 0.001},
    "finetune": {
        "batch_size": 32,
        "learning_rate": 0.0005,
        "label_smoothing": 0.1,
        "warm_up": 0.1,
    },
}
# Beyond so many epochs validation no longer improved on the sets measured: time left is given back.
MOST_EPOCHS: Final = {
    "linear": 40,
    "dense": 40,
    "cnn": 12,
    "lenet": 40,
    "alexnet": 90,
    "googlenet": 90,
    "finetune": 12,
}
BOOKS: Final = {  # plain steps, as the first books have them: one rate, no memory, no decay
    "momentum": 0.0,
    "schedule": "constant",
    "weight_decay": 0.0,
    "label_smoothing": 0.0,
}


def recipe(
    network: str, *, pictures: int, loss: str, optimiser: str | None = None
) -> dict[str, Any]:
    """Give the fields of a plan that suit a network and the number of its pictures.

    Nothing in it moves, turns or mirrors a picture: a 6 stays a 6.

    Args:
        network: Its specification.
        pictures: How many there are to learn from.
        loss: The error to make small.
        optimiser: What the user asked for; `sgd` is learnt with as books describe it.

    >>> recipe("cnn", pictures=60_000, loss="cross-entropy")["batch_size"]
    128
    >>> recipe("dense:8,8", pictures=60_000, loss="squared", optimiser="sgd")["schedule"]
    'constant'
    """
    family = network.split(":", maxsplit=1)[0]
    batch = next(size for limit, size in BATCHES if pictures <= limit)
    fields = {"batch_size": batch, "weight_decay": 0.01} | RECIPES[family]
    if family == "cnn":
        fields["learning_rate"] *= (batch / FULL_BATCH) ** 0.5
    if loss != "cross-entropy":
        fields["label_smoothing"] = 0.0  # these losses do not ask for ever surer answers
    if optimiser == "sgd":
        return fields | BOOKS | {"optimiser": optimiser}
    return fields if optimiser is None else fields | {"optimiser": optimiser}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """A network that is worth its time once so many epochs of it can be afforded.

    Attributes:
        network: Its specification.
        fewest: Epochs below which the rung before it learns more in the same time.
        most: Epochs beyond which validation no longer improved: time left is given back.
        fields: What its plan has beside the recipe of its family.
        may_mirror: Whether mirrored pictures help, where a pilot finds that they do no harm.
    """

    network: str
    fewest: int
    most: int
    fields: Mapping[str, Any] = field(default_factory=dict)
    may_mirror: bool = False


TUNING: Final = Rung(network="finetune", fewest=3, most=MOST_EPOCHS["finetune"])
LONG: Final = {"shift": 2, "optimiser": "muon"}
HANDS: Final = {"rotation": 10.0, "stretch": 0.1}
LADDERS: Final = (  # up to this short side of the pictures, in pixels
    (12, (Rung(network="cnn:32,64", fewest=1, most=12),)),
    (
        40,
        (
            Rung(network="cnn:16,32", fewest=1, most=12),
            Rung(network="cnn:32,64x2,128x2:max", fewest=6, most=40, fields=LONG, may_mirror=True),
            Rung(
                network="cnn:64,128x2,256x2:max", fewest=6, most=100, fields=LONG, may_mirror=True
            ),
        ),
    ),
    (
        10**12,
        (
            Rung(network="cnn:16,32,64,128", fewest=1, most=12),
            Rung(
                network="cnn:32,64x2,128x2,256:max",
                fewest=8,
                most=100,
                fields=LONG,
                may_mirror=True,
            ),
        ),
    ),
)


def ladder(side: int, *, is_ink: bool = False) -> tuple[Rung, ...]:
    """Give the convolutional networks that time buys, the quickest first.

    The lowest, `cnn`, is not among them: it is what is learnt when not one epoch of these fits.

    Args:
        side: The shorter side of the pictures, in pixels.
        is_ink: Whether they are signs drawn by hand, which slant and stretch from hand to hand.

    >>> [rung.network for rung in ladder(28)]
    ['cnn:16,32', 'cnn:32,64x2,128x2:max', 'cnn:64,128x2,256x2:max']
    """
    rungs = next(rungs for limit, rungs in LADDERS if side <= limit)
    slanted = HANDS if is_ink else {}
    return tuple(
        replace(rung, fields={**rung.fields, **slanted}) if rung.fields else rung for rung in rungs
    )
