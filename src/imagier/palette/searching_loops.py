"""The compiled loops that look for good first centres: few points, so many tries.

Lloyd's algorithm ends in the nearest local optimum. Some thousand boxes stand for all the pixels
here, so that one step costs a fraction of a millisecond, and after a careful beginning (k-means++
with several draws) the search goes on by *swaps*: the centre that is missed least is taken away, a
new one is put where it helps most, a few steps of Lloyd settle the others. What lowers the cost is
kept, what does not is undone.

Source: T. Kanungo and others, "A local search approximation algorithm for k-means clustering",
Computational Geometry 28 (2004); D. Arthur and S. Vassilvitskii, "k-means++", SODA 2007.
"""

import numpy as np
from numpy.typing import NDArray

from imagier.kmeans.engine import compile_loop

__all__ = ["search", "settle"]

Numbers = NDArray[np.float64]
Labels = NDArray[np.int64]


@compile_loop
def search(
    points: Numbers,
    weights: Numbers,
    fixed: Numbers,
    k: int,
    effort: tuple[int, int, int],
    seed: int,
) -> Numbers:
    """Find k centres of low cost, some of which may be given.

    Args:
        points: (N, 3).
        weights: (N,).
        fixed: Centres that do not move, (F, 3).
        k: How many in all.
        effort: Draws for each new centre, swaps to try, steps of Lloyd after each.
        seed: Makes chance the same each time.

    Returns:
        The centres, (k, 3), the fixed ones first.
    """
    np.random.seed(seed)  # noqa: NPY002 - numba's own generator, apart from NumPy's
    draws, swaps, most = effort
    centres = np.empty((k, 3))
    centres[: len(fixed)] = fixed
    found = (np.zeros(len(points), np.int64), np.empty(len(points)), np.empty(len(points)))
    tried = (np.zeros(len(points), np.int64), np.empty(len(points)), np.empty(len(points)))
    _begin(points, weights, centres, len(fixed), draws, found[1])
    cost = settle(points, weights, centres, len(fixed), 4 * most, 1e-3, found)
    trial = centres.copy()
    for _ in range(swaps if k > len(fixed) else 0):
        out = _least_missed(weights, found, len(fixed), k)
        trial[:] = centres
        trial[out] = points[_most_helpful(points, weights, found[1], draws)]
        after = settle(points, weights, trial, len(fixed), most, 1e-3, tried)
        if after < cost:
            cost = after
            centres[:] = trial
            found, tried = tried, found
    return centres


@compile_loop
def settle(
    points: Numbers,
    weights: Numbers,
    centres: Numbers,
    fixed: int,
    most: int,
    tolerance: float,
    found: tuple[Labels, Numbers, Numbers],
) -> float:
    """Move all but the first `fixed` centres by Lloyd's algorithm, in place.

    Args:
        points: (N, 3).
        weights: (N,).
        centres: (k, 3).
        fixed: How many of them stay.
        most: Steps after which it ends in any case.
        tolerance: It ends when a step lowers the cost by less than this share.
        found: Filled with the nearest centre of each point and the squared distances to it and to
            the second nearest, (N,) each.

    Returns:
        The cost.
    """
    labels, nearest, _ = found
    sums = np.empty((len(centres), 4))
    before = np.inf
    for step in range(most + 1):
        _two_nearest(points, centres, found)
        cost = 0.0
        for i in range(len(points)):
            cost += weights[i] * nearest[i]
        if step == most or cost >= before * (1 - tolerance):
            return cost
        before = cost
        sums[:] = 0.0
        for i in range(len(points)):
            j = labels[i]
            sums[j, 3] += weights[i]
            for c in range(3):
                sums[j, c] += weights[i] * points[i, c]
        for j in range(fixed, len(centres)):
            if sums[j, 3] > 0:
                for c in range(3):
                    centres[j, c] = sums[j, c] / sums[j, 3]
    return before


@compile_loop
def _two_nearest(points: Numbers, centres: Numbers, found: tuple[Labels, Numbers, Numbers]) -> None:
    labels, nearest, second = found
    for i in range(len(points)):
        x, y, z = points[i, 0], points[i, 1], points[i, 2]
        best, next_best, own = np.inf, np.inf, 0
        for j in range(len(centres)):
            far = (x - centres[j, 0]) ** 2 + (y - centres[j, 1]) ** 2 + (z - centres[j, 2]) ** 2
            if far < best:
                best, next_best, own = far, best, j
            elif far < next_best:
                next_best = far
        labels[i], nearest[i], second[i] = own, best, next_best


@compile_loop
def _begin(
    points: Numbers, weights: Numbers, centres: Numbers, known: int, draws: int, nearest: Numbers
) -> None:
    """Put the free centres one by one where they help most, beside those that are known."""
    nearest[:] = np.inf
    if known == 0:
        for c in range(3):
            centres[0, c] = (points[:, c] * weights).sum() / weights.sum()
    for j in range(len(centres)):
        if j >= max(known, 1):
            centres[j] = points[_most_helpful(points, weights, nearest, draws)]
        for i in range(len(points)):
            far = 0.0
            for c in range(3):
                far += (points[i, c] - centres[j, c]) ** 2
            nearest[i] = min(nearest[i], far)


@compile_loop
def _most_helpful(points: Numbers, weights: Numbers, nearest: Numbers, draws: int) -> int:
    """Draw points with a chance as their cost; give the one that would lower the cost most."""
    worth = np.cumsum(weights * nearest)
    best, most = 0, -1.0
    for _ in range(draws):
        place = np.searchsorted(worth, np.random.random() * worth[-1])  # noqa: NPY002
        place = min(place, len(points) - 1)
        x, y, z = points[place, 0], points[place, 1], points[place, 2]
        gain = 0.0
        for i in range(len(points)):
            far = (points[i, 0] - x) ** 2 + (points[i, 1] - y) ** 2 + (points[i, 2] - z) ** 2
            gain += weights[i] * max(nearest[i] - far, 0.0)
        if gain > most:
            best, most = place, gain
    return best


@compile_loop
def _least_missed(
    weights: Numbers, found: tuple[Labels, Numbers, Numbers], fixed: int, k: int
) -> int:
    """Find the free centre without which the cost would rise least."""
    labels, nearest, second = found
    rise = np.zeros(k)
    for i in range(len(weights)):
        rise[labels[i]] += weights[i] * (second[i] - nearest[i])
    return fixed + int(np.argmin(rise[fixed:]))
