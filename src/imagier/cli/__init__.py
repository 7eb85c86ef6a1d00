"""The command line: `imagier train`, `test`, `predict`... See `docs/cli.md`."""

import sys

import click

from imagier.cli.framework import ImagierGroup, say
from imagier.cli.running import run
from imagier.files import version
from imagier.i18n import t

__all__ = ["COMMANDS", "SECTIONS", "imagier", "main"]

# The commands as `imagier --help` groups them; the chapters in the order of the deck.
SECTIONS = {
    "recognition": (
        "check",
        "train",
        "test",
        "compare",
        "predict",
        "label",
        "read",
        "explain",
        "annotate",
        "votes",
        "strip",
        "blur",
        "make",
        "export",
        "serve",
    ),
    "chapters": (
        *("fit", "pixels", "neuron", "network", "convolve"),
        *("cluster", "segment", "palette", "derive", "descend"),
    ),
    "machine": ("doctor", "cache"),
}
# Where each stands: in a module of its name.
COMMANDS = {name: f"imagier.cli.{name}" for names in SECTIONS.values() for name in names}


def _show_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        say(f"imagier {version()}")
        context.exit()


@click.group(
    cls=ImagierGroup,
    modules=COMMANDS,
    sections=SECTIONS,
    help=t("cli.help"),
    subcommand_metavar=t("cli.command_word"),
    invoke_without_command=True,
    context_settings={"max_content_width": 100, "help_option_names": ["-h", "--help"]},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help=t("cli.version_option"),
)
@click.pass_context
def imagier(context: click.Context) -> None:
    if context.invoked_subcommand is None:
        say(context.get_help())


def main() -> None:
    """Run the command line of this process and exit with its code."""
    sys.exit(run(imagier))
