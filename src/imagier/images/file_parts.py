"""Counts the parts that a picture file is cut into, before Pillow keeps a note of each.

Segments of a JPEG, chunks of a PNG, strips or tiles of a TIFF: each takes a few bytes of a file and
some hundred in memory. Programs write one for some thousand bytes, or for a row of pixels.

Sources: ITU T.81, annex B; PNG (W3C), section 5; TIFF 6.0, section 2.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Literal

from imagier.errors import PictureError

__all__ = ["MAX_PARTS", "check_parts", "end_of_header"]

MAX_PARTS = 100_000
_STRIPS, _TILES = 273, 324  # tags that hold a place in the file for each
_FIRST_CHUNK = 8


def check_parts(content: bytes, kind: str, path: str) -> None:
    r"""Refuse a file of too many parts.

    Args:
        content: The whole file.
        kind: Its format.
        path: Its name, printable, for the error.

    Raises:
        PictureError: `too_many_parts`.

    >>> cut = b"\xff\xd8" + b"\xff\xef\0\2" * 200_000
    >>> check_parts(cut, "JPEG", "cut.jpg")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    imagier.errors.PictureError: cut.jpg is cut into more than 100000 parts; no program ...
    """
    if kind == "TIFF":
        count = _strips(content)
    else:
        parts = {"JPEG": _segments, "PNG": _chunks}.get(kind)
        count = sum(1 for _ in islice(parts(content), MAX_PARTS + 1)) if parts else 0
    if count > MAX_PARTS:
        raise PictureError("too_many_parts", path=path, limit=MAX_PARTS)


def end_of_header(content: bytes) -> int:
    """Find the first scan of a JPEG behind its segments, one of which may hold a thumbnail."""
    return max(_segments(content), default=2)


def _segments(content: bytes) -> Iterator[int]:
    """Give the end of each segment of a JPEG that stands in front of its first scan."""
    place = 2
    while content[place : place + 1] == b"\xff" and content[place + 1 : place + 2] != b"\xda":
        is_fill = content[place + 1 : place + 2] == b"\xff"
        place += 1 if is_fill else 2 + int.from_bytes(content[place + 2 : place + 4], "big")
        yield place


def _chunks(content: bytes) -> Iterator[int]:
    """Give the end of each chunk of a PNG."""
    place = _FIRST_CHUNK
    while place + 8 <= len(content):
        place += 12 + int.from_bytes(content[place : place + 4], "big")
        yield place


def _strips(content: bytes) -> int:
    """Read how many strips or tiles the first directory of a TIFF names; 0 where it is cut."""
    order: Literal["big", "little"] = "big" if content[:2] == b"MM" else "little"

    def number(place: int, size: int) -> int:
        return int.from_bytes(content[place : place + size], order)

    if number(2, 2) == 43:  # BigTIFF
        start, entry, wide, first = number(8, 8), 20, 8, 8
    else:
        start, entry, wide, first = number(4, 4), 12, 4, 2
    end = min(start + first + number(start, first) * entry, len(content))
    return max(
        (
            number(at + 4, wide)
            for at in range(start + first, end, entry)
            if number(at, 2) in (_STRIPS, _TILES)
        ),
        default=0,
    )
