"""The folders of a source with the names in them, as a disk or a zip archive gives them."""

import posixpath
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from imagier.datasets.listing import Skipped
from imagier.files import natural_key
from imagier.images.filenames import (
    has_picture_ending,
    is_clutter,
    is_companion,
    kind,
    may_name_pictures,
)

__all__ = ["DEEPEST", "Finds", "Tree"]

DEEPEST = 32
MOST_TABLES = 20  # that are remembered


@dataclass(slots=True, kw_only=True)
class Finds:
    """What a walk collects: files by folder, files left out with a reason, files passed over.

    Attributes:
        files: File names of every folder seen, empty folders included. A folder is named by its
            path below the root with `/` between; the root is an empty string.
        skipped: What was left out and is to be named.
        passed_over: How many files of each kind are not worth a word.
        tables: Paths of tables that stand among the pictures and may name them, some of them.
    """

    files: dict[str, list[str]] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)
    tables: list[str] = field(default_factory=list)

    def passes_over(self, path: str) -> bool:
        """Tell whether a file is clutter or stands beside pictures, and count it if so."""
        name = posixpath.basename(path)
        if is_clutter(name) or is_companion(name):
            self.passed_over[kind(name)] += 1
            if len(self.tables) < MOST_TABLES and may_name_pictures(name):
                self.tables.append(path)
            return True
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """Folders by path, with the sub-folders of each and those that hold something."""

    files: Mapping[str, Sequence[str]]
    below: Mapping[str, Sequence[str]]
    alive: frozenset[str]

    @classmethod
    def of(cls, folders: Mapping[str, Sequence[str]]) -> "Tree":
        """Build the tree of folders that are named by their paths."""
        below: dict[str, set[str]] = defaultdict(set)
        alive: set[str] = set()
        for folder, files in folders.items():
            for parent, child in _steps(folder):
                below[parent].add(child)
                if files:
                    alive.add(child)
        ordered = {
            parent: sorted(children, key=lambda child: natural_key(posixpath.basename(child)))
            for parent, children in below.items()
        }
        return cls(files=folders, below=ordered, alive=frozenset(alive))

    def filled(self, folder: str) -> list[str]:
        """Give the sub-folders that hold files, at whatever depth."""
        return [child for child in self.below.get(folder, ()) if child in self.alive]

    def empty(self, folder: str) -> list[str]:
        """Give the sub-folders with no file in them, at any depth."""
        return [child for child in self.below.get(folder, ()) if child not in self.alive]

    def pictures(self, folder: str) -> list[str]:
        """Give the files directly in a folder whose names end as a picture's do."""
        return [name for name in self.files.get(folder, ()) if has_picture_ending(name)]

    def walk(self, folder: str) -> Iterator[str]:
        """Give a folder and all below it, in order."""
        yield folder
        for child in self.below.get(folder, ()):
            yield from self.walk(child)


def _steps(folder: str) -> Iterable[tuple[str, str]]:
    while folder:
        parent = posixpath.dirname(folder)
        yield parent, folder
        folder = parent
