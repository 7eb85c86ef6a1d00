"""`imagier test MODEL SOURCE`: how often a model is right on pictures it has not seen."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from imagier.cli.decimals import AnyDecimal
from imagier.cli.framework import (
    Advance,
    ImagierCommand,
    json_option,
    note,
    progress_bar,
    quiet_option,
    show,
)
from imagier.cli.table_options import read_table_options, table_options
from imagier.errors import UsageError
from imagier.files import printable, write_file
from imagier.i18n import t

if TYPE_CHECKING:
    from imagier.reading.line_report import LineReport
    from imagier.testing import Report

__all__ = ["test"]

EXIT_NOT_PROVEN = 3
PARTS = ("train", "validation", "test", "all")
STYLES = ("codes", "cheques", "print", "captcha")


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
@click.option("--format", "texts", metavar="REGEX", help=t("cli.test.format"))
@click.option("--style", type=click.Choice(STYLES), help=t("cli.train.style"))
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
    texts: str | None,
    style: str | None,
    strict: bool,
    as_json: bool,
    quiet: bool,
    **given: str | None,
) -> int:
    from imagier.recognizer import load
    from imagier.testing import check_replaceable
    from imagier.testing.pipeline import check_accept

    check_accept(accept)
    if page is not None:
        check_replaceable(Path(page))
    asked: dict[str, Any] = {
        "part": part,
        "accept": accept,
        "allow_overlap": allow_overlap,
        "group": group,
        "label_from": label_from,
        "follow_links": follow_links,
    }
    reads_lines = load(model).columns is not None
    of_other = (
        {"--robustness": robustness} if reads_lines else {"--format": texts, "--style": style}
    )
    for option, value in of_other.items():
        if value:
            raise UsageError(
                "option_not_for_reader" if reads_lines else "option_of_reader", option=option
            )
    report: Report | LineReport
    with progress_bar(t("cli.test.progress"), quiet=quiet) as advance:
        if reads_lines:
            report, html = _test_lines(model, source, given, texts, style, advance, asked)
        else:
            asked |= {"robustness": robustness}
            report, html = _test_names(model, source, given, advance, asked)
    show(report, as_json=as_json, quiet=quiet)
    if page is not None:
        write_file(Path(page), html(report).encode("utf-8", "backslashreplace"))
        note(t("cli.test.written", path=printable(page)), quiet=quiet)
    elif not as_json:
        note(t("cli.test.more"), quiet=quiet)
    unproven = report.verdict not in {None, "acceptable"}
    return EXIT_NOT_PROVEN if unproven or (strict and report.skipped) else 0


def _test_names(
    model: str, source: str, given: dict[str, str | None], advance: Advance, asked: dict[str, Any]
) -> "tuple[Report, Callable[[Any], str]]":
    from imagier.testing import evaluate_model, report_html

    table = read_table_options(given)
    return evaluate_model(model, source, table=table, progress=advance, **asked), report_html


def _test_lines(
    model: str,
    source: str,
    given: dict[str, str | None],
    texts: str | None,
    style: str | None,
    advance: Advance,
    asked: dict[str, Any],
) -> "tuple[LineReport, Callable[[Any], str]]":
    from imagier.learning import TrainOptions
    from imagier.reading.line_page import line_report_html
    from imagier.reading.line_test import evaluate_reader
    from imagier.reading.reader_options import ReaderOptions

    of_source = {name: asked.pop(name) for name in ("group", "label_from", "follow_links")}
    report = evaluate_reader(
        model,
        source,
        TrainOptions(**{**of_source, **given}),
        ReaderOptions(format=texts, style=style),
        progress=lambda one: advance(one.done, one.total),
        **asked,
    )
    return report, line_report_html
