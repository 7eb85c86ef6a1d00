"""The rows of a table of points as texts, as spreadsheets and programs save them."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from imagier.errors import DataError, UsageError, did_you_mean
from imagier.files import printable, storage_errors
from imagier.i18n import integer, t

__all__ = ["NUMBER", "TABLES", "Rows", "plain_number", "read_rows"]

NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")
THOUSANDS = re.compile(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))")
TEXTS = (".csv", ".tsv", ".txt")
TABLES = (*TEXTS, ".jsonl", ".ndjson", ".parquet", ".pq")
LARGEST = 2**29  # bytes
HUGE = 1e150  # the square of a larger number is not one


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What stands in a table.

    Attributes:
        name: Of the file.
        titles: Of the columns.
        rows: The cells of each row, as they were written.
        lines: The line of each row in the file.
        notes: What is worth knowing about how it was read.
    """

    name: str
    titles: tuple[str, ...]
    rows: list[tuple[str, ...]]
    lines: Sequence[int]
    notes: tuple[str, ...] = ()

    def column(self, title: str) -> list[float]:
        """Read a column as numbers.

        Raises:
            UsageError: `cluster_column`.
            DataError: `cluster_cell`, naming row and column.
        """
        place = self.titles.index(self.known(title))
        return [
            self._number(row[place], line, title)
            for row, line in zip(self.rows, self.lines, strict=True)
        ]

    def known(self, title: str) -> str:
        """Refuse a title that the table does not have.

        Raises:
            UsageError: `cluster_column`.
        """
        if title not in self.titles:
            raise UsageError(
                "cluster_column",
                path=self.name,
                received=printable(title)[:60],
                titles=printable(", ".join(self.titles))[:200],
                hint=did_you_mean(title, self.titles),
            )
        return title

    def _number(self, cell: str, line: int, title: str) -> float:
        number = plain_number(cell)
        if number is None:
            where = {"path": self.name, "row": integer(line), "column": printable(title)[:60]}
            raise DataError("cluster_cell", received=printable(cell.strip()[:40]) or "–", **where)
        return number


def read_rows(path: Path) -> Rows:
    """Read a table file: CSV with commas, semicolons or tabs, JSON lines, Parquet.

    Raises:
        DataError: `cluster_kind`, `cluster_ragged`, `cluster_title_twice`, and what reading a table
            refuses.
    """
    from imagier.datasets.sources.table_text import read_table

    name, kind = printable(path), path.suffix.lower()
    if kind not in TABLES:
        raise DataError("cluster_kind", path=name, kinds=", ".join(TABLES))
    table = read_table(path)  # also tells of what is too large, damaged or no text
    if kind not in TEXTS:
        found = [(row.line, row.cells) for row in table.rows]
        cells = [
            tuple((cells or {}).get(title, "") for title in table.columns) for _, cells in found
        ]
        lines = [line for line, _ in found]
        return Rows(name=name, titles=table.columns, rows=cells, lines=lines, notes=table.notes)
    titles, *rows = _records(path)
    return _titled(name, titles, rows, table.notes)


def plain_number(cell: str) -> float | None:
    """Read a number as people write it, 1 250,5 or 1250.5; None when it is none.

    >>> plain_number("1\u202f250,5"), plain_number("-3e2"), plain_number("nan")
    (1250.5, -300.0, None)
    """
    plain = THOUSANDS.sub("", cell.strip().replace("−", "-"))
    if not NUMBER.fullmatch(plain):
        return None
    number = float(plain.replace(",", "."))
    return number if abs(number) < HUGE else None


def _records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Give the rows that hold something, with their lines."""
    with storage_errors(path):
        content = path.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252")
    first = next(line for line in text.splitlines() if line.strip())
    mark = next((mark for mark in ";\t" if mark in first), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, [cell.strip() for cell in cells]


def _titled(
    name: str,
    first: tuple[int, list[str]],
    records: list[tuple[int, list[str]]],
    notes: tuple[str, ...],
) -> Rows:
    """Take the first row for titles, unless it holds numbers."""
    titles = first[1]
    if all(plain_number(title) is not None for title in titles):
        records = [first, *records]
        titles = [f"c{n}" for n in range(1, len(titles) + 1)]
        notes = (*notes, t("cli.cluster.untitled", titles=", ".join(titles)))
    twice = next((title for title in titles if titles.count(title) > 1), None)
    if twice is not None:
        raise DataError("cluster_title_twice", path=name, column=printable(twice)[:60])
    for line, cells in records:
        if len(cells) != len(titles):
            raise DataError("cluster_ragged", path=name, row=line, n=len(titles))
    return Rows(
        name=name,
        titles=tuple(titles),
        rows=[tuple(cells) for _, cells in records],
        lines=[line for line, _ in records],
        notes=notes,
    )
