"""AlexNet: what changed in 2012, when a network first beat everyone at naming photographs?

Not the idea: it is LeNet's, fourteen years older. What was new is the size, 60 million weights
learned from 1.2 million photographs of 1,000 classes, and what made that size learn:

- ReLU, max(0, a), whose slope does not fade where tanh goes flat;
- two graphics cards of 3 GB, with half of the channels each: hence two groups that meet in the
  third convolution and in the dense layers only;
- dropout, half of the dense neurons silent at random, so that none relies upon another one;
- local response normalisation, a neuron quieter where its neighbours shout (given up since).

>>> from imagier.neurons.counts import describe, total
>>> photo = (224, 224, 3)
>>> f"{total(describe(alexnet(photo, 1000), photo)).parameters:,}"
'60,965,224'

All but one in twenty-six stand in the dense layers, not in the convolutions:

>>> rows = describe(alexnet(photo, 1000), photo)
>>> f"{sum(row.weights + row.biases for row in rows if row.name == 'dense'):,}"
'58,631,144'

The other variant, `one-column`, is what most libraries call AlexNet today: without groups, fewer
kernels at the start, no local normalisation (Krizhevsky, 2014, as torchvision counts it).

>>> f"{total(describe(alexnet(photo, 1000, variant='one-column'), photo)).parameters:,}"
'61,100,840'

What differs from the paper. It says 224 x 224, but its windows of 11 in steps of 4 give 55 x 55 at
227 only; two columns of zeros around, as here, give 55 at 224, and the same parameters at both. The
paper divides the sum of squares by nothing, we by the number of channels: hence our alpha five
times its own. First weights are drawn after He (2015), which needs none of the paper's biases of 1;
the optimiser is whatever `train` uses, not the paper's momentum of 0.9.

Source: A. Krizhevsky, I. Sutskever, G. Hinton, "ImageNet classification with deep convolutional
neural networks", NIPS 2012, section 3; A. Krizhevsky, "One weird trick for parallelizing
convolutional neural networks", 2014.
"""

import math
from dataclasses import dataclass

from imagier.errors import UsageError
from imagier.i18n import integer
from imagier.neurons.layers import (
    Activation,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    Layer,
    LocalResponseNorm,
    MaxPool,
    Softmax,
)
from imagier.neurons.shapes import shape_through

__all__ = ["ALEXNET_LEAST_SIDE", "ALEXNET_VARIANTS", "alexnet"]

ALEXNET_LEAST_SIDE = 63  # below it, the last pooling has no window of 3 x 3 left

RELU = Activation(kind="relu")
POOL = MaxPool(size=(3, 3))  # steps of 2: the windows overlap
SILENT = Dropout(share=0.5)
NEURONS = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class _Variant:
    """What two drawings of AlexNet do not share: kernels, groups, and the local normalisation."""

    kernels: tuple[int, int, int, int, int]
    groups: int
    quieter: tuple[Layer, ...]


_DRAWINGS = {
    "two-groups": _Variant(
        kernels=(96, 256, 384, 384, 256),
        groups=2,
        quieter=(LocalResponseNorm(size=5, alpha=5e-4, beta=0.75, bias=2.0),),
    ),
    "one-column": _Variant(kernels=(64, 192, 384, 256, 256), groups=1, quieter=()),
}
ALEXNET_VARIANTS = tuple(_DRAWINGS)


def alexnet(
    shape: tuple[int, int, int], classes: int, *, variant: str = "two-groups"
) -> tuple[Layer, ...]:
    """Describe AlexNet.

    Args:
        shape: Height, width and channels of the pictures; larger ones give it more dense weights.
        classes: How many classes there are to tell apart.
        variant: `two-groups`, the paper's, or `one-column`.

    Raises:
        UsageError: `picture_too_small_for_network`.
    """
    if min(shape[:2]) < ALEXNET_LEAST_SIDE:
        size = f"{integer(shape[0])} × {integer(shape[1])}"
        raise UsageError(
            "picture_too_small_for_network", network="alexnet", size=size, side=ALEXNET_LEAST_SIDE
        )
    eyes = _eyes(shape[2], _DRAWINGS[variant])
    seen = math.prod(shape_through(eyes, shape))  # 6 x 6 x 256 for pictures of 224 pixels
    return (
        *eyes,
        Flatten(),
        *(Dense(inputs=seen, outputs=NEURONS), RELU, SILENT),
        *(Dense(inputs=NEURONS, outputs=NEURONS), RELU, SILENT),
        Dense(inputs=NEURONS, outputs=classes),
        Softmax(),
    )


def _eyes(channels: int, drawing: _Variant) -> tuple[Layer, ...]:
    """Describe the five convolutions; for pictures of 224 pixels, sides of 55, 27, 13 and 6."""
    one, two, three, four, five = drawing.kernels
    first = Convolution(
        inputs=channels, outputs=one, kernel=(11, 11), stride=(4, 4), padding=(2, 2)
    )
    second = Convolution(
        inputs=one, outputs=two, kernel=(5, 5), padding=(2, 2), groups=drawing.groups
    )
    return (
        *(first, RELU, *drawing.quieter, POOL),
        *(second, RELU, *drawing.quieter, POOL),
        *(Convolution(inputs=two, outputs=three), RELU),  # here the two halves meet
        *(Convolution(inputs=three, outputs=four, groups=drawing.groups), RELU),
        *(Convolution(inputs=four, outputs=five, groups=drawing.groups), RELU, POOL),
    )
