"""A table of pictures: one row a picture, with its path and its label.

    path,label,split                        id;cat;dog                0.jpg  cat
    cat/1.jpg,cat,train                     0a1b2c;1;0                1.jpg  dog
    dog/2.jpg,dog,test

Paths are taken from the table's own folder, or the one that is named, and never lead out of it. A
row that cannot be used is named with its line and left out; the others go on. The same picture with
two labels stays in twice: that conflict is found with the pixels, as it would be between two copies
of the file.

Which columns hold the path, the label, the part and the group is found in `columns`; what a path
that is not quite a file's name may mean, in `table_files`.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import chain, islice
from pathlib import Path

from imagier.datasets.listing import Listing, Skipped, skip
from imagier.datasets.parts import PARTS, part_in, settle_parts
from imagier.datasets.pictures import Pictures
from imagier.datasets.sources.columns import Columns, find_columns, is_marked, is_usual
from imagier.datasets.sources.folder import PictureFiles
from imagier.datasets.sources.table_files import FoundFile, TableFiles
from imagier.datasets.table_options import TableOptions
from imagier.errors import DataError, PictureError
from imagier.files import printable
from imagier.i18n import integer, t
from imagier.tables import Record, Records, read_number, read_records

__all__ = ["list_rows", "open_table"]

_LONGEST_SHOWN = 1024  # letters of a path that leads nowhere
_MOST_SKIPPED = 100_000
_LOOKED_AT = 1000  # rows that tell what a column holds
_MOST_TITLES = 100  # that are looked at for a file's name
_UNTITLED = (".csv", ".tsv", ".txt")


def open_table(path: Path, *, options: TableOptions | None = None) -> Listing:
    """List the pictures that a CSV, TSV, JSONL or Parquet table names.

    Args:
        path: The table.
        options: What is said about its columns and paths.

    Raises:
        DataError: `table_rows` when no row can be used, `table_without_labels` or
            `table_rows_ragged` where all rows lack the same; `table_rows_bad` when very many
            cannot; what `read_records` and `find_columns` refuse.
        UsageError: `unknown_column`, `images_missing` or `bad_ending`.
        MachineError: `reader_missing`.
    """
    asked = options or TableOptions()
    files = TableFiles(asked.folder(path), table=path, ending=asked.suffix)

    def pictures(names: Sequence[str]) -> Pictures:
        return PictureFiles(files.root, names, files.links)

    return list_rows(path, partial(read_records, path), files, pictures=pictures, options=asked)


def list_rows(
    path: Path,
    read: Callable[..., Records],
    files: TableFiles,
    *,
    pictures: Callable[[Sequence[str]], Pictures],
    options: TableOptions,
) -> Listing:
    """List the pictures that the rows of a table name, wherever table and pictures stand.

    Args:
        path: The table's name.
        read: Gives its records; takes `is_titled`.
        files: The files that there are.
        pictures: Gives those of some names.
        options: What is said about its columns.

    Raises:
        DataError: As of `open_table`.
        UsageError: `unknown_column`.
    """
    table, is_titled = _with_titles(path, read, files)
    first = list(islice(table.rows, _LOOKED_AT))
    columns = find_columns(
        table.columns,
        table=printable(path),
        options=options,
        rows=first,
        likeness=files.likeness,
        is_titled=is_titled,
    )
    reading = _Reading(table=printable(path.name), columns=columns, files=files)
    for row in chain(first, table.rows):
        reading.add(row)
    if not reading.names:
        raise _no_rows(printable(path), reading, len(table.columns))
    names = tuple(reading.names)
    return Listing(
        name=printable(path.stem),
        pictures=pictures(names),
        names=names,
        labels=tuple(reading.labels),
        parts=settle_parts(reading.parts),
        groups=tuple(reading.groups),
        skipped=tuple(reading.skipped),
        notes=(*table.notes, *_untitled_note(path, table, is_titled), *reading.notes()),
    )


def _with_titles(
    path: Path, read: Callable[..., Records], files: TableFiles
) -> tuple[Records, bool]:
    """Read a table; where its first line names a picture that is there, it holds no titles."""
    table = read(is_titled=True)
    titles = [title for title in table.columns[:_MOST_TITLES] if title]
    if path.suffix.lower() not in _UNTITLED or any(map(is_usual, titles)):
        return table, True
    if not any(map(files.likeness, titles)):
        return table, True
    return read(is_titled=False), False


def _untitled_note(path: Path, table: Records, is_titled: bool) -> Iterator[str]:
    if not is_titled:
        titles = ", ".join(table.columns[:12])
        yield t("datasets.untitled", table=printable(path), titles=titles)


@dataclass(slots=True, kw_only=True)
class _Reading:
    """The usable rows so far, and what was odd."""

    table: str
    columns: Columns
    files: TableFiles
    names: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    widths: set[int] = field(default_factory=set)
    step: str = ""
    _seen: set[tuple[str, str]] = field(default_factory=set)
    _shared: dict[str, str] = field(default_factory=dict)
    _named: set[str] = field(default_factory=set)  # in rows that cannot be used
    _repeated: int = 0
    _trimmed: int = 0
    _slashed: int = 0
    _near: int = 0
    _nearest: tuple[str, str] = ("", "")

    def add(self, row: Record) -> None:
        """Take a row in, or name it among the skipped."""
        cells = row.cells
        if cells is None:
            self.widths.add(row.width)
            self._skip("row_ragged" if row.width else "row_not_json", "", row)
            return
        columns = self.columns
        written = _cell(cells, columns.path).strip()
        label, code = self._label(cells)
        part = _cell(cells, columns.part).strip()
        found = self.files.find(written)
        if not code and part and not part_in(part):
            code = "row_part_unknown"
        if code or found.code:
            more = {"part": printable(part), "candidates": found.candidates}
            self._skip(code or found.code, written, row, **more)
            self._named.add(found.name)
        elif (found.name, label) in self._seen:
            self._repeated += 1
        else:
            self._keep(found.name, label, part_in(part), _cell(cells, columns.group).strip())
            self._count(written, found)

    def notes(self) -> Iterable[str]:
        """Say what was mended, repeated or written in two ways, and what the table leaves out."""
        yield from self.columns.notes
        counts = {
            "datasets.rows_repeated": self._repeated,
            "datasets.labels_trimmed": self._trimmed,
            "datasets.rows_backslash": self._slashed,
            "datasets.rows_near": self._near,
            "datasets.unlisted": self.files.unlisted(self._named.union(self.names)),
        }
        written, there = map(printable, self._nearest)
        if _clean(written) == _clean(there):  # they look the same: show what differs
            written, there = ascii(written), ascii(there)
        for key, n in counts.items():
            if n:
                facts = {"table": self.table, "written": written, "there": there}
                yield t(key, n=n, count=integer(n), **facts)
        for spellings in _alike(set(self.labels)):
            yield t("datasets.labels_alike", labels=", ".join(spellings))
        for spellings in _same_numbers(set(self.labels)):
            yield t("datasets.labels_same_number", labels=", ".join(spellings))

    def _count(self, written: str, found: FoundFile) -> None:
        self._slashed += found.is_slashed
        self._near += found.is_near
        if found.is_near and not self._nearest[0]:
            self._nearest = (written[:_LONGEST_SHOWN], found.name)

    def _keep(self, name: str, label: str, part: str, group: str) -> None:
        shared = self._shared
        label = shared.setdefault(label, label)  # equal texts are held once
        self._seen.add((name, label))
        self.names.append(name)
        self.labels.append(label)
        self.parts.append(part)
        self.groups.append(shared.setdefault(group, group))

    def _label(self, cells: Mapping[str, str]) -> tuple[str, str]:
        """Give a row's label, and the code of what is wrong with it."""
        if self.columns.one_hot:
            marked = [column for column in self.columns.one_hot if is_marked(cells, column)]
            if len(marked) > 1:
                return "", "row_several_labels"
            return (_clean(marked[0]), "") if marked else ("", "row_without_label")
        cell = _cell(cells, self.columns.label)
        trimmed = cell.strip()
        self._trimmed += trimmed != cell
        return _clean(trimmed), "" if trimmed else "row_without_label"

    def _skip(self, code: str, written: str, row: Record, **facts: str) -> None:
        facts |= {"table": self.table, "known": ", ".join(PARTS)}
        shown = (written or self.table)[:_LONGEST_SHOWN]
        counts = {"line": row.line, "received": row.width}
        self.skipped.append(skip(code, shown, **counts, **facts))
        if not self.step:  # what to do about the first of them
            self.step = PictureError(code, path=printable(shown), **counts, **facts).next_step
        if len(self.skipped) > _MOST_SKIPPED:
            reason, limit = self.skipped[0].message, integer(_MOST_SKIPPED)
            raise DataError("table_rows_bad", path=self.table, limit=limit, reason=reason)


