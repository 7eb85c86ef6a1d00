"""Writes answers to a table (CSV) or to JSON lines, as they come, the file appearing when whole."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO, TypeAlias

from imagier.errors import Refused, UsageError
from imagier.files import json_line, printable, read_object, storage_errors
from imagier.recognizer.prediction import Prediction
from imagier.tables import csv_line, unescape

__all__ = ["Write", "csv_file", "jsonl_file"]

Write: TypeAlias = Callable[[Prediction], None]

_FIRST_COLUMNS = ("path", "status", "label", "probability")  # by which our own tables are known
_LONGEST_LINE = 2**16


@contextmanager
def csv_file(path: Path, *, choices: int) -> Iterator[Write]:
    """Write answers to a CSV table in UTF-8, one row a picture.

    The columns are `path`, `status`, `label`, `probability`, then `label_2`, `probability_2`...,
    `abstained`, `stranger`, `error_code`, `error_message`. Texts are written as `imagier.tables`
    writes them: one that begins with = + - @, an apostrophe, a tab or a carriage return gets an
    apostrophe in front, so that no spreadsheet runs it, and what a terminal would obey is escaped.

    Args:
        path: The file; it appears when the block ends well. A table of answers there is replaced.
        choices: How many choices have a column.

    Yields:
        A function that writes one answer.

    Raises:
        UsageError: `not_a_table`, when something else than a table of answers stands there.
        MachineError: `disk_full` or `cannot_write`.
    """
    names = [*_FIRST_COLUMNS[:2]]
    for place in range(1, choices + 1):
        suffix = f"_{place}" if place > 1 else ""
        names += [f"label{suffix}", f"probability{suffix}"]
    with _new_text(path) as file:
        file.write(csv_line([*names, "abstained", "stranger", "error_code", "error_message"]))
        yield lambda answer: print(csv_line(_row(answer, choices)), end="", file=file)


@contextmanager
def jsonl_file(path: Path) -> Iterator[Write]:
    """Write answers to a file of JSON lines, one compact object a picture.

    Args:
        path: The file; it appears when the block ends well. A table of answers there is replaced.

    Yields:
        A function that writes one answer.

    Raises:
        UsageError: `not_a_table`, when something else than a table of answers stands there.
        MachineError: `disk_full` or `cannot_write`.
    """
    with _new_text(path) as file:
        yield lambda answer: print(json_line(answer.to_json()), file=file)


def _row(answer: Prediction, choices: int) -> list[Any]:
    given = answer.to_json()
    cells: list[Any] = [unescape(answer.path), answer.status]
    for place in range(choices):
        cells += given["top"][place] if place < len(given["top"]) else [None, None]
    error = answer.error or {"code": "", "message": ""}
    message = unescape(error["message"])
    stranger = "" if answer.stranger is None else str(answer.stranger).lower()
    return [*cells, str(answer.abstained).lower(), stranger, error["code"], message]


@contextmanager
def _new_text(path: Path) -> Iterator[TextIO]:
    """Open a text file that stands in for `path` until it is whole."""
    if os.path.lexists(path) and not (path.is_file() and _is_own(path)):
        raise UsageError("not_a_table", path=printable(path))
    temporary = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}")
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("x", encoding="utf-8", newline="") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def _is_own(path: Path) -> bool:
    """Tell whether a file is empty, or begins as a table or a line of answers does."""
    with storage_errors(path), path.open("rb") as file:
        line = file.readline(_LONGEST_LINE)
    if not line or line.startswith(",".join(_FIRST_COLUMNS).encode()):
        return True
    with suppress(Refused):
        return set(read_object(line, most=_LONGEST_LINE)) >= set(_FIRST_COLUMNS)
    return False
