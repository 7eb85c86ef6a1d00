r"""The codes of a file: one a line, or a column of a table.

A `.txt` file has one code a line, whatever it is made of. In a CSV or TSV file the column is the
one that is called `code` (or `postcode`, `code postal`), else the first. A list needs no titles:
where the first row has no such name, it is a code like the others. JSON lines and Parquet name
their columns themselves.

>>> _cut_text("75001\r\n\r\n75002\r\n", ".txt", "codes.txt")
['75001', '75002']
>>> _cut_text("town;code\nParis;75001\nLyon;69001\n", ".csv", "codes.csv")
['75001', '69001']
"""

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from imagier.errors import DataError
from imagier.files import printable
from imagier.tables import open_text, read_records
from imagier.tables.content import read_content
from imagier.tables.records import RECORD_SUFFIXES
from imagier.tables.separators import LOOKED_AT, announced_separator, find_separator

__all__ = ["TITLES", "read_codes"]

TITLES = {"code", "codes", "code postal", "code_postal", "post code", "post_code", "postcode"}


def read_codes(path: Path) -> tuple[list[str], tuple[str, ...]]:
    """Read the codes of a file, those there twice and the empty cells of rows too.

    Args:
        path: A file of lines, CSV, TSV, JSON lines or Parquet.

    Returns:
        The codes as they are written, and what was remarked.

    Raises:
        DataError: `table_damaged`, and what `read_content`, `open_text` and `read_records` refuse.
        MachineError: `reader_missing`, for Parquet without pyarrow.
    """
    name, suffix = printable(path), path.suffix.lower()
    if suffix in RECORD_SUFFIXES:
        records = read_records(path)
        column = records.columns[_column(records.columns) or 0]
        return [(row.cells or {}).get(column, "") for row in records.rows], records.notes
    text, notes = open_text(read_content(path), name=name)
    return _cut_text(text.read(), suffix, name), notes


def _cut_text(text: str, suffix: str, name: str) -> list[str]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    mark = announced_separator(lines[0])
    if mark:  # Excel's own first line
        lines = lines[1:]
    elif suffix != ".txt":
        mark = find_separator(list(islice(filter(str.strip, lines), LOOKED_AT))).strip(" ")
    if mark and '"' in text:
        rows = _quoted_rows("\n".join(lines), mark, name)
    elif mark:
        # cut one by one, for a million lists at once are slow; and no further than needed
        first = next(filter(str.strip, lines), "").split(mark)
        cuts = (_column(first) or 0) + 1
        rows = (line.split(mark, cuts) for line in lines if line.strip(f"{mark} "))
    else:
        rows = ([line] for line in lines if line.strip())
    return _cells_of_codes(rows)


def _quoted_rows(text: str, mark: str, name: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    try:
        yield from (cells for cells in reader if "".join(cells).strip())
    except csv.Error as error:
        facts = {"line": reader.line_num, "reason": str(error)}
        raise DataError("table_damaged", path=name, **facts) from error


def _cells_of_codes(rows: Iterator[list[str]]) -> list[str]:
    first = next(rows, None)
    if first is None:
        return []
    place = _column(first)
    column = place or 0
    codes = [] if place is not None else [first[0]]
    return codes + [cells[column] if column < len(cells) else "" for cells in rows]


def _column(cells: Sequence[str]) -> int | None:
    """Tell which cell of a first row is the title of codes."""
    titles = [cell.strip().casefold() for cell in cells]
    return next((place for place, title in enumerate(titles) if title in TITLES), None)
