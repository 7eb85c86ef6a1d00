"""`imagier palette PICTURE...`: few colours instead of millions, and what that saves."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from imagier.cli.framework import ImagierCommand, json_option, note, progress_bar, quiet_option
from imagier.cli.outputs import check_output, write_output
from imagier.cli.palette_answers import TABLE_HEAD, Answer, tell, tell_error
from imagier.cli.seeing import Seen, read_weights, see
from imagier.errors import ImagierError, UsageError
from imagier.files import printable
from imagier.i18n import t

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imagier.palette import Distance, Histogram, Reduced

__all__ = ["palette"]

EXIT_BAD_INPUTS = 3
DEFAULT_K, MOST_COLOURS = 16, 256


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wishes:
    """What is wanted of each picture; `common` is the palette that all share, if they do."""

    k: int
    distance: "Distance"
    fixed: tuple[tuple[int, int, int], ...]
    dither: bool
    quality: float | None
    common: "NDArray[np.uint8] | None" = None
    has_transparent: bool = False


@click.command("palette", cls=ImagierCommand, help=t("cli.palette.help"))
@click.argument("words", nargs=-1, required=True, metavar=t("cli.palette.pictures_word"))
@click.option("-k", "k", type=click.IntRange(1, 256), metavar="K", help=t("cli.palette.k"))
@click.option(
    "--quality", type=click.FloatRange(1, 100), metavar="DB", help=t("cli.palette.quality")
)
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
    force: bool,
    strict: bool,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> int:
    from imagier.images.file_search import find_pictures

    wishes = _read_wishes(**options)
    paths = find_pictures(words).paths
    names = [path for path in paths if isinstance(path, str)]
    places = _places(names, out, force=force)
    rows = check_output(table, kinds=(".csv",), inputs=names, force=force) if table else None
    if options["shared"]:
        wishes = _with_common(names, wishes)
    answers = _answers(paths, wishes, quiet=quiet)
    lines, bad = [TABLE_HEAD], []
    with progress_bar(t("cli.palette.progress"), quiet=quiet or not out) as advance:
        for number, (path, answer) in enumerate(answers, start=1):
            if isinstance(answer, ImagierError):
                bad.append(answer)
                tell_error(path, answer, as_json=as_json)
            else:
                place = places.get(path)
                if place is not None:
                    write_output(place, answer.file, quiet=quiet)
                tell(answer, place, is_alone=len(paths) == 1, as_json=as_json)
                if rows is not None:
                    reduce, least = _reducer(answer.seen, wishes), _least(answer.seen, wishes)
                    lines.extend(answer.table_lines(reduce, least=least))
            advance(number, len(paths))
    if rows is not None:
        write_output(rows, "\n".join([*lines, ""]).encode(), quiet=quiet)
    return _exit_code(bad, len(paths), strict=strict)


def _read_wishes(
    *,
    k: int | None,
    quality: float | None,
    weights: str | None,
    space: Any,
    dither: bool,
    fixed: tuple[str, ...],
    shared: bool,
) -> _Wishes:
    from imagier.palette import Distance, read_colour

    if quality is not None and (k is not None or shared):
        raise UsageError("palette_quality", option="--shared" if shared else "-k")
    red, green, blue = read_weights(weights, ("a", "b", "c"))
    return _Wishes(
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


def _places(names: Sequence[str], out: str | None, *, force: bool) -> dict[str, Path]:
    """Decide where each picture goes, before any work: no file twice, none of the inputs."""
    if out is None:
        return {}
    if Path(out).suffix and len(names) > 1:
        raise UsageError("palette_out_many", path=printable(out), n=len(names))
    places: dict[str, Path] = {}
    taken: dict[Path, str] = {}
    for name in names:
        place = Path(out) if Path(out).suffix else Path(out) / f"{Path(name).stem}.png"
        other = taken.setdefault(place, name)
        if other != name:
            first, second = printable(other), printable(name)
            facts = {"path": printable(place), "first": first, "second": second}
            raise UsageError("palette_same_name", **facts)
        places[name] = check_output(str(place), kinds=(".png",), inputs=names, force=force)
    return places


def _answers(
    paths: Sequence[Any], wishes: _Wishes, *, quiet: bool
) -> Iterator[tuple[str, Answer | ImagierError]]:
    """Reduce picture after picture; one that cannot be read is an answer too, among others."""
    from imagier.palette import warm_up

    warm_up()
    for path in paths:
        name = path if isinstance(path, str) else str(path.facts["path"])
        try:
            seen = see(path, quiet=quiet)
            yield name, Answer.of(seen, _reduce(seen, wishes, quiet=quiet))
        except ImagierError as error:
            if len(paths) == 1 or isinstance(error, UsageError):
                raise
            yield name, error


def _with_common(names: Sequence[str], wishes: _Wishes) -> _Wishes:
    """Choose one palette by a first pass over all pictures, each read and let go."""
    from imagier.palette import histogram, merge, shared_palette

    hiding = []

    def histograms() -> "Iterator[Histogram]":
        for name in names:
            try:
                seen = see(name, quiet=True)
            except ImagierError:
                continue  # the second pass names it
            hiding.append(seen.hides)
            yield histogram(seen.pixels if seen.seen is None else seen.pixels[seen.seen])

    settings: dict[str, Any] = {"distance": wishes.distance, "fixed": wishes.fixed}
    together = merge(histograms())
    common = shared_palette(together, wishes.k, has_transparent=any(hiding), **settings)
    return replace(wishes, common=common, has_transparent=any(hiding))


def _reduce(seen: Seen, wishes: _Wishes, *, quiet: bool) -> "Reduced":
    """Reduce one picture, and say where the result is not what the number asked for."""
    from imagier.palette import smallest

    reduce = _reducer(seen, wishes)
    if wishes.quality is None:
        reduced = reduce(wishes.k)
        if wishes.common is None and len(reduced.palette) < wishes.k:
            n = len(reduced.palette)
            note(t("cli.palette.fewer", path=seen.name, n=n, k=wishes.k), quiet=quiet)
        return reduced
    found = smallest(reduce, wishes.quality, least=_least(seen, wishes) or 1)
    if found is None:
        note(t("cli.palette.not_reached", path=seen.name, psnr=wishes.quality), quiet=quiet)
    return found or reduce(MOST_COLOURS)


def _least(seen: Seen, wishes: _Wishes) -> int | None:
    """Give the smallest palette that holds all it must; None where it is not to be chosen."""
    if wishes.common is not None:
        return None
    return max(len(set(wishes.fixed)), 1) + seen.hides


def _reducer(seen: Seen, wishes: _Wishes) -> Callable[[int], "Reduced"]:
    """Give what reduces a picture to k colours, whatever else is wished."""
    from imagier.palette import apply_palette, reduce_colours

    settings: dict[str, Any] = {"seen": seen.seen, "distance": wishes.distance}
    settings["dither"] = wishes.dither
    if wishes.common is None:
        return partial(reduce_colours, seen.pixels, fixed=wishes.fixed, **settings)
    palette, transparent = wishes.common, wishes.has_transparent
    return lambda _: apply_palette(seen.pixels, palette, transparent=transparent, **settings)
