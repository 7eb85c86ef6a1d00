r"""The records of a CSV, TSV, JSONL or Parquet file: cells by column, with the line they stand in.

Cells stay texts: `01`, `NA` and `true` are class names like any other. A row that is malformed is
no reason to refuse the others: its record has no cells.

>>> text = "path,label\ncat/1.jpg,cat\ndog/2.jpg\n"
>>> [record.cells for record in _records_of_text(text, ".csv", "t.csv").rows]
[{'path': 'cat/1.jpg', 'label': 'cat'}, None]
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imagier.errors import DataError, MachineError
from imagier.files import printable
from imagier.tables.content import check_file, decode, read_content

__all__ = ["RECORD_SUFFIXES", "Record", "Records", "read_records"]

_PARQUET = (".parquet", ".pq")
_JSON_LINES = (".jsonl", ".ndjson")
RECORD_SUFFIXES = (*_JSON_LINES, *_PARQUET)  # files whose rows name their columns themselves


@dataclass(frozen=True, slots=True)
class Record:
    """One row: its line in the file, and its cells by column; None for a row that is malformed."""

    line: int
    cells: Mapping[str, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """The columns of a table, its rows one after the other, and remarks on how it was read."""

    columns: tuple[str, ...]
    rows: Iterator[Record]
    notes: tuple[str, ...] = ()


def read_records(path: Path) -> Records:
    """Open a table by its name's ending and read its columns.

    Raises:
        DataError: `table_empty` or `table_damaged`, the latter also while the rows are read; what
            `check_file` and `decode` refuse: a file too large, letters unknown.
        MachineError: `reader_missing`, for Parquet without pyarrow.
    """
    suffix, name = path.suffix.lower(), printable(path)
    if suffix in _PARQUET:
        check_file(path)
        return _read_parquet(path)
    text, notes = decode(read_content(path), name=name)
    return _records_of_text(text, suffix, name, notes)


def _records_of_text(text: str, suffix: str, name: str, notes: tuple[str, ...] = ()) -> Records:
    if not text.strip():
        raise DataError("table_empty", path=name)
    return (_read_jsonl if suffix in _JSON_LINES else _read_csv)(text, name, notes)


def _read_csv(text: str, name: str, notes: tuple[str, ...]) -> Records:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows = _csv_rows(reader, name)
    _, header = next(rows, (0, None))
    if header is None:
        raise DataError("table_empty", path=name)
    columns = tuple(title.strip() for title in header)
    return Records(columns=columns, rows=_with_columns(rows, columns), notes=notes)


def _delimiter(text: str) -> str:
    """Take the sign that cuts the first line into most columns: comma, semicolon or tab."""
    first = next(line for line in text.splitlines() if line.strip())
    return max(",;\t", key=lambda sign: len(next(csv.reader([first], delimiter=sign))))


def _csv_rows(reader: Any, name: str) -> Iterator[tuple[int, list[str]]]:
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise DataError("table_damaged", path=name, line=line, reason=str(error)) from error
        if any(cell.strip() for cell in cells):
            yield line, cells


def _with_columns(
    rows: Iterator[tuple[int, list[str]]], columns: tuple[str, ...]
) -> Iterator[Record]:
    width = len(columns)
    for line, cells in rows:
        ragged = len(cells) != width
        yield Record(line, None if ragged else dict(zip(columns, cells, strict=True)))


def _read_jsonl(text: str, name: str, notes: tuple[str, ...]) -> Records:
    lines = enumerate(text.split("\n"), 1)
    rows = [Record(number, _cells(line)) for number, line in lines if line.strip()]
    columns = dict.fromkeys(title for row in rows for title in row.cells or ())
    if not columns:
        raise DataError("table_damaged", path=name, line=1, reason="JSON")
    return Records(columns=tuple(columns), rows=iter(rows), notes=notes)


def _cells(line: str) -> dict[str, str] | None:
    """Read one JSON object whose values are plain; numbers keep their writing."""
    try:
        cells = json.loads(line, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None
    if not isinstance(cells, dict):
        return None
    return {name.strip(): _text(value) for name, value in cells.items()}


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _read_parquet(path: Path) -> Records:
    try:
        from pyarrow import ArrowException, parquet, types
    except ImportError:
        raise MachineError(
            "reader_missing", what=printable(path), package="pyarrow", line="pyarrow"
        ) from None
    try:
        with parquet.ParquetFile(path) as file:
            plain = [field.name for field in file.schema_arrow if not types.is_nested(field.type)]
            columns = [name for name in plain if plain.count(name) == 1]
            rows = file.read(columns=columns).to_pylist()
    except (ArrowException, OSError, ValueError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise DataError("table_damaged", path=printable(path), line=1, reason=reason) from error
    return Records(columns=tuple(columns), rows=_parquet_rows(rows))


def _parquet_rows(rows: list[dict[str, Any]]) -> Iterator[Record]:
    for line, cells in enumerate(rows, 1):
        yield Record(line, {name: _text(value) for name, value in cells.items()})
