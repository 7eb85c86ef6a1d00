"""The list of files in a tar archive, read header by header; nothing is ever written to the disk.

A tar archive is blocks of 512 bytes: a header, the file's bytes, the next header. Python's own
reader also knows links, devices and how to unpack them; here only regular files are told, with the
place of their bytes, and everything else is passed over.

Source: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Extended Header".
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from imagier.files import open_regular

__all__ = ["TarFile", "TruncatedTarError", "tar_files"]

TarFile = tuple[str, int, int]  # name, where its bytes begin, how many they are
_BLOCK = 512
_LONGEST = 2**16  # bytes of a long name or of an extended header
_REGULAR = b"0\0"


class TruncatedTarError(ValueError):
    """The archive ends before its end, or a header in it is damaged."""


def tar_files(path: Path) -> Iterator[TarFile]:
    """Give the regular files of a tar archive in their order.

    Args:
        path: The archive, not compressed.

    Raises:
        TruncatedTarError: When it ends in the middle, after the files before have been given.
        OSError: When it cannot be read.
    """
    with open_regular(path) as file:
        end = os.fstat(file.fileno()).st_size
        said: dict[str, str] = {}
        while (header := _header(file)) is not None:
            start, size = file.tell(), _number(header[124:136])
            kind = header[156:157]
            if kind in b"xgLK":
                if size > _LONGEST or start + size > end:
                    raise TruncatedTarError
                said |= _extended(kind, file.read(size))
            else:
                size = int(said.get("size", size))
                if kind in _REGULAR:
                    yield said.get("path") or _name(header), start, size
                said = {}
            after = start + -(-size // _BLOCK) * _BLOCK
            if size < 0 or start + size > end:
                raise TruncatedTarError
            file.seek(after)


def _header(file: BinaryIO) -> bytes | None:
    """Read the next header; None at the archive's end, which is a block of zeros.

    Raises:
        TruncatedTarError: There is none, or its checksum is wrong.
    """
    header = file.read(_BLOCK)
    if header == bytes(_BLOCK):
        return None
    blank = header[:148] + b" " * 8 + header[156:]
    if len(header) < _BLOCK or _number(header[148:156]) != sum(blank):
        raise TruncatedTarError
    return header


def _number(field: bytes) -> int:
    """Read a number: octal digits, or of large files bytes behind a first one of 128."""
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b"\0 ")
    try:
        return int(digits or b"0", 8)
    except ValueError:
        raise TruncatedTarError from None


def _name(header: bytes) -> str:
    name = os.fsdecode(header[:100].split(b"\0")[0])
    folder = os.fsdecode(header[345:500].split(b"\0")[0]) if header[257:263] == b"ustar\0" else ""
    return f"{folder}/{name}" if folder else name


def _extended(kind: bytes, content: bytes) -> dict[str, str]:
    """Read a long name, GNU's or POSIX's, and a size that eleven digits cannot hold."""
    if kind == b"L":
        return {"path": os.fsdecode(content.split(b"\0")[0])}
    if kind != b"x":
        return {}
    said = {}
    while content:
        length, _, _ = content.partition(b" ")
        if not length.isdigit() or not 0 < int(length) <= len(content):
            raise TruncatedTarError
        record, content = content[len(length) + 1 : int(length) - 1], content[int(length) :]
        key, _, value = record.partition(b"=")
        if key == b"path" or (key == b"size" and value.isdigit()):
            said[key.decode()] = os.fsdecode(value)
    return said
