"""`imagier make digits|lines|captchas|shapes|sheet|...`: pictures made to measure."""

import click

from imagier.cli.framework import ImagierGroup, say
from imagier.i18n import t

__all__ = ["make"]

SECTIONS = {
    "made": ("digits", "letters", "lines", "captchas", "shapes"),
    "written": ("sheet", "from-sheets"),
}
MODULES = {
    "digits": "imagier.cli.make.characters",
    "letters": "imagier.cli.make.characters",
    "lines": "imagier.cli.make.lines",
    "captchas": "imagier.cli.make.captchas",
    "shapes": "imagier.cli.make.shapes",
    "sheet": "imagier.cli.make.sheet",
    "from-sheets": "imagier.cli.make.from_sheets",
}


@click.group(
    "make",
    cls=ImagierGroup,
    modules=MODULES,
    sections=SECTIONS,
    within="make",
    help=t("cli.make.help"),
    subcommand_metavar=t("cli.command_word"),
    invoke_without_command=True,
)
@click.pass_context
def make(context: click.Context) -> None:
    if context.invoked_subcommand is None:
        say(context.get_help())
