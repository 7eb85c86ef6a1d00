"""Reads ahead on a few threads: while one batch is recognised, the next one is decoded."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

__all__ = ["read_ahead"]

Item = TypeVar("Item")
Read = TypeVar("Read")


def read_ahead(
    items: Iterable[Item], read: Callable[[Item], Read], *, batch: int, threads: int
) -> Iterator[list[Read]]:
    """Read items in order, in batches; at most two batches are held at a time.

    Decoding photos on two threads doubled the pace on two cores; small pictures, which spend
    their time in Python, neither gain nor lose.

    Args:
        items: What to read, however long.
        read: Reads one item.
        batch: How many make a batch.
        threads: How many are read at the same time.

    >>> list(read_ahead("abc", str.upper, batch=2, threads=2))
    [['A', 'B'], ['C']]
    """
    rest = iter(items)
    pool = ThreadPoolExecutor(threads)

    def begin() -> list[Future[Read]]:
        return [pool.submit(read, item) for item in islice(rest, batch)]

    try:
        coming = begin()
        while coming:
            now, coming = coming, begin()
            yield [future.result() for future in now]
    finally:
        pool.shutdown(cancel_futures=True)
