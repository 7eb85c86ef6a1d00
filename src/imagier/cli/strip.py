"""`imagier strip PICTURE... --out FOLDER`: copies that tell no place, no time, no camera."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from imagier.cli.framework import ImagierCommand, json_option, note, print_json, quiet_option, say
from imagier.errors import PictureError, UsageError
from imagier.files import is_within, printable, write_file
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
    places = _places([path for path in found if isinstance(path, str)], words, Path(out))
    bad = told = 0
    for path in found:
        try:
            made, place = stripped(_content(path), name=str(path)), places[str(path)]
            write_file(place, made.content)
        except PictureError as error:
            bad += 1
            _tell_error(error, as_json=as_json)
        else:
            told += bool(made.removed)
            _tell(str(path), place, made, as_json=as_json)
    facts = {"n": told, "count": integer(told), "all": integer(len(found) - bad)}
    note(t("cli.strip.done", folder=printable(out), **facts), quiet=quiet)
    return EXIT_BAD_INPUTS if strict and bad else 0


def _content(path: str | PictureError) -> bytes:
    from imagier.images import read_named

    if isinstance(path, PictureError):
        raise path
    return read_named(path)


def _places(paths: list[str], words: tuple[str, ...], out: Path) -> dict[str, Path]:
    """Find each copy's place before any is written: no file is replaced, no name taken twice.

    Raises:
        UsageError: `strip_inside`, `output_exists` or `strip_twice`.
    """
    folders = [word for word in words if Path(word).is_dir()]
    for folder in folders:
        if is_within(out, Path(folder)):
            raise UsageError("strip_inside", out=printable(out), folder=printable(folder))
    places: dict[str, Path] = {}
    for path in paths:
        inside = next((one for one in folders if path.startswith(os.path.join(one, ""))), None)  # noqa: PTH118
        name = os.path.relpath(path, inside) if inside else Path(path).name
        place = out / name
        if os.path.lexists(place):
            raise UsageError("output_exists", path=printable(place))
        if place in places.values():
            raise UsageError("strip_twice", path=printable(place))
        places[path] = place
    return places


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
