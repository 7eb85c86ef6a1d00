"""A folder with one sub-folder per class, with or without part folders around them.

    photos/cat/1.jpg     photos/train/cat/1.jpg
    photos/dog/2.jpg     photos/test/dog/2.jpg

The rule for classes and parts stands in `layout`. Here the disk is read: links are followed only
when they stay inside the folder, or when the user says so; pipes and devices are never opened, and
whatever cannot be read is named and left out.
"""

import errno
import os
import posixpath
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from imagier.datasets.listing import Listing, skip
from imagier.datasets.parts import part_of
from imagier.datasets.sources.layout import arrange
from imagier.datasets.sources.tree import DEEPEST, Finds
from imagier.errors import DataError, did_you_mean, system_reason
from imagier.files import natural_key, printable
from imagier.images import Picture, decode, read_bytes
from imagier.images.filenames import (
    MODEL_KIND,
    has_picture_ending,
    is_clutter,
    is_model,
    kind,
    passed_over_note,
)

__all__ = ["PictureFiles", "open_folder", "open_unsorted"]

MOST_BESIDE = 1000  # entries of a folder that are looked at for a hint
_SOURCES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".npz", ".zip")


def open_folder(
    path: Path, *, label_from: str | None = None, follow_links: bool = False
) -> Listing:
    """List the pictures of a folder that has a sub-folder per class.

    Args:
        path: The folder.
        label_from: A regular expression that finds the class in a file's name.
        follow_links: Whether links that lead out of the folder are followed too.

    Raises:
        DataError: `folder_unreadable` for the folder itself, or what `layout.arrange` refuses.
    """
    root = os.path.realpath(path)
    walk = _Walk(root=root, leaves=follow_links)
    walk.run()
    flat = len(walk.finds.files) == 1
    layout = arrange(
        walk.finds,
        path=printable(path),
        hint=_hint(path, root) if flat else "",
        neighbours=_neighbours(path, root) if flat else None,
        label_from=label_from,
    )
    return Listing(
        name=printable(posixpath.basename(root) or "pictures"),
        pictures=PictureFiles(Path(root), layout.names, walk.links),
        names=layout.names,
        labels=layout.labels,
        parts=layout.parts,
        groups=("",) * len(layout.names),
        skipped=layout.skipped,
        notes=layout.notes,
    )


def open_unsorted(path: Path) -> Listing:
    """List the pictures in and below a folder whose sub-folders mean nothing.

    Raises:
        DataError: `folder_unreadable` for the folder itself.
    """
    root = os.path.realpath(path)
    walk = _Walk(root=root)
    walk.run()
    names: list[str] = []
    for folder, files in walk.finds.files.items():
        for file in files:
            if has_picture_ending(file):
                names.append(f"{folder}/{file}" if folder else file)
            else:
                walk.finds.passed_over[kind(file)] += 1
    names.sort(key=natural_key)
    nothing = ("",) * len(names)
    return Listing(
        name=printable(posixpath.basename(root) or "pictures"),
        pictures=PictureFiles(Path(root), names, walk.links),
        names=tuple(names),
        labels=nothing,
        parts=nothing,
        groups=nothing,
        skipped=tuple(walk.finds.skipped),
        notes=tuple(passed_over_note(walk.finds.passed_over)),
    )


class PictureFiles:
    """Files below a root, read only when they are asked for.

    Only their names are kept, so that a million files cost what their names cost.
    """

    __slots__ = ("_links", "_names", "_root")

    def __init__(self, root: Path, names: Sequence[str], links: Mapping[str, str]) -> None:
        """Take the names below `root`, and for those that are links the files they lead to."""
        self._root = root
        self._names = names
        self._links = links

    def __len__(self) -> int:
        return len(self._names)

    def read(self, index: int) -> bytes:
        """Read one file."""
        name = self._names[index]
        return read_bytes(Path(self._links.get(name) or self._root / name))

    def decode(
        self,
        index: int,
        content: bytes,
        wanted: tuple[int, int] | None = None,
        white: int | None = None,
    ) -> Picture:
        """Decode one file."""
        return decode(content, name=self._names[index], wanted=wanted, white=white)


