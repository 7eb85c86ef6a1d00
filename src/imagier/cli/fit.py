"""`imagier fit TABLE`: the function that passes closest to a cloud of points, to predict with."""

from typing import TYPE_CHECKING

import click

from imagier.cli.decimals import Decimal
from imagier.cli.framework import ImagierCommand, json_option, quiet_option, show
from imagier.cli.outputs import check_output, write_figure, write_table
from imagier.i18n import t

if TYPE_CHECKING:
    from imagier.regression import ErrorKind
    from imagier.tables import Table

__all__ = ["fit"]

ERRORS = ("squared", "absolute", "huber")


@click.command("fit", cls=ImagierCommand, help=t("cli.fit.help"))
@click.argument("table", metavar=t("cli.fit.table_word"))
@click.option("--y", "target", metavar=t("cli.fit.column_word"), help=t("cli.fit.y"))
@click.option("--x", "columns", metavar=t("cli.fit.columns_word"), help=t("cli.fit.x"))
@click.option("--family", metavar=t("cli.fit.family_word"), help=t("cli.fit.family"))
@click.option("--error", type=click.Choice(ERRORS), default="squared", help=t("cli.fit.error"))
@click.option(
    "--level",
    type=Decimal(0.01, 0.9999, is_share=True),
    default=0.95,
    metavar=t("cli.fit.level_word"),
    help=t("cli.fit.level"),
)
@click.option("--predict", "new", metavar=t("cli.fit.table_word"), help=t("cli.fit.predict"))
@click.option("--plot", metavar="F.png|F.svg", help=t("cli.fit.plot"))
@click.option("--out", metavar="F.csv", help=t("cli.fit.out"))
@click.option("--force", is_flag=True, help=t("cli.fit.force"))
@json_option
@quiet_option
def fit(
    *,
    table: str,
    target: str | None,
    columns: str | None,
    family: str | None,
    error: "ErrorKind",
    level: float,
    new: str | None,
    plot: str | None,
    out: str | None,
    force: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    from imagier.regression import EXAMPLES, FitResult, fit_table

    read = [word for word in (table, new) if word]
    figure, rows = (
        None if path is None else check_output(path, kinds=kinds, inputs=read, force=force)
        for path, kinds in ((plot, (".png", ".svg")), (out, (".csv",)))
    )
    points = _open(table)
    usual = EXAMPLES[table].target if points.synthetic else None
    found = fit_table(
        points,
        target=target or usual,
        titles=_titles(columns),
        family=family,
        error=error,
    )
    answer = FitResult(found=found, level=level, new=None if new is None else _open(new))
    if figure is not None:
        write_figure(answer, figure, quiet=quiet)
    if rows is not None:
        write_table(answer, rows, quiet=quiet)
    show(answer, as_json=as_json, quiet=quiet, files={"plot": figure, "out": rows})


def _open(word: str) -> "Table":
    """Open a table file, or make the example of this name."""
    import os
    from pathlib import Path

    from imagier.errors import DataError, did_you_mean
    from imagier.files import printable
    from imagier.regression import EXAMPLES, example
    from imagier.tables import read_table

    if os.path.lexists(word):
        return read_table(Path(word))
    if word not in EXAMPLES:
        hint, names = did_you_mean(word, EXAMPLES), ", ".join(EXAMPLES)
        raise DataError("fit_table_missing", path=printable(word), hint=hint, examples=names)
    return example(word)


def _titles(text: str | None) -> list[str] | None:
    """Read `surface,rooms`; a title that holds a comma stands in quotation marks, as in CSV."""
    import csv
    import io

    if text is None:
        return None
    row = next(csv.reader(io.StringIO(text, newline="")), [])
    return [title.strip() for title in row if title.strip()]
