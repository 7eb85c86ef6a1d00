"""`imagier read MODEL PICTURE...`: the characters of lines, one answer a line."""

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
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
from imagier.cli.outputs import check_output, check_places, write_figure
from imagier.cli.picture_words import (
    Tally,
    check_words,
    count_words,
    find_words,
    tell_tally,
    without_table,
)
from imagier.errors import PictureError
from imagier.i18n import cell_width, integer, percent, t

if TYPE_CHECKING:
    from imagier.reading import ReadLine

__all__ = ["read"]

PLOTS = (".png", ".svg")
USUAL = ("lines", "format", "codes", "check", "amount", "max_error", "csv_name", "plot")
WIDEST_TEXT = 24  # cells of a terminal that are kept free for texts
MOST_GUARDED = 1000


@click.command("read", cls=ImagierCommand, help=t("cli.read.help"), usual=USUAL)
@click.argument("model", metavar=t("cli.predict.model_metavar"))
@click.argument("words", metavar=t("cli.predict.words_metavar"), nargs=-1)
@click.option("--lines", is_flag=True, help=t("cli.read.lines"))
@click.option("--format", metavar=t("cli.read.pattern"), help=t("cli.read.format"))
@click.option("--codes", metavar=t("cli.predict.file"), help=t("cli.read.codes"))
@click.option("--check", metavar=t("cli.read.name"), help=t("cli.read.check"))
@click.option("--amount", is_flag=True, help=t("cli.read.amount"))
@click.option(
    "--max-error",
    type=Decimal(0, 1, min_open=True, max_open=True, is_share=True),
    metavar=t("cli.predict.share"),
    help=t("cli.read.max_error"),
)
@click.option("--top", type=click.IntRange(min=1), metavar="N", help=t("cli.read.top"))
@click.option("--plot", metavar="F.png|F.svg", help=t("cli.read.plot"))
@answer_table_options
@click.option("--paths-from", metavar=t("cli.predict.file"), help=t("cli.predict.paths_from"))
@click.option("--force", is_flag=True, help=t("cli.read.force"))
@click.option("--strict", is_flag=True, help=t("cli.predict.strict"))
@json_option
@quiet_option
@click.pass_context
def read(
    context: click.Context,
    *,
    model: str,
    words: tuple[str, ...],
    lines: bool,
    format: str | None,
    codes: str | None,
    check: str | None,
    amount: bool,
    max_error: float | None,
    top: int | None,
    plot: str | None,
    csv_name: str | None,
    excel: bool,
    jsonl_name: str | None,
    paths_from: str | None,
    force: bool,
    strict: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    from imagier.reading import load_reader
    from imagier.reading.line_answer import line_columns

    outputs = AnswerOutputs(csv_name=csv_name, excel=excel, jsonl_name=jsonl_name, as_json=as_json)
    outputs.check()
    check_words(context, words, paths_from)
    reader = load_reader(
        model,
        format=format,
        codes=codes,
        check=check,
        amount=amount,
        max_error=max_error,
        alternatives=(top or 1) - 1,
    )
    for remark in reader.rule.notes if reader.rule else ():
        note(remark, quiet=quiet)
    tally, terminal, texts = Tally(), _Terminal(), _Texts()
    with ExitStack() as stack:
        found = find_words(words, paths_from, stack)
        paths: Iterable[str | PictureError] = without_table(found.paths, outputs.table)
        plots = None
        if plot is not None:
            paths = list(paths)
            plots = _Plots(paths, plot, lines=lines, force=force, quiet=quiet)
        is_quiet = quiet or not outputs.is_silent
        advance = stack.enter_context(progress_bar(t("cli.read.progress"), quiet=is_quiet))
        write = stack.enter_context(
            outputs.open(lambda: line_columns(texts=top or 1, boxes=lines), terminal.line)
        )
        answers = reader.read_many(paths, lines=lines, views=plots is not None)
        total = count_words(words, is_quiet=is_quiet)
        for answer in tally.count(answers, advance, total, number=lambda answer: answer.number):
            write(answer)
            texts.remember(answer)
            if plots:
                plots.draw(answer)
    if max_error is not None:
        judged = integer(tally.good)
        facts = {"n": tally.unsaid, "unsaid": integer(tally.unsaid), "count": judged}
        note(t("cli.read.unsaid", error=percent(max_error), **facts), quiet=quiet)
    outputs.tell_of_guards(texts.guarded, quiet=quiet)
    if excel and texts.zeros:
        note(t("cli.read.zeros", text=texts.zeros), quiet=quiet)
    tell_tally(found, tally, table=outputs.table, quiet=quiet)
    return tally.exit_code(strict=strict)


@dataclass(slots=True)
class _Terminal:
    """The lines for people, their columns one below the other as far as the texts allow."""

    width: int = 5

    def line(self, answer: "ReadLine") -> str:
        text = "" if answer.text is None or answer.rejected else answer.text
        self.width = max(self.width, min(WIDEST_TEXT, cell_width(text)))
        return answer.line(width=self.width)


@dataclass(slots=True)
class _Texts:
    """What a spreadsheet would take for something else.

    Attributes:
        guarded: Texts that have an apostrophe in front, the first of them.
        zeros: A number whose zeros in front a spreadsheet leaves out; empty where there is none.
    """

    guarded: list[str] = field(default_factory=list)
    zeros: str = ""

    def remember(self, answer: "ReadLine") -> None:
        from imagier.tables import safe_cell

        text = answer.text or ""
        if safe_cell(text) != text and len(self.guarded) < MOST_GUARDED:
            self.guarded.append(text)
        if not self.zeros and len(text) > 1 and text[0] == "0" and text.isdecimal():
            self.zeros = text


class _Plots:
    """Where each figure goes."""

    def __init__(
        self, paths: list[str | PictureError], plot: str, *, lines: bool, force: bool, quiet: bool
    ) -> None:
        names = [path for path in paths if isinstance(path, str)]
        places = check_places(names, plot, option="--plot", kinds=PLOTS, force=force)
        self._places = iter([places.get(path) if isinstance(path, str) else None for path in paths])
        self._names, self._force, self._quiet = names, force, quiet
        self._place: Path | None = None
        if lines:
            for place in places.values():
                self._checked(_numbered(place, 1))

    def draw(self, answer: "ReadLine") -> None:
        """Draw the figure of an answer; of a page's lines, each into a file of its own."""
        if answer.number in {None, 1}:
            self._place = next(self._places)
        if self._place is None or not answer.figures():
            return
        place = self._place
        if answer.number is not None:
            place = self._checked(_numbered(place, answer.number))
        write_figure(answer, place, quiet=self._quiet)

    def _checked(self, place: Path) -> Path:
        return check_output(str(place), kinds=PLOTS, inputs=self._names, force=self._force)


def _numbered(place: Path, number: int) -> Path:
    return place.with_name(f"{place.stem}-{number}{place.suffix}")
