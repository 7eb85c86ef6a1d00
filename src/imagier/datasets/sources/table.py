"""A table of pictures: one row a picture, with its path and its label.

    path,label,split
    cat/1.jpg,cat,train
    dog/2.jpg,dog,test

Paths are taken from the table's own folder and never lead out of it. A row that cannot be used is
named with its line and left out; the others go on. The same picture with two labels stays in twice:
that conflict is found with the pixels, as it would be between two copies of the file.
"""

import os
import posixpath
import stat
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from imagier.datasets.listing import Listing, Skipped, skip
from imagier.datasets.parts import PARTS, part_of, settle_parts
from imagier.datasets.sources.columns import Columns, find_columns
from imagier.datasets.sources.filenames import has_picture_ending
from imagier.datasets.sources.folder import PictureFiles
from imagier.datasets.sources.table_text import Row, read_table
from imagier.errors import DataError
from imagier.files import printable
from imagier.i18n import integer, t

__all__ = ["open_table"]


def open_table(path: Path, *, group: str | None = None) -> Listing:
    """List the pictures that a CSV, TSV, JSONL or Parquet table names.

    Args:
        path: The table.
        group: Name of the column whose equal values must stay in one part, such as a writer.

    Raises:
        DataError: `table_rows` when no row can be used, or what `read_table` and `find_columns`
            refuse.
        UsageError: `unknown_column`.
        MachineError: `reader_missing`.
    """
    table = read_table(path)
    columns = find_columns(table.columns, table=printable(path), group=group)
    reading = _Reading(table=printable(path.name), columns=columns, folder=_Folder(path.parent))
    for row in table.rows:
        reading.add(row)
    if not reading.names:
        raise _no_rows(printable(path), reading.skipped)
    names = tuple(reading.names)
    return Listing(
        name=printable(path.stem),
        pictures=PictureFiles(reading.folder.root, names, reading.folder.links),
        names=names,
        labels=tuple(reading.labels),
        parts=settle_parts(reading.parts),
        groups=tuple(reading.groups),
        skipped=tuple(reading.skipped),
        notes=(*table.notes, *reading.notes()),
    )


@dataclass(slots=True, kw_only=True)
class _Reading:
    """The usable rows so far, and what was odd."""

    table: str
    columns: Columns
    folder: "_Folder"
    names: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    _seen: set[tuple[str, str]] = field(default_factory=set)
    _repeated: int = 0
    _trimmed: int = 0

    def add(self, row: Row) -> None:
        """Take a row in, or name it among the skipped."""
        cells = row.cells
        if cells is None:
            self._skip("row_ragged", "", row)
            return
        written = cells.get(self.columns.path, "").strip()
        label = self._label(cells.get(self.columns.label, ""))
        part = cells.get(self.columns.part, "").strip()
        name, code = self.folder.find(written)
        if not label:
            code = "row_without_label"
        elif part and not part_of(part):
            code = "row_part_unknown"
        if code:
            self._skip(code, written, row, part=printable(part))
        elif (name, label) in self._seen:
            self._repeated += 1
        else:
            self._keep(name, label, part_of(part), cells.get(self.columns.group, "").strip())

    def notes(self) -> Iterable[str]:
        """Say what was mended, repeated or written in two ways, and what the table leaves out."""
        counts = {
            "datasets.rows_repeated": self._repeated,
            "datasets.labels_trimmed": self._trimmed,
            "datasets.rows_backslash": self.folder.backslashes,
            "datasets.unlisted": self.folder.unlisted(set(self.names)),
        }
        for key, n in counts.items():
            if n:
                yield t(key, n=n, count=integer(n), table=self.table)
        for spellings in _alike(set(self.labels)):
            yield t("datasets.labels_alike", labels=", ".join(spellings))

    def _keep(self, name: str, label: str, part: str, group: str) -> None:
        self._seen.add((name, label))
        self.names.append(name)
        self.labels.append(label)
        self.parts.append(part)
        self.groups.append(group)

    def _label(self, cell: str) -> str:
        trimmed = cell.strip()
        self._trimmed += trimmed != cell
        return _clean(trimmed)

    def _skip(self, code: str, written: str, row: Row, **facts: str) -> None:
        known = ", ".join(PARTS)
        facts |= {"table": self.table, "known": known}
        self.skipped.append(skip(code, written or self.table, line=row.line, **facts))


class _Folder:
    """The table's folder, and what stands in each folder that the table speaks of."""

    def __init__(self, folder: Path) -> None:
        self.root = Path(os.path.realpath(folder))
        self.links: dict[str, str] = {}
        self.backslashes = 0
        self._files: dict[str, frozenset[str]] = {}

    def find(self, written: str) -> tuple[str, str]:
        """Give a picture's name below the root, and the code of what is wrong, empty if nothing."""
        if not written:
            return "", "row_without_path"
        name, code = self._find(written)
        if code == "row_file_missing" and "\\" in written:
            slashed = self._find(written.replace("\\", "/"))
            self.backslashes += not slashed[1]
            return slashed
        return name, code

    def unlisted(self, listed: set[str]) -> int:
        """Count the picture files that stand beside listed ones and are not listed."""
        return sum(
            has_picture_ending(file) and posixpath.join(folder, file) not in listed
            for folder, files in self._files.items()
            for file in files
        )

    def _find(self, written: str) -> tuple[str, str]:
        name = posixpath.normpath(written)
        if name.startswith(("/", "\\")) or name[1:2] == ":" or name.split("/")[0] == "..":
            return "", "row_path_outside"
        folder, _, file = name.rpartition("/")
        if folder not in self._files:
            self._files[folder] = self._read(folder)
        return (name, "") if file in self._files[folder] else (name, self._look(name))

    def _read(self, folder: str) -> frozenset[str]:
        """List the plain files of a folder inside the root; links are looked at one by one."""
        try:
            place = os.path.realpath(self.root / folder)
            if not self._is_inside(place):
                return frozenset()
            with os.scandir(place) as scan:
                return frozenset(
                    entry.name for entry in scan if entry.is_file(follow_symlinks=False)
                )
        except (OSError, ValueError):  # no such folder, or a name that no folder can have
            return frozenset()

    def _look(self, name: str) -> str:
        """Say why a name is not among the plain files; an empty string if it is one after all."""
        try:
            real = os.path.realpath(self.root / name, strict=True)
            mode = os.lstat(real).st_mode
        except (OSError, ValueError):
            return "row_file_missing"
        if not self._is_inside(real):
            return "link_outside"
        if not stat.S_ISREG(mode):
            return "not_a_file"
        self.links[name] = real
        return ""

    def _is_inside(self, real: str) -> bool:
        return Path(real).is_relative_to(self.root)


@lru_cache(maxsize=4096)
def _clean(label: str) -> str:
    """Write a label in one way only, on one line; a million rows repeat few of them."""
    return printable(unicodedata.normalize("NFC", label))


def _alike(labels: set[str]) -> Iterable[list[str]]:
    """Give the labels that differ only by capitals."""
    spelt: defaultdict[str, list[str]] = defaultdict(list)
    for label in sorted(labels):
        spelt[label.casefold()].append(label)
    return [spellings for spellings in spelt.values() if len(spellings) > 1]


def _no_rows(path: str, skipped: list[Skipped]) -> DataError:
    if not skipped:
        return DataError("table_empty", path=path)
    n = len(skipped)
    return DataError("table_rows", path=path, n=n, count=integer(n), reason=skipped[0].message)
