"""The pieces of a drawing: which pixels hang together, and which pieces belong to the sign."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

__all__ = ["label_blobs", "sign_of"]

_LEAST_SHARE = 0.04  # of the mass of the main piece: smaller ones are specks
_REACH = 0.35  # of the size of the sign: farther pieces belong to something else


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
