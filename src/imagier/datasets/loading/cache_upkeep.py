"""The size of the pixel cache: what it holds, what gives way, how it is emptied."""

import shutil
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from imagier.datasets.loading.packs import remove_pack
from imagier.files import cache_folder, printable

__all__ = ["LIMIT", "CachePart", "CacheUse", "cache_use", "clear_cache", "trim"]

LIMIT = 10_000_000_000  # bytes of prepared pictures; beyond, those used longest ago give way
_ABANDONED = 24 * 3600.0  # seconds after which a file that was never finished is removed


@dataclass(frozen=True, slots=True, kw_only=True)
class CachePart:
    """One folder of the cache: its name, its files and their bytes."""

    name: str
    files: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheUse:
    """What imagier keeps on this machine.

    Attributes:
        folder: Where the cache stands.
        bytes: What all of it takes.
        limit: What its prepared pictures may take, in bytes.
        parts: What each of its folders takes.
    """

    folder: str
    bytes: int
    limit: int
    parts: tuple[CachePart, ...]

    def to_json(self) -> dict[str, Any]:
        """Give the figures as other programs read them."""
        return asdict(self) | {"parts": [asdict(part) for part in self.parts]}


def cache_use() -> CacheUse:
    """Measure the cache, folder by folder.

    Raises:
        MachineError: `cannot_write`, where there can be no cache.
    """
    folder = cache_folder()
    parts = tuple(_measure(part) for part in sorted(folder.iterdir()))
    return CacheUse(
        folder=printable(folder),
        bytes=sum(part.bytes for part in parts),
        limit=LIMIT,
        parts=parts,
    )


def clear_cache() -> CacheUse:
    """Empty the cache and tell what was removed; a run that is using it goes on undisturbed.

    Raises:
        MachineError: `cannot_write`, where there can be no cache.
    """
    before = cache_use()
    for part in cache_folder().iterdir():
        if part.is_dir() and not part.is_symlink():
            shutil.rmtree(part, ignore_errors=True)
        else:
            part.unlink(missing_ok=True)
    return before


def trim(pixels: Path, *, limit: int | None = None, spare: Collection[Path] = ()) -> None:
    """Remove the packs used longest ago until the rest fits, and what was never finished.

    Args:
        pixels: The folder of all settings' folders.
        limit: Bytes that may stay; None for `LIMIT`.
        spare: Packs in use, that stay in any case.
    """
    _remove_abandoned(pixels)
    packs = sorted(_packs(pixels))
    excess = sum(size for _, size, _ in packs) - (LIMIT if limit is None else limit)
    for _, size, path in packs:
        if excess <= 0:
            break
        if path not in spare:
            remove_pack(path)
            excess -= size


def _measure(part: Path) -> CachePart:
    sizes = []
    with suppress(FileNotFoundError):  # another process may be tidying up as well
        for file in _files(part):
            sizes.append(file.lstat().st_size)  # noqa: PERF401 - what was measured so far stays
    return CachePart(name=printable(part.name), files=len(sizes), bytes=sum(sizes))


def _files(part: Path) -> Iterator[Path]:
    if part.is_dir() and not part.is_symlink():
        yield from (file for file in part.rglob("*") if not file.is_dir())
    else:
        yield part


def _packs(pixels: Path) -> Iterator[tuple[float, int, Path]]:
    """Give each pack with the time of its last use and its bytes."""
    for path in pixels.glob("*/*.json"):
        with suppress(OSError):  # another process may be tidying up as well
            description = path.stat()
            size = description.st_size
            with suppress(OSError):
                size += path.with_suffix(".npy").stat().st_size
            yield description.st_mtime, size, path


def _remove_abandoned(pixels: Path) -> None:
    """Remove files that a killed run left: those without their JSON file, a day old."""
    now = time.time()
    for path in (*pixels.glob("*/*.npy"), *pixels.glob("*/.*"), *pixels.glob(".*")):
        with suppress(OSError):
            is_pack = path.suffix == ".npy" and path.with_suffix(".json").exists()
            if not is_pack and now - path.stat().st_mtime > _ABANDONED:
                path.unlink()
