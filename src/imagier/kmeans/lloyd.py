"""One move of the centres, and when to stop: what the stream and the fast road have in common."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["REST", "Assigned", "has_settled", "move"]

Numbers = NDArray[np.float64]
_ROUNDING = 8 * np.finfo(np.float64).eps  # three times 0.1, divided by three, is not 0.1
REST = 1e-12  # a fall smaller than this share of the cost is rounding, not progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """What an assign step found, added up centre by centre.

    Attributes:
        sums: Weighted sums of the points of each cluster, (k, D).
        sizes: Their weights, (k,).
        cost: The weighted sum of squared distances to the nearest centre.
    """

    sums: Numbers
    sizes: Numbers
    cost: float


def move(
    found: Assigned, centres: Numbers, farthest: Callable[[Numbers], Numbers | None]
) -> Numbers:
    """Move each centre to the mean of its cluster, and one without points to the farthest point.

    An empty cluster helps nobody. The point that costs most becomes its centre: that point then
    costs nothing and no other costs more, so the cost still falls.

    Args:
        found: The clusters.
        centres: Where the centres are, (k, D).
        farthest: Gives, for centres (m, D), the point (D,) that costs most; None if all cost 0.

    Returns:
        Where they go, (k, D).
    """
    empty = np.flatnonzero(found.sizes == 0)
    after = centres.copy()
    full = found.sizes > 0
    after[full] = found.sums[full] / found.sizes[full, np.newaxis]
    after = np.where(np.abs(after - centres) <= _ROUNDING * np.abs(after), centres, after)
    known = centres
    for j in empty:
        point = farthest(known)
        if point is None:
            break
        after[j] = point
        known = np.vstack([known, point])
    return after


def has_settled(before: float, after: float, tolerance: float) -> bool:
    """Tell whether the cost has stopped falling: by less than `tolerance` of itself."""
    return after >= (1 - max(tolerance, REST)) * before
