"""Several processes, each with its part of the points: what they must agree on, by sums alone.

One step needs the sums, the weights and the cost of all: k·(D + 1) + 1 numbers, whatever the number
of points. `all_reduce` adds such an array up over the processes and gives the total to each; with
torch.distributed it is three lines:

    def all_reduce(array):
        tensor = torch.from_numpy(array)
        torch.distributed.all_reduce(tensor)
        return tensor.numpy()
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from imagier.kmeans.lloyd import Assigned

__all__ = ["AllReduce", "add_up", "greatest"]

Numbers = NDArray[np.float64]
AllReduce = Callable[[Numbers], Numbers]


def add_up(found: Assigned, all_reduce: AllReduce | None) -> Assigned:
    """Add up what each process has assigned."""
    if all_reduce is None:
        return found
    k = len(found.sizes)
    total = all_reduce(np.concatenate([found.sums.ravel(), found.sizes, [found.cost]]))
    return Assigned(
        sums=total[: found.sums.size].reshape(found.sums.shape),
        sizes=total[-k - 1 : -1].copy(),
        cost=float(total[-1]),
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
