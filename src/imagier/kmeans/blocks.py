"""Points laid out for speed, a chunk at a time: in memory once, from a mapped file at each step."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.kmeans.engine import loops
from imagier.kmeans.lloyd import Assigned

__all__ = ["PointChunks", "nearest"]

Numbers = NDArray[np.float64]
_NUMBERS_AT_ONCE = 2**24  # of one chunk: 128 MiB in double precision
_CELL_BITS = 18  # 262,144 cells: their table stays in the processor's cache
_MOST_COLUMNS = 9  # beyond, two bits a coordinate are too few to bring neighbours together


@dataclass(frozen=True, slots=True, kw_only=True)
class _Laid:
    """A chunk of points in blocks, with what the loops want to know of each block."""

    points: Numbers
    sample_weight: Numbers
    small: tuple[Numbers, Numbers]
    large: tuple[Numbers, Numbers]
    held: tuple[Numbers, Numbers, Numbers]


class PointChunks:
    """The points of k-means: each assign step goes through them chunk by chunk.

    A table in memory is laid out once. A memory-mapped one stays on the disk: its chunks are read
    and laid out again at each step, so that memory holds one chunk and never the table.
    """

    def __init__(self, points: NDArray[Any], sample_weight: Numbers | None) -> None:
        self._points = points
        self._sample_weight = sample_weight
        self._kept = None if isinstance(points, np.memmap) else list(self._lay_out())

    @property
    def columns(self) -> int:
        """How many coordinates a point has."""
        return int(self._points.shape[1])

    def assign(self, centres: Numbers) -> Assigned:
        """Assign all points, and add them up centre by centre."""
        sums, sizes, inertia = np.zeros_like(centres), np.zeros(len(centres)), 0.0
        for laid in self._lay_out() if self._kept is None else self._kept:
            inertia += loops().sweep(
                laid.points, laid.sample_weight, laid.small, laid.large, laid.held,
                centres, (sums, sizes),
            )  # fmt: skip
        return Assigned(sums=sums, sizes=sizes, inertia=inertia)

    def farthest(self, centres: Numbers) -> tuple[float, Numbers]:
        """Find the point that costs most: its cost, and the point (D,).

        Of points of equal cost it is the one whose first coordinate is greatest, then the second,
        and so on: chunks and processes then agree.
        """
        most, place = -1.0, np.zeros(self.columns)
        for points, sample_weight in self._chunks():
            _, squares = nearest(points, centres)
            costs = sample_weight * squares
            worst = points[costs == costs.max()]
            point = worst[np.lexsort(worst.T[::-1])[-1]]
            if (costs.max(), *point) > (most, *place):
                most, place = float(costs.max()), point
        return most, place

    def _lay_out(self) -> Iterator[_Laid]:
        columns = self.columns
        bits = _CELL_BITS // columns if columns <= _MOST_COLUMNS else 0
        for points, sample_weight in self._chunks():
            fine = min(bits, max(math.ceil(math.log2(len(points)) / columns), 1)) if bits else 0
            laid, weights = loops().arrange(points, sample_weight, fine)
            low, high = loops().boxes(laid)
            families = np.arange(0, len(low), loops().FAMILY)
            yield _Laid(
                points=laid,
                sample_weight=weights,
                small=(low, high),
                large=(np.minimum.reduceat(low, families), np.maximum.reduceat(high, families)),
                held=loops().summarise(laid, weights),
            )

    def _chunks(self) -> Iterator[tuple[Numbers, Numbers]]:
        rows = max(_NUMBERS_AT_ONCE // self.columns, 1)
        for first in range(0, len(self._points), rows):
            points = np.ascontiguousarray(self._points[first : first + rows], np.float64)
            if self._sample_weight is None:
                yield points, np.ones(len(points))
            else:
                yield points, np.ascontiguousarray(self._sample_weight[first : first + rows])


def nearest(points: NDArray[Any], centres: Numbers) -> tuple[NDArray[np.int64], Numbers]:
    """Find each point's nearest centre, the first of equals.

    Args:
        points: (N, D).
        centres: (k, D).

    Returns:
        Its number, (N,), and the squared distance to it, (N,).
    """
    labels, squares = np.empty(len(points), np.int64), np.empty(len(points))
    rows = max(_NUMBERS_AT_ONCE // centres.shape[1], 1)
    for first in range(0, len(points), rows):
        part = slice(first, first + rows)
        chunk = np.ascontiguousarray(points[part], np.float64)
        loops().nearest(chunk, centres, labels[part], squares[part])
    return labels, squares
