"""A picture is a table of numbers, a vector, a point: what can be computed with it (deck, ch. 2).

What is a picture for a computer? A rectangular tiling, each tile (pixel) with its level of grey, or
its three levels of red, green and blue. Written one after the other, row by row, the numbers make a
vector x = (x₁, x₂, …, xₙ): the picture is a point of ℝⁿ. Points can be added, multiplied by a
number, measured: ‖x‖² = Σ xᵢ², and the distance of two pictures is ‖x - y‖.

The deck's ‘0’, the first of scikit-learn's digits, has 8 × 8 pixels and levels from 0 to 16:

>>> zero = np.array([[0, 0,  5, 13,  9,  1,  0, 0],
...                  [0, 0, 13, 15, 10, 15,  5, 0],
...                  [0, 3, 15,  2,  0, 11,  8, 0],
...                  [0, 4, 12,  0,  0,  8,  8, 0],
...                  [0, 5,  8,  0,  0,  9,  8, 0],
...                  [0, 4, 11,  0,  1, 12,  7, 0],
...                  [0, 2, 14,  5, 10, 12,  0, 0],
...                  [0, 0,  6, 13, 10,  0,  0, 0]], np.uint8)
>>> x = to_vector(zero)
>>> x.size, x[:4].tolist(), x[-4:].tolist()
(64, [0, 0, 5, 13], [10, 0, 0, 0])
>>> squared_norm(x), round(norm(x), 3)
(3070, 55.408)

A '3' of 28 × 28 pixels and an '8' of 18 × 18; the deck's usual sizes; one photo, then in colour:

>>> 28 * 28, 18 * 18, 400 * 400, 800 * 800, 469 * 387, 469 * 387 * 3
(784, 324, 160000, 640000, 181503, 544509)
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from imagier.errors import UsageError, did_you_mean
from imagier.files import printable

__all__ = [
    "Channel",
    "MemorySize",
    "add",
    "channel",
    "distance",
    "from_vector",
    "mean",
    "memory_size",
    "multiply",
    "norm",
    "one_hot",
    "squared_distance",
    "squared_norm",
    "table",
    "to_vector",
]

Channel = Literal["r", "g", "b", "grey"]
Pixels = NDArray[np.uint8]
_AT_ONCE = 2**18  # numbers widened at a time: a photo of 100 million never is as a whole


@dataclass(frozen=True, slots=True, kw_only=True)
class MemorySize:
    """The bytes that the pixels of a picture take, without compression.

    Attributes:
        grey: One byte a pixel: 2⁸ = 256 levels, from 0 to 255.
        colour: Three bytes a pixel: red, green, blue.
        indexed: Four bits a pixel: the number of one of 16 colours.
        palette: The table of these 16 colours, three bytes each.
        indexed_rows: As `indexed`, each row beginning on a whole byte, as a PNG file does.
    """

    grey: int
    colour: int
    indexed: int
    palette: int
    indexed_rows: int


def to_vector(pixels: NDArray[Any]) -> NDArray[Any]:
    """Write the numbers of a picture one after the other.

    The order is that of reading: row after row, and in colour the red, green and blue of a pixel
    together. Nothing is copied where the memory already has this order.

    Args:
        pixels: A picture, (H, W) or (H, W, C).

    Returns:
        Its vector, (H·W·C,).

    >>> to_vector(np.array([[1, 2, 3], [4, 5, 6]])).tolist()
    [1, 2, 3, 4, 5, 6]
    """
    return np.ravel(pixels)


def from_vector(vector: ArrayLike, *, height: int, width: int) -> NDArray[Any]:
    """Make a vector a picture again: the way back of `to_vector`.

    Args:
        vector: The numbers, (H·W·C,).
        height: Rows of the picture, H.
        width: Columns of the picture, W.

    Returns:
        The picture, (H, W, C).

    Raises:
        UsageError: `vector_length`, when the numbers do not fill one or three channels.

    >>> from_vector(range(6), height=2, width=3)[:, :, 0].tolist()
    [[0, 1, 2], [3, 4, 5]]
    """
    numbers: NDArray[Any] = np.ravel(vector)
    if min(height, width) < 1 or numbers.size not in (height * width, 3 * height * width):
        raise UsageError("vector_length", n=numbers.size, height=height, width=width)
    return numbers.reshape(height, width, -1)


def add(x: ArrayLike, y: ArrayLike) -> NDArray[Any]:
    """Add two vectors, number by number; the sum of two levels may exceed 255.

    Raises:
        UsageError: `shapes_differ`.

    >>> add((2, 3, 5), (6, 8, 12)).tolist()
    [8, 11, 17]
    >>> add(np.array([200], np.uint8), np.array([100], np.uint8)).tolist()
    [300]
    """
    left, right = _same_shape(x, y)
    total: NDArray[Any] = _widened(left) + _widened(right)
    return total


def multiply(factor: float, x: ArrayLike) -> NDArray[Any]:
    """Multiply a vector by a number.

    >>> multiply(7, (2, 3, 5)).tolist()
    [14, 21, 35]
    """
    product: NDArray[Any] = factor * _widened(np.asarray(x))
    return product


def mean(*vectors: ArrayLike) -> NDArray[np.float64]:
    """Take the mean of vectors, number by number: the point in their middle.

    Raises:
        UsageError: `shapes_differ`, or `no_vector` when there is none.

    >>> mean((0, 10), (5, 10), (10, 40)).tolist()
    [5.0, 20.0]
    """
    if not vectors:
        raise UsageError("no_vector")
    total = np.zeros(np.shape(vectors[0]))
    for vector in vectors:
        total += _same_shape(total, vector)[1]
    return total / len(vectors)


def squared_norm(vector: ArrayLike) -> int | float:
    """Add the squares of the numbers: exact for whole numbers.

    >>> squared_norm((12, -6, 4, 125, 7, -5, 19))
    16256
    """
    return sum(_square(part) for part in _parts(np.ravel(vector)))


def norm(vector: ArrayLike) -> float:
    """Measure the length of a vector, the square root of the sum of squares.

    >>> norm((3, 4))
    5.0
    """
    return math.sqrt(squared_norm(vector))


def squared_distance(x: ArrayLike, y: ArrayLike) -> int | float:
    """Add the squares of the differences of two vectors.

    Raises:
        UsageError: `shapes_differ`.

    >>> squared_distance((2, 3, 5), (6, 8, 12))
    90
    """
    left, right = _same_shape(x, y)
    pairs = zip(_parts(np.ravel(left)), _parts(np.ravel(right)), strict=True)
    return sum(_square(_widened(a) - _widened(b)) for a, b in pairs)


def distance(x: ArrayLike, y: ArrayLike) -> float:
    """Measure how far two vectors, or two pictures of one size, are from each other.

    Raises:
        UsageError: `shapes_differ`.

    >>> distance((1, 1), (4, 5))
    5.0
    """
    return math.sqrt(squared_distance(x, y))


def one_hot(label: str, classes: Sequence[str]) -> NDArray[np.uint8]:
    """Write a label as a vector: 1 at the place of its class, 0 elsewhere. ‘3’ becomes e₃.

    Args:
        label: The class.
        classes: All classes in their order, K of them.

    Returns:
        The vector, (K,).

    Raises:
        UsageError: `label_not_a_class`.

    >>> one_hot("3", "0123456789").tolist()
    [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    """
    names = list(classes)
    if label not in names:
        shown, hint = printable(label), did_you_mean(label, names)
        raise UsageError("label_not_a_class", label=shown, hint=hint)
    vector = np.zeros(len(names), np.uint8)
    vector[names.index(label)] = 1
    return vector


def memory_size(*, height: int, width: int) -> MemorySize:
    """Count the bytes of a picture in grey, in colour, and in 16 colours.

    The deck's photo, and what 16 colours save (chapter 6):

    >>> size = memory_size(height=387, width=469)
    >>> size.grey, size.colour, size.indexed, size.palette, size.indexed_rows
    (181503, 544509, 90752, 48, 90945)
    >>> round(size.colour / (size.indexed + size.palette), 3)
    5.997
    >>> 2 ** 8
    256
    """
    pixels = height * width
    return MemorySize(
        grey=pixels,
        colour=3 * pixels,
        indexed=(pixels + 1) // 2,
        palette=16 * 3,
        indexed_rows=height * ((width + 1) // 2),
    )


def channel(pixels: Pixels, name: Channel) -> Pixels:
    """Take one of the three colours of a picture, or its grey.

    Grey is the luma of ITU-R 601, as in learning: 0.299 red + 0.587 green + 0.114 blue. A picture
    in grey has the same level in all three colours, so it is given as it is.

    Args:
        pixels: A picture, (H, W, 1) or (H, W, 3).
        name: Which one.

    Returns:
        One number a pixel, (H, W, 1).

    Raises:
        UsageError: `unknown_channel`.

    >>> orange = np.array([[[255, 128, 0]]], np.uint8)
    >>> [int(channel(orange, name)[0, 0, 0]) for name in ("r", "g", "b", "grey")]
    [255, 128, 0, 151]
    """
    if name not in get_args(Channel):
        raise UsageError("unknown_channel", received=printable(str(name)))
    if pixels.shape[2] == 1:
        return pixels
    if name == "grey":
        image = Image.fromarray(np.ascontiguousarray(pixels)).convert("L")
        return np.asarray(image)[:, :, np.newaxis]
    place = "rgb".index(name)
    return pixels[:, :, place : place + 1]


def table(numbers: NDArray[Any], *, rows: int = 32, columns: int = 100) -> str:
    """Write a table of numbers as aligned lines; of a large one, its four corners.

    Args:
        numbers: Whole numbers, (H, W).
        rows: The most rows that are written whole; a higher table is cut in the middle.
        columns: The characters that a line may have; a wider table is cut in the middle.

    >>> print(table(np.array([[0, 0, 5, 13], [0, 7, 120, 2]])))
       0   0   5  13
       0   7 120   2
    >>> print(table(np.arange(100 * 50).reshape(100, 50), rows=6, columns=30))
       0    1  …   48   49
      50   51  …   98   99
       …
    4900 4901  … 4948 4949
    4950 4951  … 4998 4999
    """
    height, width = numbers.shape
    largest = max(len(str(numbers.max())), len(str(numbers.min())))
    fitting = max(columns // (largest + 1), 1)
    wide = _kept(width, fitting, ends=min(6, max((fitting - 1) // 2, 1)))
    high = _kept(height, rows, ends=min(4, max((rows - 1) // 2, 1)))
    lines = []
    for row in high:
        if row is None:
            lines.append("…".rjust(largest))
            continue
        cells = [
            "…".rjust(2) if at is None else str(numbers[row, at]).rjust(largest) for at in wide
        ]
        lines.append(" ".join(cells))
    return "\n".join(lines)


def _kept(count: int, most: int, *, ends: int) -> list[int | None]:
    """Choose which of `count` lines are shown: all, or both ends with None for the gap."""
    if count <= most or count <= 2 * ends:
        return list(range(count))
    return [*range(ends), None, *range(count - ends, count)]


def _same_shape(x: ArrayLike, y: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    left, right = np.asarray(x), np.asarray(y)
    if left.shape != right.shape:
        raise UsageError("shapes_differ", first=str(left.shape), second=str(right.shape))
    return left, right


def _parts(numbers: NDArray[Any]) -> Iterator[NDArray[Any]]:
    return (numbers[start : start + _AT_ONCE] for start in range(0, numbers.size, _AT_ONCE))


def _square(numbers: NDArray[Any]) -> int | float:
    if numbers.dtype.kind not in "bui":
        return float(numbers @ numbers)
    wide = _widened(numbers)
    if int(np.abs(wide).max()) >= 2**20:  # their squares could leave 64 bits: Python's have no end
        return sum(int(number) ** 2 for number in numbers)
    return int(wide @ wide)


def _widened(numbers: NDArray[Any]) -> NDArray[Any]:
    """Give whole numbers room for sums: 200 + 100 is 300, where bytes would say 44."""
    return numbers.astype(np.int64) if numbers.dtype.kind in "bui" else numbers
