"""`imagier compare MODEL MODEL... SOURCE`: which model names more pictures right."""

from pathlib import Path

import click

from imagier.cli.framework import (
    ImagierCommand,
    json_option,
    note,
    progress_bar,
    quiet_option,
    show,
)
from imagier.cli.outputs import check_output, write_table
from imagier.cli.table_options import read_table_options, table_options
from imagier.files import printable, write_file
from imagier.i18n import t

__all__ = ["compare"]

EXIT_BAD_INPUTS = 3
PARTS = ("train", "validation", "test", "all")


@click.command("compare", cls=ImagierCommand, help=t("cli.compare.help"))
@click.argument("models", metavar=t("cli.compare.models_metavar"), nargs=-1, required=True)
@click.argument("source", metavar=t("cli.test.source_metavar"))
@click.option("--part", type=click.Choice(PARTS), help=t("cli.test.part"))
@table_options
@click.option("--label-from", metavar="REGEX", help=t("cli.train.label_from"))
@click.option("--follow-links", is_flag=True, help=t("cli.train.follow_links"))
@click.option("--csv", "table", metavar="F.csv", help=t("cli.compare.csv"))
@click.option("--html", "page", metavar=t("cli.check.file"), help=t("cli.compare.html"))
@click.option("--force", is_flag=True, help=t("cli.compare.force"))
@click.option("--strict", is_flag=True, help=t("cli.test.strict"))
@json_option
@quiet_option
def compare(
    *,
    models: tuple[str, ...],
    source: str,
    part: str | None,
    label_from: str | None,
    follow_links: bool,
    table: str | None,
    page: str | None,
    force: bool,
    strict: bool,
    as_json: bool,
    quiet: bool,
    **given: str | None,
) -> int:
    from imagier.testing import check_replaceable, compare_models, comparison_html

    if page is not None:
        check_replaceable(Path(page))
    out = None
    if table is not None:
        inputs = [*models, source]
        out = check_output(table, kinds=(".csv", ".tsv"), inputs=inputs, force=force)
    with progress_bar(t("cli.test.progress"), quiet=quiet) as advance:
        said = read_table_options(given)
        found = compare_models(
            models,
            source,
            part=part,
            table=said,
            label_from=label_from,
            follow_links=follow_links,
            progress=advance,
        )
    if out is not None:
        write_table(found, out, name="differing", quiet=quiet)
    if page is not None:
        write_file(Path(page), comparison_html(found).encode("utf-8", "backslashreplace"))
        note(t("cli.written", path=printable(page)), quiet=quiet)
    show(found, as_json=as_json, quiet=quiet, files={"csv": table, "html": page})
    return EXIT_BAD_INPUTS if strict and found.skipped else 0
