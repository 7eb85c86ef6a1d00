"""The memory that pictures may take while they are read, all threads together.

A file of thirty-six bytes can ask for gigabytes of pixels, and six threads can open six of them at
once. So the bytes of the files and the bytes of their pixels each have one limit for the whole
process; a thread waits until there is room for its picture, and a picture that asks for more than
there is at all is refused before it is unpacked (`decoding.py`).
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from imagier.forks import in_forked_child

__all__ = ["FILES", "PIXELS", "MemoryLimit", "count_file", "one_picture"]


class MemoryLimit:
    """Bytes that threads share: whoever asks for more than is left waits.

    A thread holds one picture at a time: what it takes replaces what it had.

    Args:
        most: How many bytes there are.
    """

    def __init__(self, most: int) -> None:
        self.most: Final = most
        self.renew()

    def renew(self) -> None:
        """Count nothing as taken: the threads that had some are not in a forked child."""
        self._used = 0
        self._room = threading.Condition()
        self._mine = threading.local()

    def take(self, size: int) -> None:
        """Count bytes as taken by this thread, as soon as they fit or nobody else has any."""
        self.give_back()
        with self._room:
            self._room.wait_for(lambda: not self._used or self._used + size <= self.most)
            self._used += size
        self._mine.size = size

    def give_back(self) -> None:
        """Give back all that this thread has."""
        size = getattr(self._mine, "size", 0)
        self._mine.size = 0
        if size:
            with self._room:
                self._used -= size
                self._room.notify_all()


FILES: Final = MemoryLimit(256 << 20)  # the bytes of the files
PIXELS: Final = MemoryLimit(704 << 20)  # what unpacking and preparing their pixels takes
_reading = threading.local()
in_forked_child(FILES.renew)
in_forked_child(PIXELS.renew)


def count_file(size: int) -> None:
    """Wait until a file of this size may be read, where it is read within `one_picture`.

    Whoever waits for a file has no pixels yet, so that no two threads wait for each other.
    """
    if getattr(_reading, "is_counted", False):
        PIXELS.give_back()
        FILES.take(size)


@contextmanager
def one_picture() -> Iterator[None]:
    """Keep the memory of the picture that is read in this block counted until it is prepared.

    Within such a block another one changes nothing.
    """
    if getattr(_reading, "is_counted", False):
        yield
        return
    _reading.is_counted = True
    try:
        yield
    finally:
        _reading.is_counted = False
        PIXELS.give_back()
        FILES.give_back()
