r"""Files whose names come near to a name in a table, when no file has that very name.

    0a1b2c          images/0a1b2c.jpg       without ending, one folder down
    img/1.JPG       img/1.jpg               capitals
    été.jpg         été.jpg                 accents written in another way
    7, 7.0          0007.jpg                numbers that lost or won their zeros
    my%20cat.jpg    my cat.jpg              written as an address
    data/1.jpg      1.jpg                   written from the folder above data/
    C:\set\a\1.jpg   a/1.jpg                 written on another machine

Only one file may come nearest: of two, neither is taken.
"""

import os
import re
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from pathlib import Path
from urllib.parse import unquote

from imagier.images.filenames import has_picture_ending, is_clutter

__all__ = ["NearFiles"]

MOST_FILES, MOST_FOLDERS = 1_000_000, 50_000
DEEPEST = 5  # folders below the root
MOST_ADDED = 2  # folders that a table may leave out in front of a name
_NUMBER = re.compile(r"0*(\d{1,30})(?:\.0+)?", re.ASCII)
_WORDS = re.compile(r"[^\W\d_]+")


class NearFiles:
    """The files below a folder, by their names without capitals, accents' form and ending."""

    def __init__(self, names: Iterable[str], *, tail: Sequence[str] = (), hint: str = "") -> None:
        """Take the names of files.

        Args:
            names: Paths below the folder, with `/` between.
            tail: The folders that the folder stands in, itself last.
            hint: The table's name: of files in two folders, those of `train/` are for `train.csv`.
        """
        self._tail = [_fold(part) for part in tail]
        self._hints = set(_WORDS.findall(_fold(hint)))
        self._names: dict[str, list[str]] = {}
        for name in names:
            self._names.setdefault(_key(name.rpartition("/")[2]), []).append(name)

    @classmethod
    def below(cls, root: Path, *, hint: str = "") -> "NearFiles":
        """Read a folder once for its plain files, links not followed."""
        return cls(_walk(root), tail=root.parts[1:], hint=hint)

    def find(self, written: str) -> list[str]:
        """Give the nearest names below the root: none, the one, or several that are as near."""
        folder, _, file = unquote(written).rpartition("/")
        folders = [_fold(part) for part in folder.split("/") if part]
        ranked: dict[tuple[int, int], list[str]] = {}
        for name in self._names.get(_key(file), ()):
            parent, _, own = name.rpartition("/")
            steps = self._steps(folders, [_fold(part) for part in parent.split("/") if part])
            likeness = _likeness(file, own)
            if steps is not None and likeness is not None:
                ranked.setdefault((steps, likeness), []).append(name)
        if not ranked:
            return []
        nearest = ranked[min(ranked)]
        return nearest if len(nearest) == 1 else self._hinted(nearest) or nearest

    def find_end(self, written: str, *, least: int = 2) -> list[str]:
        """Give the files that a whole path of another machine ends in.

        Args:
            written: The path.
            least: How many of its last steps must be the same: 2 for the file and its folder.
        """
        steps = [_fold(step) for step in written.split("/") if step]
        ranked: dict[int, list[str]] = {}
        for name in self._names.get(_key(steps[-1]), ()) if steps else ():
            there = [*self._tail, *(_fold(step) for step in name.split("/"))]
            pairs = zip(reversed(steps), reversed(there), strict=False)
            alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
            if alike >= least:
                ranked.setdefault(alike, []).append(name)
        return ranked[max(ranked)] if ranked else []

    def _steps(self, written: Sequence[str], there: Sequence[str]) -> int | None:
        """Count the folders that are written too few or too many; None for other folders."""
        more = len(there) - len(written)
        if 0 <= more <= MOST_ADDED and list(there[more:]) == list(written):
            return more
        fewer = -more
        is_above = fewer > 0 and list(written[:fewer]) == self._tail[-fewer:]
        return fewer if is_above and list(written[fewer:]) == list(there) else None

    def _hinted(self, names: Sequence[str]) -> list[str]:
        """Take the one that stands in a folder called as the table is."""
        hinted = [
            name
            for name in names
            if self._hints & set(_WORDS.findall(_fold(name.rpartition("/")[0])))
        ]
        return hinted if len(hinted) == 1 else []


def _likeness(written: str, there: str) -> int | None:
    """Rank how near two names of files are, 0 for equal ones; None when they are not."""
    one, two = _fold(written), _fold(there)
    if one == two:
        return 0 if written == there else 1
    if not has_picture_ending(there):
        return None
    if _fold(_stem(written)) != _fold(_stem(there)):
        return 4
    return 3 if has_picture_ending(written) else 2


def _key(file: str) -> str:
    """Give what near names share: no capitals, no ending, no zeros around a whole number."""
    stem = _fold(_stem(file))
    whole = _NUMBER.fullmatch(stem)
    return stem if whole is None else whole[1]


def _stem(name: str) -> str:
    return name.rpartition(".")[0] if has_picture_ending(name) else name


def _fold(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _walk(root: Path) -> Iterator[str]:
    """Give the names of plain files below a folder, as far as there are not too many."""
    waiting = deque([""])
    files = folders = 0
    while waiting and files < MOST_FILES:
        parent = waiting.popleft()
        for name, is_folder in _entries(root, parent):
            if is_folder and folders < MOST_FOLDERS and name.count("/") < DEEPEST:
                folders += 1
                waiting.append(name)
            elif not is_folder:
                files += 1
                yield name


def _entries(root: Path, parent: str) -> Iterator[tuple[str, bool]]:
    try:
        with os.scandir(root / parent) as scan:
            for entry in scan:
                is_folder = entry.is_dir(follow_symlinks=False)
                if not is_clutter(entry.name) and (
                    is_folder or entry.is_file(follow_symlinks=False)
                ):
                    yield (f"{parent}/{entry.name}" if parent else entry.name), is_folder
    except OSError:  # unreadable: nothing of it is near
        return
