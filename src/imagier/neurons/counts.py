"""The counts of a network: what it weighs, from its layers, without building it.

How many numbers must be learned, and how much work is one picture? A layer of n inputs and m
neurons has n × m weights and m biases, and multiplies n × m times. A convolution has as few weights
as its kernels, whatever the size of the picture, but multiplies again at each place: it saves
weights more than work.

The deck's digits, 784-8-8-10, and its 600,000-1000-1000-10:

>>> from imagier.neurons.spec import parse_spec
>>> small = total(describe(parse_spec("dense:8,8", input=(28, 28, 1), classes=10), (28, 28, 1)))
>>> small.weights, small.biases, small.parameters
(6416, 26, 6442)
>>> numbers = (1, 600_000, 1)
>>> large = total(describe(parse_spec("dense:1000,1000", input=numbers, classes=10), numbers))
>>> large.weights, large.biases, large.parameters
(601010000, 2010, 601012010)

Its picture of 469 × 387 in colour, seen by 1,000 neurons, then by 16 kernels of 3 × 3:

>>> picture = (469, 387, 3)
>>> _, first, *_ = describe(parse_spec("dense:1000", input=picture, classes=2), picture)
>>> first.weights
544509000
>>> first, *_ = describe(parse_spec("cnn:16", input=picture, classes=2), picture)
>>> first.weights, first.multiplications
(432, 78409296)

Source: the deck, chapters 3 and 5.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from imagier.neurons.layers import (
    Activation,
    AveragePool,
    BatchNorm,
    Branches,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePool,
    Layer,
    LocalResponseNorm,
    MapToSequence,
    MaxPool,
    Pad,
    Resize,
    Shape,
    ShufflePixels,
    Softmax,
)
from imagier.neurons.shapes import output_shape

__all__ = ["LayerCount", "NetworkCount", "describe", "total"]

BYTES_PER_NUMBER = 4  # float32
NAMES: dict[type[Layer], str] = {
    Dense: "dense",
    Convolution: "convolution",
    BatchNorm: "batch_norm",
    MaxPool: "max_pool",
    AveragePool: "average_pool",
    GlobalAveragePool: "global_average_pool",
    LocalResponseNorm: "local_response_norm",
    Dropout: "dropout",
    Softmax: "softmax",
    Flatten: "flatten",
    MapToSequence: "map_to_sequence",
    Pad: "pad",
    Resize: "resize",
    ShufflePixels: "shuffle_pixels",
}
FREE = ("flatten", "map_to_sequence", "dropout")  # in use they compute nothing and copy nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerCount:
    """What one layer gives and costs.

    Attributes:
        name: What it is, the same in both languages: dense, convolution, relu...
        output: Shape of what leaves it: (height, width, channels), or (n,).
        weights: Numbers it learns that multiply; the scale of a batch norm is one a channel.
        biases: Numbers it learns that are added; the shift of a batch norm is one a channel.
        multiplications: How many one picture takes, each followed by an addition.
    """

    name: str
    output: Shape
    weights: int
    biases: int
    multiplications: int

    @property
    def memory(self) -> int:
        """Bytes the layer adds for one picture, in float32; flattening copies nothing."""
        return 0 if self.name in FREE else BYTES_PER_NUMBER * math.prod(self.output)


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkCount:
    """What all layers together hold and cost.

    Attributes:
        weights: Numbers learned that multiply.
        biases: Numbers learned that are added.
        multiplications: How many one picture takes, each followed by an addition.
        memory: Bytes of all that leaves the layers for one picture, kept while learning.
    """

    weights: int
    biases: int
    multiplications: int
    memory: int

    @property
    def parameters(self) -> int:
        """All that is learned: weights and biases; the running mean and std are not."""
        return self.weights + self.biases

    @property
    def bytes(self) -> int:
        """Size of the parameters in float32."""
        return BYTES_PER_NUMBER * self.parameters


def describe(layers: Iterable[Layer], shape: Shape) -> tuple[LayerCount, ...]:
    """Count each layer of a network for pictures of one shape, without allocating any weight.

    The layers of branches come one chain after the other, then the row of their join.

    Args:
        layers: The network, in the order the numbers travel.
        shape: Height, width and channels of the pictures.

    Raises:
        UsageError: `layer_mismatch`, when a layer does not fit what the one before it gives.
    """
    counts: list[LayerCount] = []
    for layer in layers:
        output = output_shape(layer, shape)
        if isinstance(layer, Branches):
            counts += [row for chain in layer.chains for row in describe(chain, shape)]
        counts.append(_count(layer, output))
        shape = output
    return tuple(counts)


def total(counts: Iterable[LayerCount]) -> NetworkCount:
    """Add the layers up."""
    rows = tuple(counts)
    return NetworkCount(
        weights=sum(row.weights for row in rows),
        biases=sum(row.biases for row in rows),
        multiplications=sum(row.multiplications for row in rows),
        memory=sum(row.memory for row in rows),
    )


def _count(layer: Layer, output: Shape) -> LayerCount:
    places = math.prod(output[:-1])
    weights, biases = _parameters(layer)
    is_frozen = isinstance(layer, Convolution) and layer.frozen
    return LayerCount(
        name=_name(layer),
        output=output,
        weights=0 if is_frozen else weights,
        biases=0 if is_frozen else biases,
        multiplications=weights * places,
    )


def _name(layer: Layer) -> str:
    match layer:
        case Activation(kind=kind):
            return kind
        case Branches(join=join):
            return join
        case _:
            return NAMES[type(layer)]


def _parameters(layer: Layer) -> tuple[int, int]:
    match layer:
        case Dense(inputs=inputs, outputs=outputs, bias=bias):
            return inputs * outputs, outputs * bias
        case Convolution(inputs=inputs, outputs=outputs, kernel=kernel, groups=groups, bias=bias):
            return math.prod(kernel) * (inputs // groups) * outputs, outputs * bias
        case BatchNorm(channels=channels):
            return channels, channels
        case _:
            return 0, 0
