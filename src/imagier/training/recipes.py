"""What each family of networks learns best with: chosen once by ablation, on validation only.

A recipe is the part of a plan that does not hang on the wishes of the user. That of `cnn` was
chosen on the last 10,000 training pictures of MNIST and of Fashion-MNIST; every figure, those of
the ideas that lost too, is in docs/decisions/0008.
"""

from typing import Any, Final

__all__ = ["patient_cnn", "recipe"]

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
}
# Up to this short side of the pictures, in pixels, these blocks.
PATIENT: Final = ((12, "cnn:32,64"), (40, "cnn:16,32"), (10**12, "cnn:16,32,64,128"))
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


def patient_cnn(side: int) -> str:
    """Name the convolutional network to take where there is time for a whole epoch of it.

    It looks at every pixel, where the quick one, `cnn`, steps by two: an epoch takes 1.6 times as
    long on pictures of 28 pixels, and one is already worth more than two of the other.

    Args:
        side: The shorter side of the pictures, in pixels.

    >>> patient_cnn(28)
    'cnn:16,32'
    """
    return next(network for limit, network in PATIENT if side <= limit)
