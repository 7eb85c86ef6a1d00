r"""The one reader of CSV: its separator, and its rows, each with the line it stands in.

>>> from io import StringIO
>>> mark, rows = open_csv(StringIO('a;b\n"1\n2";3\n4;5;;\n'), name="t.csv")
>>> mark, [tuple(row) for row in rows]
(';', [(1, 1, ['a', 'b']), (2, 2, ['1\n2', '3']), (3, 4, ['4', '5'])])
"""

import csv
from collections.abc import Iterator
from itertools import count
from typing import NamedTuple, TextIO

from imagier.errors import DataError
from imagier.i18n import integer
from imagier.tables.separators import LOOKED_AT, announced_separator, find_separator

__all__ = ["MAX_ROW", "CsvRow", "first_line", "open_csv", "read_lines"]

MAX_ROW = 2**20  # characters
MAX_LINES = 8_000_000


class CsvRow(NamedTuple):
    """A row: its number, the line where it begins, both counted from 1, and its cells."""

    number: int
    line: int
    cells: list[str]


def open_csv(text: TextIO, *, name: str) -> tuple[str, Iterator[CsvRow]]:
    """Tell what stands between cells, and read the rows that hold something.

    Empty cells beyond those of the first row, as spreadsheets write them, are left out.

    Args:
        text: The table from its start, its line ends as they stand in the file.
        name: Of the file, for errors.

    Raises:
        DataError: `table_damaged`; `table_row_too_long`, for a row of more than `MAX_ROW` letters;
            what `read_lines` refuses.
    """
    first = text.readline(MAX_ROW)
    announced = announced_separator(first)
    if announced:
        return announced, _rows(text, announced, name=name, before=1)
    text.seek(0)
    mark = find_separator(_first_lines(text, name))
    text.seek(0)
    return mark, _rows(text, mark, name=name)


def _first_lines(text: TextIO, name: str) -> list[str]:
    """Give the first lines, a row's worth of letters at most."""
    found: list[str] = []
    length = 0
    for line in read_lines(text, MAX_ROW, name=name):
        length += len(line)
        if found and length > MAX_ROW:
            break
        if line.strip():
            found.append(line)
        if len(found) == LOOKED_AT:
            break
    return found


def _rows(text: TextIO, mark: str, *, name: str, before: int = 0) -> Iterator[CsvRow]:
    lines = _Lines(text, name)
    reader = csv.reader(lines, delimiter=mark, strict=True, skipinitialspace=mark == " ")
    width = 0
    for number in count(1):
        line = reader.line_num + 1 + before
        lines.start_row()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise DataError("table_damaged", path=name, line=line, reason=str(error)) from error
        if any(cell.strip() for cell in cells):
            width = width or len(cells)
            while len(cells) > width and not cells[-1].strip():
                cells.pop()
            yield CsvRow(number, line, cells)


def first_line(text: TextIO, *, name: str) -> str:
    """Give the first line that holds something, cut if too long; the text is at its start again."""
    found = next((line for line in read_lines(text, MAX_ROW, name=name) if line.strip()), "")
    text.seek(0)
    return found


def read_lines(text: TextIO, longest: int, *, name: str) -> Iterator[str]:
    """Read lines up to a length; a longer one comes in pieces.

    Raises:
        DataError: `table_too_long`, where there are more than any table has, empty ones counted.
    """
    for _ in range(MAX_LINES):
        line = text.readline(longest)
        if not line:
            return
        yield line
    raise DataError("table_too_long", path=name, limit=integer(MAX_LINES))


class _Lines:
    """The lines of a text, refused where one row takes more of them than any table has."""

    def __init__(self, text: TextIO, name: str) -> None:
        self._lines = read_lines(text, MAX_ROW + 1, name=name)
        self._name = name
        self._count = 0
        self._length = 0

    def start_row(self) -> None:
        """Count the letters of a row anew."""
        self._length = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._count += 1
        self._length += len(line)
        if self._length > MAX_ROW:
            facts = {"line": self._count, "limit": integer(MAX_ROW)}
            raise DataError("table_row_too_long", path=self._name, **facts)
        return line
