"""`imagier doctor`: is everything there, and if not, what should be typed?"""

from typing import TYPE_CHECKING

import click

from imagier.cli.framework import ImagierCommand, json_option, print_json, quiet_option
from imagier.i18n import t

if TYPE_CHECKING:
    from imagier.doctor import Finding

__all__ = ["doctor"]

EXIT_NOT_INSTALLED = 5


@click.command("doctor", cls=ImagierCommand, help=t("cli.doctor.help"))
@json_option
@quiet_option
@click.pass_context
def doctor(context: click.Context, as_json: bool, quiet: bool) -> None:
    from imagier.doctor import examine, is_fit

    findings = examine()
    fit = is_fit(findings)
    if as_json:
        print_json({"fit": fit, "findings": [finding.to_json() for finding in findings]})
    else:
        for line in _lines(findings):
            click.echo(line)
        if not quiet:
            click.echo("\n" + t("cli.doctor.fit" if fit else "cli.doctor.unfit"), err=True)
    if not fit:
        context.exit(EXIT_NOT_INSTALLED)


def _lines(findings: "tuple[Finding, ...]") -> list[str]:
    """Write one aligned line a finding, and its next step under it."""
    statuses = [t(f"cli.doctor.status.{finding.status}") for finding in findings]
    names = [_name(finding.name) for finding in findings]
    wide, broad = max(map(len, statuses)), max(map(len, names))
    lines = []
    for finding, status, name in zip(findings, statuses, names, strict=True):
        lines.append(f"{status.ljust(wide)}  {name.ljust(broad)}  {finding.message}")
        if finding.next_step:
            lines.append(" " * (wide + broad + 4) + "→ " + finding.next_step)
    return lines


def _name(name: str) -> str:
    kind, _, rest = name.partition(":")
    return t(f"cli.doctor.name.{kind}", name=rest)
