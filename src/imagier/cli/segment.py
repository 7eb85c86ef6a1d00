"""`imagier segment PICTURE`: the pixels that belong together, by place and colour."""

from collections.abc import Iterator
from pathlib import Path

import click

from imagier.cli.framework import ImagierCommand, json_option, quiet_option, show
from imagier.cli.outputs import check_output, write_output, write_table
from imagier.cli.pictures import read_weights
from imagier.i18n import t

__all__ = ["segment"]

NAMES = ("l", "a", "b", "c")
MOST_PIXELS = 17_000_000
KINDS = {"out": (".png",), "outlines": (".png",), "table": (".csv",)}


@click.command("segment", cls=ImagierCommand, help=t("cli.segment.help"))
@click.argument("picture", metavar=t("cli.segment.picture_word"))
@click.option(
    "-k", "k", type=click.IntRange(1, 256), metavar="K", default=6, help=t("cli.segment.k")
)
@click.option("--weights", metavar="l,a,b,c", help=t("cli.segment.weights"))
@click.option("--out", metavar="F.png", help=t("cli.segment.out"))
@click.option("--outlines", metavar="F.png", help=t("cli.segment.outlines"))
@click.option("--masks", metavar=t("cli.segment.folder_word"), help=t("cli.segment.masks"))
@click.option("--table", metavar="F.csv", help=t("cli.segment.table"))
@click.option("--force", is_flag=True, help=t("cli.segment.force"))
@json_option
@quiet_option
def segment(
    picture: str,
    k: int,
    weights: str | None,
    masks: str | None,
    force: bool,
    as_json: bool,
    quiet: bool,
    **wanted: str | None,
) -> None:
    from imagier.images import open_picture_file
    from imagier.segmentation.results import segment_picture

    place, red, green, blue = read_weights(weights, NAMES)
    files = {
        name: check_output(file, kinds=KINDS[name], inputs=[picture], force=force)
        for name, file in wanted.items()
        if file is not None
    }
    mask_files = [] if masks is None else list(_mask_files(masks, k, picture, force=force))
    answer = segment_picture(
        open_picture_file(picture, opacity=True, most=MOST_PIXELS),
        k,
        weights=None if weights is None else (place, red, green, blue),
    )
    if "out" in files:
        write_output(files["out"], answer.flat_png(), quiet=quiet)
    if "outlines" in files:
        write_output(files["outlines"], answer.outlines_png(), quiet=quiet)
    if "table" in files:
        write_table(answer, files["table"], quiet=quiet)
    for path, content in zip(mask_files, answer.mask_pngs(), strict=False):
        write_output(path, content, quiet=quiet)
    show(answer, as_json=as_json, quiet=quiet, files={**wanted, "masks": masks})


def _mask_files(folder: str, k: int, picture: str, *, force: bool) -> Iterator[Path]:
    """Name the file of each mask, with as many digits as the last one has."""
    for number in range(1, k + 1):
        name = f"segment-{number:0{len(str(k))}}.png"
        yield check_output(str(Path(folder) / name), kinds=(".png",), inputs=[picture], force=force)
