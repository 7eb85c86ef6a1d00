"""`imagier convolve PICTURE`: what a kernel finds in a picture, stage by stage."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from imagier.cli.convolve_files import PLOTS, WRITTEN, plot, write
from imagier.cli.convolve_text import in_words, kernels_in_words, to_json
from imagier.cli.framework import json_option, print_json, quiet_option
from imagier.cli.numbers import NumbersCommand
from imagier.cli.outputs import check_output
from imagier.errors import UsageError
from imagier.files import printable
from imagier.i18n import t

if TYPE_CHECKING:
    from imagier.cli.convolving import Asked, Work

__all__ = ["convolve"]

SIDE = click.IntRange(1, 1000)


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
@click.option("--at", "place", metavar=t("cli.convolve.at_word"), help=t("cli.convolve.at"))
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
    if listing:
        _print(to_json(None) if as_json else kernels_in_words())
        return
    asked = _read(picture, options)
    files = [
        None
        if path is None
        else check_output(path, kinds=kinds, inputs=[asked.picture], force=force)
        for path, kinds in ((out, WRITTEN), (plotted, PLOTS))
    ]
    work = _carry_out(asked, quiet=quiet)
    _write(work, *files, quiet=quiet)
    _print(to_json(work, out=out, plot=plotted) if as_json else in_words(work))


def _read(picture: str | None, options: dict[str, Any]) -> "Asked":
    """Refuse what cannot be meant, before anything is opened."""
    from imagier.cli.convolving import Asked

    if picture is None:
        raise UsageError("convolve_no_picture")
    place = options.pop("place")
    if options["model"] and options["kernels"]:
        raise UsageError("convolve_two_kernels")
    if not (options["model"] or options["kernels"] or options["relu"] or options["pool"]):
        raise UsageError("convolve_nothing")
    if place and not options["kernels"]:
        raise UsageError("convolve_at_without_kernel")
    if not options["kernels"] and (options["stride"], options["padding"]) != (1, 0):
        raise UsageError("convolve_settings")
    if options["layer"] and not options["model"]:
        raise UsageError("convolve_layer_alone")
    options["layer"] = options["layer"] or 1
    return Asked(picture=picture, place=_read_place(place) if place else None, **options)


def _read_place(text: str) -> tuple[int, int]:
    """Read row and column, counted from 1, as places counted from 0."""
    found = re.fullmatch(r"\s*0*([1-9][0-9]{0,6})\s*,\s*0*([1-9][0-9]{0,6})\s*", text)
    if not found:
        raise UsageError("convolve_at", received=printable(text[:40]))
    return int(found[1]) - 1, int(found[2]) - 1


def _carry_out(asked: "Asked", *, quiet: bool) -> "Work":
    from imagier.cli.convolving import by_kernels, by_model, open_numbers

    opened = open_numbers(asked.picture, asked.channel, quiet=quiet)
    return by_model(opened, asked) if asked.model else by_kernels(opened, asked)


def _write(work: "Work", out: Path | None, plotted: Path | None, *, quiet: bool) -> None:
    if out is not None:
        write(out, work, quiet=quiet)
    if plotted is not None:
        plot(plotted, work, quiet=quiet)


def _print(answer: "dict[str, Any] | Iterator[str]") -> None:
    if isinstance(answer, dict):
        print_json(answer)
        return
    for line in answer:
        click.echo(line)
