"""`imagier palette PICTURE...`: few colours instead of millions, and what that saves."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from imagier.cli.decimals import Decimal
from imagier.cli.framework import (
    ImagierCommand,
    json_option,
    progress_bar,
    quiet_option,
    show,
)
from imagier.cli.outputs import check_output, check_places, write_output
from imagier.cli.pictures import read_weights
from imagier.errors import ImagierError, UsageError
from imagier.i18n import t
from imagier.tables import csv_text

if TYPE_CHECKING:
    from imagier.palette.results import PaletteOptions

__all__ = ["palette"]

EXIT_BAD_INPUTS = 3
DEFAULT_K = 16


@click.command("palette", cls=ImagierCommand, help=t("cli.palette.help"))
@click.argument("words", nargs=-1, required=True, metavar=t("cli.palette.pictures_word"))
@click.option("-k", "k", type=click.IntRange(1, 256), metavar="K", help=t("cli.palette.k"))
@click.option("--quality", type=Decimal(1, 100), metavar="DB", help=t("cli.palette.quality"))
@click.option("--weights", metavar="a,b,c", help=t("cli.palette.weights"))
@click.option(
    "--space", type=click.Choice(("srgb", "oklab")), default="srgb", help=t("cli.palette.space")
)
@click.option("--dither", is_flag=True, help=t("cli.palette.dither"))
@click.option("--fix", "fixed", multiple=True, metavar="#RRGGBB", help=t("cli.palette.fix"))
@click.option("--shared", is_flag=True, help=t("cli.palette.shared"))
@click.option("--out", metavar=t("cli.palette.out_word"), help=t("cli.palette.out"))
@click.option("--table", metavar="F.csv", help=t("cli.palette.table"))
@click.option("--force", is_flag=True, help=t("cli.palette.force"))
@click.option("--strict", is_flag=True, help=t("cli.palette.strict"))
@json_option
@quiet_option
def palette(
    words: tuple[str, ...],
    out: str | None,
    table: str | None,
    shared: bool,
    force: bool,
    strict: bool,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> int:
    from imagier.images.file_search import find_pictures
    from imagier.palette import results

    wanted = _read_options(shared=shared, **options)
    paths = find_pictures(words).paths
    names = [path for path in paths if isinstance(path, str)]
    places = check_places(names, out, option="--out", kinds=(".png",), force=force) if out else {}
    rows_file = check_output(table, kinds=(".csv",), inputs=names, force=force) if table else None
    if shared:
        wanted = results.with_shared_palette(names, wanted)
    answers = results.reduce_pictures(paths, wanted)
    rows: list[Sequence[object]] = []
    bad: list[ImagierError] = []
    with progress_bar(t("cli.palette.progress"), quiet=quiet or not out) as advance:
        for number, (path, answer) in enumerate(zip(paths, answers, strict=True), start=1):
            if isinstance(answer, results.PaletteFailure):
                bad.append(answer.error)
                show(answer, as_json=as_json, quiet=False, files={"out": None})
            else:
                place = places.get(path) if isinstance(path, str) else None
                if place is not None:
                    write_output(place, answer.content, quiet=quiet)
                show(answer, as_json=as_json, quiet=quiet, files={"out": place})
                if rows_file is not None:
                    rows.extend(answer.tables()["table"].rows)
            advance(number, len(paths))
    if rows_file is not None:
        write_output(rows_file, csv_text(results.TABLE_COLUMNS, rows).encode(), quiet=quiet)
    return _exit_code(bad, len(paths), strict=strict)


def _read_options(
    *,
    k: int | None,
    quality: float | None,
    weights: str | None,
    space: Any,
    dither: bool,
    fixed: tuple[str, ...],
    shared: bool,
) -> "PaletteOptions":
    from imagier.palette import Distance, read_colour
    from imagier.palette.results import PaletteOptions

    if quality is not None and (k is not None or shared):
        raise UsageError("palette_quality", option="--shared" if shared else "-k")
    red, green, blue = read_weights(weights, ("a", "b", "c"))
    return PaletteOptions(
        k=k or DEFAULT_K,
        distance=Distance(space=space, weights=(red, green, blue)),
        fixed=tuple(read_colour(text) for text in fixed),
        dither=dither,
        quality=quality,
    )


def _exit_code(bad: Sequence[ImagierError], number: int, *, strict: bool) -> int:
    if bad and len(bad) == number:
        return bad[0].exit_code
    return EXIT_BAD_INPUTS if strict and bad else 0
