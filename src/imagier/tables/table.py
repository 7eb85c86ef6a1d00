"""A table: titles, and rows of cells that are still texts; from any kind of file."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from imagier.errors import DataError, UsageError, did_you_mean
from imagier.files import printable
from imagier.i18n import integer, t
from imagier.tables.content import open_text, read_content
from imagier.tables.csv_reader import CsvRow, open_csv
from imagier.tables.numbers import cell_error, comma_notes, is_empty, read_number, read_numbers
from imagier.tables.records import RECORD_SUFFIXES, read_records

__all__ = ["TABLE_SUFFIXES", "Table", "parse_table", "read_table"]

TABLE_SUFFIXES = (".csv", ".tsv", ".txt", *RECORD_SUFFIXES)
_MAX_MEMORY = 384 * 2**20  # bytes
_ROW, _CELL = 100, 170  # bytes for a row, and for a text that was not met before

_Lines = list[tuple[int, tuple[str, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What stands in a table: only the columns that are used need be numbers.

    Attributes:
        name: Of the file, for titles and errors.
        titles: Of the columns.
        rows: The cells of each row, as many as there are titles.
        lines: Where each row stands in the file, as a spreadsheet counts rows.
        notes: What is worth knowing about how it was read.
        synthetic: Whether the numbers were made up for an example.
    """

    name: str
    titles: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    lines: Sequence[int]
    notes: tuple[str, ...] = ()
    synthetic: bool = False

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.rows)

    def column(self, title: str) -> tuple[str, ...]:
        """Give the cells under a title.

        Raises:
            UsageError: `table_unknown_column`.
        """
        place = self.titles.index(self.known(title))
        return tuple(row[place] for row in self.rows)

    def is_numeric(self, title: str) -> bool:
        """Tell whether a column is one of numbers: more than half of its written cells are."""
        written = [cell for cell in self.column(title) if not is_empty(cell)]
        good = sum(read_number(cell) is not None for cell in written)
        return 2 * good > len(written) or not written

    def numbers(self, title: str, *, largest: float = math.inf) -> list[float]:
        """Read a column as numbers.

        Args:
            title: Of the column.
            largest: What no number may reach, its sign left out.

        Raises:
            UsageError: `table_unknown_column`.
            DataError: What `read_numbers` refuses.
        """
        cells = self.column(title)
        return read_numbers(cells, self.lines, name=self.name, title=title, largest=largest)

    def words(self, title: str) -> tuple[str, ...]:
        """Read a column as words; "none" is one.

        Raises:
            UsageError: `table_unknown_column`.
            DataError: `table_cell_empty`, with the row and the column.
        """
        cells = self.column(title)
        for cell, line in zip(cells, self.lines, strict=True):
            if is_empty(cell) and cell.lower() != "none":
                raise cell_error(cell, name=self.name, row=line, title=title)
        return cells

    def known(self, title: str) -> str:
        """Refuse a title that the table does not have.

        Raises:
            UsageError: `table_unknown_column`, with the titles there are.
        """
        if title not in self.titles:
            raise UsageError(
                "table_unknown_column",
                path=self.name,
                received=printable(title)[:60],
                columns=printable(", ".join(self.titles))[:200],
                hint=did_you_mean(title, self.titles),
            )
        return title

    def check_length(self, most: int) -> None:
        """Refuse more rows than can be dealt with.

        Raises:
            DataError: `table_too_long`.
        """
        if len(self.rows) > most:
            raise DataError("table_too_long", path=self.name, limit=integer(most))


def read_table(path: Path, *, letter: str = "c", is_labelled: bool = False) -> Table:
    """Read a table file: JSON lines and Parquet by the file's ending, all others as spreadsheets.

    Args:
        path: The file.
        letter: What columns without titles are called, with their number.
        is_labelled: Whether the last column holds labels, and tells nothing about titles.

    Raises:
        DataError: A file that cannot be read; what `parse_table` and `read_records` refuse.
        MachineError: `reader_missing`, for Parquet without pyarrow.
    """
    if path.suffix.lower() in RECORD_SUFFIXES:
        return _table_of_records(path)
    content = read_content(path)
    return parse_table(content, name=printable(path), letter=letter, is_labelled=is_labelled)


