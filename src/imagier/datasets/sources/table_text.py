"""The rows of a CSV, TSV, JSONL or Parquet file as texts, each with its line number.

Cells stay texts: `01`, `NA` and `true` are class names like any other.
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
from imagier.tables import check_file, decode

__all__ = ["Row", "Table", "read_table"]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line in the file, and its cells by column; None for a row that is malformed."""

    line: int
    cells: Mapping[str, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The columns of a table, its rows one after the other, and remarks on how it was read."""

    columns: tuple[str, ...]
    rows: Iterator[Row]
    notes: tuple[str, ...] = ()


def read_table(path: Path) -> Table:
    """Open a table by its name's ending and read its columns.

    Raises:
        DataError: `table_empty` or `table_damaged`, the latter also while the rows are read; and
            what `imagier.tables` refuses: a file too large, letters unknown.
        MachineError: `reader_missing`, for Parquet without pyarrow.
    """
    check_file(path)
    if path.suffix.lower() in (".parquet", ".pq"):
        return _read_parquet(path)
    text, notes = decode(path.read_bytes(), name=printable(path))
    if not text.strip():
        raise DataError("table_empty", path=printable(path))
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        return _read_jsonl(text, path, notes)
    return _read_csv(text, path, notes)


def _read_csv(text: str, path: Path, notes: tuple[str, ...]) -> Table:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows = _csv_rows(reader, path)
    _, header = next(rows, (0, None))
    if header is None:
        raise DataError("table_empty", path=printable(path))
    columns = tuple(name.strip() for name in header)
    return Table(columns=columns, rows=_with_columns(rows, columns), notes=notes)


def _delimiter(text: str) -> str:
    """Take the sign that cuts the first line into most columns: comma, semicolon or tab."""
    first = next(line for line in text.splitlines() if line.strip())
    return max(",;\t", key=lambda sign: len(next(csv.reader([first], delimiter=sign))))


def _csv_rows(reader: Any, path: Path) -> Iterator[tuple[int, list[str]]]:
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise DataError(
                "table_damaged", path=printable(path), line=line, reason=str(error)
            ) from error
        if any(cell.strip() for cell in cells):
            yield line, cells


def _with_columns(rows: Iterator[tuple[int, list[str]]], columns: tuple[str, ...]) -> Iterator[Row]:
    width = len(columns)
    for line, cells in rows:
        ragged = len(cells) != width
        yield Row(line, None if ragged else dict(zip(columns, cells, strict=True)))


def _read_jsonl(text: str, path: Path, notes: tuple[str, ...]) -> Table:
    lines = enumerate(text.split("\n"), 1)
    rows = [Row(number, _cells(line)) for number, line in lines if line.strip()]
    columns = dict.fromkeys(name for row in rows for name in row.cells or ())
    if not columns:
        raise DataError("table_damaged", path=printable(path), line=1, reason="JSON")
    return Table(columns=tuple(columns), rows=iter(rows), notes=notes)


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


def _read_parquet(path: Path) -> Table:
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
    return Table(columns=tuple(columns), rows=_parquet_rows(rows))


def _parquet_rows(rows: list[dict[str, Any]]) -> Iterator[Row]:
    for line, cells in enumerate(rows, 1):
        yield Row(line, {name: _text(value) for name, value in cells.items()})