def _cell(cells: Mapping[str, str], column: str) -> str:
    """Give a cell; of a column that is not there, nothing, whatever stands without a title."""
    return cells.get(column, "") if column else ""


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


def _same_numbers(labels: set[str]) -> Iterable[list[str]]:
    """Give the labels that are one number written in several ways: 1 and 1.0."""
    written: defaultdict[float, list[str]] = defaultdict(list)
    for label in sorted(labels):
        number = read_number(label)
        if number is not None:
            written[number].append(label)
    return [spellings for spellings in written.values() if len(spellings) > 1]


def _no_rows(path: str, reading: _Reading, width: int) -> DataError:
    """Say why no row can be used; where all lack the same, say that."""
    skipped, columns = reading.skipped, reading.columns
    if not skipped:
        return DataError("table_empty", path=path)
    n = len(skipped)
    facts = {"path": path, "n": n, "count": integer(n)}
    codes = {each.code for each in skipped}
    if codes == {"row_without_label"} and columns.label:
        return DataError("table_without_labels", **facts, column=printable(columns.label))
    if codes == {"row_ragged"} and len(reading.widths) == 1:
        (received,) = reading.widths
        return DataError("table_rows_ragged", **facts, expected=width, received=received)
    return DataError("table_rows", **facts, reason=skipped[0].message, step=reading.step)
