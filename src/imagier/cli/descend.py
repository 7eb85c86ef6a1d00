"""`imagier descend FORMULA --start 4,2`: down the slope of a formula, step by step."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from imagier.cli.coordinates import read_numbers, read_point
from imagier.cli.framework import (
    Advance,
    ImagierCommand,
    json_option,
    print_json,
    progress_bar,
    quiet_option,
)
from imagier.cli.outputs import check_output, write_output
from imagier.errors import DataError, UsageError
from imagier.files import printable
from imagier.i18n import integer, t

if TYPE_CHECKING:
    from imagier.cli.descent_report import Descended
    from imagier.formulas import Formula
    from imagier.gradient import Recipe, Step

__all__ = ["descend"]

FIGURES = (".png", ".svg", ".gif")
MOST_STEPS, MOST_STARTS = 100_000, 1000


@click.command("descend", cls=ImagierCommand, help=t("cli.descend.help"))
@click.argument("formula", metavar=t("cli.descend.formula_word"))
@click.option("--start", metavar=t("cli.descend.point_word"), help=t("cli.descend.start"))
@click.option("--rate", type=float, default=0.1, metavar="R", help=t("cli.descend.rate"))
@click.option("--momentum", type=float, default=0.0, metavar="M", help=t("cli.descend.momentum"))
@click.option("--line-search", is_flag=True, help=t("cli.descend.line_search"))
@click.option(
    "--steps",
    type=click.IntRange(1, MOST_STEPS),
    default=1000,
    metavar="N",
    help=t("cli.descend.steps"),
)
@click.option("--tolerance", type=float, default=1e-8, metavar="X", help=t("cli.descend.tolerance"))
@click.option(
    "--starts",
    type=click.IntRange(1, MOST_STARTS),
    metavar="N",
    help=t("cli.descend.starts_option"),
)
@click.option("--within", metavar=t("cli.descend.bounds_word"), help=t("cli.descend.within"))
@click.option("--seed", type=click.IntRange(0), default=0, metavar="N", help=t("cli.descend.seed"))
@click.option("--compare", is_flag=True, help=t("cli.descend.compare"))
@click.option("--plot", metavar="F.png|F.svg|F.gif", help=t("cli.descend.plot"))
@click.option("--out", metavar="F.csv", help=t("cli.descend.out"))
@click.option("--force", is_flag=True, help=t("cli.descend.force"))
@json_option
@quiet_option
def descend(
    formula: str,
    *,
    start: str | None,
    rate: float,
    momentum: float,
    line_search: bool,
    steps: int,
    tolerance: float,
    starts: int | None,
    within: str | None,
    seed: int,
    compare: bool,
    plot: str | None,
    out: str | None,
    force: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    from imagier.cli import descent_report
    from imagier.gradient import Recipe

    figure = None if plot is None else check_output(plot, kinds=FIGURES, force=force)
    table = None if out is None else check_output(out, kinds=(".csv",), force=force)
    read = _read(formula, figure)
    recipe = Recipe(
        rate=rate, momentum=momentum, line_search=line_search, most_steps=steps, flat=tolerance
    )
    places = _places(read, start, starts, within, seed)
    found = _descended(
        read, places, recipe, is_many=starts is not None, compare=compare, quiet=quiet
    )
    _write(found, places, figure, table, quiet=quiet)
    if as_json:
        written = {"plot": figure, "out": table}
        paths = {name: None if path is None else printable(path) for name, path in written.items()}
        print_json({**descent_report.as_json(found), **paths})
        return
    for line in descent_report.lines(found):
        click.echo(line)


def _read(text: str, figure: Path | None) -> "Formula":
    from imagier.formulas import parse_formula

    formula = parse_formula(text)
    names = formula.variables
    if not names:
        raise UsageError("no_variable", formula=printable(text))
    if figure is not None and figure.suffix.lower() == ".gif" and len(names) > 2:
        raise UsageError("descend_film", n=len(names), names=", ".join(names))
    return formula


def _places(
    formula: "Formula", start: str | None, starts: int | None, within: str | None, seed: int
) -> "list[tuple[float, ...]]":
    """Give the one start that was typed, or draw many."""
    from imagier.gradient import starts_within

    names = formula.variables
    if (start is None) == (starts is None):
        example = ",".join(map(str, range(1, len(names) + 1)))
        raise UsageError("descend_start", names=", ".join(names), example=example)
    if start is not None:
        if within is not None:
            raise UsageError("descend_within")
        return [read_point(start, names, option="--start")]
    drawn = starts_within(_bounds(within, names), count=starts or 1, seed=seed)
    return [tuple(place) for place in drawn.tolist()]


def _bounds(text: str | None, names: Sequence[str]) -> list[tuple[float, float]]:
    """Read one pair for all variables, or one for each."""
    numbers = () if text is None else read_numbers(text, option="--within")
    if len(numbers) == 2:
        return [(numbers[0], numbers[1])] * len(names)
    if len(numbers) != 2 * len(names) or text is None:
        raise UsageError("descend_bounds", n=len(numbers), names=", ".join(names))
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _descended(
    formula: "Formula",
    places: "list[tuple[float, ...]]",
    recipe: "Recipe",
    *,
    is_many: bool,
    compare: bool,
    quiet: bool,
) -> "Descended":
    """Descend, from the best start if there are many, and judge how it went."""
    from imagier.cli.descent_report import Descended
    from imagier.gradient import gradient, outcome_of, rivals, valleys

    slope = partial(gradient, formula.at, method="complex")
    descents = None
    if is_many:
        with progress_bar(t("cli.descend.going_down"), quiet=quiet) as advance:
            counted = _counted(places, advance)
            descents = valleys(formula.at, counted, recipe, slope=slope)
    if descents is not None and not descents.valleys:
        return Descended(formula=formula, recipe=recipe, descents=descents)
    start = descents.valleys[0].start if descents else places[0]
    steps = _steps(formula, start, recipe)
    if steps[-1].reason == "undefined":
        last = steps[-1]
        place = ", ".join(f"{x:.6g}" for x in last.point)
        raise DataError("descend_undefined", n=last.number, number=integer(last.number), at=place)
    return Descended(
        formula=formula,
        recipe=recipe,
        steps=steps,
        outcome=outcome_of(formula.at, steps, recipe, method="complex"),
        descents=descents,
        compared=rivals(formula.at, start, slope=slope) if compare else (),
    )


def _counted(places: "list[tuple[float, ...]]", advance: Advance) -> "Iterator[tuple[float, ...]]":
    """Give one start after the other, saying how many are done."""
    for number, place in enumerate(places):
        advance(number, len(places))
        yield place


def _steps(formula: "Formula", start: tuple[float, ...], recipe: "Recipe") -> "tuple[Step, ...]":
    from imagier.gradient import descend as go_down
    from imagier.gradient import gradient

    slope = partial(gradient, formula.at, method="complex")
    return tuple(go_down(formula.at, start, recipe, slope=slope))


def _write(
    found: "Descended",
    places: "list[tuple[float, ...]]",
    figure: Path | None,
    table: Path | None,
    *,
    quiet: bool,
) -> None:
    from imagier.cli.descent_report import as_csv

    if found.outcome is None and (figure or table):
        raise DataError("descend_lost", n=len(places), number=integer(len(places)))
    if figure is not None:
        write_output(figure, _drawn(found, places, figure), quiet=quiet)
    if table is not None:
        write_output(table, as_csv(found.formula, found.steps), quiet=quiet)


def _drawn(found: "Descended", places: "list[tuple[float, ...]]", out: Path) -> bytes:
    from imagier.figures import gif, png, svg
    from imagier.gradient.paths import path_figure, path_film

    g, names = found.formula.at, found.formula.variables
    if out.suffix.lower() == ".gif":
        return gif(path_film(g, found.steps, names=names), seconds=0.25)
    paths = [found.steps] if found.descents is None else _all_steps(found, places)
    figure = path_figure(g, paths, names=names)
    if out.suffix.lower() == ".svg":
        return svg(figure, label=t("gradient.figure.path", n=len(paths))).encode()
    return png(figure)


def _all_steps(found: "Descended", places: "list[tuple[float, ...]]") -> "list[tuple[Step, ...]]":
    """Descend once more from each start, to draw the ways."""
    ways = []
    for place in places:
        try:
            ways.append(_steps(found.formula, place, found.recipe))
        except UsageError:  # the formula has no value at this start: counted among those lost
            continue
    return ways
