"""`imagier predict MODEL PATH...`: the names of new pictures, one line for each."""

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import click

from imagier.cli.answer_outputs import AnswerOutputs, answer_table_options
from imagier.cli.decimals import Decimal
from imagier.cli.framework import (
    ImagierCommand,
    json_option,
    note,
    progress_bar,
    quiet_option,
)
from imagier.cli.picture_words import (
    Tally,
    check_words,
    count_words,
    find_words,
    tell_tally,
    without_table,
)
from imagier.errors import PictureError, UsageError
from imagier.files import is_within, printable
from imagier.i18n import integer, percent, plain_percent, t

if TYPE_CHECKING:
    from imagier.recognizer.name_sets import NameLimit
    from imagier.recognizer.sorted_copies import SortedCopies

__all__ = ["predict"]

CHOICES = 5
ORDERS = ("given", "least-sure")


@click.command("predict", cls=ImagierCommand, help=t("cli.predict.help"))
@click.argument("model", metavar=t("cli.predict.model_metavar"))
@click.argument("words", metavar=t("cli.predict.words_metavar"), nargs=-1)
@click.option("--paths-from", metavar=t("cli.predict.file"), help=t("cli.predict.paths_from"))
@click.option(
    "--top", type=click.IntRange(min=1), metavar="N", help=t("cli.predict.top", default=CHOICES)
)
@click.option(
    "--max-error",
    type=Decimal(0, 1, min_open=True, max_open=True, is_share=True),
    metavar=t("cli.predict.share"),
    help=t("cli.predict.max_error"),
)
@click.option(
    "--coverage",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    metavar=t("cli.predict.share"),
    help=t("cli.predict.coverage"),
)
@answer_table_options
@click.option("--order", type=click.Choice(ORDERS), help=t("cli.predict.order"))
@click.option("--sort", "folder", metavar=t("cli.predict.folder"), help=t("cli.predict.sort"))
@click.option("--strict", is_flag=True, help=t("cli.predict.strict"))
@json_option
@quiet_option
@click.pass_context
def predict(
    context: click.Context,
    *,
    model: str,
    words: tuple[str, ...],
    paths_from: str | None,
    top: int | None,
    max_error: float | None,
    coverage: float | None,
    csv_name: str | None,
    excel: bool,
    jsonl_name: str | None,
    order: str | None,
    folder: str | None,
    strict: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    from imagier.recognizer import load
    from imagier.recognizer.answer_order import least_sure_first
    from imagier.recognizer.prediction import label_width
    from imagier.recognizer.results import prediction_columns

    outputs = AnswerOutputs(
        csv_name=csv_name,
        excel=excel,
        jsonl_name=jsonl_name,
        sorts=folder is not None,
        as_json=as_json,
    )
    outputs.check()
    check_words(context, words, paths_from)
    if folder is not None:
        _check_folder(words, folder)
    recognizer = load(model)
    recognizer.check_names()
    recognizer.threshold(max_error)  # refused before any file is written
    limit = None if coverage is None else recognizer.name_limit(coverage)
    classes, tally = recognizer.classes, Tally()
    width, shown = label_width(classes), min(top or CHOICES, len(classes))
    with ExitStack() as stack:
        found = find_words(words, paths_from, stack)
        paths = without_table(found.paths, outputs.table)
        if folder is not None and not paths_from:
            paths = _without_copies(paths, folder)
        copies = _copies(folder, classes)
        if copies:
            paths = copies.record(paths)
        is_quiet = quiet or not outputs.is_silent
        advance = stack.enter_context(progress_bar(t("cli.predict.progress"), quiet=is_quiet))
        opened = outputs.open(
            lambda: prediction_columns(choices=shown, names=limit is not None),
            lambda answer: answer.line(width=width, choices=top is not None),
        )
        write = stack.enter_context(opened)
        answers = recognizer.predict_many(
            paths, top=top or CHOICES, max_error=max_error, coverage=coverage
        )
        answers = tally.count(answers, advance, count_words(words, is_quiet=is_quiet))
        if copies:
            answers = copies.copy(answers)
        for answer in least_sure_first(answers) if order == "least-sure" else answers:
            write(answer)
    if max_error is not None:
        judged = integer(tally.good)
        facts = {"n": tally.unsaid, "unsaid": integer(tally.unsaid), "count": judged}
        note(t("cli.predict.unsaid", error=percent(max_error), **facts), quiet=quiet)
    if limit is not None:
        note(_coverage_note(limit), quiet=quiet)
    outputs.tell_of_guards(classes, quiet=quiet)
    more = copies.sentences() if copies else ()
    tell_tally(found, tally, table=outputs.table, more=more, quiet=quiet)
    return tally.exit_code(strict=strict)


def _coverage_note(limit: "NameLimit") -> str:
    """Say how often the sets hold the true name, and between which shares that lies."""
    from imagier.testing.conformal import coverage_band

    share, _, n = limit
    low, high = (percent(one) for one in coverage_band(n, 1 - share))
    facts = {"share": plain_percent(share), "low": low, "high": high}
    return t("cli.predict.covered", n=n, count=integer(n), **facts)


def _check_folder(words: tuple[str, ...], folder: str) -> None:
    from imagier.images import stream_number
    from imagier.images.filenames import is_model

    if any(stream_number(word) is not None for word in words):
        raise UsageError("sort_pipe")
    if os.path.lexists(folder) and not Path(folder).is_dir():
        raise UsageError("sort_no_folder", path=printable(folder))
    above = Path(os.path.abspath(folder))  # noqa: PTH100 - a link keeps its own name
    model = next((one for one in (above, *above.parents) if is_model(str(one))), None)
    if model is not None:
        raise UsageError("sort_into_model", path=printable(folder), model=printable(model.name))
    if os.path.lexists(folder) and any(is_within(Path(word), Path(folder)) for word in words):
        raise UsageError("sort_into_itself", path=printable(folder))


def _without_copies(
    paths: Iterable[str | PictureError], folder: str
) -> Iterator[str | PictureError]:
    """Leave out pictures that were copied before or just now."""

    @lru_cache(maxsize=64)
    def is_copied(parent: str) -> bool:
        return is_within(Path(parent), Path(folder))

    for path in paths:
        if isinstance(path, PictureError) or not is_copied(str(Path(path).parent)):
            yield path


def _copies(folder: str | None, classes: tuple[str, ...]) -> "SortedCopies | None":
    if folder is None:
        return None
    from imagier.recognizer.sorted_copies import SortedCopies

    unsure, stranger = t("cli.predict.unsure_folder"), t("cli.predict.stranger_folder")
    return SortedCopies(Path(folder), classes, unsure=unsure, stranger=stranger)
