"""`imagier test MODEL SOURCE`: how often a model is right on pictures it has not seen."""

from pathlib import Path

import click

from imagier.cli.decimals import AnyDecimal
from imagier.cli.framework import (
    ImagierCommand,
    json_option,
    note,
    progress_bar,
    quiet_option,
    show,
)
from imagier.cli.table_options import read_table_options, table_options
from imagier.files import printable, write_file
from imagier.i18n import t

__all__ = ["test"]

EXIT_NOT_PROVEN = 3
PARTS = ("train", "validation", "test", "all")


@click.command("test", cls=ImagierCommand, help=t("cli.test.help"))
@click.argument("model", metavar=t("cli.test.model_metavar"))
@click.argument("source", metavar=t("cli.test.source_metavar"))
@click.option("--part", type=click.Choice(PARTS), help=t("cli.test.part"))
@click.option("--html", "page", metavar=t("cli.test.file"), help=t("cli.test.html"))
@click.option(
    "--accept",
    type=AnyDecimal(is_share=True),
    metavar=t("cli.test.share"),
    help=t("cli.test.accept"),
)
@click.option("--group", metavar=t("cli.test.column"), help=t("cli.test.group"))
@table_options
@click.option("--label-from", metavar="REGEX", help=t("cli.train.label_from"))
@click.option("--follow-links", is_flag=True, help=t("cli.train.follow_links"))
@click.option("--robustness", is_flag=True, help=t("cli.test.robustness"))
@click.option("--allow-overlap", is_flag=True, help=t("cli.test.allow_overlap"))
@click.option("--strict", is_flag=True, help=t("cli.test.strict"))
@json_option
@quiet_option
def test(
    *,
    model: str,
    source: str,
    part: str | None,
    page: str | None,
    accept: float | None,
    group: str | None,
    label_from: str | None,
    follow_links: bool,
    robustness: bool,
    allow_overlap: bool,
    strict: bool,
    as_json: bool,
    quiet: bool,
    **given: str | None,
) -> int:
    from imagier.testing import check_replaceable, evaluate_model, report_html

    if page is not None:
        check_replaceable(Path(page))
    table = read_table_options(given)
    with progress_bar(t("cli.test.progress"), quiet=quiet) as advance:
        report = evaluate_model(
            model,
            source,
            part=part,
            group=group,
            table=table,
            label_from=label_from,
            follow_links=follow_links,
            accept=accept,
            robustness=robustness,
            allow_overlap=allow_overlap,
            progress=advance,
        )
    show(report, as_json=as_json, quiet=quiet)
    if page is not None:
        write_file(Path(page), report_html(report).encode("utf-8", "backslashreplace"))
        note(t("cli.test.written", path=printable(page)), quiet=quiet)
    elif not as_json:
        note(t("cli.test.more"), quiet=quiet)
    unproven = report.verdict not in {None, "acceptable"}
    return EXIT_NOT_PROVEN if unproven or (strict and report.skipped) else 0
