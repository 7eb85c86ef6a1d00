"""Packs: rows of bytes kept in two or three files of the cache, `NAME.npy` and `NAME.json`.

The NPY file holds the rows (prepared pictures, or features), the JSON file what they are: the
content hash and the pixel hash of each row, what was odd about it, and which contents could not be
decoded, and why. Where pictures have thumbnails, these stand in `NAME-thumbnails.npy`. The JSON
file is written last and removed first, so a pack without it is none. All carry checksums: a damaged
pack is recognised before a single row of it is used, which is why nothing waits for the disk.
Files are replaced whole, never written to in place, so that processes can share them.

A store is the folder of all packs of one combination of settings. It is a help, never a condition:
where it cannot be written to, a note says so and the run goes on; a damaged pack is removed, named
in a note and made again. Beyond a limit the packs that were used longest ago give way.
"""

import errno
import json
import os
import time
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from imagier.cache import Part, cache_folder
from imagier.errors import MachineError
from imagier.files import content_hash, printable, storage_errors, write_file
from imagier.i18n import t
from imagier.log import log

__all__ = [
    "DamagedPackError",
    "Failure",
    "Pack",
    "PackStore",
    "describe_pack",
    "pack_name",
    "read_pack",
    "remove_pack",
    "trim",
    "write_pack",
]

_CHUNK = 16 << 20
_ABANDONED = 24 * 3600.0  # seconds after which a file that was never finished is removed
_THUMBNAILS = "-thumbnails"
TOO_MANY_FILES = (errno.EMFILE, errno.ENFILE)  # a limit of this process, no damage

Rows = NDArray[np.uint8]


