r"""The inputs of a batch: files, members of archives, and errors that stand where a file was named.

Each is one line of JSON, so that a listing of millions can stand on the disk and parts of it can be
sent to other processes: a text for a file, a list for a member, an object for an error.

>>> to_line("cats/1.jpg"), from_line('"cats/1.jpg"')
('"cats/1.jpg"', 'cats/1.jpg')
>>> member = Member(archive="a.tar", name="1.jpg", start=512, size=900)
>>> from_line(to_line(member)) == member, member.path
(True, 'a.tar/1.jpg')
"""

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from imagier.errors import PictureError

__all__ = ["Entry", "Member", "Stamp", "fingerprint", "from_line", "stamp", "to_line"]

Stamp: TypeAlias = tuple[int, int]  # size in bytes, time of the last change in nanoseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A picture in an archive, by where its bytes stand.

    Attributes:
        archive: The archive's file.
        name: The member's name in it.
        start: Where the member begins: in a tar its bytes, in a zip its own header.
        size: Bytes of the picture.
        packed: Bytes that it takes in a zip; None in a tar.
        crc: Its checksum in a zip.
        is_deflated: Whether a zip packed it.
    """

    archive: str
    name: str
    start: int
    size: int
    packed: int | None = None
    crc: int = 0
    is_deflated: bool = False

    @property
    def path(self) -> str:
        """How the rows call it."""
        return f"{self.archive}/{self.name}"


Entry: TypeAlias = str | Member | PictureError


def to_line(entry: Entry) -> str:
    """Write an input as one line of JSON, in ASCII."""
    if isinstance(entry, str):
        return json.dumps(entry)
    if isinstance(entry, Member):
        places = entry.start, entry.size, entry.packed, entry.crc, entry.is_deflated
        return json.dumps([entry.archive, entry.name, *places])
    facts = {name: str(fact) for name, fact in entry.facts.items()}
    return json.dumps({"code": entry.code, "facts": facts})


def from_line(line: str | bytes) -> Entry:
    """Read what `to_line` wrote."""
    value = json.loads(line)
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        archive, name, start, size, packed, crc, is_deflated = value
        return Member(
            archive=archive,
            name=name,
            start=start,
            size=size,
            packed=packed,
            crc=crc,
            is_deflated=is_deflated,
        )
    return PictureError(value["code"], **value["facts"])


def stamp(entry: Entry) -> Stamp:
    """Tell a file's size and when it was changed; zeros where there is no file to ask about."""
    if isinstance(entry, PictureError):
        return 0, 0
    try:
        status = os.stat(entry if isinstance(entry, str) else entry.archive)  # noqa: PTH116 - fast
    except (OSError, ValueError):
        return 0, 0
    return status.st_size, status.st_mtime_ns


def fingerprint(lines: Sequence[str], stamps: Iterable[Stamp]) -> str:
    """Name some inputs and the state of their files by 32 hexadecimal digits.

    >>> fingerprint(['"a.png"'], [(9, 1)]) == fingerprint(['"a.png"'], [(9, 2)])
    False
    """
    found = hashlib.sha256("\n".join(lines).encode())
    found.update(repr([tuple(map(int, one)) for one in stamps]).encode())
    return found.hexdigest()[:32]
