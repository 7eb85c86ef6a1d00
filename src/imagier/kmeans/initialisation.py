"""Where the centres begin: at random, on points of the cloud, or far apart (k-means++).

K-means ends in the nearest local optimum, so the beginning decides. *random* is any place between
the lowest and the highest of each coordinate; *points* are k points of the cloud. *kmeans++* takes
its first centre among the points, and each next one with a chance that grows with the squared
distance to the centres already there; of a few such draws it keeps the best.

Source: D. Arthur and S. Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007,
with the greedy draws that the article proposes in its section 8.
"""

import math
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imagier.errors import UsageError, did_you_mean
from imagier.files import printable
from imagier.kmeans.checks import check_k, check_points, check_sample_weight

__all__ = ["STARTS", "Start", "start_centres"]

Start = Literal["kmeans++", "random", "points"]
STARTS: tuple[Start, ...] = get_args(Start)
Numbers = NDArray[np.float64]
_SAMPLE = 2**14  # points that k-means++ looks at: of more, it draws this many by their weights


def start_centres(
    points: ArrayLike,
    k: int,
    *,
    sample_weight: ArrayLike | None = None,
    start: Start | ArrayLike = "kmeans++",
    seed: int | tuple[int, ...] = 0,
) -> Numbers:
    """Choose the first centres.

    Args:
        points: The cloud, (N, D).
        k: How many centres.
        sample_weight: How much each point counts, (N,).
        start: How to choose, or the centres themselves, (k, D).
        seed: Makes chance the same each time.

    Returns:
        The centres, (k, D). Two may be equal: k-means moves one of them elsewhere.

    Raises:
        UsageError: `kmeans_start`, `kmeans_start_shape`, and what `checks` refuses.

    >>> start_centres(np.array([[0.0], [1.0], [9.0]]), 2, start="points", seed=1).tolist()
    [[0.0], [1.0]]
    """
    table, sample_weight = (
        check_points(points),
        check_sample_weight(sample_weight, len(np.asanyarray(points))),
    )
    if not isinstance(start, str):
        return _given(start, check_k(k), table.shape[1])
    if start not in STARTS:
        hint = did_you_mean(start, STARTS)
        known = ", ".join(STARTS)
        raise UsageError("kmeans_start", received=printable(start), known=known, hint=hint)
    generator = np.random.default_rng(seed)
    if start == "random":
        low, high = table.min(axis=0), table.max(axis=0)
        return generator.uniform(low, high, (check_k(k), table.shape[1]))
    if start == "points":
        return _some(table, sample_weight, check_k(k), generator)
    return _far_apart(*_sample(table, sample_weight, generator), check_k(k), generator)


def _given(start: ArrayLike, k: int, columns: int) -> Numbers:
    centres = check_points(start)
    if centres.shape != (k, columns):
        raise UsageError(
            "kmeans_start_shape", received=str(centres.shape), wanted=str((k, columns))
        )
    return np.array(centres, np.float64)


def _some(
    table: NDArray[Any], sample_weight: Numbers | None, k: int, chance: np.random.Generator
) -> Numbers:
    """Take k points of the cloud, each at most once while there are enough."""
    there = np.arange(len(table)) if sample_weight is None else np.flatnonzero(sample_weight)
    places = chance.choice(there, k, replace=k > len(there))
    return np.asarray(table[np.sort(places)], np.float64)


def _sample(
    table: NDArray[Any], sample_weight: Numbers | None, chance: np.random.Generator
) -> tuple[Numbers, Numbers]:
    """Give all points with their weights; of very many, some drawn by their weights."""
    if len(table) <= _SAMPLE:
        every = np.ones(len(table)) if sample_weight is None else sample_weight
        return np.asarray(table, np.float64), every
    shares = None if sample_weight is None else sample_weight / sample_weight.sum()
    places = np.sort(chance.choice(len(table), _SAMPLE, p=shares))
    return np.asarray(table[places], np.float64), np.ones(_SAMPLE)


def _far_apart(
    points: Numbers, sample_weight: Numbers, k: int, chance: np.random.Generator
) -> Numbers:
    draws = 2 + int(math.log(k))
    first = int(chance.choice(len(points), p=sample_weight / sample_weight.sum()))
    around = points - np.average(points, axis=0, weights=sample_weight)  # small numbers lose less
    chosen = [first]
    squares = _squares(around, [first])[0]
    while len(chosen) < k:
        worth = np.cumsum(sample_weight * squares)
        if worth[-1] == 0:  # every point has its centre already
            chosen.append(first)
            continue
        found = np.searchsorted(worth, worth[-1] * chance.random(draws), side="right")
        places = np.minimum(found, len(points) - 1).tolist()
        nearer = np.minimum(squares, _squares(around, places))
        best = int(np.argmin(nearer @ sample_weight))
        chosen.append(places[best])
        squares = nearer[best]
    return np.array(points[chosen])


def _squares(around: Numbers, places: list[int]) -> Numbers:
    """Give each point's squared distances to some of the points, (len(places), N).

    The product form is fast and rounds; that is good enough to draw lots, and what rounding leaves
    of a zero is cut off.
    """
    norms = np.einsum("nd,nd->n", around, around)
    squares = norms + norms[places, np.newaxis] - 2 * around[places] @ around.T
    squares[squares < 1e-12 * norms.max()] = 0
    return np.asarray(squares)
