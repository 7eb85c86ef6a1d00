"""`imagier segment PICTURE`: the pixels that belong together, by place and colour."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from imagier.cli.framework import ImagierCommand, json_option, note, print_json, quiet_option
from imagier.cli.outputs import check_output, write_output
from imagier.cli.seeing import Seen, read_weights, see
from imagier.files import printable
from imagier.i18n import decimal, integer, percent, t

if TYPE_CHECKING:
    from imagier.segmentation import Region, Segments

__all__ = ["segment"]

NAMES = ("l", "a", "b", "c")
KINDS = {"out": (".png",), "outlines": (".png",), "table": (".csv",)}
TABLE_HEAD = "segment,pixels,share,x,y,r,g,b,left,top,right,bottom,pieces"


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
    from imagier.segmentation import describe, warm_up
    from imagier.segmentation import segment as find_segments

    place, red, green, blue = read_weights(weights, NAMES)
    chosen = None if weights is None else (place, red, green, blue)
    for name, file in wanted.items():
        if file is not None:
            check_output(file, kinds=KINDS[name], inputs=[picture], force=force)
    files = [] if masks is None else list(_mask_files(masks, k, picture, force=force))
    seen = see(picture, quiet=quiet)
    warm_up()
    segments = find_segments(seen.pixels, k, weights=chosen, seen=seen.seen)
    if len(segments.sizes) < k:
        n = len(segments.sizes)
        note(t("cli.segment.fewer", path=seen.name, n=n, k=k), quiet=quiet)
    regions = list(describe(segments))
    for path, content in _contents(seen, segments, regions, wanted, files):
        write_output(path, content, quiet=quiet)
    if as_json:
        places = {name: place and printable(place) for name, place in wanted.items()}
        places["masks"] = masks and printable(masks)
        print_json(_to_json(seen, segments, regions) | places)
        return
    for line in _page(seen, segments, regions):
        click.echo(line)


def _mask_files(folder: str, k: int, picture: str, *, force: bool) -> Iterator[Path]:
    """Name the file of each mask, with as many digits as the last one has."""
    for number in range(1, k + 1):
        name = f"segment-{number:0{len(str(k))}}.png"
        yield check_output(str(Path(folder) / name), kinds=(".png",), inputs=[picture], force=force)


def _contents(
    seen: Seen,
    segments: "Segments",
    regions: "Sequence[Region]",
    wanted: dict[str, str | None],
    masks: Sequence[Path],
) -> Iterator[tuple[Path, bytes]]:
    """Give the files that are wanted, one after the other."""
    import numpy as np

    from imagier.images import to_png
    from imagier.segmentation import flat, mask_of, outlined

    if wanted["out"] is not None:
        yield Path(wanted["out"]), to_png(flat(segments))
    if wanted["outlines"] is not None:
        yield Path(wanted["outlines"]), to_png(outlined(seen.pixels, segments))
    if wanted["table"] is not None:
        lines = [TABLE_HEAD, *(_table_line(region, segments) for region in regions), ""]
        yield Path(wanted["table"]), "\n".join(lines).encode()
    for index, path in zip(range(len(regions)), masks, strict=False):
        mask = mask_of(segments, index)[:, :, np.newaxis]
        yield path, to_png(np.where(mask, 255, 0).astype(np.uint8))


def _table_line(region: "Region", segments: "Segments") -> str:
    share = region.pixels / int(segments.sizes.sum())
    x, y = region.centre
    numbers = (*region.colour, *region.box, region.pieces)
    return f"{region.number},{region.pixels},{share:.6f},{x:.2f},{y:.2f}," + ",".join(
        map(str, numbers)
    )


def _to_json(seen: Seen, segments: "Segments", regions: "Sequence[Region]") -> dict[str, object]:
    return {
        "path": seen.name,
        "k": len(regions),
        "weights": list(segments.weights),
        "cost": segments.cost,
        "segments": [
            {
                "n": region.number,
                "pixels": region.pixels,
                "share": region.pixels / int(segments.sizes.sum()),
                "centre": list(region.centre),
                "colour": list(region.colour),
                "box": list(region.box),
                "pieces": region.pieces,
            }
            for region in regions
        ],
        "seconds": segments.seconds,
    }


def _page(seen: Seen, segments: "Segments", regions: "Sequence[Region]") -> Iterator[str]:
    height, width = segments.labels.shape
    sides = {"height": integer(height), "width": integer(width)}
    yield t("cli.segment.title", path=seen.name, n=len(regions), **sides)
    l_a_b_c = zip(NAMES, segments.weights, strict=True)
    shown = ", ".join(f"{name} = {decimal(weight, 3)}" for name, weight in l_a_b_c)
    yield t("cli.segment.distance", weights=shown)
    yield ""
    total = int(segments.sizes.sum())
    for region in regions:
        red, green, blue = region.colour
        x, y = region.centre
        place = f"({decimal(x, 0)}, {decimal(y, 0)})"
        where = t("cli.segment.row", place=place, n=region.pieces, pieces=integer(region.pieces))
        code = f"#{red:02x}{green:02x}{blue:02x}"
        count, share = integer(region.pixels), percent(region.pixels / total)
        yield f"{region.number:>3}  {code}  {count:>12}  {share:>7}  {where}"
    yield ""
    yield t("cli.segment.seconds", seconds=decimal(segments.seconds, 3))
