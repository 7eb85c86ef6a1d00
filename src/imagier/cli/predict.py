"""`imagier predict MODEL PATH...`: the names of new pictures, one line for each."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from os import path as os_path
from pathlib import Path
from typing import TYPE_CHECKING

import click

from imagier.cli.framework import (
    ImagierCommand,
    json_option,
    note,
    print_json,
    progress_bar,
    quiet_option,
    say,
)
from imagier.errors import PictureError, UsageError
from imagier.files import printable
from imagier.i18n import integer, percent, t

if TYPE_CHECKING:
    from imagier.images.file_search import FoundPictures
    from imagier.recognizer import Prediction, Recognizer

__all__ = ["predict"]

EXIT_BAD_INPUTS = 3
CHOICES = 5

Write = Callable[["Prediction"], None]


@click.command("predict", cls=ImagierCommand, help=t("cli.predict.help"))
@click.argument("model", metavar=t("cli.predict.model_metavar"))
@click.argument("words", metavar=t("cli.predict.words_metavar"), nargs=-1, required=True)
@click.option(
    "--top", type=click.IntRange(min=1), metavar="N", help=t("cli.predict.top", default=CHOICES)
)
@click.option(
    "--max-error",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    metavar=t("cli.predict.share"),
    help=t("cli.predict.max_error"),
)
@click.option("--csv", "csv_name", metavar=t("cli.predict.file"), help=t("cli.predict.csv"))
@click.option("--jsonl", "jsonl_name", metavar=t("cli.predict.file"), help=t("cli.predict.jsonl"))
@click.option("--strict", is_flag=True, help=t("cli.predict.strict"))
@json_option
@quiet_option
def predict(
    model: str,
    words: tuple[str, ...],
    *,
    top: int | None,
    max_error: float | None,
    csv_name: str | None,
    jsonl_name: str | None,
    strict: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    from imagier.images.file_search import find_pictures
    from imagier.recognizer import load

    if csv_name and jsonl_name:
        raise UsageError("two_tables")
    recognizer = load(model)
    found = find_pictures(words)
    table = csv_name or jsonl_name
    paths = [path for path in found.paths if not (table and _is_same(path, table))]
    recognizer.threshold(max_error)  # refused before any file is written
    bad = unsaid = 0
    with (
        _writers(recognizer, top, csv_name, jsonl_name, as_json=as_json) as writers,
        progress_bar(t("cli.predict.progress"), quiet=quiet or not table) as advance,
    ):
        answers = recognizer.predict_many(paths, top=top or CHOICES, max_error=max_error)
        for number, answer in enumerate(answers, start=1):
            bad += answer.status == "error"
            unsaid += answer.abstained
            for write in writers:
                write(answer)
            advance(number, len(paths))
    if max_error is not None:
        facts = {"n": unsaid, "unsaid": integer(unsaid), "count": integer(len(paths) - bad)}
        note(t("cli.predict.unsaid", error=percent(max_error), **facts), quiet=quiet)
    _tell(found, len(paths), bad, table, quiet=quiet)
    return EXIT_BAD_INPUTS if strict and bad else 0


@contextmanager
def _writers(
    recognizer: "Recognizer",
    top: int | None,
    csv_name: str | None,
    jsonl_name: str | None,
    *,
    as_json: bool,
) -> Iterator[list[Write]]:
    """Open what the answers are written to: a table, stdout for programs or for people."""
    from imagier.recognizer.prediction import label_width
    from imagier.recognizer.results import csv_file, jsonl_file

    writers: list[Write] = []
    if as_json:
        writers.append(lambda answer: print_json(answer.to_json()))
    elif not (csv_name or jsonl_name):
        width = label_width(recognizer.classes)
        writers.append(lambda answer: say(answer.line(width=width, choices=top is not None)))
    if csv_name:
        choices = min(top or CHOICES, len(recognizer.classes))
        with csv_file(Path(csv_name), choices=choices) as write:
            yield [*writers, write]
    elif jsonl_name:
        with jsonl_file(Path(jsonl_name)) as write:
            yield [*writers, write]
    else:
        yield writers


def _tell(found: "FoundPictures", n: int, bad: int, table: str | None, *, quiet: bool) -> None:
    """Say on stderr what the answers themselves do not: what was written, left out, not read."""
    if found.passed_over:
        from imagier.images.filenames import passed_over_note

        note("\n".join(passed_over_note(found.passed_over)), quiet=quiet)
    if table:
        path = printable(table)
        note(t("cli.predict.written", n=n, count=integer(n), path=path), quiet=quiet)
    if bad:
        note(t("cli.predict.bad", n=bad, bad=integer(bad), count=integer(n)), quiet=quiet)


def _is_same(path: str | PictureError, table: str) -> bool:
    """Tell whether a picture's path is the table of an earlier run, in the same folder."""
    if isinstance(path, PictureError) or Path(path).name != Path(table).name:
        return False
    return os_path.realpath(path) == os_path.realpath(table)
