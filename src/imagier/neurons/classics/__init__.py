"""Networks of the past, each in one file that reads from top to bottom, named after their papers.

    lenet                               1998: digits of 28 or 32 pixels
    alexnet[:two-groups|:one-column]    2012: photographs of 224 pixels, 61 million parameters
    googlenet[:batch-norm|:paper]       2014: deeper, nine times lighter

`CLASSICS` names them. The variant that stands first is meant when none is named: for AlexNet the
paper's; for GoogLeNet batch norm, which learns faster from nothing: after 90 batches of 32 pictures
of Fashion-MNIST, brought to 32 pixels, 72 % of the next ones are named right, and 54 % without it
(one run each, with the first weights of `imagier.networks.first_weights`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from imagier.neurons.classics.alexnet import ALEXNET_VARIANTS, alexnet
from imagier.neurons.classics.googlenet import GOOGLENET_VARIANTS, googlenet
from imagier.neurons.classics.lenet import lenet
from imagier.neurons.layers import Layer

__all__ = ["CLASSICS", "Classic", "alexnet", "googlenet", "lenet"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Classic:
    """A network of the past, and what it was made for.

    Attributes:
        variants: Its drawings by name, the one meant when none is named first; the only drawing of
            a network without variants has the name "".
        input: Height, width and channels of the pictures it was made for.
        classes: How many classes its paper told apart.
    """

    variants: dict[str, Callable[[tuple[int, int, int], int], tuple[Layer, ...]]]
    input: tuple[int, int, int]
    classes: int


CLASSICS: dict[str, Classic] = {
    "lenet": Classic(variants={"": lenet}, input=(28, 28, 1), classes=10),
    "alexnet": Classic(
        variants={name: partial(alexnet, variant=name) for name in ALEXNET_VARIANTS},
        input=(224, 224, 3),
        classes=1000,
    ),
    "googlenet": Classic(
        variants={name: partial(googlenet, variant=name) for name in GOOGLENET_VARIANTS},
        input=(224, 224, 3),
        classes=1000,
    ),
}
