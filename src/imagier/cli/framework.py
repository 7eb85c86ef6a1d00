"""What all commands share: how they are found, helped and answered in JSON.

A command parses, calls one function and prints. Answers go to stdout; progress and notes go to
stderr. What becomes of its errors stands in `imagier.cli.running`.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click

from imagier.errors import UsageError, did_you_mean
from imagier.files import json_line, printable
from imagier.i18n import styled_line, t

if TYPE_CHECKING:
    from pathlib import Path

    from imagier.answers import Answer

__all__ = [
    "Advance",
    "ImagierCommand",
    "ImagierGroup",
    "json_option",
    "note",
    "print_json",
    "progress_bar",
    "quiet_option",
    "say",
    "show",
]

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


HELP_WORDS = ("help", "aide")  # `imagier help`, `imagier help train`


class Advance(Protocol):
    """What a long task calls to say how far it is."""

    def __call__(self, done: int, total: int | None, text: str = "") -> None:
        """Say that `done` of `total` parts are finished; None while nobody knows how many."""


class _Localised(click.Command):
    """Help pages whose headings are in the user's language."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        pieces = " ".join(self.collect_usage_pieces(ctx))
        formatter.write_usage(ctx.command_path, pieces, prefix=t("cli.usage") + " ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        records = [param.get_help_record(ctx) for param in self.get_params(ctx)]
        rows = [record for record in records if record and record[1]]  # arguments have no help
        if rows:
            with formatter.section(t("cli.options")):
                formatter.write_dl(rows)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        pieces = super().collect_usage_pieces(ctx)
        return [t("cli.options_word") if piece == "[OPTIONS]" else piece for piece in pieces]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx  # click forgets to say where some options went wrong
            raise

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option:
            option.help = t("cli.help_option")
        return option


class ImagierCommand(_Localised):
    """One command of imagier.

    Args:
        usual: Names of the options that most people need, where there are many; all others, JSON
            and quiet excepted, are advanced.
    """

    def __init__(self, *words: Any, usual: Sequence[str] = (), **settings: Any) -> None:
        super().__init__(*words, **settings)
        self.usual = frozenset(usual)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if not self.usual:
            super().format_options(ctx, formatter)
            return
        common = self.usual | {"as_json", "quiet"}
        parts: dict[str, list[click.Parameter]] = {"usual": [], "advanced": []}
        for one in self.get_params(ctx):
            is_usual = one.name in common or "--help" in one.opts
            parts["usual" if is_usual else "advanced"].append(one)
        for title, params in parts.items():
            records = [one.get_help_record(ctx) for one in params]
            with formatter.section(t(f"cli.options.{title}")):
                formatter.write_dl([record for record in records if record and record[1]])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.allow_extra_args = True  # to say in the user's language which words are too many
        rest = super().parse_args(ctx, args)
        if rest and not ctx.resilient_parsing:
            words = printable(" ".join(rest))
            raise UsageError("extra_words", words=words, command=ctx.command_path)
        return rest


class ImagierGroup(_Localised, click.Group):
    """The commands, each imported only when it is called.

    Args:
        modules: Names of the commands and of the modules that hold them, in the order of help.
        sections: The same names under the headings of the front page.
        within: The command that these belong to; empty for those of `imagier` itself.
    """

    def __init__(
        self,
        *words: Any,
        modules: dict[str, str],
        sections: Mapping[str, Sequence[str]],
        within: str = "",
        **settings: Any,
    ) -> None:
        super().__init__(*words, **settings)
        self.modules = modules
        self.sections = sections
        self.within = within

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] in HELP_WORDS:
            args = [*args[1:2], "--help"]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.modules)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.modules:
            return None
        found = getattr(import_module(self.modules[name]), name.replace("-", "_"))
        assert isinstance(found, click.Command)  # noqa: S101 - our own table, not the user's input
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in self.modules and not name.startswith("-"):
            facts = {"command": printable(name), "hint": did_you_mean(name, self.modules)}
            if self.within:
                raise UsageError("unknown_subcommand", group=self.within, **facts)
            raise UsageError("unknown_command", **facts)
        return super().resolve_command(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(ctx, formatter)
        width = max(map(len, self.modules))  # the sentences of all sections in one column
        for section, names in self.sections.items():
            keys = {
                name: ".".join(filter(None, ("cli", self.within, name, "help"))) for name in names
            }
            rows = [(name.ljust(width), t(key).split("\n")[0]) for name, key in keys.items()]
            with formatter.section(t(f"cli.commands.{section}")):
                formatter.write_dl(rows)


def json_option(function: Decorated) -> Decorated:
    """Add `--json`: one object on stdout, for programs."""
    return click.option("--json", "as_json", is_flag=True, help=t("cli.json"))(function)


def quiet_option(function: Decorated) -> Decorated:
    """Add `--quiet`: no progress and no notes."""
    return click.option("--quiet", is_flag=True, help=t("cli.quiet"))(function)


def print_json(value: object) -> None:
    """Print one JSON object as one line on stdout; letters the terminal lacks are escaped."""
    click.echo(_json_line(value))


def say(text: str, *, err: bool = False) -> None:
    """Print lines: the one way to a terminal, which nothing that is printed can control.

    Bold and faint letters are left out where `NO_COLOR` is set (no-color.org), on terminals that
    know of none, and in files.
    """
    is_plain = bool(os.environ.get("NO_COLOR")) or _is_dumb()
    lines = "\n".join(map(styled_line, text.split("\n")))
    click.echo(lines, err=err, color=False if is_plain else None)


def note(text: str, *, quiet: bool = False) -> None:
    """Tell the user something beside the answer, on stderr."""
    if not quiet:
        say(text, err=True)


def show(
    answer: "Answer",
    *,
    as_json: bool,
    quiet: bool,
    files: "Mapping[str, str | Path | None] | None" = None,
) -> None:
    """Print an answer: its notes on stderr, then one JSON object or its lines on stdout.

    Nothing is printed before all of it is worded: an answer is never cut in the middle. A line is a
    line: what a stranger's name holds cannot begin another.

    Args:
        answer: What was found.
        as_json: Whether it is for programs.
        quiet: Whether the notes are left out.
        files: What was written, by the key that tells programs of it; None where nothing was.
    """
    if as_json:
        written = {key: path and printable(path) for key, path in (files or {}).items()}
        said = [_json_line({**answer.to_json(), **written})]
    else:
        said = list(answer.lines())
    for text in answer.notes:
        note(styled_line(text), quiet=quiet)
    for line in said:
        say(styled_line(line))


def _json_line(value: object) -> str:
    is_unicode = "utf" in (getattr(sys.stdout, "encoding", None) or "utf-8").lower()
    return json_line(value, only_ascii=not is_unicode)


@contextmanager
def progress_bar(text: str, *, quiet: bool = False) -> Iterator[Advance]:
    """Show a bar with the time left, only where stderr is a terminal that can redraw it.

    Yields:
        A function to call with the parts done and the parts in all.
    """
    if quiet or not sys.stderr.isatty() or _is_dumb():
        yield _silent
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(text, total=None)

        def advance(done: int, total: int | None, text: str = text) -> None:
            progress.update(task, completed=done, total=total, description=text)

        yield advance


def _is_dumb() -> bool:
    """Tell whether the terminal can neither move back nor change its letters."""
    return os.environ.get("TERM") == "dumb"


def _silent(done: int, total: int | None, text: str = "") -> None:
    """Show nothing: stderr is not a terminal, or the user asked for quiet."""
