"""Packs: some prepared pictures in two files of the cache, `NAME.npy` and `NAME.json`.

The NPY file holds the pixels, the JSON file what they are: the content hash and the pixel hash of
each row, what was odd about it, and which contents could not be decoded, and why. The JSON file is
written last and removed first, so a pack without it is none. Both carry checksums: a damaged pack
is recognised before a single of its pixels is used. Files are replaced whole, never written to in
place, so that processes can share them.
"""

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from imagier.files import content_hash, write_file

__all__ = [
    "DamagedPackError",
    "Failure",
    "Pack",
    "describe_pack",
    "pack_name",
    "read_pack",
    "remove_pack",
    "write_pack",
]

_CHUNK = 16 << 20


class DamagedPackError(Exception):
    """The files of a pack are not what was written; `loading` then decodes the pictures again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a content could not be decoded: the code and the facts of its error."""

    code: str
    facts: Mapping[str, str | int | float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pack:
    """What the JSON file of a pack says.

    Attributes:
        contents: The content hash of each row.
        hashes: The pixel hash of each row.
        notes: Codes of what was odd, for the few rows that have some.
        failures: The contents that could not be decoded.
        checksum: CRC-32 of the pixels.
        path: The JSON file; the pixels stand beside it.
    """

    contents: Sequence[str]
    hashes: Sequence[str]
    notes: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    failures: Mapping[str, Failure] = field(default_factory=dict)
    checksum: int = 0
    path: Path = Path()

    def pixels(self, shape: tuple[int, ...]) -> NDArray[np.uint8]:
        """Map the pixels, (N, H, W, C), after comparing them with their checksum.

        Args:
            shape: Height, width and channels that the rows must have.

        Raises:
            DamagedPackError: They are not the pixels that were written.
            FileNotFoundError: Another process has removed the pack.
        """
        if not self.contents:
            return np.empty((0, *shape), dtype=np.uint8)
        try:
            rows = np.load(self.path.with_suffix(".npy"), mmap_mode="r", allow_pickle=False)
        except FileNotFoundError:
            raise
        except (OSError, ValueError, EOFError, SyntaxError) as error:
            raise DamagedPackError(self.path.name) from error
        if rows.dtype != np.uint8 or rows.shape[1:] != shape or len(rows) < len(self.contents):
            raise DamagedPackError(self.path.name)
        used: NDArray[np.uint8] = rows[: len(self.contents)]  # a mapped set may have had gaps
        if _checksum(used) != self.checksum:
            raise DamagedPackError(self.path.name)
        return used


def write_pack(folder: Path, pack: Pack, rows: NDArray[np.uint8]) -> Pack:
    """Write a pack under a name made of its contents; `pack.path` is not looked at.

    Raises:
        MachineError: `disk_full` or `cannot_write`.
    """
    path = folder / pack_name(pack)
    file = BytesIO()
    npy.write_array(file, np.ascontiguousarray(rows), allow_pickle=False)
    write_file(path.with_suffix(".npy"), file.getvalue())
    return describe_pack(path, pack, rows)


def describe_pack(path: Path, pack: Pack, rows: NDArray[np.uint8]) -> Pack:
    """Write the JSON file of a pack whose pixels stand beside it already.

    Raises:
        MachineError: `disk_full` or `cannot_write`.
    """
    checksum = _checksum(rows)
    body: dict[str, Any] = {
        "contents": list(pack.contents),
        "hashes": list(pack.hashes),
        "notes": {str(row): list(codes) for row, codes in pack.notes.items()},
        "failures": {
            content: {"code": failure.code, "facts": dict(failure.facts)}
            for content, failure in pack.failures.items()
        },
        "checksum": checksum,
    }
    text = json.dumps(body | {"own_checksum": _own_checksum(body)}, ensure_ascii=True)
    write_file(path, text.encode("ascii"))
    return Pack(
        path=path,
        contents=pack.contents,
        hashes=pack.hashes,
        notes=pack.notes,
        failures=pack.failures,
        checksum=checksum,
    )


def read_pack(path: Path) -> Pack:
    """Read the JSON file of a pack.

    Raises:
        DamagedPackError: It is not what was written.
        FileNotFoundError: Another process has removed it.
    """
    try:
        body = json.loads(path.read_bytes())
        if body.pop("own_checksum") != _own_checksum(body):
            raise DamagedPackError(path.name)
        return Pack(
            path=path,
            contents=body["contents"],
            hashes=body["hashes"],
            notes={int(row): tuple(codes) for row, codes in body["notes"].items()},
            failures={content: Failure(**failure) for content, failure in body["failures"].items()},
            checksum=body["checksum"],
        )
    except FileNotFoundError:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DamagedPackError(path.name) from error


def remove_pack(path: Path) -> None:
    """Remove the files of a pack, its JSON file first; what cannot be removed stays."""
    for file in (path, path.with_suffix(".npy")):
        with suppress(OSError):
            file.unlink()


def pack_name(pack: Pack) -> str:
    """Name a pack by what it holds: two processes that do the same work write the same file."""
    words = "\n".join([*pack.contents, "", *sorted(pack.failures)])
    return content_hash(words.encode("ascii")) + ".json"


def _checksum(rows: NDArray[np.uint8]) -> int:
    checksum = 0
    for piece in _pieces(rows):
        checksum = zlib.crc32(piece, checksum)
    return checksum


def _pieces(rows: NDArray[np.uint8]) -> Iterator[memoryview]:
    content = np.ascontiguousarray(rows).reshape(-1).data
    for start in range(0, len(content), _CHUNK):
        yield content[start : start + _CHUNK]


def _own_checksum(body: Mapping[str, Any]) -> int:
    return zlib.crc32(json.dumps(body, sort_keys=True, ensure_ascii=True).encode("ascii"))
