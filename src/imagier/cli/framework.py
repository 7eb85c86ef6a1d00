"""What all commands share: how they are found, helped, answered in JSON, and how they fail.

A command parses, calls one function and prints. Answers go to stdout; progress and notes go to
stderr. A foreseen error becomes a sentence with its next step and the exit code of its kind.
"""

import json
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from importlib import import_module
from typing import Any, Protocol, TypeVar

import click

from imagier.errors import ImagierError, UsageError, did_you_mean
from imagier.files import cache_folder, printable, version, write_file
from imagier.i18n import t

__all__ = [
    "Advance",
    "ImagierCommand",
    "ImagierGroup",
    "json_option",
    "note",
    "print_json",
    "progress_bar",
    "quiet_option",
    "run",
]

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

EXIT_BUG, EXIT_USAGE, EXIT_INTERRUPTED = 1, 2, 130


class Advance(Protocol):
    """What a long task calls to say how far it is."""

    def __call__(self, done: int, total: int, text: str = "") -> None:
        """Say that `done` of `total` parts are finished."""


class _Localised(click.Command):
    """Help pages whose headings are in the user's language."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        pieces = " ".join(self.collect_usage_pieces(ctx))
        formatter.write_usage(ctx.command_path, pieces, prefix=t("cli.usage") + " ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        records = [param.get_help_record(ctx) for param in self.get_params(ctx)]
        rows = [record for record in records if record]
        if rows:
            with formatter.section(t("cli.options")):
                formatter.write_dl(rows)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        pieces = super().collect_usage_pieces(ctx)
        return [t("cli.options_word") if piece == "[OPTIONS]" else piece for piece in pieces]

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option:
            option.help = t("cli.help_option")
        return option


class ImagierCommand(_Localised):
    """One command of imagier."""


class ImagierGroup(_Localised, click.Group):
    """The commands, each imported only when it is called.

    Args:
        modules: Names of the commands and of the modules that hold them, in the order of help.
    """

    def __init__(self, *, modules: dict[str, str], **settings: Any) -> None:
        super().__init__(**settings)
        self.modules = modules

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
            hint = did_you_mean(name, self.modules)
            raise UsageError("unknown_command", command=printable(name), hint=hint)
        return super().resolve_command(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(ctx, formatter)
        rows = [(name, t(f"cli.{name}.help").split("\n")[0]) for name in self.modules]
        with formatter.section(t("cli.commands")):
            formatter.write_dl(rows)


def json_option(function: Decorated) -> Decorated:
    """Add `--json`: one object on stdout, for programs."""
    return click.option("--json", "as_json", is_flag=True, help=t("cli.json"))(function)


def quiet_option(function: Decorated) -> Decorated:
    """Add `--quiet`: no progress and no notes."""
    return click.option("--quiet", is_flag=True, help=t("cli.quiet"))(function)


def print_json(value: object) -> None:
    """Print one JSON object as one line on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, allow_nan=False))


def note(text: str, *, quiet: bool = False) -> None:
    """Tell the user something beside the answer, on stderr."""
    if not quiet:
        click.echo(text, err=True)


@contextmanager
def progress_bar(text: str, *, quiet: bool = False) -> Iterator[Advance]:
    """Show a bar with the time left, only where stderr is a terminal.

    Yields:
        A function to call with the parts done and the parts in all.
    """
    if quiet or not sys.stderr.isatty():
        yield _silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total:.0f}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(text, total=None)

        def advance(done: int, total: int, text: str = text) -> None:
            progress.update(task, completed=done, total=total, description=text)

        yield advance


def run(group: click.Group, arguments: Sequence[str] | None = None) -> int:
    """Run a command line and give its exit code; nothing escapes as a traceback."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        result = group.main(args=words, prog_name="imagier", standalone_mode=False)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last door
        return _fail(error, as_json="--json" in words)
    return result if isinstance(result, int) else 0


def _fail(error: BaseException, *, as_json: bool) -> int:
    """Say what happened and give the exit code of its kind."""
    code = EXIT_BUG
    if isinstance(error, click.exceptions.Exit):
        code = error.exit_code
    elif isinstance(error, KeyboardInterrupt | click.Abort):
        click.echo(t("cli.interrupted"), err=True)
        code = EXIT_INTERRUPTED
    elif isinstance(error, ImagierError):
        _tell(error, as_json=as_json)
        code = error.exit_code
    elif isinstance(error, click.UsageError):
        _tell_usage(error, as_json=as_json)
        code = EXIT_USAGE
    elif isinstance(error, BrokenPipeError):
        sys.stderr.close()  # the reader has gone (`imagier ... | head`): nobody to tell
        code = 0
    else:
        _tell_bug(error)
    return code


def _tell(error: ImagierError, *, as_json: bool) -> None:
    if as_json:
        print_json({"error": error.to_json()})
    click.echo(f"imagier: {error.message}\n  → {error.next_step}", err=True)


def _tell_usage(error: click.UsageError, *, as_json: bool) -> None:
    facts = _usage_facts(error)
    message = t(f"cli.wrong.{facts.pop('kind')}", **facts)
    path = error.ctx.command_path if error.ctx else "imagier"
    step = t("cli.wrong.next", command=path)
    if as_json:
        print_json({"error": {"code": "usage", "message": message, "next": step}})
    click.echo(f"imagier: {message}\n  → {step}", err=True)


def _usage_facts(error: click.UsageError) -> dict[str, str]:
    """Sort click's own complaints, so that they can be said in both languages."""
    if isinstance(error, click.NoSuchOption):
        hint = did_you_mean(error.option_name, error.possibilities or [])
        return {"kind": "option", "option": printable(error.option_name), "hint": hint}
    if isinstance(error, click.MissingParameter) and error.param:
        return {"kind": "missing", "name": _parameter_name(error.param)}
    if isinstance(error, click.BadParameter) and error.param:
        received = printable(error.message.rstrip("."))
        return {"kind": "value", "name": _parameter_name(error.param), "reason": received}
    return {"kind": "other", "reason": printable(error.format_message().rstrip("."))}


def _parameter_name(parameter: click.Parameter) -> str:
    if isinstance(parameter, click.Option):
        return max(parameter.opts, key=len)
    return parameter.make_metavar(click.Context(click.Command("")))


def _silent(done: int, total: int, text: str = "") -> None:
    """Show nothing: stderr is not a terminal, or the user asked for quiet."""


def _tell_bug(error: BaseException) -> None:
    lines = "".join(traceback.format_exception(error))
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    try:
        file = cache_folder("bugs") / f"{stamp}.txt"
        write_file(file, f"imagier {version()}\n{lines}".encode("utf-8", "backslashreplace"))
        place = printable(file)
    except ImagierError:
        place = "-"
    kind = type(error).__name__
    click.echo(t("cli.bug", kind=kind, reason=printable(str(error)), path=place), err=True)
