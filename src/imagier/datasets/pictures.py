"""Pictures of a source on demand: bytes read, pixels decoded; bytes are kept up to a limit.

Reading and decoding are two steps, so that a picture's bytes are read once: they give its name in
the cache, and they are decoded only where the cache does not know them. `KeptPictures` holds the
bytes that were read, so that the sample, a second size of input and a second fit read nothing
again. What it holds is limited to an eighth of the memory, 512 MiB at most; beyond that a picture
is simply read again whenever it is wanted again.
"""

import threading
from collections.abc import Sequence
from typing import Protocol

from imagier.images import Picture
from imagier.machine import available_memory

__all__ = ["ChosenPictures", "JoinedPictures", "KeptPictures", "Pictures", "forget_contents"]

MOST_KEPT = 512 << 20  # bytes


class Pictures(Protocol):
    """Pictures that can be asked for in any order, each read only when it is asked for."""

    def __len__(self) -> int:
        """Count the pictures."""

    def read(self, index: int) -> bytes:
        """Read one picture: the bytes of its file, or of its row in an array.

        Raises:
            PictureError: It cannot be read.
        """

    def decode(
        self,
        index: int,
        content: bytes,
        wanted: tuple[int, int] | None = None,
        white: int | None = None,
    ) -> Picture:
        """Decode what `read` gave.

        Args:
            index: Which picture.
            content: What `read` gave for it.
            wanted: Height and width to keep at least: allows a cheaper, smaller picture.
            white: The number that is white in grey pictures of more than 8 bits.

        Raises:
            PictureError: The picture cannot be used.
        """


class KeptPictures:
    """Pictures whose bytes stay in memory once they are read, up to a limit."""

    def __init__(self, pictures: Pictures, *, limit: int | None = None) -> None:
        """Begin with nothing kept.

        Args:
            pictures: The pictures.
            limit: Bytes to keep at most; None for an eighth of the memory, 512 MiB at most.
        """
        self._pictures = pictures
        self._room = min(MOST_KEPT, available_memory() // 8) if limit is None else limit
        self._contents: dict[int, bytes] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._pictures)

    def read(self, index: int) -> bytes:
        """Give the bytes of one picture, and keep them where there is room."""
        content = self._contents.get(index)
        if content is None:
            content = self._pictures.read(index)
            with self._lock:
                if index not in self._contents and len(content) <= self._room:
                    self._contents[index] = content
                    self._room -= len(content)
        return content

    def decode(
        self,
        index: int,
        content: bytes,
        wanted: tuple[int, int] | None = None,
        white: int | None = None,
    ) -> Picture:
        """Decode one picture."""
        return self._pictures.decode(index, content, wanted, white)

    def forget(self) -> None:
        """Let go of the bytes; what is asked for again is read again, and not kept."""
        with self._lock:
            self._contents, self._room = {}, 0


class ChosenPictures:
    """Some of the pictures of another source, in an order of their own."""

    def __init__(self, pictures: Pictures, rows: Sequence[int]) -> None:
        self.source = pictures
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def read(self, index: int) -> bytes:
        """Read one picture."""
        return self.source.read(self._rows[index])

    def decode(
        self,
        index: int,
        content: bytes,
        wanted: tuple[int, int] | None = None,
        white: int | None = None,
    ) -> Picture:
        """Decode one picture."""
        return self.source.decode(self._rows[index], content, wanted, white)


def forget_contents(pictures: Pictures) -> None:
    """Let go of the bytes that are kept: no other size or fit will be asked for."""
    match pictures:
        case KeptPictures():
            pictures.forget()
        case ChosenPictures(source=source):
            forget_contents(source)
        case JoinedPictures(sources=sources):
            for source in sources:
                forget_contents(source)
        case _:
            pass


class JoinedPictures:
    """The pictures of two sources, one after the other."""

    def __init__(self, first: Pictures, second: Pictures) -> None:
        self.sources = (first, second)

    def __len__(self) -> int:
        return sum(map(len, self.sources))

    def read(self, index: int) -> bytes:
        """Read one picture."""
        pictures, row = self._find(index)
        return pictures.read(row)

    def decode(
        self,
        index: int,
        content: bytes,
        wanted: tuple[int, int] | None = None,
        white: int | None = None,
    ) -> Picture:
        """Decode one picture."""
        pictures, row = self._find(index)
        return pictures.decode(row, content, wanted, white)

    def _find(self, index: int) -> tuple[Pictures, int]:
        first, second = self.sources
        return (first, index) if index < len(first) else (second, index - len(first))
