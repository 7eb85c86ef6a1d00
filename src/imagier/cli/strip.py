"""`imagier strip PICTURE... --out FOLDER`: copies that tell no place, no time, no camera."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from imagier.cli.copies import exit_code, tell_error, write_copies
from imagier.cli.framework import ImagierCommand, json_option, note, print_json, quiet_option, say
from imagier.errors import PictureError
from imagier.files import printable
from imagier.i18n import integer, t

if TYPE_CHECKING:
    from imagier.privacy import Stripped

__all__ = ["strip"]

USUAL = "stripped"


@click.command("strip", cls=ImagierCommand, help=t("cli.strip.help"))
@click.argument("words", metavar=t("cli.predict.words_metavar"), nargs=-1, required=True)
@click.option(
    "--out", default=USUAL, metavar=t("cli.strip.folder"), help=t("cli.strip.out", usual=USUAL)
)
@click.option("--strict", is_flag=True, help=t("cli.predict.strict"))
@json_option
@quiet_option
def strip(words: tuple[str, ...], out: str, strict: bool, as_json: bool, quiet: bool) -> int:
    from imagier.privacy import strip as stripped

    good = bad = told = 0
    for copy in write_copies(words, out, lambda content, name: stripped(content, name=name)):
        if isinstance(copy, PictureError):
            bad += 1
            tell_error(copy, {"removed": []}, as_json=as_json)
        else:
            good += 1
            told += bool(copy[2].removed)
            _tell(*copy, as_json=as_json)
    if good:
        facts = {"n": told, "count": integer(told), "all": integer(good)}
        note(t("cli.strip.done", folder=printable(out), **facts), quiet=quiet)
    return exit_code(good=good, bad=bad, strict=strict)


def _tell(path: str, place: Path, made: "Stripped", *, as_json: bool) -> None:
    if as_json:
        answer = {"path": printable(path), "status": "ok", "out": printable(place)}
        print_json({**answer, "removed": list(made.removed), "error": None})
    elif made.removed:
        names = ", ".join(t(f"privacy.{kind}") for kind in made.removed)
        say(t("cli.strip.removed", path=path, names=names))
    else:
        say(t("cli.strip.nothing", path=path))
