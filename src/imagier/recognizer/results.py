"""Writes answers to a table (CSV) or to JSON lines, as they come, a file appearing when whole.

Until then the rows stand beside it in a file that ends in `.part`, each as soon as it is known.
"""

import codecs
import errno
import os
import secrets
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeAlias

from imagier.errors import Refused, UsageError
from imagier.files import json_line, printable, read_object, storage_errors
from imagier.i18n import decimal_mark
from imagier.recognizer.prediction import Prediction
from imagier.tables import csv_line, unescape

__all__ = [
    "CSV_ENDINGS",
    "JSONL_ENDINGS",
    "CsvForm",
    "Write",
    "check_ending",
    "csv_file",
    "jsonl_file",
]

Write: TypeAlias = Callable[[Prediction], None]
Target: TypeAlias = Path | IO[str] | codecs.StreamWriter

CSV_ENDINGS, JSONL_ENDINGS = (".csv", ".tsv", ".txt"), (".jsonl", ".ndjson")
_FIRST_COLUMNS = ("path", "status", "label", "probability")  # by which our own tables are known
_LONGEST_LINE = 2**16
_LONGEST_NAME = 200
_PATIENCE, _GLANCE = 5.0, 0.02  # seconds in which a reader may come; between two looks


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvForm:
    """How a table is written.

    Attributes:
        delimiter: What stands between two cells.
        decimal: What stands before decimals.
        mark: What stands before all else.
    """

    delimiter: str = ","
    decimal: str = "."
    mark: str = ""

    @classmethod
    def of(cls, name: str, *, excel: bool = False) -> "CsvForm":
        r"""Choose by the name's ending and by who opens it: tabs for `.tsv`, Excel's own for Excel.

        Excel wants a mark in front to read UTF-8, and where the language has decimal commas, these
        and semicolons between the cells.

        >>> CsvForm.of("answers.tsv").delimiter
        '\t'
        """
        decimal = decimal_mark() if excel else "."
        usual = ";" if decimal == "," else ","
        delimiter = "\t" if Path(name).suffix.lower() == ".tsv" else usual
        return cls(delimiter=delimiter, decimal=decimal, mark="\ufeff" if excel else "")


def check_ending(path: Path, *, option: str, endings: tuple[str, ...]) -> None:
    """Refuse a name that ends as another kind of file does; a pipe or a device has any name.

    Args:
        path: Of the table.
        option: That it was given to, such as `--csv`.
        endings: That such a table may have, the usual one first.

    Raises:
        UsageError: `table_ending`.
    """
    if path.suffix.lower() in endings or _is_stream(path):
        return
    facts = {"path": printable(path), "endings": ", ".join(endings), "option": option}
    raise UsageError("table_ending", usual=path.with_suffix(endings[0]).name, **facts)


@contextmanager
def csv_file(
    target: Target, *, choices: int, form: CsvForm | None = None, names: bool = False
) -> Iterator[Write]:
    """Write answers to a CSV table in UTF-8, one row a picture.

    The columns are `path`, `status`, `label`, `probability`, then `label_2`, `probability_2`...,
    `abstained`, `stranger`, `error_code`, `error_message`. Texts are written as `imagier.tables`
    writes them: names stay as they are, save that what could be a formula gets an apostrophe in
    front, and what a terminal would obey is escaped.

    Args:
        target: The file; it appears when the block ends well. A table of answers there is replaced.
            Or an open text, such as the standard output.
        choices: How many choices have a column.
        names: Whether there is a column of the sets of names, separated by semicolons.
        form: How it is written; None for commas and decimal points.

    Yields:
        A function that writes one answer.

    Raises:
        UsageError: `not_a_table`, when something else than a table of answers stands there;
            `pipe_unread`, when it is a pipe that no program reads.
        MachineError: `disk_full` or `cannot_write`.
    """
    form = form or CsvForm()
    columns = [*_FIRST_COLUMNS[:2]]
    for place in range(1, choices + 1):
        suffix = f"_{place}" if place > 1 else ""
        columns += [f"label{suffix}", f"probability{suffix}"]
    set_title = ["names"] if names else []
    titles = [*columns, *set_title, "abstained", "stranger", "error_code", "error_message"]
    with _text_file(target) as file:

        def write(cells: list[Any], mark: str = "") -> None:
            line = csv_line(cells, delimiter=form.delimiter, decimal=form.decimal)
            print(mark + line, end="", file=file, flush=True)

        write(titles, form.mark)
        yield lambda answer: write(_row(answer, choices, names=names))


