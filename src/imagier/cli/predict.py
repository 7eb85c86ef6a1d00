"""`imagier predict MODEL PATH...`: the names of new pictures, one line for each."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from imagier.cli.decimals import Decimal
from imagier.cli.framework import (
    Advance,
    ImagierCommand,
    json_option,
    note,
    progress_bar,
    quiet_option,
)
from imagier.cli.predict_outputs import AnswerOutputs
from imagier.errors import PictureError, UsageError
from imagier.files import is_within, printable
from imagier.i18n import integer, percent, plain_percent, t

if TYPE_CHECKING:
    from imagier.images.file_search import PictureStream
    from imagier.recognizer import Prediction
    from imagier.recognizer.name_sets import NameLimit
    from imagier.recognizer.sorted_copies import SortedCopies

__all__ = ["predict"]

EXIT_BAD_INPUTS = 3
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
@click.option("--csv", "csv_name", metavar=t("cli.predict.file"), help=t("cli.predict.csv"))
@click.option("--excel", is_flag=True, help=t("cli.predict.excel"))
@click.option("--jsonl", "jsonl_name", metavar=t("cli.predict.file"), help=t("cli.predict.jsonl"))
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

    outputs = AnswerOutputs(
        csv_name=csv_name,
        excel=excel,
        jsonl_name=jsonl_name,
        sorts=folder is not None,
        as_json=as_json,
    )
    outputs.check()
    _check_words(context, words, paths_from, folder)
    recognizer = load(model)
    recognizer.threshold(max_error)  # refused before any file is written
    limit = None if coverage is None else recognizer.name_limit(coverage)
    tally = _Tally()
    with ExitStack() as stack:
        found = _find(words, paths_from, stack)
        paths = _without(found.paths, table=outputs.table, folder=None if paths_from else folder)
        copies = _copies(folder, recognizer.classes)
        if copies:
            paths = copies.record(paths)
        is_quiet = quiet or not outputs.is_silent
        advance = stack.enter_context(progress_bar(t("cli.predict.progress"), quiet=is_quiet))
        write = stack.enter_context(
            outputs.open(recognizer, top=top, usual=CHOICES, names=limit is not None)
        )
        answers = recognizer.predict_many(
            paths, top=top or CHOICES, max_error=max_error, coverage=coverage
        )
        answers = tally.count(answers, advance, _total(words, is_quiet))
        if copies:
            answers = copies.copy(answers)
        for answer in least_sure_first(answers) if order == "least-sure" else answers:
            write(answer)
    if max_error is not None:
        judged = integer(tally.n - tally.bad)
        facts = {"n": tally.unsaid, "unsaid": integer(tally.unsaid), "count": judged}
        note(t("cli.predict.unsaid", error=percent(max_error), **facts), quiet=quiet)
    if limit is not None:
        note(_coverage_note(limit), quiet=quiet)
    outputs.tell_of_guards(recognizer.classes, quiet=quiet)
    _tell(found, tally, outputs.table, copies, quiet=quiet)
    return EXIT_BAD_INPUTS if tally.bad and (strict or tally.bad == tally.n) else 0


def _coverage_note(limit: "NameLimit") -> str:
    """Say how often the sets hold the true name, and between which shares that lies."""
    from imagier.testing.conformal import coverage_band

    share, _, n = limit
    low, high = (percent(one) for one in coverage_band(n, 1 - share))
    facts = {"share": plain_percent(share), "low": low, "high": high}
    return t("cli.predict.covered", n=n, count=integer(n), **facts)


@dataclass(slots=True, kw_only=True)
class _Tally:
    """How many answers there are, of pictures not read, and how many are left to a person."""

    n: int = 0
    bad: int = 0
    unsaid: int = 0

    def count(
        self, answers: "Iterable[Prediction]", advance: Advance, total: int | None
    ) -> "Iterator[Prediction]":
        for answer in answers:
            self.n += 1
            self.bad += answer.status == "error"
            self.unsaid += answer.abstained
            advance(self.n, total)
            yield answer


def _check_words(
    context: click.Context, words: tuple[str, ...], paths_from: str | None, folder: str | None
) -> None:
    from imagier.images import stream_number
    from imagier.images.filenames import is_model

    if words and paths_from:
        raise UsageError("paths_twice")
    if not (words or paths_from):
        raise click.MissingParameter(ctx=context, param=context.command.params[1])
    if folder is not None:
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


def _find(words: tuple[str, ...], paths_from: str | None, stack: ExitStack) -> "PictureStream":
    from imagier.images.file_search import PictureStream, stream_pictures
    from imagier.images.path_list import open_paths, read_paths

    if paths_from is None:
        return stream_pictures(words)
    paths = read_paths(stack.enter_context(open_paths(paths_from)), name=paths_from)
    first = next(paths, None)
    if first is None:
        raise UsageError("path_list_empty", path=printable(paths_from))
    return PictureStream(paths=chain([first], paths))


def _total(words: tuple[str, ...], is_quiet: bool) -> int | None:
    """Count the pictures for a bar that somebody sees, else not; those of a list are not known."""
    from imagier.images.file_search import stream_pictures

    is_seen = words and not is_quiet and sys.stderr.isatty()
    return sum(1 for _ in stream_pictures(words).paths) if is_seen else None


def _without(
    paths: Iterable[str | PictureError], *, table: str | None, folder: str | None
) -> Iterator[str | PictureError]:
    """Leave out the table of an earlier run, and pictures that were copied before or just now."""

    @lru_cache(maxsize=64)
    def is_copied(parent: str) -> bool:
        return folder is not None and is_within(Path(parent), Path(folder))

    for path in paths:
        is_own = not isinstance(path, PictureError) and (
            (table is not None and _is_same(path, table)) or is_copied(str(Path(path).parent))
        )
        if not is_own:
            yield path


def _copies(folder: str | None, classes: tuple[str, ...]) -> "SortedCopies | None":
    if folder is None:
        return None
    from imagier.recognizer.sorted_copies import SortedCopies

    unsure, stranger = t("cli.predict.unsure_folder"), t("cli.predict.stranger_folder")
    return SortedCopies(Path(folder), classes, unsure=unsure, stranger=stranger)


def _tell(
    found: "PictureStream",
    tally: _Tally,
    table: str | None,
    copies: "SortedCopies | None",
    *,
    quiet: bool,
) -> None:
    """Say on stderr what the answers themselves do not: what was written, left out, not read."""
    if found.passed_over:
        from imagier.images.filenames import passed_over_note

        note("\n".join(passed_over_note(found.passed_over)), quiet=quiet)
    if table:
        path = printable(table)
        note(t("cli.predict.written", n=tally.n, count=integer(tally.n), path=path), quiet=quiet)
    if copies:
        for sentence in copies.sentences():
            note(sentence, quiet=quiet)
    if tally.bad:
        bad, count = integer(tally.bad), integer(tally.n)
        note(t("cli.predict.bad", n=tally.bad, bad=bad, count=count), quiet=quiet)


def _is_same(path: str, table: str) -> bool:
    """Tell whether a picture's path is the table of an earlier run, in the same folder."""
    if Path(path).name != Path(table).name:
        return False
    return os.path.realpath(path) == os.path.realpath(table)
