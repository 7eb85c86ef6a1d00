"""Run a command line: nothing escapes as a traceback, and each kind of error has its exit code.

0 done · 1 a bug · 2 wrong usage · 3 done, but with bad inputs or a proof missing · 4 data or model
refused · 5 something is missing on this machine · 130 interrupted
"""

import errno
import io
import os
import re
import sys
import traceback
from collections import namedtuple
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from imagier.cache import cache_folder
from imagier.cli.decimals import AnyDecimal, Decimal
from imagier.cli.framework import print_json, say
from imagier.errors import ImagierError, MachineError, did_you_mean
from imagier.files import printable, version, write_file
from imagier.i18n import integer, t

__all__ = ["run"]

EXIT_BUG, EXIT_USAGE, EXIT_INTERRUPTED = 1, 2, 130
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# click's own words carry what it received: "'x' is not a valid integer", "7 is not in the range"
RECEIVED = re.compile(r"^'?(?P<value>.*?)'? is not ", re.DOTALL)


def run(group: click.Group, arguments: Sequence[str] | None = None) -> int:
    """Run a command line and give its exit code; nothing escapes as a traceback."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    _accept_every_letter()
    try:
        code = _run(group, words)
    except BrokenPipeError:
        _discard_output()  # the reader has gone (`imagier ... | head`): nobody to tell
        return 0
    if code == EXIT_INTERRUPTED:
        _forget_interrupt()
    return code


def _run(group: click.Group, words: list[str]) -> int:
    try:
        if instruction := os.environ.get("_IMAGIER_COMPLETE"):  # the shell asks
            from imagier.cli.completion import complete

            return complete(group, instruction)
        # not click's main(), which would answer a closed pipe with the exit code of a bug
        with group.make_context("imagier", list(words)) as context:
            result = group.invoke(context)
            return result if isinstance(result, int) else 0
    except BrokenPipeError:
        raise
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last door
        return _fail(error, words)


def _fail(error: BaseException, words: Sequence[str]) -> int:
    """Say what happened and give the exit code of its kind."""
    as_json = "--json" in words
    if isinstance(error, OSError) and error.errno in FULL:
        _discard_output()
        place = printable(error.filename) if error.filename else t("cli.stdout")
        error = MachineError("disk_full", path=place)
    if isinstance(error, ModuleNotFoundError):
        error = _not_installed(error) or error
    match error:
        case click.exceptions.Exit():
            return error.exit_code
        case KeyboardInterrupt() | EOFError() | click.Abort():
            say("\n" + t("cli.interrupted"), err=True)
            return EXIT_INTERRUPTED
        case ImagierError():
            _tell(error.to_json(), as_json=as_json)
            return error.exit_code
        case click.UsageError():
            _tell(_usage_error(error, words), as_json=as_json)
            return EXIT_USAGE
        case _:
            _tell_bug(error)
            return EXIT_BUG


def _not_installed(error: ModuleNotFoundError) -> MachineError | None:
    """Say which package is missing, and what to type for it alone; None for a module of ours."""
    from imagier.doctor import list_parts

    module = (error.name or "").partition(".")[0]
    package = {"PIL": "pillow", "python_multipart": "python-multipart"}.get(module, module)
    for part in list_parts():
        if package in [need.package for need in part.missing]:
            return MachineError("not_installed", package=package, command=part.command_for(package))
    return None


def _tell(error: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        print_json({"error": error})
    say(t("cli.said", message=error["message"], next=error["next"]), err=True)


def _usage_error(error: click.UsageError, words: Sequence[str]) -> dict[str, str]:
    """Say one of click's own complaints in the user's language."""
    kind, facts = _complaint(error, words)
    command = error.ctx.command_path if error.ctx else "imagier"
    return {
        "code": "usage",
        "message": t(f"cli.wrong.{kind}", **facts),
        "next": t("cli.wrong.next", command=command),
    }


def _complaint(error: click.UsageError, words: Sequence[str]) -> tuple[str, dict[str, str]]:
    match error:
        case click.NoSuchOption():
            hint = did_you_mean(error.option_name, error.possibilities or [])
            if name := _file_with_dash(error.option_name, words):
                hint = " " + t("cli.wrong.dash", name=name)
            return "option", {"option": printable(error.option_name), "hint": hint}
        case click.BadOptionUsage():
            is_flag = "does not take" in error.message
            kind = "no_value" if is_flag else "needs_value"
            return kind, {"option": printable(error.option_name)}
        case click.MissingParameter(param=click.Parameter() as param):
            return "missing", {"name": _parameter_name(param), "line": _line(error, param)}
        case click.BadParameter(param=click.Parameter() as param):
            return _bad_value(error, param)
        case _:
            return "other", {"reason": printable(error.format_message().rstrip("."))}


def _file_with_dash(option: str, words: Sequence[str]) -> str:
    """Give the file that a word means which was taken for an option; "" where it means none."""
    return next((word for word in words if word.startswith(option) and os.path.lexists(word)), "")


def _bad_value(error: click.BadParameter, param: click.Parameter) -> tuple[str, dict[str, str]]:
    name, received = _parameter_name(param), RECEIVED.match(error.message)
    expected = _expected(param.type)
    if not (received and expected):
        return "value", {"name": name, "reason": printable(error.message.rstrip("."))}
    value = received["value"]
    hint = did_you_mean(value, map(str, getattr(param.type, "choices", ())))
    if isinstance(param.type, Decimal) and (meant := param.type.hint(value)):
        value, hint = f"{float(value):g}", " " + t("did_you_mean", word=meant)
    facts = {"name": name, "received": printable(value), "expected": expected, "hint": hint}
    return "expected", facts


def _expected(kind: click.ParamType[Any]) -> str:
    match kind:
        case click.Choice(choices=choices):
            return t("cli.expected.choice", choices=", ".join(map(str, choices)))
        case click.IntRange():
            return t("cli.expected.integer") + _bounds(kind)
        case click.FloatRange():
            return t("cli.expected.number") + _bounds(kind)
        case _ if kind is click.INT:
            return t("cli.expected.integer")
        case AnyDecimal():
            return t("cli.expected.number")
        case _:
            return ""


def _bounds(kind: click.IntRange | click.FloatRange) -> str:
    lowest, highest = (
        None if bound is None else integer(bound) if isinstance(bound, int) else f"{bound:g}"
        for bound in (kind.min, kind.max)
    )
    above = t("cli.expected.above" if kind.min_open else "cli.expected.least", lowest=lowest)
    if lowest and highest and (kind.min_open or kind.max_open):
        below = "cli.expected.below" if kind.max_open else "cli.expected.most"
        return above + t(below, highest=highest)
    if lowest and highest:
        return t("cli.expected.between", lowest=lowest, highest=highest)
    if lowest:
        return above
    return t("cli.expected.most", highest=highest) if highest else ""


def _parameter_name(parameter: click.Parameter) -> str:
    if isinstance(parameter, click.Option):
        return max(parameter.opts, key=len)
    return parameter.make_metavar(click.Context(click.Command(""))).strip("[].…")


def _line(error: click.UsageError, missing: click.Parameter) -> str:
    """Write what a command needs as one types it: `imagier predict MODEL PATH…`."""
    if error.ctx is None:
        return _parameter_name(missing)
    needed = [
        _parameter_name(each) + ("…" if each.nargs != 1 else "")
        for each in error.ctx.command.params
        if isinstance(each, click.Argument) and not (each.metavar or "").startswith("[")
    ]
    return " ".join([error.ctx.command_path, *needed])


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
    say(t("cli.bug", kind=kind, reason=printable(str(error)), path=place), err=True)


def _accept_every_letter() -> None:
    """Let a terminal that lacks a letter show its code instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _forget_interrupt() -> None:
    """Let Python end with our exit code.

    It ends by the signal where Ctrl-C came while code given as a text was carried out, as modules
    do that make classes, unless another such code, here that of a class, has ended since.
    """
    namedtuple("_Ended", ())


def _discard_output() -> None:
    """Send what is left to write nowhere, so that Python can close in peace."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            try:
                stream.flush()
            except OSError:
                with Path(os.devnull).open("wb") as nowhere:
                    os.dup2(nowhere.fileno(), stream.fileno())
