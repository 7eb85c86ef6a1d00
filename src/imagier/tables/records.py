r"""The records of a CSV, TSV, JSONL or Parquet file: cells by column, with the line they stand in.

Cells stay texts: `01`, `NA` and `true` are class names like any other. A row that is malformed is
no reason to refuse the others: its record has no cells. Rows are read one after the other, and
neither a row nor a table is read beyond what memory is for: a file may come from anybody.

>>> from io import StringIO
>>> text = StringIO("path,label\ncat/1.jpg,cat\ndog/2.jpg\n")
>>> [record.cells for record in _records_of_text(text, ".csv", "t.csv").rows]
[{'path': 'cat/1.jpg', 'label': 'cat'}, None]
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

from imagier.errors import DataError
from imagier.files import printable
from imagier.i18n import integer
from imagier.tables.bytes_column import BytesLayout
from imagier.tables.content import MAX_ROWS, check_file, open_text, read_content
from imagier.tables.csv_reader import MAX_ROW, CsvRow, first_line, open_csv, read_lines
from imagier.tables.parquet import read_parquet

__all__ = [
    "PARQUET_SUFFIXES",
    "RECORD_SUFFIXES",
    "Record",
    "Records",
    "parse_records",
    "read_records",
]

PARQUET_SUFFIXES = (".parquet", ".pq")
_JSON_LINES = (".jsonl", ".ndjson")
RECORD_SUFFIXES = (
    *_JSON_LINES,
    *PARQUET_SUFFIXES,
)  # files whose rows name their columns themselves
MAX_COLUMNS = 100_000


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a table.

    Attributes:
        line: Where it stands in the file, counted from 1.
        cells: Its cells by column; None for a row that is malformed.
        width: How many cells a malformed row of a CSV file has; 0 where that is not what is wrong.
    """

    line: int
    cells: Mapping[str, str] | None
    width: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """The columns of a table, its rows one after the other, and remarks on how it was read."""

    columns: tuple[str, ...]
    rows: Iterator[Record]
    notes: tuple[str, ...] = ()


def read_records(
    path: Path, *, is_titled: bool = True, files: BytesLayout | None = None
) -> Records:
    """Open a table by its name's ending and read its columns.

    Args:
        path: The file.
        is_titled: Whether the first row of a CSV file holds titles; else it is a row like the
            others, and the columns are called c1, c2...
        files: The column of files of a Parquet table; its paths are then given under its name.

    Raises:
        DataError: `table_empty`; `table_damaged`, `table_too_long` or `table_row_too_long`, also
            while the rows are read; what `check_file` and `open_text` refuse: a file too large,
            letters unknown.
        MachineError: `reader_missing`, for Parquet without pyarrow.
    """
    suffix, name = path.suffix.lower(), printable(path)
    if suffix in PARQUET_SUFFIXES:
        if files is None:  # pictures weigh more than the cells of a table
            check_file(path)
        columns, rows = read_parquet(path, files=files)
        if files is not None:
            columns, rows = (*columns, files.column), _with_paths(rows, files.column)
        return Records(columns=columns, rows=_parquet_records(rows))
    return parse_records(read_content(path), suffix, name=name, is_titled=is_titled)


def parse_records(content: bytes, suffix: str, *, name: str, is_titled: bool = True) -> Records:
    """Open the content of a CSV, TSV or JSONL file and read its columns.

    Args:
        content: The whole file.
        suffix: The ending of its name, in small letters.
        name: Its name, for notes and errors.
        is_titled: Whether the first row of a CSV file holds titles.

    Raises:
        DataError: As of `read_records`.
    """
    text, notes = open_text(content, name=name)
    return _records_of_text(text, suffix, name, notes, is_titled=is_titled)


def _records_of_text(
    text: TextIO, suffix: str, name: str, notes: tuple[str, ...] = (), *, is_titled: bool = True
) -> Records:
    if not first_line(text, name=name):
        raise DataError("table_empty", path=name)
    if suffix in _JSON_LINES:
        columns, rows = _read_jsonl(text, name)
    else:
        columns, rows = _read_csv(text, name, is_titled=is_titled)
    return Records(columns=columns, rows=_not_too_many(rows, name), notes=notes)


def _not_too_many(rows: Iterator[Record], name: str) -> Iterator[Record]:
    for count, row in enumerate(rows):
        if count >= MAX_ROWS:
            raise DataError("table_too_long", path=name, limit=integer(MAX_ROWS))
        yield row


def _read_csv(
    text: TextIO, name: str, *, is_titled: bool
) -> tuple[tuple[str, ...], Iterator[Record]]:
    _, rows = open_csv(text, name=name)
    first = next(rows, None)
    if first is None:
        raise DataError("table_empty", path=name)
    if is_titled:
        columns = tuple(title.strip() for title in first.cells)
        return columns, _with_columns(rows, columns)
    columns = tuple(f"c{place}" for place in range(1, len(first.cells) + 1))
    return columns, _with_columns(chain([first], rows), columns)


def _with_columns(rows: Iterable[CsvRow], columns: tuple[str, ...]) -> Iterator[Record]:
    width = len(columns)
    for _, line, cells in rows:
        if len(cells) == width:
            yield Record(line, dict(zip(columns, cells, strict=True)))
        else:
            yield Record(line, None, len(cells))


def _read_jsonl(text: TextIO, name: str) -> tuple[tuple[str, ...], Iterator[Record]]:
    """Read the columns in a first pass: each object may name others."""
    columns: dict[str, None] = {}
    for row in _not_too_many(_json_rows(text, name), name):
        columns |= dict.fromkeys(row.cells or ())
        if len(columns) > MAX_COLUMNS:
            raise DataError("table_too_wide", path=name, limit=integer(MAX_COLUMNS))
    if not columns:
        raise DataError("table_damaged", path=name, line=1, reason="JSON")
    text.seek(0)
    return tuple(columns), _json_rows(text, name)


def _json_rows(text: TextIO, name: str) -> Iterator[Record]:
    """Read line by line; a line longer than a row may be is malformed as a whole."""
    number, is_new = 0, True
    for line in read_lines(text, MAX_ROW, name=name):
        is_whole = is_new and (len(line) < MAX_ROW or line.endswith("\n"))
        if is_new:
            number += 1
            if line.strip():
                yield Record(number, _cells(line) if is_whole else None)
        is_new = line.endswith("\n")


def _cells(line: str) -> dict[str, str] | None:
    """Read one JSON object whose values are plain; numbers keep their writing."""
    try:
        cells = json.loads(line, parse_int=str, parse_float=str, parse_constant=str)
        if not isinstance(cells, dict):
            return None
        return {name.strip(): _text(value) for name, value in cells.items()}
    except (ValueError, RecursionError):
        return None


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):  # a text that its writer did not call one, or no text at all
        return _decoded(value)
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _with_paths(rows: Iterator[dict[str, Any]], column: str) -> Iterator[dict[str, Any]]:
    for cells in rows:
        inner = cells.get(column)
        yield cells | {column: inner.get("path") if isinstance(inner, dict) else None}


def _decoded(value: bytes) -> str:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return ""
    return "" if "\0" in text else text


def _parquet_records(rows: Iterator[dict[str, Any]]) -> Iterator[Record]:
    for line, cells in enumerate(rows, 1):
        yield Record(line, {name: _text(value) for name, value in cells.items()})
