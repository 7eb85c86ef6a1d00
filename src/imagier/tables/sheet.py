"""A sheet: titles, and rows of cells that are still texts."""

import csv
import io
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from imagier.errors import DataError, UsageError, did_you_mean
from imagier.files import printable
from imagier.i18n import integer, t
from imagier.tables.letters import decode
from imagier.tables.numbers import comma_notes, read_number, read_numbers

__all__ = ["Sheet", "check_file", "known_title", "parse_sheet", "read_sheet"]

_LARGEST = 512 * 2**20  # bytes
_QUOTED = re.compile(r'"[^"]*"')

_Records = list[tuple[int, tuple[str, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What stands in a table: only the columns that are used need be numbers.

    Attributes:
        name: Of the file, for titles and errors.
        titles: Of the columns.
        rows: The cells of each row, as many as there are titles.
        lines: Where each row stands in the file, as a spreadsheet counts rows.
        notes: What is worth knowing about how it was read.
    """

    name: str
    titles: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    lines: Sequence[int]
    notes: tuple[str, ...] = ()

    def numbers(self, title: str, *, largest: float = math.inf) -> list[float]:
        """Read a column as numbers.

        Args:
            title: Of the column.
            largest: What no number may reach, its sign left out.

        Raises:
            UsageError: `table_unknown_column`.
            DataError: What `read_numbers` refuses.
        """
        place = self.titles.index(self.known(title))
        cells = (row[place] for row in self.rows)
        return read_numbers(cells, self.lines, name=self.name, title=title, largest=largest)

    def known(self, title: str) -> str:
        """Refuse a title that the table does not have.

        Raises:
            UsageError: `table_unknown_column`, with the titles there are.
        """
        return known_title(title, self.titles, name=self.name)

    def check_length(self, most: int) -> None:
        """Refuse more rows than can be dealt with.

        Raises:
            DataError: `table_too_long`.
        """
        if len(self.rows) > most:
            raise DataError("table_too_long", path=self.name, limit=integer(most))


def read_sheet(path: Path, *, letter: str = "c", is_labelled: bool = False) -> Sheet:
    """Read a table file; see `parse_sheet`.

    Raises:
        DataError: `table_unreadable`, and what `check_file` and `parse_sheet` refuse.
    """
    check_file(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error
    return parse_sheet(content, name=printable(path), letter=letter, is_labelled=is_labelled)


def parse_sheet(
    content: bytes, *, name: str, letter: str = "c", is_labelled: bool = False
) -> Sheet:
    r"""Read the content of a table file.

    Args:
        content: The whole file.
        name: Its name, for notes and errors.
        letter: What columns without titles are called, with their number.
        is_labelled: Whether the last column holds labels, and tells nothing about titles.

    Raises:
        DataError: `table_encoding`, `table_damaged`, `table_no_rows`, `table_ragged` or
            `table_column_twice`.

    >>> parse_sheet(b"1,2\n3,4\n", name="no titles").titles
    ('c1', 'c2')
    >>> parse_sheet(b"1,2,cat\n3,4,dog\n", name="t", letter="u", is_labelled=True).titles
    ('u1', 'u2', 'u3')
    """
    text, letters = decode(content, name=name)
    mark = _separator(text)
    records = _records(text, mark, name)
    titles, is_untitled = _titles(records, letter, is_labelled=is_labelled)
    records = records if is_untitled else records[1:]
    if not records:
        raise DataError("table_no_rows", path=name)
    twice = next((title for title in titles if titles.count(title) > 1), None)
    if twice is not None:
        raise DataError("table_column_twice", path=name, column=printable(twice)[:60])
    made_up = (t("table.untitled", path=name, titles=", ".join(titles)),) if is_untitled else ()
    commas = comma_notes((cell for _, cells in records for cell in cells), name=name)
    return Sheet(
        name=name,
        titles=titles,
        rows=[cells for _, cells in records],
        lines=[line for line, _ in records],
        notes=(*letters, *made_up, *_separator_notes(mark, name), *commas),
    )


def check_file(path: Path) -> None:
    """Refuse what is no file, and what is too large, before it is read.

    Raises:
        DataError: `table_not_file`, `table_too_large` or `table_unreadable`.
    """
    if not path.is_file():
        raise DataError("table_not_file", path=printable(path))
    try:
        size = path.stat().st_size
    except OSError as error:
        raise _unreadable(path, error) from error
    if size > _LARGEST:
        sizes = {"size": size >> 20, "limit": _LARGEST >> 20}
        raise DataError("table_too_large", path=printable(path), **sizes)


def known_title(title: str, titles: Iterable[str], *, name: str) -> str:
    """Refuse a title that a table does not have.

    Raises:
        UsageError: `table_unknown_column`, with the titles there are.

    >>> known_title("price", ["surface", "price"], name="flats.csv")
    'price'
    """
    known = list(titles)
    if title not in known:
        raise UsageError(
            "table_unknown_column",
            path=name,
            received=printable(title)[:60],
            columns=printable(", ".join(known))[:200],
            hint=did_you_mean(title, known),
        )
    return title


def _unreadable(path: Path, error: OSError) -> DataError:
    reason = error.strerror or str(error)
    return DataError("table_unreadable", path=printable(path), reason=reason)


def _separator(text: str) -> str:
    """Find what stands between cells: a semicolon or a tab if the first row has one."""
    first = next((line for line in io.StringIO(text, newline=None) if line.strip()), "")
    bare = _QUOTED.sub("", first)
    return next((mark for mark in ";\t" if mark in bare), ",")


def _separator_notes(mark: str, name: str) -> tuple[str, ...]:
    if mark == ",":
        return ()
    word = t("table.semicolons") if mark == ";" else t("table.tabs")
    return (t("table.separator", path=name, mark=word),)


def _records(text: str, mark: str, name: str) -> _Records:
    """Give the rows that hold something, each with its number; all must have as many cells."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    records: _Records = []
    line = 0
    try:
        for line, cells in enumerate(reader, 1):
            texts = tuple(cell.strip() for cell in cells)
            if any(texts):
                records.append((line, texts))
    except csv.Error as error:  # such as a cell without end
        reason = str(error)
        raise DataError("table_damaged", path=name, line=line + 1, reason=reason) from error
    for row, texts in records:
        if len(texts) != len(records[0][1]):
            facts = {"received": len(texts), "expected": len(records[0][1])}
            raise DataError("table_ragged", path=name, row=row, **facts)
    return records


def _titles(records: _Records, letter: str, *, is_labelled: bool) -> tuple[tuple[str, ...], bool]:
    """Take the first row for titles unless it holds numbers; tell whether they are made up."""
    first = records[0][1] if records else ()
    numbers = first[:-1] if is_labelled else first
    made_up = tuple(f"{letter}{place}" for place in range(1, len(first) + 1))
    if records and all(read_number(cell) is not None for cell in numbers):
        return made_up, True
    return tuple(title or made for title, made in zip(first, made_up, strict=True)), False
