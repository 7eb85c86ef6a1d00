"""`imagier blur PICTURE... --out FOLDER`: copies on which the faces that are found are hidden."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from imagier.cli.copies import picture_content, places_of_copies
from imagier.cli.framework import ImagierCommand, json_option, note, print_json, quiet_option, say
from imagier.errors import PictureError
from imagier.files import printable, write_file
from imagier.i18n import integer, t

if TYPE_CHECKING:
    from imagier.faces import Blurred

__all__ = ["blur"]

EXIT_BAD_INPUTS = 3
USUAL = "blurred"


@click.command("blur", cls=ImagierCommand, help=t("cli.blur.help"))
@click.argument("words", metavar=t("cli.predict.words_metavar"), nargs=-1, required=True)
@click.option(
    "--out", default=USUAL, metavar=t("cli.strip.folder"), help=t("cli.strip.out", usual=USUAL)
)
@click.option("--strict", is_flag=True, help=t("cli.predict.strict"))
@json_option
@quiet_option
def blur(words: tuple[str, ...], out: str, strict: bool, as_json: bool, quiet: bool) -> int:
    from imagier.faces import FaceDetector, blur_faces
    from imagier.images.file_search import find_pictures

    found = find_pictures(words).paths
    places = places_of_copies([path for path in found if isinstance(path, str)], words, Path(out))
    detector = FaceDetector()
    bad = faces = 0
    for path in found:
        try:
            made = blur_faces(picture_content(path), name=str(path), detector=detector)
            place = places[str(path)]
            write_file(place, made.content)
        except PictureError as error:
            bad += 1
            _tell_error(error, as_json=as_json)
        else:
            faces += len(made.faces)
            _tell(str(path), place, made, as_json=as_json)
    facts = {"n": faces, "count": integer(faces), "all": integer(len(found) - bad)}
    if bad < len(found):
        note(t("cli.blur.done", folder=printable(out), **facts), quiet=quiet)
    return EXIT_BAD_INPUTS if bad and (strict or bad == len(found)) else 0


def _tell(path: str, place: Path, made: "Blurred", *, as_json: bool) -> None:
    if as_json:
        boxes = [
            [one.left, one.top, one.right, one.bottom, round(one.score, 3)] for one in made.faces
        ]
        answer = {"path": printable(path), "status": "ok", "out": printable(place)}
        print_json({**answer, "faces": boxes, "removed": list(made.removed), "error": None})
    else:
        n = len(made.faces)
        say(t("cli.blur.found", n=n, count=integer(n), path=path))


def _tell_error(error: PictureError, *, as_json: bool) -> None:
    if as_json:
        facts = {"code": error.code, "message": error.message}
        answer = {"path": str(error.facts.get("path", "")), "status": "error", "out": None}
        print_json({**answer, "faces": [], "removed": [], "error": facts})
    else:
        say(error.message)
