"""`imagier convolve PICTURE`: what a kernel finds in a picture, stage by stage."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from imagier.cli.framework import json_option, note, quiet_option, show
from imagier.cli.numbers import NumbersCommand
from imagier.cli.outputs import check_output, write_figure, write_output
from imagier.cli.pictures import open_picture
from imagier.errors import UsageError
from imagier.files import printable
from imagier.i18n import t

if TYPE_CHECKING:
    from imagier.convolution import ChainStep, ConvolutionResult, InputPicture

__all__ = ["convolve"]

SIDE = click.IntRange(1, 1000)
WRITTEN = (".png", ".csv")
PLOTS = (".png", ".svg", ".gif")


@click.command("convolve", cls=NumbersCommand, help=t("cli.convolve.help"))
@click.argument("picture", metavar=f"[{t('cli.convolve.picture_word')}]", required=False)
@click.option(
    "--kernel",
    "kernels",
    multiple=True,
    metavar=t("cli.convolve.kernel_word"),
    help=t("cli.convolve.kernel"),
)
@click.option("--relu", is_flag=True, help=t("cli.convolve.relu"))
@click.option("--pool", type=SIDE, metavar="N", help=t("cli.convolve.pool"))
@click.option("--stride", type=SIDE, metavar="N", default=1, help=t("cli.convolve.stride"))
@click.option(
    "--padding",
    type=click.IntRange(0, 1000),
    metavar="N",
    default=0,
    help=t("cli.convolve.padding"),
)
@click.option(
    "--channel", type=click.Choice(("r", "g", "b", "grey")), help=t("cli.convolve.channel")
)
@click.option("--at", "at", metavar=t("cli.convolve.at_word"), help=t("cli.convolve.at"))
@click.option("--model", metavar=t("cli.convolve.model_word"), help=t("cli.convolve.model"))
@click.option("--layer", type=click.IntRange(1, 1000), metavar="N", help=t("cli.convolve.layer"))
@click.option("--out", metavar="F.png|F.csv", help=t("cli.convolve.out"))
@click.option("--plot", "plotted", metavar="F.png|F.svg|F.gif", help=t("cli.convolve.plot"))
@click.option("--list", "listing", is_flag=True, help=t("cli.convolve.list"))
@click.option("--force", is_flag=True, help=t("cli.convolve.force"))
@json_option
@quiet_option
def convolve(
    picture: str | None,
    out: str | None,
    plotted: str | None,
    listing: bool,
    force: bool,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> None:
    from imagier.convolution import KernelList

    if listing:
        show(KernelList(), as_json=as_json, quiet=quiet)
        return
    word, place = _check(picture, options)
    maps_path, plot_path = (
        None if path is None else check_output(path, kinds=kinds, inputs=[word], force=force)
        for path, kinds in ((out, WRITTEN), (plotted, PLOTS))
    )
    opened = _open(word, options["channel"], quiet=quiet)
    answer = _carry_out(opened, place, options)
    if maps_path is not None:
        _write(maps_path, answer, quiet=quiet)
    if plot_path is not None:
        write_figure(answer, plot_path, quiet=quiet)
    show(answer, as_json=as_json, quiet=quiet, files={"out": out, "plot": plotted})


def _check(picture: str | None, options: dict[str, Any]) -> tuple[str, tuple[int, int] | None]:
    """Refuse what cannot be meant, before anything is opened; give the picture and the place."""
    if picture is None:
        raise UsageError("convolve_no_picture")
    if options["model"] and options["kernels"]:
        raise UsageError("convolve_two_kernels")
    if not (options["model"] or options["kernels"] or options["relu"] or options["pool"]):
        raise UsageError("convolve_nothing")
    if options["at"] and not options["kernels"]:
        raise UsageError("convolve_at_without_kernel")
    if not options["kernels"] and (options["stride"], options["padding"]) != (1, 0):
        raise UsageError("convolve_settings")
    if options["layer"] and not options["model"]:
        raise UsageError("convolve_layer_alone")
    return picture, _read_place(options["at"]) if options["at"] else None


def _read_place(text: str) -> tuple[int, int]:
    """Read row and column, counted from 1, as places counted from 0."""
    found = re.fullmatch(r"\s*0*([1-9][0-9]{0,6})\s*,\s*0*([1-9][0-9]{0,6})\s*", text)
    if not found:
        raise UsageError("convolve_at", received=printable(text[:40]))
    return int(found[1]) - 1, int(found[2]) - 1


def _open(word: str, channel: str | None, *, quiet: bool) -> "InputPicture":
    """Open a picture, or read the table of numbers that the word itself is."""
    from imagier.convolution import InputPicture, typed_picture

    typed = typed_picture(word)
    if typed is not None:
        return typed
    opened = open_picture(word, quiet=quiet)
    picture = InputPicture(
        name=opened.name, levels=opened.levels, scale=opened.scale, label=opened.label
    )
    return picture.only(channel)


def _carry_out(
    picture: "InputPicture", place: tuple[int, int] | None, options: dict[str, Any]
) -> "ConvolutionResult":
    from imagier.convolution import Pool, Relu, convolve_picture, parse_kernel, trace_layers

    after: list[ChainStep] = [Relu()] if options["relu"] else []
    after += [Pool(size=options["pool"])] if options["pool"] else []
    if options["model"] is None:
        kernels = [parse_kernel(kernel) for kernel in options["kernels"]]
        settings = {"stride": options["stride"], "padding": options["padding"]}
        return convolve_picture(picture, kernels, after=after, place=place, **settings)
    from imagier.explaining import as_seen, first_steps
    from imagier.recognizer import load

    model, layer = options["model"], options["layer"] or 1
    recognizer = load(model)
    steps = first_steps(recognizer, layer)
    seen = as_seen(recognizer, picture.levels, picture.scale)
    return trace_layers(picture, seen, (*steps, *after), model=printable(model), layer=layer)


def _write(path: Path, answer: "ConvolutionResult", *, quiet: bool) -> None:
    """Write the last stage: its numbers (.csv), or a picture of them (.png)."""
    if path.suffix.lower() == ".csv":
        tables = [table.csv() for table in answer.tables().values()]
        write_output(path, "\n".join(tables).encode("ascii"), quiet=quiet)
        return
    from imagier.images import to_png

    shades, told = answer.last_maps()
    if told is not None:
        note(told, quiet=quiet)
    write_output(path, to_png(shades), quiet=quiet)
