"""`imagier blur PICTURE... --out FOLDER`: copies on which the faces that are found are hidden."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from imagier.cli.copies import exit_code, tell_error, write_copies
from imagier.cli.framework import ImagierCommand, json_option, note, print_json, quiet_option, say
from imagier.errors import PictureError
from imagier.files import printable
from imagier.i18n import integer, t

if TYPE_CHECKING:
    from imagier.faces import Blurred

__all__ = ["blur"]

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

    detector = FaceDetector()
    good = bad = faces = 0
    for copy in write_copies(
        words, out, lambda content, name: blur_faces(content, name=name, detector=detector)
    ):
        if isinstance(copy, PictureError):
            bad += 1
            tell_error(copy, {"faces": [], "removed": []}, as_json=as_json)
        else:
            good += 1
            faces += len(copy[2].faces)
            _tell(*copy, as_json=as_json)
    if good:
        facts = {"n": faces, "count": integer(faces), "all": integer(good)}
        note(t("cli.blur.done", folder=printable(out), **facts), quiet=quiet)
    return exit_code(good=good, bad=bad, strict=strict)


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
