"""`imagier make sheet`: an A4 page to print, to be filled by hand and photographed."""

from pathlib import Path

import click

from imagier.cli.framework import ImagierCommand, json_option, quiet_option, show
from imagier.cli.outputs import check_output
from imagier.files import write_file
from imagier.i18n import t

__all__ = ["sheet"]

DIGITS, ROWS, USUAL = "0123456789", 12, "sheet.pdf"


@click.command("sheet", cls=ImagierCommand, help=t("cli.make.sheet.help"))
@click.option("--characters", metavar="ABC…", help=t("cli.make.sheet.characters"))
@click.option("--classes", metavar="a,b", help=t("cli.make.sheet.classes"))
@click.option(
    "--rows", type=click.IntRange(1, ROWS), metavar="N", default=ROWS, help=t("cli.make.sheet.rows")
)
@click.option(
    "--writers", type=click.IntRange(1, 999), metavar="N", help=t("cli.make.sheet.writers")
)
@click.option(
    "--out",
    default=USUAL,
    metavar="F.pdf|F.png",
    help=t("cli.make.sheet.out", usual=USUAL),
)
@click.option("--force", is_flag=True, help=t("cli.make.sheet.force"))
@json_option
@quiet_option
def sheet(
    *,
    characters: str | None,
    classes: str | None,
    rows: int,
    writers: int | None,
    out: str,
    force: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    from imagier.datasets.synthetic.sheets import make_sheet, read_names

    path: Path = check_output(out, kinds=(".pdf", ".png"), force=force)
    names = read_names(characters, classes) or tuple(DIGITS)
    made = make_sheet(names, path, rows=rows, writers=writers or 0)
    write_file(path, made.content)
    show(made, as_json=as_json, quiet=quiet)
