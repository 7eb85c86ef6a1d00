"""The sum that slides: a small kernel is laid on each place of the picture.

Where the kernel lies, each of its numbers multiplies the number under it, and the products are
added up: one sum, one number of the new picture. Then it steps aside and does the same again,
always with the same numbers.

    new(i, j) = Σ kernel(r, c) · picture(i·stride + r, j·stride + c)

The kernel is not turned by half a turn first, as a mathematician's convolution would: the slides
and every network library say convolution and compute this, a correlation. `turned` gives the other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imagier.errors import UsageError

__all__ = ["Product", "convolve", "places", "products_at", "turned"]

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One product of a sum.

    Attributes:
        number: A number of the picture; 0 on the border that padding adds.
        weight: The number of the kernel that lies on it.
    """

    number: float
    weight: float


def convolve(
    picture: ArrayLike, kernel: ArrayLike, *, stride: int = 1, padding: int = 0
) -> Numbers:
    """Slide a kernel over a picture, or many kernels at once.

    Args:
        picture: The numbers, (H, W), or (H, W, C) with C numbers a pixel.
        kernel: One kernel, (h, w), that looks at each of the C alone; or K kernels as in a layer
            of a network, (K, C, h, w), each of which adds up what it sees in all C.
        stride: By how many pixels the kernel steps, down and across.
        padding: How many rows and columns of zeros are added on each side first.

    Returns:
        The sums, in float64: (H', W') and (H', W', C) with one kernel, (H', W', K) with many, with
        H' = (H + 2·padding - h) // stride + 1.

    Raises:
        UsageError: `kernel_too_large`, `stride_or_padding`, `kernel_channels`.

    The deck's picture, 5 rows of 6 filled with 1 to 30, and its kernel:

    >>> picture = np.arange(1, 31).reshape(5, 6)
    >>> convolve(picture, [[1, 2], [3, 0]]).astype(int)
    array([[ 26,  32,  38,  44,  50],
           [ 62,  68,  74,  80,  86],
           [ 98, 104, 110, 116, 122],
           [134, 140, 146, 152, 158]])
    """
    numbers, weights = np.asarray(picture, np.float64), np.asarray(kernel, np.float64)
    size, window = numbers.shape[:2], weights.shape[-2:]
    height, width = places(size, window, stride=stride, padding=padding)
    numbers = _padded(numbers, padding)
    if weights.ndim == 4:
        _check_channels(numbers, weights)
    total: Numbers | float = 0.0
    for row, column in np.ndindex(*window):
        rows = slice(row, row + stride * height, stride)
        columns = slice(column, column + stride * width, stride)
        # one number of each kernel, times all the numbers that it meets on its way
        seen, weight = numbers[rows, columns], weights[..., row, column]
        total = total + (seen @ weight.T if weights.ndim == 4 else weight * seen)
    return np.asarray(total)


def products_at(
    picture: ArrayLike,
    kernel: ArrayLike,
    row: int,
    column: int,
    *,
    stride: int = 1,
    padding: int = 0,
) -> tuple[Product, ...]:
    """Write out the sum that makes one number of the result, product by product.

    Args:
        picture: The numbers, (H, W).
        kernel: The kernel, (h, w).
        row: Which row of the result, from 0.
        column: Which column of the result, from 0.
        stride: By how many pixels the kernel steps.
        padding: How many rows and columns of zeros are added on each side first.

    Raises:
        UsageError: `no_such_place`, `kernel_too_large`, `stride_or_padding`.

    >>> products = products_at(np.arange(1, 31).reshape(5, 6), [[1, 2], [3, 0]], 0, 0)
    >>> " + ".join(f"{p.weight:g}·{p.number:g}" for p in products)
    '1·1 + 2·2 + 3·7 + 0·8'
    >>> sum(p.weight * p.number for p in products)
    26.0
    """
    numbers, weights = np.asarray(picture, np.float64), np.asarray(kernel, np.float64)
    height, width = places(numbers.shape, weights.shape, stride=stride, padding=padding)
    if not (0 <= row < height and 0 <= column < width):
        received = f"{row + 1},{column + 1}"
        raise UsageError("no_such_place", received=received, height=height, width=width)
    top, left = row * stride, column * stride
    under = _padded(numbers, padding)[top : top + len(weights), left : left + weights.shape[1]]
    return tuple(_products(under, weights))


def turned(kernel: ArrayLike) -> NDArray[Any]:
    """Turn a kernel by half a turn: sliding it then is what mathematicians call convolution.

    >>> turned([[1, 2], [3, 0]]).tolist()
    [[0, 3], [2, 1]]
    >>> float(convolve(np.arange(1, 31).reshape(5, 6), turned([[1, 2], [3, 0]]))[0, 0])
    28.0
    """
    return np.flip(np.asarray(kernel), axis=(-2, -1))


def places(
    size: tuple[int, ...], window: tuple[int, ...], *, stride: int = 1, padding: int = 0
) -> tuple[int, int]:
    """Count the places of a window on a picture, down and across; incomplete ones are left out.

    Raises:
        UsageError: `kernel_too_large`, when there is none; `stride_or_padding`.

    >>> places((5, 6), (2, 2)), places((28, 28), (3, 3), padding=1)
    ((4, 5), (28, 28))
    """
    if stride < 1 or padding < 0:
        raise UsageError("stride_or_padding", stride=stride, padding=padding)
    height, width = (
        (side + 2 * padding - length) // stride + 1
        for side, length in zip(size[:2], window, strict=True)
    )
    if height < 1 or width < 1:
        shown = (" × ".join(map(str, pair)) for pair in (window, size[:2]))
        needed = max((length - side + 1) // 2 for side, length in zip(size, window, strict=False))
        raise UsageError("kernel_too_large", kernel=next(shown), size=next(shown), padding=needed)
    return height, width


def _padded(numbers: Numbers, padding: int) -> Numbers:
    edges = [(padding, padding)] * 2 + [(0, 0)] * (numbers.ndim - 2)
    return np.pad(numbers, edges) if padding else numbers


def _products(under: Numbers, weights: Numbers) -> Iterator[Product]:
    for number, weight in zip(under.ravel().tolist(), weights.ravel().tolist(), strict=True):
        yield Product(number=number, weight=weight)


def _check_channels(numbers: Numbers, weights: Numbers) -> None:
    channels = numbers.shape[2] if numbers.ndim == 3 else 1
    if numbers.ndim != 3 or weights.shape[1] != channels:
        raise UsageError("kernel_channels", expected=weights.shape[1], received=channels)
