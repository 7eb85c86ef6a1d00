"""The Parquet files of one data set: the pieces of a part, and the parts of a folder.

data/train-00000-of-00002.parquet  data/train-00001-of-00002.parquet  data/test-….parquet
default/train/0000.parquet  default/test/0000.parquet
data/train-00000-of-00001-3f2a9c51.parquet      with a checksum behind, as hubs wrote them once
train.parquet  test.parquet
"""

import re
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from imagier.datasets.parts import PARTS, part_of
from imagier.errors import DataError
from imagier.files import natural_key, printable
from imagier.images.filenames import is_clutter
from imagier.tables import PARQUET_SUFFIXES

__all__ = ["Shard", "shards_beside", "shards_in"]

MOST_SHARDS, MOST_ENTRIES, DEEPEST = 1_000, 10_000, 2
_SHARD = re.compile(
    r"(?P<split>.+?)[-_.](?P<number>\d{1,6})-of-(?P<total>\d{1,6})(?:-[0-9a-f]{6,64})?"
)
_NUMBERED = re.compile(r"(?P<split>.*?)[-_.]?\d*")


@dataclass(frozen=True, slots=True)
class Shard:
    """A Parquet file of a data set, with the part that its name or its folder tells."""

    path: Path
    part: str


def shards_beside(path: Path) -> list[Shard]:
    """Give a file with the other pieces of its part, in order.

    Raises:
        DataError: `shards_missing`.
    """
    found = _SHARD.fullmatch(path.stem)
    if found is None:
        return [Shard(path, "")]
    beside = [one for one in _parquet_in(path.parent) if _is_piece(one, found)]
    return [Shard(one, "") for one in _checked(beside)]


def shards_in(folder: Path) -> list[Shard]:
    """Give the Parquet files in a folder, or in the folders below it, with their parts.

    Raises:
        DataError: `shards_missing`; `shards_of_several`, where they stand in several folders that
            are no parts.
    """
    waiting = deque([(folder, 0)])
    found: list[Path] = []
    while waiting and len(found) <= MOST_SHARDS:
        place, depth = waiting.popleft()
        found += _parquet_in(place)
        if depth < DEEPEST:
            waiting += [(inner, depth + 1) for inner in _folders_in(place)]
    places = {one.parent.parent if part_of(one.parent.name) else one.parent for one in found}
    if len(places) > 1:
        shown = ", ".join(sorted(printable(place) for place in places)[:6])
        raise DataError("shards_of_several", path=printable(folder), folders=shown)
    shards = [Shard(one, _part(one)) for one in _checked(found[:MOST_SHARDS])]
    return sorted(shards, key=lambda shard: (*PARTS, "").index(shard.part))


def _part(path: Path) -> str:
    found = _SHARD.fullmatch(path.stem) or _NUMBERED.fullmatch(path.stem)
    return part_of(found["split"] if found else path.stem) or part_of(path.parent.name)


def _is_piece(path: Path, of: re.Match[str]) -> bool:
    found = _SHARD.fullmatch(path.stem)
    return found is not None and (found["split"], found["total"]) == (of["split"], of["total"])


def _checked(paths: Iterable[Path]) -> list[Path]:
    """Refuse a part of which a piece is not there."""
    ordered = sorted(paths, key=lambda path: natural_key(str(path)))
    pieces: dict[tuple[Path, str, str], set[int]] = {}
    for path in ordered:
        found = _SHARD.fullmatch(path.stem)
        if found is not None:
            key = (path.parent, found["split"], found["total"])
            pieces.setdefault(key, set()).add(int(found["number"]))
    for (parent, split, total), numbers in pieces.items():
        if len(numbers) != int(total):
            shown = printable(parent / f"{split}-…-of-{total}")
            raise DataError("shards_missing", path=shown, n=len(numbers), total=int(total))
    return ordered


def _parquet_in(folder: Path) -> list[Path]:
    return [
        path
        for path in _entries(folder)
        if path.suffix.lower() in PARQUET_SUFFIXES and path.is_file()
    ]


def _folders_in(folder: Path) -> Sequence[Path]:
    return sorted(path for path in _entries(folder) if path.is_dir() and not path.is_symlink())


def _entries(folder: Path) -> list[Path]:
    try:
        entries = list(islice(folder.iterdir(), MOST_ENTRIES))
    except OSError:
        return []
    return [path for path in entries if not is_clutter(path.name)]
