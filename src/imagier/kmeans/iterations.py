"""K-means as a stream of steps, in plain NumPy: to be watched, drawn, stopped, compared with.

>>> from itertools import islice
>>> cloud = np.random.default_rng(0).normal(size=(300, 2))
>>> [(step.number, step.phase) for step in islice(steps(cloud, 3), 4)]
[(1, 'assign'), (1, 'move'), (2, 'assign'), (2, 'move')]
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imagier.kmeans.checks import check_k, check_points, check_sample_weight
from imagier.kmeans.initialisation import Start, start_centres
from imagier.kmeans.lloyd import Assigned, has_settled, move

__all__ = ["KMeansStep", "steps"]

Numbers = NDArray[np.float64]
_PAIRS_AT_ONCE = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class KMeansStep:
    """One half of an iteration of k-means.

    Attributes:
        number: Of the iteration, from 1.
        phase: "assign", points have just gone to their centres, or "move", centres to their means.
        centres: (k, D).
        labels: The number of each point's centre, (N,).
        sizes: The weight of the points of each centre, (k,).
        inertia: The weighted sum of squared distances of the points to the centres of their labels.
    """

    number: int
    phase: Literal["assign", "move"]
    centres: Numbers
    labels: NDArray[np.int64]
    sizes: Numbers
    inertia: float


def steps(
    points: ArrayLike,
    k: int,
    *,
    sample_weight: ArrayLike | None = None,
    start: Start | ArrayLike = "kmeans++",
    seed: int = 0,
    tolerance: float = 0.0,
    most_steps: int = 1000,
) -> Iterator[KMeansStep]:
    """Carry k-means out, one phase at a time.

    The last step is an assign step after which no centre would move. The inertia never rises.

    Args:
        points: The cloud, (N, D).
        k: How many centres.
        sample_weight: How much each point counts, (N,).
        start: How to choose the first centres, or the centres themselves, (k, D).
        seed: Makes chance the same each time.
        tolerance: Stop when an iteration lowers the inertia by less than this share.
        most_steps: Iterations after which it ends in any case.

    Yields:
        Each assign step and each move step.

    Raises:
        UsageError, DataError: See `checks` and `start_centres`.
    """
    table = np.asarray(check_points(points), np.float64)
    given = check_sample_weight(sample_weight, len(table))
    sample_weight = np.ones(len(table)) if given is None else given
    centres = start_centres(table, check_k(k), sample_weight=given, start=start, seed=seed)
    before = np.inf
    for number in range(1, most_steps + 2):
        labels, squares = _nearest(table, centres)
        found = _add_up(table, sample_weight, labels, squares, len(centres))
        assigned = KMeansStep(
            number=number,
            phase="assign",
            centres=centres,
            labels=labels,
            sizes=found.sizes,
            inertia=found.inertia,
        )
        yield assigned
        if number > most_steps or has_settled(before, found.inertia, tolerance):
            return
        before = found.inertia
        after = move(found, centres, lambda known: _farthest(table, sample_weight, known))
        if np.array_equal(after, centres):
            return
        centres = after
        inertia = float(sample_weight @ _squares(table, centres[labels]))
        yield replace(assigned, phase="move", centres=centres, inertia=inertia)


def _nearest(points: Numbers, centres: Numbers) -> tuple[NDArray[np.int64], Numbers]:
    """Give each point's nearest centre, the first of equals, and the squared distance to it."""
    labels, squares = np.empty(len(points), np.int64), np.empty(len(points))
    rows = max(_PAIRS_AT_ONCE // len(centres), 1)
    for first in range(0, len(points), rows):
        part = slice(first, first + rows)
        far = np.stack([_squares(points[part], centre) for centre in centres])
        labels[part] = far.argmin(axis=0)
        squares[part] = far.min(axis=0)
    return labels, squares


def _add_up(
    points: Numbers, sample_weight: Numbers, labels: NDArray[np.int64], squares: Numbers, k: int
) -> Assigned:
    sums = [np.bincount(labels, sample_weight * column, k) for column in points.T]
    sizes = np.bincount(labels, sample_weight, k).astype(np.float64)
    return Assigned(
        sums=np.stack(sums, axis=1), sizes=sizes, inertia=float(sample_weight @ squares)
    )


def _farthest(points: Numbers, sample_weight: Numbers, centres: Numbers) -> Numbers | None:
    """Find the point that costs most; of equals, the one with the greatest coordinates."""
    costs = sample_weight * _nearest(points, centres)[1]
    worst = points[costs == costs.max()]
    return None if costs.max() == 0 else worst[np.lexsort(worst.T[::-1])[-1]]


def _squares(points: Numbers, centre: Numbers) -> Numbers:
    apart = points - centre
    return np.asarray(np.einsum("nd,nd->n", apart, apart))
