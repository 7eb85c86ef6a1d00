"""What each family of networks learns best with: chosen once by ablation, on validation only.

A recipe is the part of a plan that does not hang on the options of the user. That of `cnn` was
chosen on the last 10,000 training pictures of MNIST and of Fashion-MNIST; every figure, those of
the ideas that lost too, is in docs/decisions/0008.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

__all__ = ["FINETUNE_TIER", "HANDS", "MAX_EPOCHS", "Tier", "recipe", "tiers"]

BATCHES: Final = ((2_000, 32), (20_000, 64), (10**12, 128))  # up to so many pictures
FULL_BATCH: Final = 128  # for which the rates stand; smaller batches go by smaller steps
PLAIN: Final = {"learning_rate": 0.003}
RECIPES: Final[dict[str, dict[str, Any]]] = {
    "linear": PLAIN,
    "dense": PLAIN,
    "cnn": {
        "learning_rate": 0.01,
        "momentum": 0.7,
        "beta2": 0.9,
        "label_smoothing": 0.1,
    },
    "reader": {
        "learning_rate": 0.003,
        "batch_size": 64,
        "optimizer": "muon",
        "averaging": 0.2,
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
MAX_EPOCHS: Final = {
    "linear": 40,
    "dense": 40,
    "cnn": 12,
    "reader": 1000,
    "lenet": 40,
    "alexnet": 90,
    "googlenet": 90,
    "finetune": 12,
}
BOOKS: Final = {  # plain steps, as the first books have them: one rate, no momentum, no decay
    "momentum": 0.0,
    "schedule": "constant",
    "weight_decay": 0.0,
    "label_smoothing": 0.0,
}


def recipe(
    network: str, *, pictures: int, loss: str, optimizer: str | None = None
) -> dict[str, Any]:
    """Give the fields of a plan that suit a network and the number of its pictures.

    Nothing in it moves, turns or mirrors a picture: a 6 stays a 6.

    Args:
        network: Its specification.
        pictures: How many there are to learn from.
        loss: The error to make small.
        optimizer: What the user asked for; `sgd` is learnt with as books describe it.

    >>> recipe("cnn", pictures=60_000, loss="cross-entropy")["batch_size"]
    128
    >>> recipe("dense:8,8", pictures=60_000, loss="squared", optimizer="sgd")["schedule"]
    'constant'
    """
    family = network.split(":", maxsplit=1)[0]
    batch = next(size for limit, size in BATCHES if pictures <= limit)
    fields = {"batch_size": batch, "weight_decay": 0.01} | RECIPES[family]
    if family == "cnn":
        fields["learning_rate"] *= (batch / FULL_BATCH) ** 0.5
    if loss != "cross-entropy":
        fields["label_smoothing"] = 0.0  # these losses do not ask for ever surer answers
    if optimizer == "sgd":
        return fields | BOOKS | {"optimizer": optimizer}
    return fields if optimizer is None else fields | {"optimizer": optimizer}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A network that is worth its time once so many epochs of it can be afforded.

    Attributes:
        network: Its specification.
        min_epochs: Epochs below which the tier before it learns more in the same time.
        max_epochs: Epochs beyond which validation no longer improved: time left is given back.
        fields: What its plan has beside the recipe of its family.
        may_mirror: Whether mirrored pictures help, where a pilot finds that they do no harm.
    """

    network: str
    min_epochs: int
    max_epochs: int
    fields: Mapping[str, Any] = field(default_factory=dict)
    may_mirror: bool = False


FINETUNE_TIER: Final = Tier(network="finetune", min_epochs=3, max_epochs=MAX_EPOCHS["finetune"])
LONG: Final = {"shift": 2, "optimizer": "muon"}
HANDS: Final = {"rotation": 10.0, "stretch": 0.1}
TIERS: Final = (  # up to this short side of the pictures, in pixels
    (12, (Tier(network="cnn:32,64", min_epochs=1, max_epochs=12),)),
    (
        40,
        (
            Tier(network="cnn:16,32", min_epochs=1, max_epochs=5),
            Tier(
                network="cnn:16,32",
                min_epochs=6,
                max_epochs=12,
                fields={"shift": 2},
                may_mirror=True,
            ),
            Tier(
                network="cnn:32,64x2,128x2:max",
                min_epochs=6,
                max_epochs=40,
                fields=LONG,
                may_mirror=True,
            ),
            Tier(
                network="cnn:64,128x2,256x2:max",
                min_epochs=6,
                max_epochs=100,
                fields=LONG,
                may_mirror=True,
            ),
        ),
    ),
    (
        10**12,
        (
            Tier(network="cnn:16,32,64,128", min_epochs=1, max_epochs=12),
            Tier(
                network="cnn:32,64x2,128x2,256:max",
                min_epochs=8,
                max_epochs=100,
                fields=LONG,
                may_mirror=True,
            ),
        ),
    ),
)


def tiers(side: int, *, is_ink: bool = False) -> tuple[Tier, ...]:
    """Give the convolutional networks that time buys, the quickest first.

    The lowest, `cnn`, is not among them: it is what is learnt when not one epoch of these fits.

    Args:
        side: The shorter side of the pictures, in pixels.
        is_ink: Whether they are signs drawn by hand, which slant and stretch from hand to hand.

    >>> [tier.network for tier in tiers(28)][1:]
    ['cnn:16,32', 'cnn:32,64x2,128x2:max', 'cnn:64,128x2,256x2:max']
    """
    found = next(found for limit, found in TIERS if side <= limit)
    slanted = HANDS if is_ink else {}
    return tuple(
        replace(tier, fields={**tier.fields, **slanted}) if tier.fields else tier for tier in found
    )
