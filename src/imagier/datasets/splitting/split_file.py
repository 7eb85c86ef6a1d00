"""`split.csv`: which picture was in which part, so that another run can use the same parts.

Columns: file, hash (of the decoded pixels), group, part; an empty part means that the picture was
left out. Names are written as `imagier.tables` writes them, so that no spreadsheet runs them and no
terminal obeys them, and read back as they were.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from imagier.errors import UsageError
from imagier.files import printable, read_regular
from imagier.tables import csv_text, original_cell

__all__ = ["COLUMNS", "SplitFile", "read_split_file", "split_text"]

COLUMNS = ("file", "hash", "group", "part")
MAX_BYTES = 128 * 2**20
_PARTS = ("train", "validation", "test", "")
_HASH = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitFile:
    """The parts that a file tells.

    Attributes:
        by_row: The part of each file name, with its pixel hash.
        by_hash: The part of each pixel hash, for pictures whose file was renamed.
    """

    by_row: Mapping[tuple[str, str], str]
    by_hash: Mapping[str, str]


def split_text(rows: Iterable[tuple[str, str, str, str]]) -> str:
    """Write rows of file, hash, group and part as CSV."""
    return csv_text(COLUMNS, rows)


def read_split_file(path: Path) -> SplitFile:
    """Read a split file.

    Raises:
        UsageError: `split_file_missing` or `split_file_damaged`, with the line.
    """
    try:
        text = read_regular(path, limit=MAX_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _damaged(path, 1, "UTF-8") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError("split_file_missing", path=printable(path), reason=reason) from error
    return _gather(_rows(path, text), path)


def _rows(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        if tuple(header) != COLUMNS:
            raise _damaged(path, 1, ",".join(header)[:80])
        for row in reader:
            file, hash_, _, part = row if len(row) == len(COLUMNS) else ("", "", "", "")
            if not file or not _HASH.fullmatch(hash_) or part not in _PARTS:
                raise _damaged(path, reader.line_num, ",".join(row)[:80])
            yield reader.line_num, row
    except csv.Error as error:
        raise _damaged(path, reader.line_num, str(error)) from error


def _gather(rows: Iterator[tuple[int, list[str]]], path: Path) -> SplitFile:
    by_row: dict[tuple[str, str], str] = {}
    by_hash: dict[str, str] = {}
    for line, (cell, hash_, _, part) in rows:
        file = original_cell(cell)
        if by_row.setdefault((file, hash_), part) != part:
            raise _damaged(path, line, f"{file}, {part}")
        by_hash.setdefault(hash_, part)
    return SplitFile(by_row=by_row, by_hash=by_hash)


def _damaged(path: Path, line: int, received: str) -> UsageError:
    return UsageError(
        "split_file_damaged", path=printable(path), line=line, received=printable(received)
    )
