"""What `imagier pixels` answers: a picture, or two, as a table, a vector, a point of a space.

>>> cross = OpenedPicture(name="cross", levels=np.array([[[0], [9]], [[9], [0]]], np.uint8))
>>> answer = picture_numbers([cross])
>>> answer.to_json()["dimension"], answer.to_json()["pictures"][0]["squared_norm"]
(4, 162)
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.answers import AnswerFigure, AnswerTable, Shown
from imagier.errors import UsageError
from imagier.files import printable
from imagier.i18n import decimal, integer, language, superscript, t
from imagier.images.opened_picture import OpenedPicture
from imagier.images.preparing import Prepare, prepare
from imagier.images.tables import to_csv, to_png
from imagier.images.vectors import (
    Channel,
    add,
    channel,
    distance,
    mean,
    memory_size,
    norm,
    one_hot,
    squared_distance,
    squared_norm,
    table,
    to_vector,
)

__all__ = ["PixelsResult", "picture_numbers"]

MOST_IN_JSON = 4096
MOST_ROWS, ENDS = 32, 4
DELIMITERS = {".csv": ",", ".tsv": "\t"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class PixelsResult(Shown):
    """One picture as numbers, or two with their distance, sum and mean.

    Attributes:
        pictures: One or two, of one size and one white.
        channel: The colour that was taken from them, or grey; None for all there is.
        columns: How many letters a line of the terminal holds.
        notes: What the user should know beside the answer.
    """

    pictures: tuple[OpenedPicture, ...]
    channel: Channel | None = None
    columns: int = 120
    notes: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """Give the table, the vector and the norm; of two, the distance, the sum and the mean."""
        return self._one() if len(self.pictures) == 1 else self._two()

    def to_json(self) -> dict[str, Any]:
        """Give all numbers, the tables of small pictures among them."""
        levels = [picture.levels for picture in self.pictures]
        height, width, channels = levels[0].shape
        size = memory_size(height=height, width=width)
        pair = len(levels) == 2
        return {
            "height": height,
            "width": width,
            "channels": channels,
            "channel": self.channel,
            "scale": self.pictures[0].scale,
            "dimension": levels[0].size,
            "pictures": [
                {"picture": picture.name, "label": picture.label, **_numbers(picture.levels)}
                for picture in self.pictures
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
        }

    def figures(self) -> Mapping[str, AnswerFigure]:
        """Give no figure."""
        return {}

    def tables(self) -> Mapping[str, AnswerTable]:
        """Give no table: that of the levels has no titles, see `content`."""
        return {}

    def content(self, kind: str) -> bytes:
        """Give the picture, or the mean of two, as the content of a file.

        Args:
            kind: Its suffix: `.csv` or `.tsv` for the levels as they are, `.png` for a picture
                whose white is 255.
        """
        picture = self.pictures[0]
        if len(self.pictures) == 2:
            picture = replace(picture, levels=_mean_picture(self.pictures))
        if kind == ".png":
            return to_png(_adjusted(picture, scale=255).levels)
        return to_csv(picture.levels, delimiter=DELIMITERS[kind])

    def _one(self) -> Iterator[str]:
        (picture,) = self.pictures
        levels = picture.levels
        yield _title(picture)
        yield from _label(picture)
        yield ""
        lines = list(self._tables(levels))
        yield from lines
        if _is_cut(lines):
            yield f"{t('pixels.excerpt')} {t('pixels.all_numbers')}"
        yield ""
        yield t("pixels.vector", vector=f"x = {_vector(levels)}")
        power = superscript(levels.size)
        yield t("pixels.dimension", dimension=integer(levels.size), power=power)
        square = _number(squared_norm(levels))
        yield t("pixels.norm", norm=decimal(norm(levels), 2), square=square)
        size = memory_size(height=levels.shape[0], width=levels.shape[1])
        yield t(
            "pixels.memory",
            grey=integer(size.grey),
            colour=integer(size.colour),
            indexed=integer(size.indexed),
            palette=integer(size.palette),
        )

    def _two(self) -> Iterator[str]:
        first, second = self.pictures
        yield f"x  {_title(first)}"
        yield f"y  {_title(second)}"
        yield ""
        for name, levels in (("x", first.levels), ("y", second.levels)):
            yield f"{name} = {_vector(levels)}"
        total = add(first.levels, second.levels)
        yield f"x + y = {_vector(total)}"
        yield f"(x + y) / 2 = {_vector(mean(first.levels, second.levels))}"
        square = _number(squared_distance(first.levels, second.levels))
        far = decimal(distance(first.levels, second.levels), 2)
        yield t("pixels.distance", distance=far, square=square)
        yield ""
        yield t("pixels.sum")
        lines = list(self._tables(total))
        yield from lines
        yield ""
        yield t("pixels.mean")
        yield from self._tables(_mean_picture(self.pictures))
        if _is_cut(lines):
            yield t("pixels.excerpt")

    def _tables(self, levels: NDArray[Any]) -> Iterator[str]:
        """Write the table of numbers, or one for each colour; of a large one, the corners."""
        for place in range(levels.shape[2]):
            if levels.shape[2] == 3:
                yield t(f"pixels.colour.{'rgb'[place]}")
            rows = table(levels[:, :, place], rows=MOST_ROWS, columns=self.columns)
            yield from rows.split("\n")


def picture_numbers(
    pictures: Sequence[OpenedPicture],
    *,
    channel: Channel | None = None,
    size: tuple[int, int] | None = None,
    kind: str | None = None,
    columns: int = 120,
) -> PixelsResult:
    """See a picture as numbers, or two pictures as two points of one space.

    Args:
        pictures: One or two.
        channel: The colour to take, or grey.
        size: The height and width to bring them to; their own unless given.
        kind: The suffix of the file that `content` will be asked for, for what is said about it.
        columns: How many letters a line of the terminal holds.

    Raises:
        UsageError: `sizes_differ`.
    """
    opened = [_adjusted(picture, channel_name=channel, size=size) for picture in pictures]
    notes = []
    if len(opened) == 2:
        _check_sizes(*(picture.levels.shape for picture in opened))
        if opened[0].scale != opened[1].scale:
            notes.append(t("pixels.one_scale"))
            opened = [_adjusted(picture, scale=255) for picture in opened]
    if kind == ".png" and opened[0].scale != 255:
        notes.append(t("pixels.brightened", scale=opened[0].scale))
    return PixelsResult(
        pictures=tuple(opened), channel=channel, columns=columns, notes=tuple(notes)
    )


def _adjusted(
    picture: OpenedPicture,
    *,
    channel_name: Channel | None = None,
    size: tuple[int, int] | None = None,
    scale: int = 0,
) -> OpenedPicture:
    """Take a channel, change the size, change the level that is white."""
    levels = channel(picture.levels, channel_name) if channel_name else picture.levels
    white = scale or picture.scale
    height, width = size or levels.shape[:2]
    if (height, width) != levels.shape[:2] or white != picture.scale:
        settings = Prepare(
            height=height, width=width, channels=levels.shape[2], full_scale=white, fit="stretch"
        )
        levels = prepare(levels, settings, scale=picture.scale)
    return replace(picture, levels=levels, scale=white)


def _check_sizes(first: tuple[int, ...], second: tuple[int, ...]) -> None:
    """Make sure that two pictures can be compared, else suggest a size."""
    if first != second:
        sides = "x".join(str(min(pair)) for pair in zip(first[:2], second[:2], strict=True))
        raise UsageError(
            "sizes_differ", first=_shown(first), second=_shown(second), suggestion=sides
        )


def _mean_picture(pictures: Sequence[OpenedPicture]) -> NDArray[np.uint8]:
    """Round the mean to whole levels, halves upwards."""
    middle = mean(*(picture.levels for picture in pictures))
    return np.floor(middle + 0.5).astype(np.uint8)


def _numbers(levels: NDArray[Any]) -> dict[str, object]:
    """Give the numbers of a picture; the whole table only where it is small."""
    vector = to_vector(levels)
    rows = levels[:, :, 0] if levels.shape[2] == 1 else levels
    return {
        "norm": norm(vector),
        "squared_norm": squared_norm(vector),
        "first": vector[:ENDS].tolist(),
        "last": vector[-ENDS:].tolist(),
        "table": rows.tolist() if levels.size <= MOST_IN_JSON else None,
    }


def _title(picture: OpenedPicture) -> str:
    height, width, channels = picture.levels.shape
    return t(
        "pixels.title",
        name=picture.name,
        height=integer(height),
        width=integer(width),
        pixels=integer(height * width),
        kind=t("pixels.kind.grey") if channels == 1 else t("pixels.kind.colour"),
        scale=picture.scale,
    )


def _label(picture: OpenedPicture) -> Iterator[str]:
    """Write the label of a picture of a named set as the vector that a network should answer."""
    if picture.label is not None:
        vector = ", ".join(map(str, one_hot(picture.label, picture.classes).tolist()))
        yield t("pixels.label", label=printable(picture.label), vector=f"({vector})")


def _is_cut(lines: list[str]) -> bool:
    return any("…" in line for line in lines)


def _vector(levels: NDArray[Any]) -> str:
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
