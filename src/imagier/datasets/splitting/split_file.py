"""`split.csv`: which picture was in which part, so that another run can use the same parts.

Columns: file, hash (of the decoded pixels), group, part; an empty part means that the picture was
left out. Names are written as `imagier.tables` writes them, so that no spreadsheet runs them and no
terminal obeys them, and read back as they were.

Of a model made without pictures the file names none: its columns are number (of the row), the
hashes under the model's own key, which stands in the title, number of the group, part.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from imagier.errors import DataError, UsageError, system_reason
from imagier.files import printable, read_regular
from imagier.tables import CsvRow, csv_text, open_csv, open_text, original_cell

__all__ = ["COLUMNS", "SplitFile", "key_of", "read_split_file", "split_text"]

COLUMNS = ("file", "hash", "group", "part")
MAX_BYTES = 128 * 2**20
KEYED = "hmac-sha256:"  # before the key, in the title of a column of hashes
_PARTS = ("train", "validation", "test", "")
_HASH = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitFile:
    """The parts that a file tells.

    Attributes:
        by_row: The part of each file name, with its pixel hash.
        by_hash: The part of each pixel hash, for pictures whose file was renamed.
        key: The key of the hashes; empty where they are plain.
    """

    by_row: Mapping[tuple[str, str], str]
    by_hash: Mapping[str, str]
    key: str = ""


def split_text(rows: Iterable[tuple[str, str, str, str]], *, key: str = "") -> str:
    """Write rows of file, hash, group and part as CSV.

    Args:
        rows: The rows; under a key, the number of the picture stands in place of its file.
        key: The key of the hashes; empty where they are plain.
    """
    return csv_text(("number", KEYED + key, *COLUMNS[2:]) if key else COLUMNS, rows)


def key_of(columns: Sequence[str]) -> str | None:
    """Read the key from the titles of a split file; empty for plain hashes, None for no such file.

    >>> key_of(["number", "hmac-sha256:0123456789abcdef0123456789abcdef", "group", "part"])
    '0123456789abcdef0123456789abcdef'
    """
    if tuple(columns) == COLUMNS:
        return ""
    if len(columns) != len(COLUMNS) or (columns[0], *columns[2:]) != ("number", *COLUMNS[2:]):
        return None
    key = columns[1].removeprefix(KEYED)
    return key if columns[1].startswith(KEYED) and _HASH.fullmatch(key) else None


def read_split_file(path: Path) -> SplitFile:
    """Read a split file, as it was written or as a spreadsheet saved it again.

    Raises:
        UsageError: `split_file_missing` or `split_file_damaged`, with the line.
    """
    try:
        content = read_regular(path, limit=MAX_BYTES)
    except OSError as error:
        reason = system_reason(error)
        raise UsageError("split_file_missing", path=printable(path), reason=reason) from error
    try:
        text, _ = open_text(content, name=printable(path))
        _, rows = open_csv(text, name=printable(path))
        first = next(rows, None)
        titles = first.cells if first is not None else []
        key = key_of(titles)
        if key is None:
            raise _damaged(path, 1, ",".join(titles)[:80])
        return _gather(_checked(rows, path), path, key)
    except DataError as error:
        facts = error.facts
        raise _damaged(path, facts.get("line", 1), facts.get("reason", "UTF-8")) from error


def _checked(rows: Iterable[CsvRow], path: Path) -> Iterator[tuple[int, list[str]]]:
    for _, line, row in rows:
        file, hash_, _, part = row if len(row) == len(COLUMNS) else ("", "", "", "")
        if not file or not _HASH.fullmatch(hash_) or part not in _PARTS:
            raise _damaged(path, line, ",".join(row)[:80])
        yield line, row


def _gather(rows: Iterator[tuple[int, list[str]]], path: Path, key: str) -> SplitFile:
    by_row: dict[tuple[str, str], str] = {}
    by_hash: dict[str, str] = {}
    for line, (cell, hash_, _, part) in rows:
        file = original_cell(cell)
        if by_row.setdefault((file, hash_), part) != part:
            raise _damaged(path, line, f"{file}, {part}")
        by_hash.setdefault(hash_, part)
    return SplitFile(by_row=by_row, by_hash=by_hash, key=key)


def _damaged(path: Path, line: int, received: str) -> UsageError:
    return UsageError(
        "split_file_damaged", path=printable(path), line=line, received=printable(received)
    )
