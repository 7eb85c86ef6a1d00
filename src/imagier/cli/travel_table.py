"""A table of times and distances from a file: two columns of numbers, each cell checked."""

import math
from dataclasses import dataclass
from pathlib import Path

from imagier.datasets.sources.table_text import Row, read_table
from imagier.errors import DataError, UsageError, did_you_mean
from imagier.files import printable
from imagier.i18n import t

__all__ = ["Travel", "read_travel"]

MOST_LINES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Travel:
    """Two columns of a table.

    Attributes:
        names: The titles of the columns: time, then distance.
        times: The first column's numbers.
        distances: The second's.
        notes: How the file was read, where that is worth a word.
    """

    names: tuple[str, str]
    times: tuple[float, ...]
    distances: tuple[float, ...]
    notes: tuple[str, ...]


def read_travel(path: Path, columns: str | None) -> Travel:
    """Read times and distances from the first two columns of a table, or from those named.

    A comma inside a cell is a decimal comma.

    Args:
        path: A table: CSV, TSV, JSONL, Parquet.
        columns: The two titles with a comma between, or None.

    Raises:
        UsageError: `travel_columns`.
        DataError: `travel_missing`, `travel_too_long`, `travel_cell`, with line and column; or what
            the reader of tables says.
    """
    if not path.is_file():
        raise DataError("travel_missing", path=printable(path))
    table = read_table(path)
    names = _chosen(table.columns, columns, path)
    rows: list[Row] = []
    for row in table.rows:
        if len(rows) >= MOST_LINES:
            raise DataError("travel_too_long", path=printable(path), limit=MOST_LINES)
        rows.append(row)
    times, distances = (tuple(_number(row, name, path) for row in rows) for name in names)
    commas = any("," in (row.cells or {}).get(name, "") for row in rows for name in names)
    notes = (t("cli.derive.commas", path=printable(path)),) if commas else ()
    return Travel(names=names, times=times, distances=distances, notes=(*table.notes, *notes))


def _chosen(titles: tuple[str, ...], columns: str | None, path: Path) -> tuple[str, str]:
    wanted = [name.strip() for name in columns.split(",")] if columns else list(titles[:2])
    if len(wanted) != 2:
        shown = printable(columns) if columns else ", ".join(map(printable, titles))
        raise UsageError("travel_columns", path=printable(path), received=shown, hint="")
    for name in wanted:
        if name not in titles:
            hint = did_you_mean(name, titles)
            raise UsageError(
                "travel_columns", path=printable(path), received=printable(name), hint=hint
            )
    return wanted[0], wanted[1]


def _number(row: Row, name: str, path: Path) -> float:
    text = "" if row.cells is None else row.cells[name].strip()
    try:
        value = float(text.replace(",", ".") if "." not in text else text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        facts = {"column": printable(name), "received": printable(text[:40])}
        raise DataError("travel_cell", path=printable(path), line=row.line, **facts)
    return value
