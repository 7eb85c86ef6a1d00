"""`imagier explain MODEL PICTURE`: why a model gives a picture this name."""

import os
from pathlib import Path

import click

from imagier.cli.framework import (
    ImagierCommand,
    json_option,
    progress_bar,
    quiet_option,
    show,
)
from imagier.cli.outputs import check_output, write_figure
from imagier.cli.pictures import TABLES, open_picture
from imagier.i18n import t

__all__ = ["explain"]

PLOTS = (".png", ".svg")


@click.command("explain", cls=ImagierCommand, help=t("cli.explain.help"))
@click.argument("model", metavar=t("cli.explain.model_word"))
@click.argument("picture", metavar=t("cli.explain.picture_word"))
@click.option("--out", metavar="F.png|F.svg", help=t("cli.explain.out"))
@click.option("--class", "label", metavar=t("cli.explain.name_word"), help=t("cli.explain.class"))
@click.option("--patch", type=click.IntRange(1, 4096), metavar="N", help=t("cli.explain.patch"))
@click.option("--force", is_flag=True, help=t("cli.explain.force"))
@json_option
@quiet_option
def explain(
    *,
    model: str,
    picture: str,
    out: str | None,
    label: str | None,
    patch: int | None,
    force: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    from imagier.explaining import explain_picture
    from imagier.recognizer import load

    place = None if out is None else check_output(out, kinds=PLOTS, inputs=[picture], force=force)
    recognizer = load(model)
    opened = open_picture(picture, quiet=quiet)
    # a picture file is read as `imagier predict` reads it, so that the answer is the same
    is_file = os.path.lexists(picture) and Path(picture).suffix.lower() not in TABLES
    with progress_bar(t("cli.explain.progress"), quiet=quiet) as advance:
        answer = explain_picture(
            recognizer,
            picture if is_file else opened.levels,
            name=opened.name,
            scale=None if is_file else opened.scale,
            given=opened.label,
            label=label,
            patch=patch,
            progress=advance,
        )
    if place is not None:
        write_figure(answer, place, quiet=quiet)
    show(answer, as_json=as_json, quiet=quiet, files={"out": out})
