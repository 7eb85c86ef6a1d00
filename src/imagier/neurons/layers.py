"""Layers, the pieces of a network: each says what it does, none holds a weight yet.

A network is a tuple of layers in the order the numbers travel. It can be counted, compared and
printed without allocating anything; `imagier.networks` builds the real thing from the same tuple.

The numbers between two layers have a shape: `(height, width, channels)` for pictures, `(n,)` once
they are flattened. Flattening reads channel by channel, then row by row.

>>> output_shape(Convolution(inputs=3, outputs=16), (469, 387, 3))
(469, 387, 16)
>>> output_shape(Flatten(), (28, 28, 1))
(784,)

Source: the deck, chapters 3 (dense layers) and 5 (convolution, pooling).
"""

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

from imagier.errors import UsageError

__all__ = [
    "Activation",
    "BatchNorm",
    "Convolution",
    "Dense",
    "Flatten",
    "GlobalAveragePool",
    "Layer",
    "MaxPool",
    "Shape",
    "Softmax",
    "output_shape",
]

Pair: TypeAlias = tuple[int, int]
Shape: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dense:
    """Neurons that each see every input: a weighted sum and a bias, y = W x + b.

    Attributes:
        inputs: How many numbers come in.
        outputs: How many neurons there are, one number out each.
        bias: Whether each neuron adds a bias.
    """

    inputs: int
    outputs: int
    bias: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Convolution:
    """Small kernels that slide over the picture, the same weights everywhere.

    As in every network library this is a correlation: the kernel is not turned round.

    Attributes:
        inputs: Channels that come in.
        outputs: Kernels, one channel out each.
        kernel: Height and width of the kernels, in pixels.
        stride: Step of the kernels down and across, in pixels.
        padding: Rows added above and below, columns added left and right, all zeros.
        groups: Parts into which the channels are separated; a kernel sees its own part only.
        bias: Whether each kernel adds a bias.
    """

    inputs: int
    outputs: int
    kernel: Pair = (3, 3)
    stride: Pair = (1, 1)
    padding: Pair = (1, 1)
    groups: int = 1
    bias: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchNorm:
    """Bring each channel to mean 0 and spread 1, then apply a learned scale and shift.

    Attributes:
        channels: Channels that come in and go out.
    """

    channels: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxPool:
    """Keep the greatest number of each window: [5 3; 2 1] becomes 5.

    Attributes:
        size: Height and width of the window, in pixels.
        stride: Step of the window down and across; rows and columns left over are dropped.
        padding: Rows and columns added around, which never win.
    """

    size: Pair = (2, 2)
    stride: Pair = (2, 2)
    padding: Pair = (0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalAveragePool:
    """Keep the mean of each channel, as a picture of one pixel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """Bend each number alone; without it, two layers would be worth only one.

    Attributes:
        kind: `relu`, max(0, x), or `sigmoid`, 1 / (1 + exp(-x)).
    """

    kind: Literal["relu", "sigmoid"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Softmax:
    """Turn any numbers into positive shares that add up to 1, exp(x) / sum exp(x)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flatten:
    """Read the picture as one list of numbers, channel by channel, then row by row."""


Layer: TypeAlias = (
    Dense | Convolution | BatchNorm | MaxPool | GlobalAveragePool | Activation | Softmax | Flatten
)


def output_shape(layer: Layer, shape: Shape) -> Shape:
    """Tell the shape that leaves a layer when `shape` enters it.

    Raises:
        UsageError: `layer_mismatch`, when the layer was made for other inputs.
    """
    if not _accepts(layer, shape):
        raise UsageError("layer_mismatch", layer=layer, shape=" × ".join(map(str, shape)))
    match layer:
        case Dense(outputs=outputs):
            return (outputs,)
        case Convolution(outputs=outputs):
            return (*_windows(layer, layer.kernel, shape), outputs)
        case MaxPool(size=size):
            return (*_windows(layer, size, shape), shape[2])
        case GlobalAveragePool():
            return (1, 1, shape[2])
        case Flatten():
            return (math.prod(shape),)
        case _:
            return shape


def _accepts(layer: Layer, shape: Shape) -> bool:
    is_picture = len(shape) == 3
    match layer:
        case Dense(inputs=inputs):
            return shape == (inputs,)
        case Convolution(inputs=inputs, kernel=kernel):
            fits = is_picture and shape[2] == inputs
            return fits and min(_windows(layer, kernel, shape)) > 0
        case MaxPool(size=size):
            return is_picture and min(_windows(layer, size, shape)) > 0
        case BatchNorm(channels=channels):
            return is_picture and shape[2] == channels
        case _:
            return is_picture or not isinstance(layer, GlobalAveragePool)


def _windows(layer: Convolution | MaxPool, window: Pair, shape: Shape) -> Pair:
    """Count the places of a window down and across, the incomplete ones left out."""
    height, width = (
        (side + 2 * padding - length) // stride + 1
        for side, length, stride, padding in zip(
            shape[:2], window, layer.stride, layer.padding, strict=True
        )
    )
    return height, width
