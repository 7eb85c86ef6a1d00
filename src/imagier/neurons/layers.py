"""Layers, the pieces of a network: each says what it does, none holds a weight yet.

A network is a tuple of layers in the order the numbers travel. It can be counted, compared and
printed without allocating anything; `imagier.networks` builds the real thing from the same tuple.

The numbers between two layers have a shape: `(height, width, channels)` for pictures, `(n,)` once
they are flattened, `(width, n)` once they are read column by column; `shapes` follows it through a
network.

Source: the deck, chapters 3 (dense layers) and 5 (convolution, pooling).
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = [
    "Activation",
    "AveragePool",
    "BatchNorm",
    "Branches",
    "Convolution",
    "Dense",
    "Dropout",
    "Flatten",
    "GlobalAveragePool",
    "Layer",
    "LocalResponseNorm",
    "MapToSequence",
    "MaxPool",
    "Pad",
    "Pair",
    "Resize",
    "Shape",
    "ShufflePixels",
    "Softmax",
]

Pair: TypeAlias = tuple[int, int]
Shape: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dense:
    """Neurons that each see every input: a weighted sum and a bias, y = W x + b.

    Of a sequence, the numbers of each column, with the same weights.

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
        frozen: Whether the kernels are set once, from the pictures, and not learned.
    """

    inputs: int
    outputs: int
    kernel: Pair = (3, 3)
    stride: Pair = (1, 1)
    padding: Pair = (1, 1)
    groups: int = 1
    bias: bool = True
    frozen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchNorm:
    """Bring each channel to mean 0 and standard deviation 1, then apply a learned scale and shift.

    Attributes:
        channels: Channels that come in and go out.
        epsilon: Added to the variance, so that nothing is divided by zero.
    """

    channels: int
    epsilon: float = 1e-5


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
class AveragePool:
    """Keep the mean of each window: [5 3; 2 1] becomes 2.75.

    Attributes:
        size: Height and width of the window, in pixels.
        stride: Step of the window down and across; rows and columns left over are dropped.
        padding: Rows and columns of zeros added around, counted in the mean.
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
        kind: `relu`, max(0, x); `relu6`, the same kept below 6; `sigmoid`, 1 / (1 + exp(-x)); or
            `tanh`, the same stretched to -1..1.
    """

    kind: Literal["relu", "relu6", "sigmoid", "tanh"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalResponseNorm:
    """Divide each number by what its neighbours in the other channels shout, as AlexNet did.

    x / (bias + alpha / size * sum of squares over the `size` nearest channels) ** beta

    Attributes:
        size: How many neighbouring channels are added up.
        alpha: Weight of their squares.
        beta: Power of the divisor.
        bias: Added to the sum.
    """

    size: int = 5
    alpha: float = 1e-4
    beta: float = 0.75
    bias: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropout:
    """While learning, put a share of the numbers to zero at random; in use, do nothing.

    Attributes:
        share: The share put to zero, 0..1.
    """

    share: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Softmax:
    """Turn any numbers into positive shares that add up to 1, exp(x) / sum exp(x).

    Of a sequence, the numbers of each column.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Flatten:
    """Read the picture as one list of numbers, channel by channel, then row by row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MapToSequence:
    """Read a picture of one row as a sequence, from left to right: one list of numbers a column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pad:
    """Add rows and columns of zeros around the picture.

    Attributes:
        edges: Rows above, columns to the left, rows below, columns to the right, in pixels.
    """

    edges: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resize:
    """Bring the picture to another size, each new pixel a mean of its four nearest old ones.

    Attributes:
        size: Height and width of what leaves, in pixels.
    """

    size: Pair


@dataclass(frozen=True, slots=True, kw_only=True)
class ShufflePixels:
    """Put the pixels of every picture in one and the same random order.

    A dense network does not see the difference; a convolution loses its neighbours.

    Attributes:
        size: Height and width of the picture, in pixels.
        seed: Decides the order.
    """

    size: Pair
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Branches:
    """Several chains of layers read the same picture; what leaves them is joined.

    A chain without layers passes on what it is given: added to another, it makes a residual block.

    Attributes:
        chains: The chains.
        join: `concatenate`, channel after channel, or `add`, number by number.
    """

    chains: "tuple[tuple[Layer, ...], ...]"
    join: Literal["concatenate", "add"] = "concatenate"


Layer: TypeAlias = (
    Dense
    | Convolution
    | BatchNorm
    | MaxPool
    | AveragePool
    | GlobalAveragePool
    | Activation
    | LocalResponseNorm
    | Dropout
    | Softmax
    | Flatten
    | MapToSequence
    | Pad
    | Resize
    | ShufflePixels
    | Branches
)