class DamagedPackError(Exception):
    """The files of a pack are not what was written; what it held is then made again."""


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
        checksum: CRC-32 of the rows.
        thumbnails_checksum: CRC-32 of the thumbnails; None where there are none.
        path: The JSON file; the rows stand beside it.
    """

    contents: Sequence[str]
    hashes: Sequence[str]
    notes: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    failures: Mapping[str, Failure] = field(default_factory=dict)
    checksum: int = 0
    thumbnails_checksum: int | None = None
    path: Path = Path()

    def rows(self, shape: tuple[int, ...]) -> Rows:
        """Map the rows, (N, *shape), after comparing them with their checksum.

        Args:
            shape: The shape that each row must have.

        Raises:
            DamagedPackError: They are not what was written.
            FileNotFoundError: Another process has removed the pack.
        """
        return self._map(_rows_file(self.path), shape, self.checksum)

    def thumbnails(self, shape: tuple[int, ...]) -> Rows | None:
        """Map the thumbnails, (N, *shape), as `rows` maps the rows; None where there are none."""
        if self.thumbnails_checksum is None:
            return None
        return self._map(_thumbnails_file(self.path), shape, self.thumbnails_checksum)

    def _map(self, path: Path, shape: tuple[int, ...], checksum: int) -> Rows:
        if not self.contents:
            return np.empty((0, *shape), dtype=np.uint8)
        try:
            rows = np.load(path, mmap_mode="r", allow_pickle=False)
        except FileNotFoundError:
            raise
        except OSError as error:
            if error.errno in TOO_MANY_FILES:
                raise FileNotFoundError(path) from error  # a sound pack that cannot be had now
            raise DamagedPackError(path.name) from error
        except (ValueError, EOFError, SyntaxError) as error:
            raise DamagedPackError(path.name) from error
        if rows.dtype != np.uint8 or rows.shape[1:] != shape or len(rows) < len(self.contents):
            raise DamagedPackError(path.name)
        used: Rows = rows[: len(self.contents)]  # a mapped set may have had gaps
        if _checksum(used) != checksum:
            raise DamagedPackError(path.name)
        return used


class PackStore:
    """The packs of one combination of settings.

    Attributes:
        folder: Where they stand; None when the store has given up.
        notes: What went wrong, as sentences.
    """

    def __init__(self, part: Part, key: str, *, limit: Callable[[], int], words: str) -> None:
        """Open the store.

        Args:
            part: Which folder of the cache, such as `pixels`.
            key: Names the combination of settings.
            limit: Tells how many bytes the packs of all combinations may take.
            words: Where the sentences of its notes stand: `cache_damaged` and `cache_not_kept`
                below this key of the catalogues.
        """
        self.folder: Path | None = None
        self.notes: list[str] = []
        self._limit = limit
        self._words = words
        self._used: set[Path] = set()
        self._has_new = False
        try:
            self.folder = cache_folder(part, key)
        except MachineError as error:
            self.give_up(error)

    def packs(self) -> Iterator[Pack]:
        """Read what all packs say; damaged ones are removed."""
        for path in sorted(self.folder.glob("*.json")) if self.folder else ():
            try:
                pack = read_pack(path)
            except FileNotFoundError:
                continue  # another process let it go
            except DamagedPackError:
                self._remove(path)
                continue
            yield pack

    def rows(self, pack: Pack, shape: tuple[int, ...]) -> Rows | None:
        """Map the rows of a pack; None when it is gone, or was damaged and is removed now."""
        return self._open(pack, lambda: pack.rows(shape))

    def thumbnails(self, pack: Pack, shape: tuple[int, ...]) -> Rows | None:
        """Map the thumbnails of a pack, as `rows` does."""
        return self._open(pack, lambda: pack.thumbnails(shape))

    def keep(self, pack: Pack, rows: Rows, thumbnails: Rows | None = None) -> None:
        """Write a pack, unless the store has given up."""
        if self.folder is None:
            return
        try:
            self.note_new(write_pack(self.folder, pack, rows, thumbnails))
        except MachineError as error:
            self.give_up(error)

    def note_new(self, pack: Pack) -> None:
        """Remember that a pack was written."""
        self._used.add(pack.path)
        self._has_new = True

    def give_up(self, error: MachineError | OSError) -> None:
        """Write nothing any more, and say why."""
        reason = error.message if isinstance(error, MachineError) else str(error)
        self.folder = None
        log("cache_not_kept", reason=reason)
        self.notes.append(t(f"{self._words}.cache_not_kept", reason=reason))

    def close(self) -> None:
        """Mark the packs that were used, and let old ones go where something was written."""
        for path in self._used:
            with suppress(OSError):
                os.utime(path)
        if self._has_new and self.folder is not None:
            trim(self.folder.parent, limit=self._limit(), spare=self._used)

    def _open(self, pack: Pack, read: Callable[[], Rows | None]) -> Rows | None:
        try:
            rows = read()
        except FileNotFoundError:
            return None  # another process let it go
        except DamagedPackError:
            self._remove(pack.path)
            return None
        self._used.add(pack.path)
        return rows

    def _remove(self, damaged: Path) -> None:
        remove_pack(damaged)
        self.notes.append(t(f"{self._words}.cache_damaged", path=printable(damaged)))


def write_pack(folder: Path, pack: Pack, rows: Rows, thumbnails: Rows | None = None) -> Pack:
    """Write a pack under a name made of its contents; `pack.path` is not looked at.

    Raises:
        MachineError: `disk_full` or `cannot_write`.
    """
    path = folder / pack_name(pack)
    _write_rows(_rows_file(path), rows)
    return describe_pack(path, pack, rows, thumbnails)


def describe_pack(path: Path, pack: Pack, rows: Rows, thumbnails: Rows | None = None) -> Pack:
    """Write the thumbnails and the JSON file of a pack whose rows stand beside it already.

    Raises:
        MachineError: `disk_full` or `cannot_write`.
    """
    checksum = _checksum(rows)
    thumbnails_checksum = None
    if thumbnails is not None:
        _write_rows(_thumbnails_file(path), thumbnails)
        thumbnails_checksum = _checksum(thumbnails)
    body: dict[str, Any] = {
        "contents": list(pack.contents),
        "hashes": list(pack.hashes),
        "notes": {str(row): list(codes) for row, codes in pack.notes.items()},
        "failures": {
            content: {"code": failure.code, "facts": dict(failure.facts)}
            for content, failure in pack.failures.items()
        },
        "checksum": checksum,
        "thumbnails_checksum": thumbnails_checksum,
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
        thumbnails_checksum=thumbnails_checksum,
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
            thumbnails_checksum=body["thumbnails_checksum"],
        )
    except FileNotFoundError:
        raise
    except OSError as error:
        if error.errno in TOO_MANY_FILES:
            raise FileNotFoundError(path) from error
        raise DamagedPackError(path.name) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DamagedPackError(path.name) from error


def remove_pack(path: Path) -> None:
    """Remove the files of a pack, its JSON file first; what cannot be removed stays."""
    for file in (path, _rows_file(path), _thumbnails_file(path)):
        with suppress(OSError):
            file.unlink()


def trim(part: Path, *, limit: int, spare: Collection[Path] = ()) -> None:
    """Remove the packs used longest ago until the rest fits, and what was never finished.

    Args:
        part: The folder of all settings' folders.
        limit: Bytes that may stay.
        spare: Packs in use, that stay in any case.
    """
    _remove_abandoned(part)
    packs = sorted(_measured(part))
    excess = sum(size for _, size, _ in packs) - limit
    for _, size, path in packs:
        if excess <= 0:
            break
        if path not in spare:
            remove_pack(path)
            excess -= size


def pack_name(pack: Pack) -> str:
    """Name a pack by what it holds: two processes that do the same work write the same file."""
    words = "\n".join([*pack.contents, "", *sorted(pack.failures)])
    return content_hash(words.encode("ascii")) + ".json"


def _measured(part: Path) -> Iterator[tuple[float, int, Path]]:
    """Give each pack with the time of its last use and its bytes."""
    for path in part.glob("*/*.json"):
        with suppress(OSError):  # another process may be tidying up as well
            description = path.stat()
            size = description.st_size
            for file in (_rows_file(path), _thumbnails_file(path)):
                with suppress(OSError):
                    size += file.stat().st_size
            yield description.st_mtime, size, path


def _remove_abandoned(part: Path) -> None:
    """Remove files that a killed run left: those without their JSON file, a day old."""
    now = time.time()
    for path in (*part.glob("*/*.npy"), *part.glob("*/.*"), *part.glob(".*")):
        with suppress(OSError):
            of_pack = path.with_name(path.stem.removesuffix(_THUMBNAILS) + ".json")
            is_pack = path.suffix == ".npy" and of_pack.exists()
            if not is_pack and now - path.stat().st_mtime > _ABANDONED:
                path.unlink()


def _rows_file(path: Path) -> Path:
    return path.with_suffix(".npy")


def _thumbnails_file(path: Path) -> Path:
    return path.with_name(f"{path.stem}{_THUMBNAILS}.npy")


def _write_rows(path: Path, rows: Rows) -> None:
    """Write an NPY file whole or not at all, without waiting for the disk: checksums tell."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{time.monotonic_ns()}")
    with storage_errors(path):
        try:
            with temporary.open("xb") as file:
                shape = {"descr": "|u1", "fortran_order": False, "shape": rows.shape}
                npy.write_array_header_1_0(file, shape)
                for piece in _pieces(rows):
                    file.write(piece)
            temporary.replace(path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise


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
