"""A table of pictures: one row a picture, with its path and its label.

    path,label,split
    cat/1.jpg,cat,train
    dog/2.jpg,dog,test

Paths are taken from the table's own folder and never lead out of it. A row that cannot be used is
named with its line and left out; the others go on. The same picture with two labels stays in twice:
that conflict is found with the pixels, as it would be between two copies of the file.

Which columns hold the path, the label, the part and the group is told by their names.
"""

import os
import posixpath
import stat
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from imagier.datasets.listing import Listing, Skipped, skip
from imagier.datasets.parts import PARTS, part_of, settle_parts
from imagier.datasets.sources.folder import PictureFiles
from imagier.errors import DataError, UsageError, did_you_mean
from imagier.files import printable
from imagier.i18n import integer, t
from imagier.images.filenames import has_picture_ending
from imagier.tables import Record, read_records

__all__ = ["COLUMN_NAMES", "Columns", "find_columns", "open_table"]

COLUMN_NAMES = {
    "path": (
        *("path", "file", "filename", "file_name", "filepath", "file_path", "image", "image_path"),
        *("picture", "img", "fichier", "chemin"),
    ),
    "label": (
        *("label", "class", "category", "target", "label_name", "class_name"),
        *("classe", "étiquette", "etiquette", "catégorie", "categorie"),
    ),
    "part": ("part", "split", "set", "subset", "partie"),
    "group": ("group", "groupe"),
}


def open_table(path: Path, *, group: str | None = None) -> Listing:
    """List the pictures that a CSV, TSV, JSONL or Parquet table names.

    Args:
        path: The table.
        group: Name of the column whose equal values must stay in one part, such as a writer.

    Raises:
        DataError: `table_rows` when no row can be used, `table_rows_bad` when very many cannot,
            or what `read_records` and `find_columns` refuse.
        UsageError: `unknown_column`.
        MachineError: `reader_missing`.
    """
    table = read_records(path)
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


_MOST_COMPARED, _LONGEST_NAME = 100, 40
_LONGEST_SHOWN = 1024  # letters of a path that leads nowhere
_MOST_SKIPPED = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The columns' names as the table writes them; empty where the table has no such column."""

    path: str
    label: str
    part: str
    group: str


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
    _shared: dict[str, str] = field(default_factory=dict)
    _repeated: int = 0
    _trimmed: int = 0

    def add(self, row: Record) -> None:
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
        shared = self._shared
        label = shared.setdefault(label, label)  # equal texts are held once
        self._seen.add((name, label))
        self.names.append(name)
        self.labels.append(label)
        self.parts.append(part)
        self.groups.append(shared.setdefault(group, group))

    def _label(self, cell: str) -> str:
        trimmed = cell.strip()
        self._trimmed += trimmed != cell
        return _clean(trimmed)

    def _skip(self, code: str, written: str, row: Record, **facts: str) -> None:
        known = ", ".join(PARTS)
        facts |= {"table": self.table, "known": known}
        shown = (written or self.table)[:_LONGEST_SHOWN]
        self.skipped.append(skip(code, shown, line=row.line, **facts))
        if len(self.skipped) > _MOST_SKIPPED:
            reason, limit = self.skipped[0].message, integer(_MOST_SKIPPED)
            raise DataError("table_rows_bad", path=self.table, limit=limit, reason=reason)


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


def find_columns(columns: Sequence[str], *, table: str, group: str | None = None) -> Columns:
    """Find the columns by their usual names; capitals make no difference, the first name wins.

    Args:
        columns: What the table's first line says.
        table: How the table is called in messages.
        group: Name of the group column, where the user gives one.

    Raises:
        DataError: `table_columns` when there is no path or no label; `table_column_twice`.
        UsageError: `unknown_column` when there is no column `group`.

    >>> find_columns(["Image", "Category", "split"], table="labels.csv")
    Columns(path='Image', label='Category', part='split', group='')
    """
    found = {role: _first(columns, names) for role, names in COLUMN_NAMES.items()}
    for role in ("path", "label"):
        if not found[role]:
            raise _missing(columns, role, table)
    if group is not None:
        found["group"] = _first(columns, [group])
        if not found["group"]:
            raise UsageError(
                "unknown_column",
                path=table,
                column=printable(group),
                columns=_listed(columns),
                suggestion=did_you_mean(group, columns),
            )
    for column in found.values():
        if column and list(columns).count(column) > 1:
            raise DataError("table_column_twice", path=table, column=printable(column))
    return Columns(**found)


def _first(columns: Sequence[str], names: Sequence[str]) -> str:
    by_name = {column.casefold(): column for column in reversed(columns)}
    return next((by_name[name.casefold()] for name in names if name.casefold() in by_name), "")


def _missing(columns: Sequence[str], role: str, table: str) -> DataError:
    usual = COLUMN_NAMES[role]
    return DataError(
        "table_columns",
        path=table,
        wanted=role,
        usual=", ".join(usual),
        columns=_listed(columns),
        suggestion=_rename(columns, usual),
    )


def _rename(columns: Sequence[str], usual: Sequence[str]) -> str:
    """Find the column whose name comes nearest to a usual one, and say how to call it."""
    for column in columns[:_MOST_COMPARED]:
        for near in get_close_matches(column[:_LONGEST_NAME].casefold(), usual, n=1):
            facts = {"column": printable(column), "usual": near}
            return " " + t("datasets.rename_column", **facts)
    return ""


def _listed(columns: Sequence[str]) -> str:
    shown = [printable(column)[:40] for column in columns[:12]]
    return ", ".join(shown) + (", …" if len(columns) > 12 else "")
