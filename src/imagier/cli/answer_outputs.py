"""Where answers about many pictures go: a table, the standard output, a terminal."""

import codecs
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, TypeVar

import click

from imagier.cli.framework import note, print_json, say
from imagier.errors import UsageError
from imagier.i18n import integer, t

if TYPE_CHECKING:
    from imagier.recognizer.results import AnswerColumns, JsonAnswer

__all__ = ["STDOUT", "AnswerOutputs", "answer_table_options"]

STDOUT = "-"
_SHOWN = 5  # of the names that have an apostrophe in front

Told = TypeVar("Told", bound="JsonAnswer")
Decorated = TypeVar("Decorated", bound=Callable[..., object])


def answer_table_options(command: Decorated) -> Decorated:
    """Give a command the options `--csv`, `--excel` and `--jsonl`."""
    name = t("cli.predict.file")
    for option in (
        click.option("--jsonl", "jsonl_name", metavar=name, help=t("cli.predict.jsonl")),
        click.option("--excel", is_flag=True, help=t("cli.predict.excel")),
        click.option("--csv", "csv_name", metavar=name, help=t("cli.predict.csv")),
    ):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerOutputs:
    """What the user asked for.

    Attributes:
        csv_name: The file of a CSV table, or `-`.
        excel: Whether a spreadsheet opens it.
        jsonl_name: The file of JSON lines, or `-`.
        sorts: Whether the pictures are copied, so that no line is asked for each.
        as_json: Whether programs read the standard output.
    """

    csv_name: str | None
    excel: bool
    jsonl_name: str | None
    sorts: bool = False
    as_json: bool

    @property
    def table(self) -> str | None:
        """The file that the answers are written to, if any."""
        name = self.csv_name or self.jsonl_name
        return None if name == STDOUT else name

    @property
    def is_silent(self) -> bool:
        """Whether nothing but a bar tells how far the work is."""
        return bool(self.table or (self.sorts and not (self.csv_name or self.jsonl_name)))

    def check(self) -> None:
        """Refuse what cannot be, before the model is opened.

        Raises:
            UsageError: `two_tables`, `stdout_twice`, `excel_without_csv` or `table_ending`.
        """
        from imagier.recognizer.results import CSV_ENDINGS, JSONL_ENDINGS, check_ending

        if self.csv_name and self.jsonl_name:
            raise UsageError("two_tables")
        if self.excel and not self.csv_name:
            raise UsageError("excel_without_csv")
        if self.as_json and STDOUT in {self.csv_name, self.jsonl_name}:
            raise UsageError("stdout_twice", option="--csv -" if self.csv_name else "--jsonl -")
        if self.csv_name not in {None, STDOUT}:
            check_ending(Path(self.csv_name or ""), option="--csv", endings=CSV_ENDINGS)
        if self.jsonl_name not in {None, STDOUT}:
            check_ending(Path(self.jsonl_name or ""), option="--jsonl", endings=JSONL_ENDINGS)

    @contextmanager
    def open(
        self, columns: "Callable[[], AnswerColumns[Told]]", line: Callable[[Told], str]
    ) -> "Iterator[Callable[[Told], None]]":
        """Open what the answers are written to.

        Args:
            columns: Gives the columns of a table.
            line: Words an answer for people.

        Yields:
            A function that writes one answer everywhere.
        """
        from imagier.recognizer.results import CsvForm, csv_file, jsonl_file

        def show(answer: Told) -> None:
            if self.as_json:
                print_json(answer.to_json())
            elif not (self.csv_name or self.jsonl_name or self.sorts):
                say(line(answer))

        if self.csv_name:
            form = CsvForm.of(self.csv_name, excel=self.excel)
            table = csv_file(_target(self.csv_name), columns(), form=form)
        elif self.jsonl_name:
            table = jsonl_file(_target(self.jsonl_name))
        else:
            yield show
            return
        with table as write:

            def write_both(answer: Told) -> None:
                write(answer)
                show(answer)

            yield write_both

    def tell_of_guards(self, texts: Iterable[str], *, quiet: bool) -> None:
        """Say which texts do not stand in the table as they are."""
        from imagier.tables import safe_cell

        guarded = [one for one in texts if safe_cell(one) != one] if self.csv_name else []
        if guarded:
            names = ", ".join(map(safe_cell, guarded[:_SHOWN])) + ", …" * (len(guarded) > _SHOWN)
            facts = {"n": len(guarded), "count": integer(len(guarded)), "names": names}
            note(t("cli.predict.guarded", **facts), quiet=quiet)


def _target(name: str) -> Path | TextIO | codecs.StreamWriter:
    """Give the file to write, or the standard output as UTF-8, whatever a pipe's letters are."""
    if name != STDOUT:
        return Path(name)
    return sys.stdout if sys.stdout.isatty() else codecs.getwriter("utf-8")(sys.stdout.buffer)
