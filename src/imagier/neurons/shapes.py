"""The shape of the numbers as they travel: `(height, width, channels)`, then `(n,)` once flattened.

Flattening reads channel by channel, then row by row. What reads lines of characters ends in
`(width, n)`: n numbers a column.

>>> from imagier.neurons.layers import Convolution, Flatten
>>> output_shape(Convolution(inputs=3, outputs=16), (469, 387, 3))
(469, 387, 16)
>>> output_shape(Flatten(), (28, 28, 1))
(784,)
"""

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from imagier.errors import UsageError
from imagier.neurons.layers import (
    AveragePool,
    BatchNorm,
    Branches,
    Convolution,
    Dense,
    Flatten,
    GlobalAveragePool,
    Layer,
    LocalResponseNorm,
    MapToSequence,
    MaxPool,
    Pad,
    Pair,
    Resize,
    Shape,
    ShufflePixels,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["output_shape", "pixel_order", "shape_through"]

ON_PICTURES = (AveragePool, GlobalAveragePool, LocalResponseNorm, MaxPool, Pad, Resize)


def output_shape(layer: Layer, shape: Shape) -> Shape:
    """Tell the shape that leaves a layer when `shape` enters it.

    Raises:
        UsageError: `layer_mismatch`, when the layer was made for other inputs.
    """
    if not _accepts(layer, shape):
        raise UsageError("layer_mismatch", layer=layer, shape=" × ".join(map(str, shape)))
    match layer:
        case Dense(outputs=outputs):
            return (*shape[:-1], outputs)
        case Convolution(outputs=outputs):
            return (*_windows(layer, layer.kernel, shape), outputs)
        case MaxPool(size=size) | AveragePool(size=size):
            return (*_windows(layer, size, shape), shape[2])
        case GlobalAveragePool():
            return (1, 1, shape[2])
        case Flatten():
            return (math.prod(shape),)
        case MapToSequence():
            return (shape[1], shape[2])
        case Pad(edges=(top, left, bottom, right)):
            return (shape[0] + top + bottom, shape[1] + left + right, shape[2])
        case Resize(size=size):
            return (*size, shape[2])
        case _:
            return _joined(layer, shape) if isinstance(layer, Branches) else shape


def shape_through(layers: Iterable[Layer], shape: Shape) -> Shape:
    """Tell the shape that leaves a chain of layers.

    Raises:
        UsageError: `layer_mismatch`, when a layer does not fit what the one before it gives.
    """
    for layer in layers:
        shape = output_shape(layer, shape)
    return shape


def pixel_order(layer: ShufflePixels) -> "NDArray[np.int64]":
    """Give the place that each pixel is taken from when all are shuffled, (H x W,)."""
    import numpy as np

    height, width = layer.size
    return np.random.default_rng(layer.seed).permutation(height * width)


def _accepts(layer: Layer, shape: Shape) -> bool:
    is_picture = len(shape) == 3
    match layer:
        case Dense(inputs=inputs):
            return len(shape) < 3 and shape[-1] == inputs
        case Convolution(inputs=inputs, kernel=kernel):
            fits = is_picture and shape[2] == inputs
            return fits and min(_windows(layer, kernel, shape)) > 0
        case MaxPool(size=size) | AveragePool(size=size):
            return is_picture and min(_windows(layer, size, shape)) > 0
        case BatchNorm(channels=channels):
            return is_picture and shape[2] == channels
        case ShufflePixels(size=size):
            return is_picture and shape[:2] == size
        case MapToSequence():
            return is_picture and shape[0] == 1
        case _:
            return is_picture or not isinstance(layer, ON_PICTURES)


def _joined(layer: Branches, shape: Shape) -> Shape:
    shapes = [shape_through(chain, shape) for chain in layer.chains]
    first = shapes[0]
    alike = {found if layer.join == "add" else found[:-1] for found in shapes}
    if len(alike) != 1:
        received = " + ".join(" × ".join(map(str, found)) for found in shapes)
        raise UsageError("layer_mismatch", layer=layer.join, shape=received)
    return first if layer.join == "add" else (*first[:-1], sum(found[-1] for found in shapes))


def _windows(layer: Convolution | MaxPool | AveragePool, window: Pair, shape: Shape) -> Pair:
    """Count the places of a window down and across, the incomplete ones left out."""
    height, width = (
        (side + 2 * padding - length) // stride + 1
        for side, length, stride, padding in zip(
            shape[:2], window, layer.stride, layer.padding, strict=True
        )
    )
    return height, width
