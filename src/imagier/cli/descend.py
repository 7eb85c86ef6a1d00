"""`imagier descend FORMULA --start 4,2`: down the slope of a formula, step by step."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from imagier.cli.decimals import AnyDecimal
from imagier.cli.framework import (
    Advance,
    ImagierCommand,
    json_option,
    progress_bar,
    quiet_option,
    show,
)
from imagier.cli.numbers import read_formula, read_point, read_values
from imagier.cli.outputs import check_output, write_figure, write_table
from imagier.errors import DataError, UsageError
from imagier.i18n import integer, t

if TYPE_CHECKING:
    from imagier.formulas import Formula
    from imagier.gradient import DescentResult, Recipe

__all__ = ["descend"]

FIGURES = (".png", ".svg", ".gif")
MOST_STEPS, MOST_STARTS = 100_000, 1000


@click.command("descend", cls=ImagierCommand, help=t("cli.descend.help"))
@click.argument("formula", metavar=t("cli.descend.formula_word"))
@click.option("--start", metavar=t("cli.descend.point_word"), help=t("cli.descend.start"))
@click.option("--rate", type=AnyDecimal(), default=0.1, metavar="R", help=t("cli.descend.rate"))
@click.option(
    "--momentum", type=AnyDecimal(), default=0.0, metavar="M", help=t("cli.descend.momentum")
)
@click.option("--line-search", is_flag=True, help=t("cli.descend.line_search"))
@click.option(
    "--steps",
    type=click.IntRange(1, MOST_STEPS),
    default=1000,
    metavar="N",
    help=t("cli.descend.steps"),
)
@click.option(
    "--tolerance", type=AnyDecimal(), default=1e-8, metavar="X", help=t("cli.descend.tolerance")
)
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
    from imagier.gradient import Recipe

    figure = None if plot is None else check_output(plot, kinds=FIGURES, force=force)
    table = None if out is None else check_output(out, kinds=(".csv",), force=force)
    read = read_formula(formula)
    names = read.variables
    if figure is not None and figure.suffix.lower() == ".gif" and len(names) > 2:
        raise UsageError("descend_film", n=len(names), names=", ".join(names))
    recipe = Recipe(
        rate=rate, momentum=momentum, line_search=line_search, most_steps=steps, flat=tolerance
    )
    places = _places(read, start, starts, within, seed)
    is_many = starts is not None
    answer = _descended(read, places, recipe, is_many=is_many, compare=compare, quiet=quiet)
    if answer.outcome is None and (figure or table):
        raise DataError("descend_lost", n=len(places), number=integer(len(places)))
    if figure is not None:
        write_figure(answer, figure, quiet=quiet)
    if table is not None:
        write_table(answer, table, quiet=quiet)
    show(answer, as_json=as_json, quiet=quiet, files={"plot": figure, "out": table})


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
    numbers = () if text is None else read_values(text, option="--within")
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
) -> "DescentResult":
    from imagier.gradient import descend_formula, descend_formula_from_many

    if not is_many:
        return descend_formula(formula, places[0], recipe, compare=compare)
    with progress_bar(t("cli.descend.going_down"), quiet=quiet) as advance:
        counted = _counted(places, advance)
        return descend_formula_from_many(formula, counted, recipe, compare=compare)


def _counted(places: "list[tuple[float, ...]]", advance: Advance) -> "Iterator[tuple[float, ...]]":
    """Give one start after the other, saying how many are done."""
    for number, place in enumerate(places):
        advance(number, len(places))
        yield place