@contextmanager
def jsonl_file(target: Target) -> Iterator[Write]:
    """Write answers as JSON lines, one compact object a picture.

    Args:
        target: The file; it appears when the block ends well. A table of answers there is replaced.
            Or an open text, such as the standard output.

    Yields:
        A function that writes one answer.

    Raises:
        UsageError: `not_a_table`, when something else than a table of answers stands there;
            `pipe_unread`, when it is a pipe that no program reads.
        MachineError: `disk_full` or `cannot_write`.
    """
    with _text_file(target) as file:
        yield lambda answer: print(json_line(answer.to_json()), file=file, flush=True)


def _row(answer: Prediction, choices: int, *, names: bool) -> list[Any]:
    given = answer.to_json()
    cells: list[Any] = [unescape(answer.path), answer.status]
    for place in range(choices):
        cells += given["top"][place] if place < len(given["top"]) else [None, None]
    if names:
        cells.append("; ".join(answer.names or ()))
    error = answer.error or {"code": "", "message": ""}
    message = unescape(error["message"])
    stranger = "" if answer.stranger is None else str(answer.stranger).lower()
    return [*cells, str(answer.abstained).lower(), stranger, error["code"], message]


@contextmanager
def _text_file(target: Target) -> Iterator[IO[str] | codecs.StreamWriter]:
    """Open a text; for a file, one beside it that takes its place when it is whole."""
    if not isinstance(target, Path):
        yield target
        return
    with storage_errors(target):
        if _is_stream(target):
            with _open_stream(target) as file:
                yield file
            return
        if os.path.lexists(target) and not (target.is_file() and _is_own(target)):
            raise UsageError("not_a_table", path=printable(target))
        target.parent.mkdir(parents=True, exist_ok=True)
        part_file, part = _open_part(target)
        try:
            with part_file:
                yield part_file
                part_file.flush()
                os.fsync(part_file.fileno())
            part.replace(target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def _open_part(path: Path) -> tuple[IO[str], Path]:
    """Open a new file beside a table; where one of its name is there, under a name of its own."""
    name = path.name[:_LONGEST_NAME]
    usual, other = (path.with_name(f"{name}{own}.part") for own in ("", f".{secrets.token_hex(4)}"))
    try:
        return usual.open("x", encoding="utf-8", newline=""), usual
    except FileExistsError:
        return other.open("x", encoding="utf-8", newline=""), other


def _open_stream(path: Path) -> IO[str]:
    """Open a pipe or a device, once a program reads it; shells start both at about the same time.

    Raises:
        UsageError: `pipe_unread`.
    """
    began = time.monotonic()
    while True:
        try:
            number = os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0))
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            if time.monotonic() - began > _PATIENCE:
                raise UsageError("pipe_unread", path=printable(path)) from error
            time.sleep(_GLANCE)
        else:
            os.set_blocking(number, True)
            return os.fdopen(number, "w", encoding="utf-8", newline="")


def _is_stream(path: Path) -> bool:
    """Tell a pipe or a device, which is written as the answers come."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


def _is_own(path: Path) -> bool:
    """Tell whether a file is empty, or begins as a table or a line of answers does."""
    with storage_errors(path), path.open("rb") as file:
        line = file.readline(_LONGEST_LINE).removeprefix(codecs.BOM_UTF8)
    if not line or any(line.startswith(sign.join(_FIRST_COLUMNS).encode()) for sign in ",;\t"):
        return True
    with suppress(Refused):
        return set(read_object(line, most=_LONGEST_LINE)) >= set(_FIRST_COLUMNS)
    return False
