"""Writes answers to a table (CSV) or to JSON lines, as they come, a file appearing when whole.

Until then the rows stand beside it in a file that ends in `.part`, each as soon as it is known.
Names of pictures, texts of lines: whatever was answered brings its own columns.
"""

import codecs
import errno
import os
import secrets
import stat
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Generic, Protocol, TypeAlias, TypeVar

from imagier.errors import Refused, UsageError
from imagier.files import json_line, printable, read_object, storage_errors
from imagier.i18n import decimal_mark
from imagier.recognizer.prediction import Prediction
from imagier.tables import csv_line, unescape

__all__ = [
    "CSV_ENDINGS",
    "JSONL_ENDINGS",
    "AnswerColumns",
    "CsvForm",
    "JsonAnswer",
    "check_ending",
    "csv_file",
    "error_cells",
    "jsonl_file",
    "prediction_columns",
]

Target: TypeAlias = Path | IO[str] | codecs.StreamWriter

CSV_ENDINGS, JSONL_ENDINGS = (".csv", ".tsv", ".txt"), (".jsonl", ".ndjson")
# by which our own tables are known: those of names, those of texts
_FIRST_COLUMNS = tuple(("path", "status", said, "probability") for said in ("label", "text"))
_LONGEST_LINE = 2**16
_LONGEST_NAME = 200
_PATIENCE, _GLANCE = 5.0, 0.02  # seconds in which a reader may come; between two looks


class JsonAnswer(Protocol):
    """An answer about one picture, or one line of it."""

    def to_json(self) -> dict[str, Any]:
        """Give the answer as other programs read it."""


Told = TypeVar("Told")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerColumns(Generic[Told]):
    """What a table says of each answer.

    Attributes:
        titles: Of the columns, the first four those by which such a table is known.
        row: Gives the cells of an answer; texts as they are, whatever is in them.
    """

    titles: Sequence[str]
    row: Callable[[Told], list[Any]]


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


def prediction_columns(*, choices: int, names: bool = False) -> AnswerColumns[Prediction]:
    """Give the columns of names of pictures.

    They are `path`, `status`, `label`, `probability`, then `label_2`, `probability_2`...,
    `abstained`, `stranger`, `error_code`, `error_message`.

    Args:
        choices: How many choices have a column.
        names: Whether there is a column of the sets of names, separated by semicolons.

    >>> prediction_columns(choices=2).titles[:6]
    ['path', 'status', 'label', 'probability', 'label_2', 'probability_2']
    """
    titles = ["path", "status"]
    for place in range(1, choices + 1):
        suffix = f"_{place}" if place > 1 else ""
        titles += [f"label{suffix}", f"probability{suffix}"]
    set_title = ["names"] if names else []
    titles = [*titles, *set_title, "abstained", "stranger", "error_code", "error_message"]
    return AnswerColumns(titles=titles, row=lambda answer: _row(answer, choices, names=names))


def error_cells(error: Mapping[str, str] | None) -> list[str]:
    """Give the last two cells of a row: why a picture could not be read."""
    return ["", ""] if error is None else [error["code"], unescape(error["message"])]


@contextmanager
def csv_file(
    target: Target, columns: AnswerColumns[Told], *, form: CsvForm | None = None
) -> Iterator[Callable[[Told], None]]:
    """Write answers to a CSV table in UTF-8, one row an answer.

    Texts are written as `imagier.tables` writes them: names stay as they are, save that what could
    be a formula gets an apostrophe in front, and what a terminal would obey is escaped.

    Args:
        target: The file; it appears when the block ends well. A table of answers there is replaced.
            Or an open text, such as the standard output.
        columns: What is said of each answer.
        form: How it is written; None for commas and decimal points.

    Yields:
        A function that writes one answer.

    Raises:
        UsageError: `not_a_table`, when something else than a table of answers stands there;
            `pipe_unread`, when it is a pipe that no program reads.
        MachineError: `disk_full` or `cannot_write`.
    """
    form = form or CsvForm()
    with _text_file(target) as file:

        def write(cells: Sequence[Any], mark: str = "") -> None:
            line = csv_line(cells, delimiter=form.delimiter, decimal=form.decimal)
            print(mark + line, end="", file=file, flush=True)

        write(columns.titles, form.mark)
        yield lambda answer: write(columns.row(answer))


@contextmanager
def jsonl_file(target: Target) -> Iterator[Callable[[JsonAnswer], None]]:
    """Write answers as JSON lines, one compact object an answer.

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
    stranger = "" if answer.stranger is None else str(answer.stranger).lower()
    return [*cells, str(answer.abstained).lower(), stranger, *error_cells(answer.error)]


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
    beginnings = (sign.join(first).encode() for first in _FIRST_COLUMNS for sign in ",;\t")
    if not line or line.startswith(tuple(beginnings)):
        return True
    with suppress(Refused):
        keys = set(read_object(line, most=_LONGEST_LINE))
        return any(keys >= set(first) for first in _FIRST_COLUMNS)
    return False
