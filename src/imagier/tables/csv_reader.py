r"""The rows of a CSV or TSV text, each with the line it stands in, read one after the other.

>>> from io import StringIO
>>> [tuple(row) for row in csv_rows(StringIO('a,b\n"1\n2",3\n4,5'), ",", name="t.csv")]
[(1, 1, ['a', 'b']), (2, 2, ['1\n2', '3']), (3, 4, ['4', '5'])]
"""

import csv
from collections.abc import Iterator
from itertools import count
from typing import NamedTuple, TextIO

from imagier.errors import DataError
from imagier.i18n import integer

__all__ = ["MAX_ROW", "CsvRow", "csv_rows", "first_line", "read_lines"]

MAX_ROW = 2**20  # characters
MAX_LINES = 8_000_000


class CsvRow(NamedTuple):
    """A row: its number, the line where it begins, both counted from 1, and its cells."""

    number: int
    line: int
    cells: list[str]


def csv_rows(text: TextIO, separator: str, *, name: str) -> Iterator[CsvRow]:
    """Read the rows that hold something.

    Args:
        text: The table, its line ends as they stand in the file.
        separator: What stands between two cells.
        name: Of the file, for errors.

    Raises:
        DataError: `table_damaged`; `table_row_too_long`, for a row of more than `MAX_ROW` letters;
            what `read_lines` refuses.
    """
    lines = _Lines(text, name)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    for number in count(1):
        line = reader.line_num + 1
        lines.start_row()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise DataError("table_damaged", path=name, line=line, reason=str(error)) from error
        if any(cell.strip() for cell in cells):
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
