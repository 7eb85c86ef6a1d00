"""`imagier strip PICTURE... --out FOLDER`: copies that tell no place, no time, no camera."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from imagier.cli.copies import picture_content, places_of_copies
from imagier.cli.framework import ImagierCommand, json_option, note, print_json, quiet_option, say
from imagier.errors import PictureError
from imagier.files import printable, write_file
from imagier.i18n import integer, t

if TYPE_CHECKING:
    from imagier.privacy import Stripped

__all__ = ["strip"]

EXIT_BAD_INPUTS = 3
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
    from imagier.images.file_search import find_pictures
    from imagier.privacy import strip as stripped

    found = find_pictures(words).paths
    places = places_of_copies([path for path in found if isinstance(path, str)], words, Path(out))
    bad = told = 0
    for path in found:
        try:
            made, place = stripped(picture_content(path), name=str(path)), places[str(path)]
            write_file(place, made.content)
        except PictureError as error:
            bad += 1
            _tell_error(error, as_json=as_json)
        else:
            told += bool(made.removed)
            _tell(str(path), place, made, as_json=as_json)
    facts = {"n": told, "count": integer(told), "all": integer(len(found) - bad)}
    if bad < len(found):
        note(t("cli.strip.done", folder=printable(out), **facts), quiet=quiet)
    return EXIT_BAD_INPUTS if bad and (strict or bad == len(found)) else 0


def _tell(path: str, place: Path, made: "Stripped", *, as_json: bool) -> None:
    if as_json:
        answer = {"path": printable(path), "status": "ok", "out": printable(place)}
        print_json({**answer, "removed": list(made.removed), "error": None})
    elif made.removed:
        names = ", ".join(t(f"privacy.{kind}") for kind in made.removed)
        say(t("cli.strip.removed", path=path, names=names))
    else:
        say(t("cli.strip.nothing", path=path))


def _tell_error(error: PictureError, *, as_json: bool) -> None:
    if as_json:
        facts = {"code": error.code, "message": error.message}
        answer = {"path": str(error.facts.get("path", "")), "status": "error", "out": None}
        print_json({**answer, "removed": [], "error": facts})
    else:
        say(error.message)
