"""A table of numbers from any kind of file: as spreadsheets save it, JSON lines, Parquet."""

from pathlib import Path

from imagier.errors import DataError
from imagier.files import printable
from imagier.tables import Sheet, comma_notes, read_sheet

__all__ = ["TABLES", "open_table"]

TEXTS = (".csv", ".tsv", ".txt")
RECORDS = (".jsonl", ".ndjson", ".parquet", ".pq")
TABLES = (*TEXTS, *RECORDS)


def open_table(path: Path) -> Sheet:
    """Read a table file, by its name's ending.

    Raises:
        DataError: What `read_sheet` refuses, or the reader of JSON lines and Parquet.
        MachineError: `reader_missing`, for Parquet without pyarrow.
    """
    if path.suffix.lower() not in RECORDS:
        return read_sheet(path)
    from imagier.datasets.sources.table_text import read_table

    table, name = read_table(path), printable(path)
    found = list(table.rows)
    if not found:
        raise DataError("table_no_rows", path=name)
    rows = [tuple((row.cells or {}).get(title, "") for title in table.columns) for row in found]
    return Sheet(
        name=name,
        titles=table.columns,
        rows=rows,
        lines=[row.line for row in found],
        notes=(*table.notes, *comma_notes((cell for row in rows for cell in row), name=name)),
    )
