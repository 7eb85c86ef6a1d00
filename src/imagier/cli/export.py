"""`imagier export MODEL --out F.onnx|--page FOLDER`: a model for other programs, for a browser."""

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
from imagier.cli.outputs import check_output, write_output
from imagier.cli.table_options import read_table_options, table_options
from imagier.files import printable, write_file
from imagier.i18n import t

__all__ = ["export"]

EXIT_NOT_PROVEN = 3


@click.command("export", cls=ImagierCommand, help=t("cli.export.help"))
@click.argument("model", metavar=t("cli.test.model_metavar"))
@click.option("--out", metavar="F.onnx", help=t("cli.export.out"))
@click.option("--page", metavar=t("cli.export.folder"), help=t("cli.export.page"))
@click.option("--title", metavar=t("cli.export.text"), help=t("cli.export.title"))
@click.option("--runtime", metavar=t("cli.export.tgz"), help=t("cli.export.runtime"))
@click.option("--opset", type=int, metavar="N", help=t("cli.export.opset"))
@click.option("--int8", is_flag=True, help=t("cli.export.int8"))
@click.option("--calibrate", metavar=t("cli.test.source_metavar"), help=t("cli.export.calibrate"))
@click.option("--test", metavar=t("cli.test.source_metavar"), help=t("cli.export.test"))
@click.option(
    "--max-loss",
    type=Decimal(0, 1, is_share=True),
    metavar=t("cli.predict.share"),
    help=t("cli.export.max_loss"),
)
@table_options
@click.option("--force", is_flag=True, help=t("cli.export.force"))
@json_option
@quiet_option
def export(
    *,
    model: str,
    out: str | None,
    page: str | None,
    title: str | None,
    runtime: str | None,
    opset: int | None,
    int8: bool,
    calibrate: str | None,
    test: str | None,
    max_loss: float | None,
    force: bool,
    as_json: bool,
    quiet: bool,
    **given: str | None,
) -> int:
    from imagier.export import EightBitOptions, check_options, export_onnx, export_page
    from imagier.export.page_file import check_page_folder

    check_options(
        out=out,
        page=page,
        int8=int8,
        of_int8={"--calibrate": calibrate, "--test": test, "--max-loss": max_loss},
        of_file={"--opset": opset},
        of_page={"--title": title, "--runtime": runtime},
    )
    if page is not None:
        check_page_folder(Path(page), force=force)
        shown = export_page(model, page, title=title, runtime=runtime)
        for name, content in shown.files.items():
            write_file(Path(page) / name, content)
        note(t("cli.written", path=printable(page)), quiet=quiet)
        show(shown, as_json=as_json, quiet=quiet)
        return 0
    inputs = [word for word in (model, calibrate, test) if word]
    place = check_output(out or "", kinds=(".onnx",), inputs=inputs, force=force)
    eight_bits = None
    if int8 and calibrate is not None:
        eight_bits = EightBitOptions(
            calibrate=calibrate, test=test, table=read_table_options(given), max_loss=max_loss
        )
    with progress_bar(t("cli.export.progress"), quiet=quiet) as advance:
        found = export_onnx(
            model, printable(place), opset=opset, eight_bits=eight_bits, progress=advance
        )
    if found.is_accepted:
        write_output(place, found.content, quiet=quiet)
    show(found, as_json=as_json, quiet=quiet)
    return 0 if found.is_accepted else EXIT_NOT_PROVEN
