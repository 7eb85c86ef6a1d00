"""`imagier pixels PICTURE [OTHER]`: what a picture is for a computer, as table, vector, point."""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from imagier.cli.framework import ImagierCommand, json_option, note, print_json, quiet_option
from imagier.cli.pictures import TABLES, OpenedPicture, open_picture
from imagier.errors import UsageError
from imagier.files import printable, write_file
from imagier.i18n import decimal, integer, language, t

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imagier.images import Channel

__all__ = ["pixels"]

WRITTEN = (".csv", ".tsv", ".png")
LARGEST_SIDE = 4096
MOST_IN_JSON = 4096
MOST_ROWS, ENDS = 32, 4
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@click.command("pixels", cls=ImagierCommand, help=t("cli.pixels.help"))
@click.argument("picture", metavar=t("cli.pixels.picture_word"))
@click.argument("other", metavar=f"[{t('cli.pixels.other_word')}]", required=False)
@click.option("--channel", type=click.Choice(("r", "g", "b", "grey")), help=t("cli.pixels.channel"))
@click.option("--resize", metavar=t("cli.pixels.size_word"), help=t("cli.pixels.resize"))
@click.option("--out", metavar="F.csv|F.png", help=t("cli.pixels.out"))
@click.option("--force", is_flag=True, help=t("cli.pixels.force"))
@json_option
@quiet_option
def pixels(
    picture: str,
    other: str | None,
    channel: "Channel | None",
    resize: str | None,
    out: str | None,
    force: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    size = _read_size(resize) if resize is not None else None
    words = [picture] if other is None else [picture, other]
    if out is not None:
        _check_out(Path(out), words, force=force)
    opened = [_adjust(open_picture(word, quiet=quiet), channel, size) for word in words]
    if len(opened) == 2:
        opened = _matched(opened, quiet=quiet)
    if out is not None:
        _write(Path(out), opened, quiet=quiet)
    if as_json:
        print_json(_to_json(opened, channel, out))
        return
    for line in _one(opened[0]) if len(opened) == 1 else _two(*opened):
        click.echo(line)


def _read_size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"\s*([0-9]{1,4})\s*[xX×]\s*([0-9]{1,4})\s*", text)
    size = (int(found[1]), int(found[2])) if found else (0, 0)
    if not all(1 <= side <= LARGEST_SIDE for side in size):
        received = printable(text[:60])
        raise UsageError("pixels_size", received=received, limit=integer(LARGEST_SIDE))
    return size


def _check_out(out: Path, words: list[str], *, force: bool) -> None:
    """Refuse before any work: an unknown kind, a file already there, one of the inputs."""
    if out.suffix.lower() not in WRITTEN:
        raise UsageError("pixels_out", path=printable(out))
    for word in words:
        if os.path.realpath(word) == os.path.realpath(out) and out.exists():
            raise UsageError("pixels_out_is_input", path=printable(out))
    if os.path.lexists(out) and not force:
        raise UsageError("output_exists", path=printable(out))


def _adjust(
    picture: OpenedPicture, channel: "Channel | None", size: tuple[int, int] | None, scale: int = 0
) -> OpenedPicture:
    """Take a channel, change the size, change the level that is white."""
    from imagier.images import Prepare, prepare
    from imagier.images import channel as take_channel

    levels = take_channel(picture.levels, channel) if channel else picture.levels
    white = scale or picture.scale
    height, width = size or levels.shape[:2]
    if (height, width) != levels.shape[:2] or white != picture.scale:
        settings = Prepare(
            height=height, width=width, channels=levels.shape[2], full_scale=white, fit="stretch"
        )
        levels = prepare(levels, settings, scale=picture.scale)
    return replace(picture, levels=levels, scale=white)


def _matched(pictures: list[OpenedPicture], *, quiet: bool) -> list[OpenedPicture]:
    """Make sure that two pictures can be compared: one size, and one level for white."""
    first, second = (picture.levels.shape for picture in pictures)
    if first != second:
        sides = "x".join(str(min(pair)) for pair in zip(first[:2], second[:2], strict=True))
        raise UsageError(
            "sizes_differ", first=_shown(first), second=_shown(second), suggestion=sides
        )
    if pictures[0].scale == pictures[1].scale:
        return pictures
    note(t("cli.pixels.one_scale"), quiet=quiet)
    return [_adjust(picture, None, None, scale=255) for picture in pictures]


def _write(out: Path, pictures: list[OpenedPicture], *, quiet: bool) -> None:
    """Write the picture, or the mean of two, as numbers or as a picture file."""
    from imagier.images import to_csv, to_png

    picture = pictures[0]
    if len(pictures) == 2:
        picture = replace(picture, levels=_mean_picture(pictures))
    if out.suffix.lower() == ".png":
        if picture.scale != 255:
            note(t("cli.pixels.brightened", scale=picture.scale), quiet=quiet)
        content = to_png(_adjust(picture, None, None, scale=255).levels)
    else:
        content = to_csv(picture.levels, delimiter=TABLES[out.suffix.lower()])
    write_file(out, content)
    note(t("cli.pixels.written", path=printable(out)), quiet=quiet)


def _mean_picture(pictures: list[OpenedPicture]) -> "NDArray[np.uint8]":
    """Round the mean to whole levels, halves upwards."""
    import numpy as np

    from imagier.images import mean

    middle = mean(*(picture.levels for picture in pictures))
    return np.floor(middle + 0.5).astype(np.uint8)


