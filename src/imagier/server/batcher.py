"""Pictures that wait for a network are answered together; one that comes alone never waits.

While a batch is computed, others come; the next batch takes as many of them as the largest power of
two that is not more: 1, 2, 4, 8 or 16. The engine keeps the memory of each size it has once met, so
there are few of them.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Generic, TypeVar

__all__ = ["LARGEST", "Batcher", "batch_size"]

LARGEST = 16

Question = TypeVar("Question")
Reply = TypeVar("Reply")


class Batcher(Generic[Question, Reply]):
    """One queue before one network.

    Args:
        answer: Answers questions, as many answers in the same order; called by `runner`.
        runner: Where it is called.
        most: How many are answered together at most.

    Attributes:
        sizes: How many batches there were of each size.
    """

    def __init__(
        self,
        answer: Callable[[Sequence[Question]], Sequence[Reply]],
        runner: Executor,
        *,
        most: int = LARGEST,
    ) -> None:
        self._answer, self._runner = answer, runner
        self._most = min(most, LARGEST)
        self._waiting: deque[tuple[Question, asyncio.Future[Reply]]] = deque()
        self._is_running = False
        self.sizes: Counter[int] = Counter()

    async def ask(self, question: Question) -> Reply:
        """Wait for the answer; whoever stops waiting before its turn is not computed."""
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, future))
        if not self._is_running:
            self._begin()
        return await future

    def _begin(self) -> None:
        while self._waiting and self._waiting[0][1].done():
            self._waiting.popleft()
        waiting = [one for one in self._waiting if not one[1].done()]
        if not waiting:
            self._waiting.clear()
            self._is_running = False
            return
        size = batch_size(len(waiting), most=self._most)
        batch = waiting[:size]
        self._waiting = deque(waiting[size:])
        self._is_running = True
        self.sizes[size] += 1
        loop = asyncio.get_running_loop()
        questions = [question for question, _ in batch]
        running = loop.run_in_executor(self._runner, self._answer, questions)
        running.add_done_callback(partial(self._finish, [future for _, future in batch]))

    def _finish(
        self, futures: Sequence[asyncio.Future[Reply]], running: asyncio.Future[Sequence[Reply]]
    ) -> None:
        error = asyncio.CancelledError() if running.cancelled() else running.exception()
        replies = [] if error else running.result()
        for place, future in enumerate(futures):
            if future.done():
                continue
            if error:
                future.set_exception(error)
            else:
                future.set_result(replies[place])
        self._begin()


def batch_size(waiting: int, *, most: int = LARGEST) -> int:
    """Give how many of those that wait are answered together.

    >>> [batch_size(n) for n in (1, 2, 3, 7, 40)]
    [1, 2, 2, 4, 16]
    """
    return 1 << (min(waiting, most).bit_length() - 1)
