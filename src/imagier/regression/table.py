r"""A table of measurements, as spreadsheets save it: titles, then one row for each point.

    surface,rooms,price                surface;rooms;price
    54.5,2,163000                      54,5;2;163000

Commas, semicolons or tabs, whichever the titles have; decimal points or decimal commas. What was
understood is said in `notes`. A cell that is no number is named by its row, counted as a
spreadsheet counts them: the titles are row 1.

>>> table = parse_table("surface;price\n54,5;163\n71;204\n".encode(), name="flats")
>>> list(table.cells), table.numbers("surface").tolist()
(['surface', 'price'], [54.5, 71.0])
"""

import csv
import io
import math
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imagier.errors import DataError, UsageError, did_you_mean
from imagier.files import printable
from imagier.i18n import t

__all__ = ["Table", "find_title", "parse_table", "read_number", "read_table"]

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")
_THOUSANDS = re.compile(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))")
_LARGEST = 2**28  # bytes: some ten million cells
_NOTHING = {"", "na", "n/a", "nan", "null", "none", "inf", "+inf", "-inf", "infinity", "-infinity"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Titles and cells, still as text: only the columns that are used need be numbers.

    Attributes:
        name: Its name, for titles and errors.
        cells: The text of each column, by title, n cells each.
        rows: The row of each point in the file.
        notes: What is worth knowing about how it was read.
        synthetic: Whether the numbers were made up for an example.
    """

    name: str
    cells: dict[str, tuple[str, ...]]
    rows: tuple[int, ...]
    notes: tuple[str, ...] = ()
    synthetic: bool = False

    def __len__(self) -> int:
        """Count the points."""
        return len(self.rows)

    def is_numeric(self, title: str) -> bool:
        """Tell whether a column is one of numbers: more than half of its written cells are."""
        written = [cell for cell in self.cells[title] if cell.lower() not in _NOTHING]
        good = sum(read_number(cell) is not None for cell in written)
        return 2 * good > len(written) or not written

    def numbers(self, title: str) -> NDArray[np.float64]:
        """Read a column as numbers, (n,).

        Raises:
            DataError: `fit_cell_empty` or `fit_cell_text`, with the row and the column.
        """
        found = np.empty(len(self))
        for at, cell in enumerate(self.cells[title]):
            number = read_number(cell)
            if number is None:
                raise self._refused(cell, title, self.rows[at])
            found[at] = number
        return found

    def words(self, title: str) -> tuple[str, ...]:
        """Read a column as words, n of them.

        Raises:
            DataError: `fit_cell_empty`.
        """
        for at, cell in enumerate(self.cells[title]):
            if cell.lower() in _NOTHING - {"none"}:
                raise self._refused(cell, title, self.rows[at])
        return self.cells[title]

    def _refused(self, cell: str, title: str, row: int) -> DataError:
        where = {"path": self.name, "row": row, "column": printable(title)}
        if cell.lower() in _NOTHING:
            return DataError("fit_cell_empty", received=_short(cell) or "–", **where)
        return DataError("fit_cell_text", received=_short(cell), **where)


def read_table(path: Path) -> Table:
    """Read a table file: UTF-8, UTF-16, or the Windows letters of older spreadsheets.

    Raises:
        DataError: `fit_table_not_file`, `fit_table_large`, `fit_table_unreadable`, or what
            `parse_table` refuses.
    """
    if not path.is_file():
        raise DataError("fit_table_not_file", path=printable(path))
    try:
        size = path.stat().st_size
        if size > _LARGEST:
            megabytes = {"megabytes": size // 2**20, "limit": _LARGEST // 2**20}
            raise DataError("fit_table_large", path=printable(path), **megabytes)
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise DataError("fit_table_unreadable", path=printable(path), reason=reason) from error
    return parse_table(content, name=printable(path))


def parse_table(content: bytes, *, name: str) -> Table:
    r"""Read the content of a table file.

    Args:
        content: The whole file.
        name: Its name, for errors.

    Raises:
        DataError: `fit_table_text`, `fit_table_empty`, `fit_table_ragged` or `fit_title_twice`.

    >>> parse_table(b"1,2\n3,4\n", name="no titles").cells
    {'c1': ('1', '3'), 'c2': ('2', '4')}
    """
    text, notes = _decode(content, name)
    mark = _delimiter(text)
    rows = _records(text, mark, name)
    if len(rows) < 2:
        raise DataError("fit_table_empty", path=name)
    titles, rows, is_untitled = _titles(rows, name)
    columns = zip(*(cells for _, cells in rows), strict=True)
    cells = dict(zip(titles, columns, strict=True))
    if is_untitled:
        notes.append(t("regression.note.untitled", path=name, titles=", ".join(titles)))
    notes += _spelling(cells, mark, name)
    return Table(name=name, cells=cells, rows=tuple(row for row, _ in rows), notes=tuple(notes))


def read_number(text: str) -> float | None:
    """Read a number as people write it; None when it is none, or not finite.

    >>> read_number("3,5"), read_number("1\u202f250"), read_number("1e3"), read_number("nan")
    (3.5, 1250.0, 1000.0, None)
    """
    plain = text if text.isascii() and " " not in text else _without_thousands(text)
    if not _NUMBER.fullmatch(plain):
        return None
    number = float(plain.replace(",", "."))
    return number if math.isfinite(number) else None


def find_title(table: Table, title: str) -> str:
    """Find a column by its title.

    Raises:
        UsageError: `fit_unknown_column`, with the titles there are.
    """
    if title not in table.cells:
        known = list(table.cells)
        raise UsageError(
            "fit_unknown_column",
            path=table.name,
            received=printable(title),
            columns=printable(", ".join(known)),
            hint=did_you_mean(title, known),
        )
    return title


def _without_thousands(text: str) -> str:
    return _THOUSANDS.sub("", text.replace("−", "-"))


def _decode(content: bytes, name: str) -> tuple[str, list[str]]:
    is_utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    notes = []
    try:
        text = content.decode("utf-16" if is_utf16 else "utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
        notes.append(t("regression.note.windows_letters", path=name))
    if "\0" in text or "\ufffd" in text:
        raise DataError("fit_table_text", path=name)
    return text, notes


def _delimiter(text: str) -> str:
    titles = text.lstrip().split("\n", maxsplit=1)[0]
    return next((mark for mark in (";", "\t") if mark in titles), ",")


def _records(text: str, mark: str, name: str) -> list[tuple[int, list[str]]]:
    """Give the rows that hold something, each with its number; all must have as many cells."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    try:
        rows = [(row, [cell.strip() for cell in cells]) for row, cells in enumerate(reader, 1)]
    except csv.Error:  # such as a cell without end
        raise DataError("fit_table_text", path=name) from None
    rows = [(row, cells) for row, cells in rows if any(cells)]
    for row, cells in rows:
        if len(cells) != len(rows[0][1]):
            facts = {"received": len(cells), "expected": len(rows[0][1])}
            raise DataError("fit_table_ragged", path=name, row=row, **facts)
    return rows


def _titles(
    rows: list[tuple[int, list[str]]], name: str
) -> tuple[list[str], list[tuple[int, list[str]]], bool]:
    """Take the titles off; a table that begins with numbers has none: c1, c2, c3..."""
    first = rows[0][1]
    if all(read_number(cell) is not None for cell in first):
        return [f"c{place}" for place in range(1, len(first) + 1)], rows, True
    titles = [title or f"c{place}" for place, title in enumerate(first, 1)]
    twice = [title for title, count in Counter(titles).items() if count > 1]
    if twice:
        raise DataError("fit_title_twice", path=name, column=printable(twice[0]))
    return titles, rows[1:], False


def _spelling(cells: dict[str, tuple[str, ...]], mark: str, name: str) -> list[str]:
    """Say how numbers are separated where that is not the comma and the point."""
    notes = []
    if mark != ",":
        word = t("regression.mark.semicolon") if mark == ";" else t("regression.mark.tab")
        notes.append(t("regression.note.delimiter", path=name, mark=word))
    for column in cells.values():
        comma = next((c for c in column if "," in c and read_number(c) is not None), None)
        if comma is not None:
            point = comma.replace(",", ".")
            notes.append(t("regression.note.commas", path=name, comma=comma, point=point))
            break
    return notes


def _short(text: str) -> str:
    return printable(text if len(text) <= 40 else text[:39] + "…")
