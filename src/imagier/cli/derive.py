"""`imagier derive FORMULA|TABLE`: how fast a formula, or what a table measures, changes."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from imagier.cli.decimals import Decimal
from imagier.cli.framework import ImagierCommand, json_option, quiet_option, show
from imagier.cli.numbers import read_formula, read_point
from imagier.cli.outputs import check_output, write_figure
from imagier.errors import UsageError
from imagier.files import printable
from imagier.i18n import t

if TYPE_CHECKING:
    from imagier.answers import Answer

__all__ = ["derive"]

TABLES = (".csv", ".tsv", ".txt", ".jsonl", ".parquet")
FIGURES = (".png", ".svg")
DECK_STEP = 0.01


@click.command("derive", cls=ImagierCommand, help=t("cli.derive.help"))
@click.argument("what", metavar=t("cli.derive.what_word"))
@click.option("--at", metavar=t("cli.derive.point_word"), help=t("cli.derive.at"))
@click.option(
    "--step",
    type=Decimal(min=0, min_open=True),
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
        answer = _of_table(Path(what), columns)
    elif columns is not None:
        raise UsageError("derive_columns", what=printable(what))
    else:
        answer = _of_formula(what, at, step, is_drawn=out is not None)
    if out is not None:
        write_figure(answer, out, quiet=quiet)
    show(answer, as_json=as_json, quiet=quiet, files={"plot": out})


def _of_formula(text: str, at: str | None, step: float, *, is_drawn: bool) -> "Answer":
    from imagier.gradient import derive_formula

    formula = read_formula(text)
    names = formula.variables
    if at is None:
        example = ",".join(map(str, range(1, len(names) + 1)))
        raise UsageError("derive_at", names=", ".join(names), example=example)
    if is_drawn and len(names) > 1:
        raise UsageError("derive_plot", n=len(names), names=", ".join(names))
    return derive_formula(formula, read_point(at, names, option="--at"), step=step)


def _of_table(path: Path, columns: str | None) -> "Answer":
    from imagier.gradient import read_journey
    from imagier.tables import read_table

    return read_journey(read_table(path), columns)
