"""`imagier pixels PICTURE [OTHER]`: what a picture is for a computer, as table, vector, point."""

import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from imagier.cli.framework import ImagierCommand, json_option, quiet_option, show
from imagier.cli.outputs import write_output
from imagier.cli.pictures import MOST_PIXELS, open_picture
from imagier.errors import UsageError
from imagier.files import printable
from imagier.i18n import integer, t

if TYPE_CHECKING:
    from imagier.images import Channel

__all__ = ["pixels"]

WRITTEN = (".csv", ".tsv", ".png")
LARGEST_SIDE = 4096
MOST_COMPARED = 17_000_000  # pixels of a picture that is compared, or written as a table


@click.command("pixels", cls=ImagierCommand, help=t("cli.pixels.help"))
@click.argument("picture", metavar=t("cli.pixels.picture_word"))
@click.argument("other", metavar=f"[{t('cli.pixels.other_word')}]", required=False)
@click.option("--channel", type=click.Choice(("r", "g", "b", "grey")), help=t("cli.pixels.channel"))
@click.option("--resize", metavar=t("cli.pixels.size_word"), help=t("cli.pixels.resize"))
@click.option("--out", metavar="F.csv|F.png", help=t("cli.pixels.out"))
@click.option("--force", is_flag=True, help=t("cli.pixels.force"))
@json_option
@quiet_option
def pixels(
    picture: str,
    other: str | None,
    channel: "Channel | None",
    resize: str | None,
    out: str | None,
    force: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    from imagier.images.results import picture_numbers

    size = _read_size(resize) if resize is not None else None
    words = [picture] if other is None else [picture, other]
    path = None if out is None else Path(out)
    if path is not None:
        _check_out(path, words, force=force)
    most = MOST_PIXELS if other is None and path is None else MOST_COMPARED
    answer = picture_numbers(
        [open_picture(word, quiet=quiet, most=most) for word in words],
        channel=channel,
        size=size,
        kind=None if path is None else path.suffix.lower(),
        columns=shutil.get_terminal_size((120, 24)).columns,
    )
    if path is not None:
        write_output(path, answer.content(path.suffix.lower()), quiet=quiet)
    show(answer, as_json=as_json, quiet=quiet, files={"out": out})


def _read_size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"\s*([0-9]{1,4})\s*[xX×]\s*([0-9]{1,4})\s*", text)
    size = (int(found[1]), int(found[2])) if found else (0, 0)
    if not all(1 <= side <= LARGEST_SIDE for side in size):
        received = printable(text[:60])
        raise UsageError("pixels_size", received=received, limit=integer(LARGEST_SIDE))
    return size


def _check_out(out: Path, words: list[str], *, force: bool) -> None:
    """Refuse before any work: an unknown kind, a file already there, one of the inputs."""
    if out.suffix.lower() not in WRITTEN:
        raise UsageError("pixels_out", path=printable(out))
    for word in words:
        if os.path.realpath(word) == os.path.realpath(out) and out.exists():
            raise UsageError("pixels_out_is_input", path=printable(out))
    if os.path.lexists(out) and not force:
        raise UsageError("output_exists", path=printable(out))