def parse_table(
    content: bytes, *, name: str, letter: str = "c", is_labelled: bool = False
) -> Table:
    r"""Read the content of a table that a spreadsheet saved.

    Args:
        content: The whole file.
        name: Its name, for notes and errors.
        letter: What columns without titles are called, with their number.
        is_labelled: Whether the last column holds labels, and tells nothing about titles.

    Raises:
        DataError: `table_encoding`, `table_damaged`, `table_no_rows`, `table_ragged` or
            `table_column_twice`.

    >>> parse_table(b"1,2\n3,4\n", name="no titles").titles
    ('c1', 'c2')
    >>> parse_table(b"1,2,cat\n3,4,dog\n", name="t", letter="u", is_labelled=True).titles
    ('u1', 'u2', 'u3')
    """
    text, letters = open_text(content, name=name)
    mark, rows = open_csv(text, name=name)
    lines = _lines(rows, name)
    titles, is_untitled = _titles(lines, letter, is_labelled=is_labelled)
    lines = lines if is_untitled else lines[1:]
    if not lines:
        raise DataError("table_no_rows", path=name)
    counts = Counter(titles)
    twice = next((title for title in titles if counts[title] > 1), None)
    if twice is not None:
        raise DataError("table_column_twice", path=name, column=printable(twice)[:60])
    made_up = (t("table.untitled", path=name, titles=", ".join(titles)),) if is_untitled else ()
    commas = comma_notes((cell for _, cells in lines for cell in cells), name=name)
    return Table(
        name=name,
        titles=titles,
        rows=[cells for _, cells in lines],
        lines=[line for line, _ in lines],
        notes=(*letters, *made_up, *_separator_notes(mark, name), *commas),
    )


def _table_of_records(path: Path) -> Table:
    records, name = read_records(path), printable(path)
    titles, shared = records.columns, _SharedCells(name)
    rows, lines = [], []
    for record in records.rows:
        cells = record.cells or {}
        rows.append(shared.keep([cells.get(title, "") for title in titles]))
        lines.append(record.line)
    if not rows:
        raise DataError("table_no_rows", path=name)
    commas = comma_notes((cell for row in rows for cell in row), name=name)
    return Table(name=name, titles=titles, rows=rows, lines=lines, notes=(*records.notes, *commas))


class _SharedCells:
    """The cells of a table, equal ones held once, and no more of them than memory is for."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._known: dict[str, str] = {}
        self._left = _MAX_MEMORY

    def keep(self, cells: Iterable[str]) -> tuple[str, ...]:
        """Give a row's cells without the spaces around them."""
        known = self._known
        before = len(known)
        row = tuple(known.setdefault(text, text) for text in map(str.strip, cells))
        new = sum(map(len, row)) if len(known) > before else 0
        self._left -= _ROW + 8 * len(row) + new + _CELL * (len(known) - before)
        if self._left < 0:
            raise DataError("table_too_many_cells", path=self._name, limit=_MAX_MEMORY >> 20)
        return row


def _separator_notes(mark: str, name: str) -> tuple[str, ...]:
    if mark == ",":
        return ()
    words = {";": t("table.semicolons"), "\t": t("table.tabs"), " ": t("table.spaces")}
    word = words.get(mark, f"“{mark}”")
    return (t("table.separator", path=name, mark=word),)


def _lines(rows: Iterable[CsvRow], name: str) -> _Lines:
    """Give the rows that hold something, each with its number; all must have as many cells."""
    shared = _SharedCells(name)
    found = [(row.number, shared.keep(row.cells)) for row in rows]
    for row, texts in found:
        if len(texts) != len(found[0][1]):
            facts = {"received": len(texts), "expected": len(found[0][1])}
            raise DataError("table_ragged", path=name, row=row, **facts)
    return found


def _titles(lines: _Lines, letter: str, *, is_labelled: bool) -> tuple[tuple[str, ...], bool]:
    """Take the first row for titles unless it holds numbers; tell whether they are made up."""
    first = lines[0][1] if lines else ()
    numbers: Iterable[str] = first[:-1] if is_labelled else first
    made_up = tuple(f"{letter}{place}" for place in range(1, len(first) + 1))
    if lines and all(read_number(cell) is not None for cell in numbers):
        return made_up, True
    return tuple(title or made for title, made in zip(first, made_up, strict=True)), False
