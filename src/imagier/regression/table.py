r"""A table of measurements: titles, then one row for each point; how it is read, `imagier.tables`.

>>> table = parse_table("surface;price\n54,5;163\n71;204\n".encode(), name="flats")
>>> list(table.cells), table.numbers("surface").tolist()
(['surface', 'price'], [54.5, 71.0])
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imagier.tables import (
    Sheet,
    cell_error,
    is_empty,
    known_title,
    parse_sheet,
    read_number,
    read_numbers,
    read_sheet,
)

__all__ = ["Table", "parse_table", "read_table"]


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

    def known(self, title: str) -> str:
        """Refuse a title that the table does not have.

        Raises:
            UsageError: `table_unknown_column`, with the titles there are.
        """
        return known_title(title, self.cells, name=self.name)

    def is_numeric(self, title: str) -> bool:
        """Tell whether a column is one of numbers: more than half of its written cells are."""
        written = [cell for cell in self.cells[title] if not is_empty(cell)]
        good = sum(read_number(cell) is not None for cell in written)
        return 2 * good > len(written) or not written

    def numbers(self, title: str) -> NDArray[np.float64]:
        """Read a column as numbers, (n,).

        Raises:
            DataError: `table_cell_empty` or `table_cell_text`, with the row and the column.
        """
        return np.array(read_numbers(self.cells[title], self.rows, name=self.name, title=title))

    def words(self, title: str) -> tuple[str, ...]:
        """Read a column as words, n of them.

        Raises:
            DataError: `table_cell_empty`.
        """
        for cell, row in zip(self.cells[title], self.rows, strict=True):
            if is_empty(cell) and cell.lower() != "none":
                raise cell_error(cell, name=self.name, row=row, title=title)
        return self.cells[title]


def read_table(path: Path) -> Table:
    """Read a table file: UTF-8, UTF-16, or the Windows letters of older spreadsheets.

    Raises:
        DataError: What `imagier.tables.read_sheet` refuses.
    """
    return _table(read_sheet(path))


def parse_table(content: bytes, *, name: str) -> Table:
    r"""Read the content of a table file.

    Args:
        content: The whole file.
        name: Its name, for errors.

    Raises:
        DataError: What `imagier.tables.parse_sheet` refuses.

    >>> parse_table(b"1,2\n3,4\n", name="no titles").cells
    {'c1': ('1', '3'), 'c2': ('2', '4')}
    """
    return _table(parse_sheet(content, name=name))


def _table(sheet: Sheet) -> Table:
    columns = zip(*sheet.rows, strict=True)
    cells = dict(zip(sheet.titles, columns, strict=True))
    return Table(name=sheet.name, cells=cells, rows=tuple(sheet.lines), notes=sheet.notes)
