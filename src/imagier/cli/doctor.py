"""`imagier doctor`: is everything there, and if not, what should be typed?"""

import click

from imagier.cli.framework import ImagierCommand, json_option, note, quiet_option, show
from imagier.i18n import t

__all__ = ["doctor"]

EXIT_NOT_INSTALLED = 5


@click.command("doctor", cls=ImagierCommand, help=t("cli.doctor.help"))
@json_option
@quiet_option
@click.pass_context
def doctor(context: click.Context, as_json: bool, quiet: bool) -> None:
    from imagier.doctor import examine

    found = examine()
    show(found, as_json=as_json, quiet=quiet)
    if not as_json:
        note("\n" + t("cli.doctor.fit" if found.is_fit else "cli.doctor.unfit"), quiet=quiet)
    if not found.is_fit:
        context.exit(EXIT_NOT_INSTALLED)
