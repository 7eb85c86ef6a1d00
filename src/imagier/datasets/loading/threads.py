"""A few threads that decode side by side; results come in the order of the questions.

Reading, hashing and Pillow's decoders let other threads run meanwhile, so two threads are nearly
twice as fast as one; more would wait for each other in Python.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

__all__ = ["WORKERS", "in_order"]

Question = TypeVar("Question")
Answer = TypeVar("Answer")

WORKERS = 2
_AHEAD = 8 * WORKERS


def in_order(
    function: Callable[[Question], Answer], questions: Iterable[Question]
) -> Iterator[Answer]:
    """Answer questions side by side and give the answers in order, few of them waiting.

    An exception of `function` is raised where its answer would come; nothing later is begun.

    >>> list(in_order(str.upper, ["a", "b", "c"]))
    ['A', 'B', 'C']
    """
    waiting: deque[Future[Answer]] = deque()
    with ThreadPoolExecutor(WORKERS) as pool:
        try:
            for question in questions:
                waiting.append(pool.submit(function, question))
                if len(waiting) > _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
