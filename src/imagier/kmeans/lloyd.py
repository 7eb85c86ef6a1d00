"""One move of the centres, and when to stop; what several processes must agree on, by sums alone.

The stream of steps and the fast road have this in common. Where several processes hold a part of
the points each, one step needs the sums, the weights and the inertia of all: k·(D + 1) + 1 numbers,
whatever the number of points. `all_reduce` adds such an array up over the processes and gives the
total to each; with torch.distributed it is three lines:

    def all_reduce(array):
        tensor = torch.from_numpy(array)
        torch.distributed.all_reduce(tensor)
        return tensor.numpy()
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["REST", "AllReduce", "Assigned", "add_up", "greatest", "has_settled", "move"]

Numbers = NDArray[np.float64]
AllReduce = Callable[[Numbers], Numbers]
_ROUNDING = 8 * np.finfo(np.float64).eps  # three times 0.1, divided by three, is not 0.1
REST = 1e-12  # a fall smaller than this share of the inertia is rounding, not progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """What an assign step found, added up centre by centre.

    Attributes:
        sums: Weighted sums of the points of each cluster, (k, D).
        sizes: Their weights, (k,).
        inertia: The weighted sum of squared distances to the nearest centre.
    """

    sums: Numbers
    sizes: Numbers
    inertia: float


def move(
    found: Assigned, centres: Numbers, farthest: Callable[[Numbers], Numbers | None]
) -> Numbers:
    """Move each centre to the mean of its cluster, and one without points to the farthest point.

    An empty cluster helps nobody. The point that costs most becomes its centre: that point then
    costs nothing and no other costs more, so the inertia still falls.

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
    """Tell whether the inertia has stopped falling: by less than `tolerance` of itself."""
    return after >= (1 - max(tolerance, REST)) * before


def add_up(found: Assigned, all_reduce: AllReduce | None) -> Assigned:
    """Add up what each process has assigned."""
    if all_reduce is None:
        return found
    k = len(found.sizes)
    total = all_reduce(np.concatenate([found.sums.ravel(), found.sizes, [found.inertia]]))
    return Assigned(
        sums=total[: found.sums.size].reshape(found.sums.shape),
        sizes=total[-k - 1 : -1].copy(),
        inertia=float(total[-1]),
    )


def greatest(values: Numbers, all_reduce: AllReduce | None) -> Numbers:
    """Give the greatest of the processes' rows of numbers, compared as words are.

    Sums can find it: the bits of a number, read as a whole number, are in its order. Byte by byte
    from the highest, each process still in the race ticks its byte; the highest tick stays.

    >>> greatest(np.array([3.0, -1.5]), lambda counts: counts).tolist()
    [3.0, -1.5]
    """
    if all_reduce is None:
        return values
    racing = True
    won: list[int] = []
    for byte in _ordered(values):
        ticks = np.zeros(256)
        ticks[byte] = racing
        highest = int(np.flatnonzero(all_reduce(ticks))[-1])
        racing = racing and byte == highest
        won.append(highest)
    return _numbers(won)


def _ordered(values: Numbers) -> list[int]:
    """Write numbers as bytes whose order is theirs: below 0 all bits turn, above only the sign."""
    bits = values.astype(">f8").view(">u8").astype(np.uint64)
    sign = np.uint64(1 << 63)
    bits = np.where(bits & sign, ~bits, bits | sign)
    return list(bits.astype(">u8").tobytes())


def _numbers(ordered: list[int]) -> Numbers:
    bits = np.frombuffer(bytes(ordered), ">u8").astype(np.uint64)
    sign = np.uint64(1 << 63)
    bits = np.where(bits & sign, bits ^ sign, ~bits)
    return bits.view(np.float64)