def _to_json(
    pictures: list[OpenedPicture], channel: "Channel | None", out: str | None
) -> dict[str, object]:
    from imagier.images import add, distance, mean, memory_size, squared_distance

    levels = [picture.levels for picture in pictures]
    height, width, channels = levels[0].shape
    size = memory_size(height=height, width=width)
    pair = len(pictures) == 2
    return {
        "height": height,
        "width": width,
        "channels": channels,
        "channel": channel,
        "scale": pictures[0].scale,
        "dimension": levels[0].size,
        "pictures": [
            {"picture": picture.name, "label": picture.label, **_numbers(picture.levels)}
            for picture in pictures
        ],
        "memory": {
            "grey": size.grey,
            "colour": size.colour,
            "indexed": size.indexed,
            "palette": size.palette,
            "indexed_rows": size.indexed_rows,
        },
        "distance": distance(*levels) if pair else None,
        "squared_distance": squared_distance(*levels) if pair else None,
        "sum": _numbers(add(*levels)) if pair else None,
        "mean": _numbers(mean(*levels)) if pair else None,
        "out": None if out is None else printable(out),
    }


def _numbers(levels: "NDArray[Any]") -> dict[str, object]:
    """Give the numbers of a picture; the whole table only where it is small."""
    from imagier.images import norm, squared_norm, to_vector

    vector = to_vector(levels)
    rows = levels[:, :, 0] if levels.shape[2] == 1 else levels
    return {
        "norm": norm(vector),
        "squared_norm": squared_norm(vector),
        "first": vector[:ENDS].tolist(),
        "last": vector[-ENDS:].tolist(),
        "table": rows.tolist() if levels.size <= MOST_IN_JSON else None,
    }


def _one(picture: OpenedPicture) -> Iterator[str]:
    from imagier.images import memory_size, norm, squared_norm

    levels = picture.levels
    yield _title(picture)
    yield from _label(picture)
    yield ""
    lines = list(_tables(levels))
    yield from lines
    if _is_cut(lines):
        yield f"{t('cli.pixels.excerpt')} {t('cli.pixels.all_numbers')}"
    yield ""
    yield t("cli.pixels.vector", vector=f"x = {_vector(levels)}")
    power = str(levels.size).translate(SUPERSCRIPTS)
    yield t("cli.pixels.dimension", dimension=integer(levels.size), power=power)
    square = _number(squared_norm(levels))
    yield t("cli.pixels.norm", norm=decimal(norm(levels), 2), square=square)
    size = memory_size(height=levels.shape[0], width=levels.shape[1])
    yield t(
        "cli.pixels.memory",
        grey=integer(size.grey),
        colour=integer(size.colour),
        indexed=integer(size.indexed),
        palette=integer(size.palette),
    )


def _two(first: OpenedPicture, second: OpenedPicture) -> Iterator[str]:
    from imagier.images import add, distance, mean, squared_distance

    yield f"x  {_title(first)}"
    yield f"y  {_title(second)}"
    yield ""
    for name, levels in (("x", first.levels), ("y", second.levels)):
        yield f"{name} = {_vector(levels)}"
    total = add(first.levels, second.levels)
    middle = mean(first.levels, second.levels)
    yield f"x + y = {_vector(total)}"
    yield f"(x + y) / 2 = {_vector(middle)}"
    far, square = (measure(first.levels, second.levels) for measure in (distance, squared_distance))
    yield t("cli.pixels.distance", distance=decimal(far, 2), square=_number(square))
    yield "\n" + t("cli.pixels.sum")
    lines = list(_tables(total))
    yield from lines
    yield "\n" + t("cli.pixels.mean")
    yield from _tables(_mean_picture([first, second]))
    if _is_cut(lines):
        yield t("cli.pixels.excerpt")


def _title(picture: OpenedPicture) -> str:
    height, width, channels = picture.levels.shape
    return t(
        "cli.pixels.title",
        name=picture.name,
        height=integer(height),
        width=integer(width),
        pixels=integer(height * width),
        kind=t("cli.pixels.kind.grey") if channels == 1 else t("cli.pixels.kind.colour"),
        scale=picture.scale,
    )


def _label(picture: OpenedPicture) -> Iterator[str]:
    """Write the label of a picture of a named set as the vector that a network should answer."""
    from imagier.images import one_hot

    if picture.label is not None:
        vector = ", ".join(map(str, one_hot(picture.label, picture.classes).tolist()))
        yield t("cli.pixels.label", label=printable(picture.label), vector=f"({vector})")


def _tables(levels: "NDArray[Any]") -> Iterator[str]:
    """Write the table of numbers, or one for each colour; of a large one, the corners."""
    from imagier.images import table

    columns = shutil.get_terminal_size((120, 24)).columns
    for place in range(levels.shape[2]):
        if levels.shape[2] == 3:
            yield t(f"cli.pixels.colour.{'rgb'[place]}")
        yield table(levels[:, :, place], rows=MOST_ROWS, columns=columns)


def _is_cut(lines: list[str]) -> bool:
    return any("…" in line for line in lines)


def _vector(levels: "NDArray[Any]") -> str:
    """Write the first numbers and the last; with a semicolon where the comma is a decimal mark."""
    numbers = levels.ravel()
    is_whole = numbers.dtype.kind in "bui"
    separator = "; " if not is_whole and language() == "fr" else ", "
    ends = [numbers] if numbers.size <= 3 * ENDS else [numbers[:ENDS], numbers[-ENDS:]]
    texts = [
        separator.join(integer(int(n)) if is_whole else decimal(float(n), 1) for n in end)
        for end in ends
    ]
    return f"({f'{separator}…{separator}'.join(texts)})"


def _number(value: float) -> str:
    return integer(value) if isinstance(value, int) else decimal(value, 2)


def _shown(shape: tuple[int, ...]) -> str:
    return " × ".join(integer(side) for side in (shape[:2] if shape[2] == 1 else shape))