@dataclass(slots=True, kw_only=True)
class _Walk:
    """One reading of a folder and all below it.

    A folder is read once only: a link that leads to a folder already read, be it the folder the
    link stands in, is left out. Links are followed last, so that the true name goes first. Paths
    are strings all along, for the sake of a million files.
    """

    root: str
    leaves: bool = False  # whether links out of the root are followed
    finds: Finds = field(default_factory=Finds)
    links: dict[str, str] = field(default_factory=dict)
    _waiting: deque[tuple[str, str]] = field(default_factory=deque)
    _linked: deque[tuple[str, str]] = field(default_factory=deque)
    _seen: set[str] = field(default_factory=set)

    def run(self) -> None:
        self._waiting.append((self.root, ""))
        while self._waiting or self._linked:
            real, name = self._waiting.popleft() if self._waiting else self._linked.popleft()
            if real in self._seen:
                self.finds.skipped.append(skip("link_loop", name))
                continue
            self._seen.add(real)
            self._read(real, name)

    def _read(self, real: str, name: str) -> None:
        """Sort the entries of one folder, called `name`, that stands at `real`."""
        try:
            with os.scandir(real) as scan:
                entries = sorted(scan, key=_by_name)
        except OSError as error:
            self._refuse_folder(name, error)
            return
        files = self.finds.files.setdefault(name, [])
        for entry in entries:
            self._sort(entry, f"{name}/{entry.name}" if name else entry.name, files)

    def _sort(self, entry: os.DirEntry[str], name: str, files: list[str]) -> None:
        if entry.is_symlink():
            self._follow(entry, name, files)
        elif entry.is_dir(follow_symlinks=False):
            self._enter(entry.path, name, self._waiting)
        elif self.finds.passes_over(name):
            pass
        elif entry.is_file(follow_symlinks=False):
            files.append(entry.name)
        else:
            self.finds.skipped.append(skip("not_a_file", name))

    def _enter(self, real: str, name: str, waiting: deque[tuple[str, str]]) -> None:
        last = posixpath.basename(name)
        if is_clutter(last):
            self.finds.passed_over[kind(last)] += 1
        elif is_model(real):
            self.finds.passed_over[MODEL_KIND] += 1
        elif name.count("/") >= DEEPEST:
            self.finds.skipped.append(skip("too_deep", name, deepest=DEEPEST))
        else:
            waiting.append((real, name))

    def _follow(self, entry: os.DirEntry[str], name: str, files: list[str]) -> None:
        if is_clutter(entry.name):
            self.finds.passed_over[kind(entry.name)] += 1
            return
        try:
            real = os.path.realpath(entry.path, strict=True)
        except OSError as error:
            code = "link_loop" if error.errno == errno.ELOOP else "link_broken"
            self.finds.skipped.append(skip(code, name))
            return
        inside = real == self.root or real.startswith(os.path.join(self.root, ""))  # noqa: PTH118
        if not (inside or self.leaves):
            self.finds.skipped.append(skip("link_outside", name))
        elif os.path.isdir(real):  # noqa: PTH112
            self._enter(real, name, self._linked)
        elif not self.finds.passes_over(name):
            files.append(entry.name)
            self.links[name] = real

    def _refuse_folder(self, name: str, error: OSError) -> None:
        reason = system_reason(error)
        if not name:
            raise DataError("folder_unreadable", path=printable(self.root), reason=reason)
        self.finds.skipped.append(skip("folder_unreadable", name, reason=reason))


def _by_name(entry: os.DirEntry[str]) -> str:
    return entry.name


def _hint(path: Path, root: str) -> str:
    """Point at a table, an archive or an NPZ in the folder, should the folder itself not do."""
    try:
        with os.scandir(root) as scan:
            beside = sorted(entry.name for entry in scan if _may_be_source(entry))
    except OSError:
        return ""
    return (
        did_you_mean(printable(path / beside[0]), [printable(path / beside[0])]) if beside else ""
    )


def _neighbours(path: Path, root: str) -> tuple[str, list[str]] | None:
    """Give the folder above and the other folders of pictures in it: classes, this one too."""
    parent, name = posixpath.split(root)
    try:
        with os.scandir(parent) as scan:
            entries = list(islice(scan, MOST_BESIDE))
    except OSError:
        return None
    if any(has_picture_ending(entry.name) for entry in entries) or part_of(name):
        return None
    folders = [entry for entry in entries if entry.name != name and _may_be_class(entry)]
    beside = sorted((entry.name for entry in folders if _holds_pictures(entry)), key=natural_key)
    if not beside or 2 * len(beside) < len(folders):
        return None
    above = Path(os.path.normpath(path / os.pardir)) if path.name else Path(parent)
    return printable(above), beside


def _may_be_class(entry: os.DirEntry[str]) -> bool:
    is_folder = not is_clutter(entry.name) and entry.is_dir(follow_symlinks=False)
    return is_folder and not is_model(entry.path)


def _holds_pictures(entry: os.DirEntry[str]) -> bool:
    try:
        with os.scandir(entry.path) as scan:
            return any(has_picture_ending(each.name) for each in islice(scan, MOST_BESIDE))
    except OSError:
        return False


def _may_be_source(entry: os.DirEntry[str]) -> bool:
    return entry.name.lower().endswith(_SOURCES) and not entry.name.startswith(".")
