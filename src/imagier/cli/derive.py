"""`imagier derive FORMULA|TABLE`: how fast a formula, or what a table measures, changes."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from imagier.cli.coordinates import aligned, read_point
from imagier.cli.framework import ImagierCommand, json_option, note, print_json, quiet_option
from imagier.cli.outputs import check_output, write_output
from imagier.errors import UsageError
from imagier.files import printable
from imagier.gradient.writing import shown
from imagier.i18n import t

if TYPE_CHECKING:
    from imagier.cli.travel_table import Travel
    from imagier.formulas import Formula
    from imagier.gradient import Speeds

__all__ = ["derive"]

TABLES = (".csv", ".tsv", ".txt", ".jsonl", ".parquet")
FIGURES = (".png", ".svg")
DECK_STEP = 0.01
MOST_ROWS = 40


@click.command("derive", cls=ImagierCommand, help=t("cli.derive.help"))
@click.argument("what", metavar=t("cli.derive.what_word"))
@click.option("--at", metavar=t("cli.derive.point_word"), help=t("cli.derive.at"))
@click.option(
    "--step",
    type=click.FloatRange(min=0, min_open=True),
    default=DECK_STEP,
    metavar="H",
    help=t("cli.derive.step", default=DECK_STEP),
)
@click.option("--columns", metavar=t("cli.derive.columns_word"), help=t("cli.derive.columns"))
@click.option("--plot", metavar="F.png|F.svg|F.gif", help=t("cli.derive.plot"))
@click.option("--force", is_flag=True, help=t("cli.derive.force"))
@json_option
@quiet_option
def derive(
    what: str,
    at: str | None,
    step: float,
    columns: str | None,
    plot: str | None,
    force: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    is_table = Path(what).suffix.lower() in TABLES
    kinds = FIGURES if is_table else (*FIGURES, ".gif")
    out = None if plot is None else check_output(plot, kinds=kinds, inputs=[what], force=force)
    if is_table:
        if at is not None:
            raise UsageError("derive_table_at")
        _derive_table(what, columns, out, as_json=as_json, quiet=quiet)
        return
    if columns is not None:
        raise UsageError("derive_columns", what=printable(what))
    _derive_formula(what, at, step, out, as_json=as_json, quiet=quiet)


def _derive_formula(
    text: str, at: str | None, step: float, out: Path | None, *, as_json: bool, quiet: bool
) -> None:
    from imagier.cli import derivation
    from imagier.formulas import parse_formula

    formula = parse_formula(text)
    names = formula.variables
    if not names:
        raise UsageError("no_variable", formula=printable(text))
    if at is None:
        example = ",".join(map(str, range(1, len(names) + 1)))
        raise UsageError("derive_at", names=", ".join(names), example=example)
    if out is not None and len(names) > 1:
        raise UsageError("derive_plot", n=len(names), names=", ".join(names))
    found = derivation.derived(formula, read_point(at, names, option="--at"), step)
    if out is not None:
        write_output(out, _drawn(out, formula, found.point[0]), quiet=quiet)
    if as_json:
        print_json({**derivation.as_json(found), "plot": None if out is None else printable(out)})
        return
    for line in derivation.lines(found):
        click.echo(line)


def _drawn(out: Path, formula: "Formula", at: float) -> bytes:
    from imagier.cli.derivation import of_one
    from imagier.figures import gif, png, svg
    from imagier.gradient.tangents import secants, tangent_figure

    g, name = of_one(formula), formula.variables[0]
    if out.suffix.lower() == ".gif":
        return gif(secants(g, at, variable=name), seconds=0.12)
    figure = tangent_figure(g, at, variable=name)
    if out.suffix.lower() == ".svg":
        return svg(figure, label=t("gradient.figure.tangent", at=shown(at))).encode()
    return png(figure)


def _derive_table(
    path: str, columns: str | None, out: Path | None, *, as_json: bool, quiet: bool
) -> None:
    from imagier.cli.travel_table import read_travel
    from imagier.gradient import speeds

    travel = read_travel(Path(path), columns)
    for text in travel.notes:
        note(text, quiet=quiet)
    trip = speeds(travel.times, travel.distances)
    if out is not None:
        write_output(out, _drawn_table(out, travel, trip), quiet=quiet)
    if as_json:
        print_json(_table_facts(path, travel, trip, out))
        return
    for line in _table_lines(travel, trip):
        click.echo(line)


def _table_facts(
    path: str, travel: "Travel", trip: "Speeds", out: Path | None
) -> dict[str, object]:
    unused = ("formula", "at", "value", "derivative", "step", "forward", "central", "complex")
    return {
        **dict.fromkeys((*unused, "corner", "errors")),
        "table": printable(path),
        "variables": list(travel.names),
        "speeds": {
            "times": list(trip.times),
            "distances": list(trip.distances),
            "means": list(trip.means),
            "instants": list(trip.instants),
            "mean": trip.mean,
        },
        "plot": None if out is None else printable(out),
    }


def _table_lines(travel: "Travel", trip: "Speeds") -> Iterator[str]:
    time, distance = travel.names
    yield t("cli.derive.travel", n=len(trip.times), time=time, distance=distance)
    yield ""
    rows = [[time, distance, t("cli.derive.mean_column"), t("cli.derive.instant_column")]]
    means = ["", *(shown(mean, 6) for mean in trip.means)]
    columns = zip(trip.times, trip.distances, means, trip.instants, strict=True)
    rows.extend([shown(at), shown(far), mean, shown(now, 6)] for at, far, mean, now in columns)
    lines = aligned(rows)
    if len(lines) > MOST_ROWS + 1:
        lines = [*lines[: MOST_ROWS // 2 + 1], "…", *lines[-MOST_ROWS // 2 :]]
    yield from lines
    yield ""
    yield t("cli.derive.mean", mean=shown(trip.mean, 6))


def _drawn_table(out: Path, travel: "Travel", trip: "Speeds") -> bytes:
    from imagier.figures import png, svg
    from imagier.gradient.travels import travel_figure

    figure = travel_figure(trip, names=travel.names)
    if out.suffix.lower() == ".svg":
        return svg(figure, label=t("gradient.figure.travel")).encode()
    return png(figure)
