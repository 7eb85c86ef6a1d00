"""K-means from start to rest, on few points or many, and its result.

>>> cloud = np.random.default_rng(0).normal(size=(1000, 3)) + 9 * np.arange(2).repeat(500)[:, None]
>>> clusters = kmeans(cloud, 2)
>>> clusters.sizes.tolist(), clusters.centres.round(0).astype(int).tolist()
([500.0, 500.0], [[9, 9, 9], [0, 0, 0]])
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imagier.errors import UsageError
from imagier.kmeans.blocks import PointChunks, nearest
from imagier.kmeans.checks import check_k, check_points, check_sample_weight
from imagier.kmeans.initialisation import Start, start_centres
from imagier.kmeans.lloyd import AllReduce, add_up, greatest, has_settled, move

__all__ = ["Clusters", "kmeans"]

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusters:
    """What k-means ends with.

    Attributes:
        centres: (k, D); fewer than asked for where there are fewer distinct points.
        sizes: The weight of the points of each cluster, (k,): their number where none was given.
        inertia: The weighted sum of squared distances to the nearest centre.
        steps: How many times the centres have moved.
        has_settled: Whether it came to rest, rather than to the most steps allowed.
        start: The first centres that led here: `steps(points, k, start=clusters.start)` shows how.
    """

    centres: Numbers
    sizes: Numbers
    inertia: float
    steps: int
    has_settled: bool
    start: Numbers

    def assign(self, points: ArrayLike) -> NDArray[np.int64]:
        """Give the number of the nearest centre of each point, (N, D) to (N,)."""
        table = check_points(points)
        if table.shape[1] != self.centres.shape[1]:
            wanted, received = self.centres.shape[1], table.shape[1]
            raise UsageError("kmeans_columns", wanted=wanted, received=received)
        return nearest(table, self.centres)[0]


def kmeans(  # noqa: PLR0913 - what to sort, how to begin, when to stop
    points: ArrayLike,
    k: int,
    *,
    sample_weight: ArrayLike | None = None,
    start: Start | ArrayLike = "kmeans++",
    restarts: int = 1,
    seed: int = 0,
    tolerance: float = 0.0,
    most_steps: int = 1000,
    all_reduce: AllReduce | None = None,
) -> Clusters:
    """Sort points into k clusters: Lloyd's algorithm, exactly, until it rests.

    Args:
        points: The cloud, (N, D), whole numbers or floats. A memory-mapped array is read in chunks.
        k: How many clusters; where fewer distinct points exist, each becomes one, at inertia 0.
        sample_weight: How much each point counts, (N,).
        start: How to choose the first centres, or the centres themselves, (k, D).
        restarts: How many beginnings to try; the end of least inertia is kept.
        seed: Makes chance the same each time.
        tolerance: Stop when a step lowers the inertia by less than this share.
        most_steps: Moves after which it ends in any case.
        all_reduce: Adds an array up over all processes, when each holds a part of the points, one
            that counts at least; the first centres must then be given, the same to all.

    Returns:
        The clusters. Centres, sizes and inertia belong together: they are those of the last assign.

    Raises:
        UsageError: `kmeans_k`, `kmeans_restarts`, `kmeans_start_shared`, and others of `checks`.
        DataError: `kmeans_not_finite`, `kmeans_weight`, `kmeans_weights_zero`.
    """
    table, k = check_points(points), check_k(k)
    sample_weight = check_sample_weight(sample_weight, len(table))
    if restarts < 1:
        raise UsageError("kmeans_restarts", received=restarts)
    if all_reduce is not None and isinstance(start, str):
        raise UsageError("kmeans_start_shared")
    if all_reduce is None and not isinstance(table, np.memmap):
        few = _few_places(table, sample_weight, k)
        if few is not None:
            return _one_each(table, sample_weight, few)
    chunks = PointChunks(table, sample_weight)
    tries = 1 if not isinstance(start, str) else restarts
    seeds: list[int | tuple[int, ...]] = [seed, *((seed, number) for number in range(1, tries))]
    starts = (
        start_centres(table, k, sample_weight=sample_weight, start=start, seed=s) for s in seeds
    )
    ends = [_descend(chunks, begin, tolerance, most_steps, all_reduce) for begin in starts]
    return min(ends, key=lambda end: end.inertia)


def _descend(
    chunks: PointChunks,
    centres: Numbers,
    tolerance: float,
    most_steps: int,
    all_reduce: AllReduce | None,
) -> Clusters:
    def farthest(known: Numbers) -> Numbers | None:
        cost, point = chunks.farthest(known)
        row = greatest(np.array([cost, *point]), all_reduce)
        return None if row[0] == 0 else row[1:]

    start = centres
    found = add_up(chunks.assign(centres), all_reduce)
    moved, settled = 0, False
    while not settled and moved < most_steps:
        before, at = found.inertia, centres
        centres = move(found, at, farthest)
        if np.array_equal(centres, at):
            settled = True
            break
        found = add_up(chunks.assign(centres), all_reduce)
        moved += 1
        settled = has_settled(before, found.inertia, tolerance)
    full = found.sizes > 0  # all of them, but where there are fewer points than centres
    return Clusters(
        centres=centres[full],
        sizes=found.sizes[full],
        inertia=found.inertia,
        steps=moved,
        has_settled=settled,
        start=start,
    )


def _few_places(table: NDArray[Any], sample_weight: Numbers | None, k: int) -> NDArray[Any] | None:
    """Give the distinct points where there are at most k, else None, found out early."""
    there = table if sample_weight is None else table[sample_weight > 0]
    seen = there[:0]
    size = 4 * k
    first = 0
    while first < len(there):
        seen = np.unique(np.concatenate([seen, there[first : first + size]]), axis=0)
        if len(seen) > k:
            return None
        first += size
        size *= 2
    return seen


def _one_each(table: NDArray[Any], sample_weight: Numbers | None, places: NDArray[Any]) -> Clusters:
    """Make every distinct point a centre: nothing is left to improve."""
    centres = np.asarray(places, np.float64)
    labels, _ = nearest(table, centres)
    sizes = np.bincount(labels, sample_weight, len(centres)).astype(np.float64)
    return Clusters(
        centres=centres, sizes=sizes, inertia=0.0, steps=0, has_settled=True, start=centres
    )
