"""`imagier check SOURCE`: what is wrong with a set of named pictures, before learning from it."""

from pathlib import Path

import click

from imagier.cli.decimals import Decimal
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
from imagier.machine import share_cores

__all__ = ["check"]

EXIT_EXCEEDED = 3
SHARE = Decimal(0, 1, is_share=True)


@click.command("check", cls=ImagierCommand, help=t("cli.check.help"))
@click.argument("source", metavar=t("cli.train.source_word"))
@click.option("--max-leak", type=SHARE, metavar=t("cli.check.share"), help=t("cli.check.max_leak"))
@click.option(
    "--max-errors", type=SHARE, metavar=t("cli.check.share"), help=t("cli.check.max_errors")
)
@click.option("--html", "page", metavar=t("cli.check.file"), help=t("cli.check.html"))
@click.option("--write-clean", metavar="F.csv", help=t("cli.check.write_clean"))
@click.option("--ranked", metavar="F.csv", help=t("cli.check.ranked"))
@click.option("--group", metavar=t("cli.column_word"), help=t("cli.check.group"))
@click.option("--group-from", metavar="REGEX", help=t("cli.check.group_from"))
@table_options
@click.option("--label-from", metavar="REGEX", help=t("cli.train.label_from"))
@click.option("--follow-links", is_flag=True, help=t("cli.train.follow_links"))
@click.option("--seed", type=click.IntRange(0), metavar="N", default=0, help=t("cli.check.seed"))
@click.option("--force", is_flag=True, help=t("cli.check.force"))
@json_option
@quiet_option
def check(
    *,
    source: str,
    max_leak: float | None,
    max_errors: float | None,
    page: str | None,
    write_clean: str | None,
    ranked: str | None,
    group: str | None,
    group_from: str | None,
    label_from: str | None,
    follow_links: bool,
    seed: int,
    force: bool,
    as_json: bool,
    quiet: bool,
    **given: str | None,
) -> int:
    share_cores()
    from imagier.auditing import AuditAnswer, audit_html
    from imagier.auditing.clean_list import check_clean_place
    from imagier.learning.audit import audit_source
    from imagier.testing import check_replaceable

    if page is not None:
        check_replaceable(Path(page))
    tables = {
        name: check_output(path, kinds=(".csv", ".tsv"), inputs=[source], force=force)
        for name, path in (("clean", write_clean), ("ranked", ranked))
        if path is not None
    }
    table = read_table_options(given)
    before = check_clean_place(source, tables["clean"], table) if "clean" in tables else ""
    with progress_bar(t("cli.check.progress"), quiet=quiet) as advance:
        audit = audit_source(
            source,
            group=group,
            group_from=group_from,
            table=table,
            label_from=label_from,
            follow_links=follow_links,
            seed=seed,
            progress=advance,
        )
    answer = AuditAnswer(
        source=source, audit=audit, max_leak=max_leak, max_errors=max_errors, before=before
    )
    for name, path in tables.items():
        write_table(answer, path, name=name, quiet=quiet)
    if page is not None:
        write_file(Path(page), audit_html(answer).encode("utf-8", "backslashreplace"))
        note(t("cli.written", path=printable(page)), quiet=quiet)
    files = {"html": page, "clean": write_clean, "ranked_table": ranked}
    show(answer, as_json=as_json, quiet=quiet, files=files)
    return EXIT_EXCEEDED if answer.exceeded else 0
