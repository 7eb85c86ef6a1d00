"""A file in memory put together from pieces of others, none of them copied."""

import io
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

__all__ = ["SplicedFile"]


class SplicedFile(io.RawIOBase):
    """Pieces of bytes that are read as one file.

    >>> file = SplicedFile([memoryview(b"abc"), memoryview(b"de")])
    >>> file.read(2), file.read(2), file.seek(-2, io.SEEK_END), file.read()
    (b'ab', b'cd', 3, b'de')

    Args:
        pieces: In order.
    """

    def __init__(self, pieces: Sequence[memoryview]) -> None:
        self._pieces = [piece for piece in pieces if len(piece)]
        self._starts = list(accumulate((len(piece) for piece in self._pieces), initial=0))
        self._at = 0

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that one can go back in it."""
        return True

    def tell(self) -> int:
        """Tell the place of the next byte."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place, counted as files count it."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._starts[-1]}[whence]
        self._at = max(0, base + offset)
        return self._at

    def read(self, size: int | None = -1, /) -> bytes:
        """Read so many bytes, or all that are left."""
        end = self._starts[-1]
        if size is not None and size >= 0:
            end = min(end, self._at + size)
        parts = []
        while self._at < end:
            number = bisect_right(self._starts, self._at) - 1
            start = self._starts[number]
            part = self._pieces[number][self._at - start : end - start]
            parts.append(part)
            self._at += len(part)
        return b"".join(parts)
