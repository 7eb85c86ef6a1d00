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

import io
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from imagier.files import printable
from imagier.tables import open_csv, open_text, read_records
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
        DataError: What `read_content`, `open_text` and `read_records` refuse.
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
    first = list(islice((line for line in lines if line.strip()), LOOKED_AT))
    mark = "" if suffix == ".txt" else find_separator(first)
    if announced_separator(lines[0]) or ('"' in text and mark):
        return _cut_csv(text, name)  # cells in quotes: the careful way, four times slower
    if (not mark.strip() and mark != "\t") or not any(mark in line for line in first):
        codes = [line for line in lines if line.strip()]
        return codes[1:] if codes and _column(codes[:1]) is not None else codes
    place = _column(first[0].split(mark))
    column = place or 0
    full = (line for line in lines if line.strip(f"{mark} "))
    rows = (line.split(mark, column + 1) for line in full)  # one by one: a million lists are slow
    codes = [row[column] if column < len(row) else "" for row in rows]
    return codes if place is None else codes[1:]


def _cut_csv(text: str, name: str) -> list[str]:
    _, rows = open_csv(io.StringIO(text, newline=""), name=name)
    cut = [row.cells for row in rows]
    place = _column(cut[0]) if cut else None
    column = place or 0
    codes = [cells[column] if column < len(cells) else "" for cells in cut]
    return codes if place is None else codes[1:]


def _column(cells: Sequence[str]) -> int | None:
    """Tell which cell of a first row is the title of codes."""
    titles = [cell.strip().casefold() for cell in cells]
    return next((place for place, title in enumerate(titles) if title in TITLES), None)
