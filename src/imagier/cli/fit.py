"""`imagier fit TABLE`: the function that passes closest to a cloud of points, to predict with."""

from typing import TYPE_CHECKING

import click

from imagier.cli.fit_answer import Answer, to_json
from imagier.cli.fit_files import write_plot, write_table
from imagier.cli.fit_text import label_lines, lines
from imagier.cli.framework import ImagierCommand, json_option, note, print_json, quiet_option
from imagier.cli.outputs import check_output
from imagier.i18n import t

if TYPE_CHECKING:
    from imagier.regression import ErrorKind, Table

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
    type=click.FloatRange(0.01, 0.9999),
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
    from imagier.regression import study

    read = [word for word in (table, new) if word]
    files = {
        path: check_output(path, kinds=kinds, inputs=read, force=force)
        for path, kinds in ((plot, (".png", ".svg")), (out, (".csv",)))
        if path is not None
    }
    points, usual_target, usual_family = _open(table)
    found = study(
        points,
        target=target or usual_target,
        titles=_titles(columns),
        family=family or usual_family,
        error=error,
    )
    answer = Answer(study=found, level=level, new=None if new is None else _open(new)[0])
    for text in answer.notes:
        note(text, quiet=quiet)
    if plot is not None:
        write_plot(answer, files[plot], quiet=quiet)
    if out is not None:
        write_table(answer, files[out], quiet=quiet)
    if as_json:
        print_json(to_json(answer, plot, out))
        return
    for line in lines(answer) if answer.fit else label_lines(answer):
        click.echo(line)


def _open(word: str) -> "tuple[Table, str | None, str | None]":
    """Open a table file, or make the example of this name, with its usual target and family."""
    import os
    from pathlib import Path

    from imagier.errors import DataError, did_you_mean
    from imagier.files import printable
    from imagier.regression import EXAMPLES, example, read_table

    if os.path.lexists(word):
        return read_table(Path(word)), None, None
    if word not in EXAMPLES:
        hint, names = did_you_mean(word, EXAMPLES), ", ".join(EXAMPLES)
        raise DataError("fit_table_missing", path=printable(word), hint=hint, examples=names)
    return example(word), EXAMPLES[word].target, None


def _titles(text: str | None) -> list[str] | None:
    """Read `surface,rooms`; a title that holds a comma stands in quotation marks, as in CSV."""
    import csv

    if text is None:
        return None
    return [title.strip() for title in next(csv.reader([text]), []) if title.strip()]
