"""`imagier doctor [MODEL]`: is everything there and as it was, and if not, what to type?"""

import click

from imagier.cli.framework import ImagierCommand, json_option, note, quiet_option, show
from imagier.i18n import t

__all__ = ["doctor"]

EXIT_DAMAGED, EXIT_NOT_INSTALLED = 4, 5


@click.command("doctor", cls=ImagierCommand, help=t("cli.doctor.help"))
@click.argument("model", metavar=f"[{t('cli.model_word')}]", required=False)
@json_option
@quiet_option
@click.pass_context
def doctor(context: click.Context, model: str | None, as_json: bool, quiet: bool) -> None:
    if model is None:
        from imagier.doctor import examine

        found, kind = examine(), "fit"
    else:
        from imagier.doctor.model_examination import examine_model

        found, kind = examine_model(model), "whole"
    show(found, as_json=as_json, quiet=quiet)
    if not as_json:
        note("\n" + t(f"cli.doctor.{kind if found.is_fit else f'un{kind}'}"), quiet=quiet)
    if not found.is_fit:
        context.exit(EXIT_NOT_INSTALLED if model is None else EXIT_DAMAGED)
