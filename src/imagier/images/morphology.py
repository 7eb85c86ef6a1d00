"""Shapes in a picture: levels spread and shrunk, the pieces of a drawing, those of one sign.

The largest or smallest level around each pixel are the two moves of mathematical morphology. Pixels
that hang together make a piece, and some of the pieces belong to the sign.
"""

from collections.abc import Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["closing", "label_blobs", "largest_near", "sign_of", "smallest_near"]

_LEAST_SHARE = 0.04  # of the mass of the main piece: smaller ones are specks
_REACH = 0.35  # of the size of the sign: farther pieces belong to something else

Values = TypeVar("Values", np.bool_, np.float32)
Levels = NDArray[np.float32]


def largest_near(values: NDArray[Values], radius: int) -> NDArray[Values]:
    """Give each pixel the largest value within `radius` rows and columns.

    >>> largest_near(np.array([[0, 0, 0, 9, 0, 0]], np.float32), 1).tolist()
    [[0.0, 0.0, 9.0, 9.0, 9.0, 0.0]]
    """
    return _largest(np.pad(values, radius, mode="edge"), radius)


def smallest_near(values: Levels, radius: int) -> Levels:
    """Give each pixel the smallest value within `radius` rows and columns."""
    return -largest_near(-values, radius)


def closing(levels: Levels, radius: int) -> Levels:
    """Fill what is darker than its surroundings and narrower than 2 `radius` + 1 pixels.

    Beyond the border the light is taken to go on rising or falling as it does inside.

    >>> closing(np.array([[9, 9, 2, 9, 9, 3, 3, 3, 3]], np.float32), 1).tolist()
    [[9.0, 9.0, 9.0, 9.0, 9.0, 3.0, 3.0, 3.0, 3.0]]
    """
    around = np.pad(levels, 2 * radius, mode="reflect", reflect_type="odd")
    return -_largest(-_largest(around, radius), radius)


def _largest(values: NDArray[Values], radius: int) -> NDArray[Values]:
    """Give the largest value of every window of 2 `radius` + 1; the border is lost."""
    window = 2 * radius + 1
    for axis in (0, 1):
        length = 1
        while length < window:  # windows of 1, 2, 4... pixels, the last two overlapping
            step = min(length, window - length)
            values = np.maximum(_cut(values, axis, 0, step), _cut(values, axis, step, 0))
            length += step
    return values


def _cut(values: NDArray[Values], axis: int, before: int, after: int) -> NDArray[Values]:
    kept = slice(before, values.shape[axis] - after)
    return values[kept] if axis == 0 else values[:, kept]


def sign_of(mask: NDArray[np.bool_], mass: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Keep the main piece of ink and what belongs to it: the dot of an i, the bar of a 5.

    Args:
        mask: Where there is ink, (H, W).
        mass: How much ink, (H, W).
    """
    labels, count = label_blobs(mask)
    if count == 0:
        return mask
    weights = np.bincount(labels.ravel(), mass.ravel(), count + 1)[1:].astype(np.float64)
    boxes = _boxes(labels, count)
    main = int(np.argmax(weights * _trust(boxes, mask.shape)))
    kept = _gather(main, boxes, weights)
    return np.isin(labels, np.flatnonzero(kept) + 1)


def label_blobs(mask: NDArray[np.bool_]) -> tuple[NDArray[np.int32], int]:
    """Number the pieces of a mask, diagonal neighbours hanging together.

    Returns:
        The number of each pixel's piece, 0 outside, (H, W), and how many pieces there are.

    >>> labels, count = label_blobs(np.array([[1, 0, 0], [0, 1, 0], [0, 0, 0], [1, 1, 1]], bool))
    >>> count, labels.tolist()
    (2, [[1, 0, 0], [0, 1, 0], [0, 0, 0], [2, 2, 2]])
    """
    rows, starts, ends = _runs(mask)
    parent = list(range(len(rows)))
    for first, second in _touching(rows, starts, ends):
        _join(parent, first, second)
    roots = np.array([_root(parent, run) for run in range(len(parent))], dtype=np.int64)
    names, numbers = np.unique(roots, return_inverse=True)
    labels = np.zeros(mask.shape, dtype=np.int32)
    labels[mask] = np.repeat(numbers + 1, ends - starts)
    return labels, len(names)


def _runs(mask: NDArray[np.bool_]) -> tuple[NDArray[np.int64], ...]:
    """Cut the mask into horizontal runs: their row, first column, and column after the last."""
    edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(edges == 1)
    return rows, starts, np.nonzero(edges == -1)[1]


def _touching(
    rows: NDArray[np.int64], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> Iterator[tuple[int, int]]:
    """Give the pairs of runs in neighbouring rows that touch."""
    row, start, end = rows.tolist(), starts.tolist(), ends.tolist()
    above = 0
    for run in range(len(row)):
        while row[above] < row[run] - 1 or (row[above] == row[run] - 1 and end[above] < start[run]):
            above += 1
        other = above
        while row[other] == row[run] - 1 and start[other] <= end[run]:
            yield other, run
            other += 1


def _root(parent: list[int], run: int) -> int:
    while parent[run] != run:
        parent[run] = parent[parent[run]]
        run = parent[run]
    return run


def _join(parent: list[int], first: int, second: int) -> None:
    one, other = _root(parent, first), _root(parent, second)
    parent[max(one, other)] = min(one, other)


def _boxes(labels: NDArray[np.int32], count: int) -> NDArray[np.int64]:
    """Give top, left, bottom and right of each piece, (count, 4)."""
    rows, columns = np.nonzero(labels)
    pieces = labels[rows, columns] - 1
    boxes = np.empty((count, 4), dtype=np.int64)
    boxes[:, :2] = max(labels.shape)
    boxes[:, 2:] = 0
    for column, values in enumerate((rows, columns)):
        np.minimum.at(boxes[:, column], pieces, values)
        np.maximum.at(boxes[:, column + 2], pieces, values + 1)
    return boxes


def _trust(boxes: NDArray[np.int64], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Count a piece that runs out of the picture for less: a neighbour, or the table's edge."""
    touches = (boxes[:, :2] <= 0).any(axis=1) | (boxes[:, 2:] >= np.array(shape)).any(axis=1)
    return np.where(touches, 0.2, 1.0)


def _gather(main: int, boxes: NDArray[np.int64], weights: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Take the pieces near the main one, then those near these, until none is near."""
    kept = np.zeros(len(weights), dtype=bool)
    kept[main] = True
    heavy = weights >= _LEAST_SHARE * weights[main]
    while True:
        top_left, bottom_right = boxes[kept, :2].min(axis=0), boxes[kept, 2:].max(axis=0)
        reach = _REACH * (bottom_right - top_left).max()
        gaps = np.maximum(boxes[:, :2] - bottom_right, top_left - boxes[:, 2:]).max(axis=1)
        more = kept | (heavy & (gaps <= reach))
        if (more == kept).all():
            return kept
        kept = more
