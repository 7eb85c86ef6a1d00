"""EfficientNet-Lite0: how much can a network see with the sums that a telephone can afford?

Four million numbers learned on 1.28 million photographs of 1,000 kinds, 390 million multiplications
a picture: a thirteenth of AlexNet's parameters, for 75.5 % of ImageNet named right instead of 57 %.
The saving comes from convolutions cut in three. Where a plain one of 5 x 5 that keeps 192 channels
multiplies 25 x 192 x 192 numbers a pixel, an inverted bottleneck

    widens      1 x 1, from n channels to 6 n          mixes channels at one pixel
    looks       k x k, each channel alone              mixes pixels in one channel
    narrows     1 x 1, from 6 n channels to m          mixes channels, no activation after it

and adds what came in to what goes out where the two have one shape (`Branches` with an empty
chain). The Lite networks leave out what small processors do badly: attention over channels, and
the swish activation, for which ReLU6, a ReLU kept below 6, stands.

The picture has sides that are multiples of 32: five steps halve it, and each halving sees an even
side, so that one row and one column of zeros below and to the right (two of a kernel of 5, with
one above) are what the original's "same" padding adds.

Source: M. Tan, Q. V. Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural
Networks", ICML 2019; R. Liu, "Higher accuracy on vision models with EfficientNet-Lite", 2020.
"""

from dataclasses import dataclass

from imagier.neurons.layers import (
    Activation,
    BatchNorm,
    Branches,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePool,
    Layer,
    Pad,
    Softmax,
)

__all__ = [
    "EARLY_FEATURES",
    "EPSILON",
    "FEATURES",
    "SIDE_STEP",
    "efficientnet_lite0",
    "efficientnet_lite0_features",
]

EPSILON = 1e-3  # of every batch norm, TensorFlow's value
FEATURES = 1280
EARLY_FEATURES = 112 + 192 + 320 + FEATURES
SIDE_STEP = 32
STEM = 32
RELU6 = Activation(kind="relu6")
MEANS = (GlobalAveragePool(), Flatten())
EARLIEST = 4  # the stages whose means are taken: the fifth and those after it


@dataclass(frozen=True, slots=True)
class _Stage:
    """Blocks that follow one another: only the first halves the picture or changes channels."""

    repeats: int
    kernel: int
    stride: int
    widening: int
    inputs: int
    outputs: int


STAGES = (
    _Stage(1, 3, 1, 1, 32, 16),
    _Stage(2, 3, 2, 6, 16, 24),
    _Stage(2, 5, 2, 6, 24, 40),
    _Stage(3, 3, 2, 6, 40, 80),
    _Stage(3, 5, 1, 6, 80, 112),
    _Stage(4, 5, 2, 6, 112, 192),
    _Stage(1, 3, 1, 6, 192, 320),
)


def efficientnet_lite0(classes: int) -> tuple[Layer, ...]:
    """Give the whole network for colour pictures with sides that are multiples of 32.

    Args:
        classes: How many classes there are to tell apart.

    >>> from imagier.neurons.counts import describe, total
    >>> f"{total(describe(efficientnet_lite0(1000), (224, 224, 3))).parameters:,}"
    '4,652,008'
    """
    head = (Dropout(share=0.2), Dense(inputs=FEATURES, outputs=classes), Softmax())
    return (*efficientnet_lite0_features(), *head)


def efficientnet_lite0_features(*, early: bool = False) -> tuple[Layer, ...]:
    """Give the network up to the numbers that describe a picture, without the last layer.

    Args:
        early: Whether the means of the maps after the last three stages stand before the 1,280
            numbers: what was seen before it was bent towards the 1,000 kinds of ImageNet.
    """
    end: tuple[Layer, ...] = (*_mixing(STAGES[-1].outputs, FEATURES), RELU6, *MEANS)
    for number, stage in reversed(list(enumerate(STAGES))):
        if early and number >= EARLIEST:
            end = (Branches(chains=(MEANS, end)),)
        end = (*_blocks(stage), *end)
    stem = Convolution(inputs=3, outputs=STEM, kernel=(3, 3), stride=(2, 2), bias=False)
    return (*_looking(stem), *end)


def _blocks(stage: _Stage) -> tuple[Layer, ...]:
    first = _bottleneck(stage, stage.inputs, stage.stride)
    other = Branches(chains=((), _bottleneck(stage, stage.outputs, 1)), join="add")
    return (*first, *[other] * (stage.repeats - 1))


def _bottleneck(stage: _Stage, inputs: int, stride: int) -> tuple[Layer, ...]:
    width = inputs * stage.widening
    widening = (*_mixing(inputs, width), RELU6) if stage.widening > 1 else ()
    looking = Convolution(
        inputs=width,
        outputs=width,
        kernel=(stage.kernel, stage.kernel),
        stride=(stride, stride),
        groups=width,
        bias=False,
    )
    return (*widening, *_looking(looking), *_mixing(width, stage.outputs))


def _looking(kernels: Convolution) -> tuple[Layer, ...]:
    """Give kernels larger than a pixel with the zeros around that they need."""
    around = kernels.kernel[0] - kernels.stride[0]
    before, after = around // 2, around - around // 2
    unpadded = Convolution(
        inputs=kernels.inputs,
        outputs=kernels.outputs,
        kernel=kernels.kernel,
        stride=kernels.stride,
        padding=(0, 0),
        groups=kernels.groups,
        bias=False,
    )
    padding = Pad(edges=(before, before, after, after))
    return (padding, unpadded, BatchNorm(channels=kernels.outputs, epsilon=EPSILON), RELU6)


def _mixing(inputs: int, outputs: int) -> tuple[Layer, ...]:
    """Give kernels of one pixel, which mix channels only."""
    kernels = Convolution(inputs=inputs, outputs=outputs, kernel=(1, 1), padding=(0, 0), bias=False)
    return (kernels, BatchNorm(channels=outputs, epsilon=EPSILON))
