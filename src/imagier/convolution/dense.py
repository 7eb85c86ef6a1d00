"""The same convolution as a layer of a dense network: why it learns with so few numbers.

Write the picture as a vector x of H·W numbers, row after row, and the result as a vector y: then
y = M x, as in chapter 3, with a large matrix M. Three things are particular: nearly all of M is
zero, since a pixel of y looks at a few neighbours only; the few links of each row carry the same
weights; and so only the kernel's numbers are free to be learned.

>>> count_links((2, 2), (5, 6))
Links(inputs=30, outputs=20, dense=600, links=80, free=4)

Source: the deck, chapter 5, "Passage à 1 dimension".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imagier.convolution.sliding import places

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["Links", "as_dense", "count_links"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """How many weights a dense layer of the same shape would have, and how many a kernel needs.

    Attributes:
        inputs: Numbers of the picture.
        outputs: Numbers of the result.
        dense: Weights of a dense layer between them: each output linked to each input.
        links: Weights of it that a convolution uses, those on the border of zeros left out.
        free: Numbers to be learned: those of the kernel, shared by all places.
    """

    inputs: int
    outputs: int
    dense: int
    links: int
    free: int


def as_dense(
    kernel: ArrayLike, shape: tuple[int, int], *, stride: int = 1, padding: int = 0
) -> "csr_array":
    """Write a convolution as the matrix of a dense layer, sparse, with its weights shared.

    Args:
        kernel: The kernel, (h, w).
        shape: Height and width of the picture, (H, W).
        stride: By how many pixels the kernel steps.
        padding: Rows and columns of zeros around the picture; links to them are left out.

    Returns:
        The matrix, (H'·W', H·W): times the picture as a vector, it gives the result as a vector.
        A zero of the kernel is a link all the same, stored as 0: learning may change it.

    Raises:
        UsageError: `kernel_too_large`, `stride_or_padding`.

    >>> matrix = as_dense([[1, 2], [3, 0]], (5, 6))
    >>> matrix.shape, matrix.nnz, matrix.shape[0] * matrix.shape[1]
    ((20, 30), 80, 600)
    >>> result = matrix @ np.arange(1, 31)
    >>> int(result[0]), int(result[-1])
    (26, 158)
    """
    from scipy.sparse import csr_array

    weights = np.asarray(kernel, np.float64)
    height, width = places(shape, weights.shape, stride=stride, padding=padding)
    blocks = list(_links(weights, shape, (height, width), stride, padding))
    values, rows, columns = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    size = (height * width, shape[0] * shape[1])
    return csr_array((values, (rows, columns)), shape=size)


def count_links(
    window: tuple[int, int], shape: tuple[int, int], *, stride: int = 1, padding: int = 0
) -> Links:
    """Count the weights of `as_dense` without making it, however large the picture.

    Args:
        window: Height and width of the kernel.
        shape: Height and width of the picture.
        stride: By how many pixels the kernel steps.
        padding: Rows and columns of zeros around the picture.

    Raises:
        UsageError: `kernel_too_large`, `stride_or_padding`.

    The deck's photo of 469 × 387 in grey, with one kernel of 3 × 3:

    >>> count_links((3, 3), (387, 469), padding=1)
    Links(inputs=181503, outputs=181503, dense=32943339009, links=1628395, free=9)
    """
    height, width = places(shape, window, stride=stride, padding=padding)
    down, across = (
        sum(_inside(offset, places_, side, stride, padding).size for offset in range(length))
        for length, places_, side in zip(window, (height, width), shape, strict=True)
    )
    inputs, outputs = shape[0] * shape[1], height * width
    return Links(
        inputs=inputs,
        outputs=outputs,
        dense=inputs * outputs,
        links=down * across,
        free=window[0] * window[1],
    )


_Block = tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.intp]]


def _links(
    weights: NDArray[np.float64],
    shape: tuple[int, int],
    result: tuple[int, int],
    stride: int,
    padding: int,
) -> Iterator[_Block]:
    """Give, for each number of the kernel, its weight with the outputs and inputs it links."""
    for (row, column), weight in np.ndenumerate(weights):
        down = _inside(row, result[0], shape[0], stride, padding)
        across = _inside(column, result[1], shape[1], stride, padding)
        outputs = np.add.outer(down * result[1], across).ravel()
        tops, lefts = down * stride + row - padding, across * stride + column - padding
        inputs = np.add.outer(tops * shape[1], lefts).ravel()
        yield np.full(outputs.size, weight), outputs, inputs


def _inside(offset: int, count: int, side: int, stride: int, padding: int) -> NDArray[np.intp]:
    """Name the places, of `count`, where a number of the kernel lies on the picture."""
    numbers = np.arange(count) * stride + offset - padding
    return np.flatnonzero((numbers >= 0) & (numbers < side))
