"""What the whole cache takes, part by part, and how it is cleared."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from imagier.cache import PARTS, cache_folder, remove_parts
from imagier.datasets.loading.cache import LIMIT
from imagier.files import printable

__all__ = ["CachePart", "CacheUse", "cache_use", "clear_cache"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CachePart:
    """One entry of the cache: its name, its files and their bytes."""

    name: str
    files: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheUse:
    """What imagier keeps on this machine.

    Attributes:
        folder: Where the cache stands.
        bytes: What its parts take.
        limit: What its prepared pictures may take, in bytes.
        parts: What each of its parts takes.
        others: What imagier did not make and never removes.
    """

    folder: str
    bytes: int
    limit: int
    parts: tuple[CachePart, ...]
    others: tuple[CachePart, ...]

    def to_json(self) -> dict[str, Any]:
        """Give the figures as other programs read them."""
        lists = {"parts": self.parts, "others": self.others}
        return asdict(self) | {
            name: [asdict(one) for one in found] for name, found in lists.items()
        }


def cache_use() -> CacheUse:
    """Measure the cache, part by part.

    Raises:
        MachineError: `cache_link` or `cache_foreign`, where it is not this user's own folder;
            `no_home`; `cannot_write`, where there can be no cache.
    """
    folder = cache_folder()
    entries = sorted(folder.iterdir())
    own = [entry for entry in entries if entry.name in PARTS and _is_folder(entry)]
    parts = tuple(map(_measure, own))
    return CacheUse(
        folder=printable(folder),
        bytes=sum(part.bytes for part in parts),
        limit=LIMIT,
        parts=parts,
        others=tuple(_measure(entry) for entry in entries if entry not in own),
    )


def clear_cache() -> CacheUse:
    """Empty the cache and tell what was removed; a run that is using it goes on undisturbed.

    Raises:
        MachineError: As `cache_use`.
    """
    before = cache_use()
    remove_parts()
    left = {part.name: part for part in cache_use().parts}
    removed = tuple(_less(part, left.get(part.name)) for part in before.parts)
    return CacheUse(
        folder=before.folder,
        bytes=sum(part.bytes for part in removed),
        limit=before.limit,
        parts=removed,
        others=before.others,
    )


def _less(part: CachePart, left: CachePart | None) -> CachePart:
    """Take away what could not be removed, or was made by another run meanwhile."""
    if left is None:
        return part
    files, size = max(part.files - left.files, 0), max(part.bytes - left.bytes, 0)
    return CachePart(name=part.name, files=files, bytes=size)


def _measure(entry: Path) -> CachePart:
    sizes = []
    with suppress(FileNotFoundError):  # another process may be tidying up as well
        for file in _files(entry):
            sizes.append(file.lstat().st_size)  # noqa: PERF401 - what was measured so far stays
    return CachePart(name=printable(entry.name), files=len(sizes), bytes=sum(sizes))


def _files(entry: Path) -> Iterator[Path]:
    if _is_folder(entry):
        yield from (file for file in entry.rglob("*") if not file.is_dir())
    else:
        yield entry


def _is_folder(entry: Path) -> bool:
    return entry.is_dir() and not entry.is_symlink()
