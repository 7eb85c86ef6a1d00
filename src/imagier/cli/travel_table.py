"""A table of times and distances from a file: two columns of numbers, each cell checked."""

from dataclasses import dataclass
from pathlib import Path

from imagier.cli.table_files import open_table
from imagier.errors import UsageError
from imagier.files import printable
from imagier.tables import Sheet

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

    Args:
        path: A table: CSV, TSV, JSONL, Parquet.
        columns: The two titles with a comma between, or None.

    Raises:
        UsageError: `travel_columns`, `table_unknown_column`.
        DataError: `table_too_long`, what `open_table` refuses, or a cell that is no number, with
            row and column.
    """
    sheet = open_table(path)
    names = _chosen(sheet, columns)
    sheet.check_length(MOST_LINES)
    times, distances = (tuple(sheet.numbers(name)) for name in names)
    return Travel(names=names, times=times, distances=distances, notes=sheet.notes)


def _chosen(sheet: Sheet, columns: str | None) -> tuple[str, str]:
    wanted = [name.strip() for name in columns.split(",")] if columns else list(sheet.titles[:2])
    if len(wanted) != 2:
        shown = printable(columns) if columns else ", ".join(map(printable, sheet.titles))
        raise UsageError("travel_columns", path=sheet.name, received=shown)
    return sheet.known(wanted[0]), sheet.known(wanted[1])
