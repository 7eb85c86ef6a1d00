"""Who may come in: so many requests at a time, so many bytes, so many a second of each token.

Whoever finds no room is told so at once and when to come again; nobody waits at the door.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from imagier.errors import MachineError, UsageError

__all__ = ["Places", "RateLimit"]


class Places:
    """Room that is taken and given back: places of requests, or bytes of their bodies.

    Args:
        most: How much there is.
        code: What is said to who finds none, a code of `MachineError`.

    Attributes:
        taken: How much is taken.
    """

    def __init__(self, most: int, *, code: str) -> None:
        self.most, self.code = most, code
        self.taken = 0

    def take(self, count: int = 1) -> None:
        """Take so much.

        Raises:
            MachineError: With the code of these places, when there is not so much.
        """
        if self.taken + count > self.most:
            raise MachineError(self.code, most=self.most, seconds=1)
        self.taken += count

    def give_back(self, count: int = 1) -> None:
        """Give so much back."""
        self.taken -= count

    @contextmanager
    def held(self, count: int = 1) -> Iterator[None]:
        """Take so much for the length of a block."""
        self.take(count)
        try:
            yield
        finally:
            self.give_back(count)


class RateLimit:
    """So many requests a second of each token, as many at once after a pause (a token bucket).

    Args:
        rate: Requests a second; None for any number.
        clock: Gives the time in seconds.
    """

    def __init__(self, rate: float | None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate, self._clock = rate, clock
        self._left: dict[str, tuple[float, float]] = {}  # requests that may come, and since when

    def count(self, token: str) -> None:
        """Count one request.

        Raises:
            UsageError: `rate_exceeded`.
        """
        if self.rate is None:
            return
        now, most = self._clock(), max(1.0, self.rate)
        left, since = self._left.get(token, (most, now))
        left = min(most, left + (now - since) * self.rate)
        if left < 1:
            seconds = max(1, round((1 - left) / self.rate + 0.5))
            self._left[token] = (left, now)
            raise UsageError("rate_exceeded", rate=f"{self.rate:g}", seconds=seconds)
        self._left[token] = (left - 1, now)
