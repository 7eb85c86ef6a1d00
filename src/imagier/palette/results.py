r"""What `imagier palette` answers, picture after picture: colours, errors, bytes, the file itself.

>>> from imagier.images import OpenedPicture
>>> grey = np.array([[[0], [2], [4], [252], [254]]], np.uint8)
>>> answer = reduce_picture(OpenedPicture(name="grey.png", levels=grey), PaletteOptions(k=2))
>>> answer.to_json()["k"], answer.to_json()["bits_per_pixel"], answer.content[:4]
(2, 1, b'\x89PNG')
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.answers import AnswerFigure, AnswerTable, Shown, text_table
from imagier.errors import ImagierError, PictureError, UsageError
from imagier.files import printable
from imagier.i18n import decimal, integer, percent, t
from imagier.images import OpenedPicture, open_picture_file
from imagier.palette.histogram import Histogram, histogram, merge
from imagier.palette.indexed_png import Size, to_indexed_png
from imagier.palette.quantization import MOST_COLOURS
from imagier.palette.rate_distortion import PALETTE_SIZES, compare, smallest
from imagier.palette.reduction import (
    Reduced,
    apply_palette,
    reduce_colours,
    shared_palette,
    warm_up,
)
from imagier.palette.spaces import Distance
from imagier.tables import unescape

__all__ = [
    "TABLE_COLUMNS",
    "PaletteFailure",
    "PaletteOptions",
    "PaletteResult",
    "reduce_picture",
    "reduce_pictures",
    "with_shared_palette",
]

TABLE_COLUMNS = ("path", "k", "bits_per_pixel", "mse", "psnr", "ssim", "bytes")
MOST_SHOWN = 32
MOST_PIXELS, MOST_DITHERED = 25_000_000, 14_000_000
_FIGURES = ("k", "mse", "psnr", "bits_per_pixel", "bytes", "colours", "seconds", "transparent")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PaletteOptions:
    """How the colours of pictures are reduced.

    Attributes:
        k: How many colours, a transparent entry included.
        distance: How colours are compared.
        fixed: Colours that must be in the palette.
        dither: Whether the error of a pixel is handed on to its neighbours.
        quality: The PSNR, in decibels, that the fewest colours shall reach; None to take `k`.
        shared: The palette of all pictures, (k, 3), where they share one.
        has_transparent: Whether the shared palette has a transparent entry.
    """

    k: int = 16
    distance: Distance = field(default_factory=Distance)
    fixed: tuple[tuple[int, int, int], ...] = ()
    dither: bool = False
    quality: float | None = None
    shared: NDArray[np.uint8] | None = None
    has_transparent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class PaletteResult(Shown):
    """A picture with few colours.

    Attributes:
        picture: As it was opened.
        reduced: The same with few colours.
        options: How it was reduced.
        content: The PNG file whose pixels hold the numbers of colours.
        notes: What is odd about the picture, and where the result is not what was asked for.
        is_alone: Whether it is the only picture: then its whole palette is shown.
    """

    picture: OpenedPicture
    reduced: Reduced
    options: PaletteOptions
    content: bytes
    notes: tuple[str, ...] = ()
    is_alone: bool = True

    @property
    def colours(self) -> list[list[int]]:
        """Number, red, green, blue and pixels of each entry."""
        rows = zip(self.reduced.palette.tolist(), self.reduced.counts.tolist(), strict=True)
        return [[number, *colour, pixels] for number, (colour, pixels) in enumerate(rows)]

    def lines(self) -> Iterator[str]:
        """Give a page with the palette for a picture alone, one line among others."""
        if self.is_alone:
            yield from self._page()
            return
        reduced = self.reduced
        facts = {"bits": reduced.depth, "bytes": integer(len(self.content))}
        psnr = _decibels(reduced)
        yield t("palette.line", path=self.picture.name, psnr=psnr, **self._numbers(), **facts)

    def to_json(self) -> dict[str, Any]:
        """Give the palette with its errors and bytes."""
        reduced = self.reduced
        return {
            "path": self.picture.name,
            "k": len(reduced.palette),
            "mse": reduced.mse,
            "psnr": reduced.psnr,
            "bits_per_pixel": reduced.depth,
            "bytes": len(self.content),
            "colours": self.colours,
            "seconds": reduced.seconds,
            "transparent": 0 if reduced.has_transparent else None,
            "error": None,
        }

    def figures(self) -> Mapping[str, AnswerFigure]:
        """Give no figure: the picture itself is `content`."""
        return {}

    def tables(self) -> Mapping[str, AnswerTable]:
        """Give what each number of colours costs and buys, computed when the rows are read."""
        return {"table": AnswerTable(columns=TABLE_COLUMNS, rows=self._sizes())}

    def _sizes(self) -> Iterator[Sequence[object]]:
        """Give a row for each k from the least to 256; for its own k where a palette is shared."""
        least = _least(self.picture, self.options)
        own = len(self.reduced.palette)
        ks = [own] if least is None else [k for k in sorted({*PALETTE_SIZES, own}) if k >= least]
        reducer = _reducer(self.picture, self.options)
        for size in compare(self.picture.in_colour, ks, reducer):
            psnr = None if size.psnr is None else f"{size.psnr:.3f}"
            errors = (f"{size.mse:.4f}", psnr, f"{size.ssim:.5f}")
            yield (unescape(self.picture.name), size.k, size.bits_per_pixel, *errors, size.bytes)

    def _page(self) -> Iterator[str]:
        reduced, name = self.reduced, self.picture.name
        height, width = reduced.labels.shape
        size = Size.of(height=height, width=width, k=len(reduced.palette))
        yield t("palette.title", path=name, height=height, width=width, **self._numbers())
        yield ""
        yield from self._entries()
        yield ""
        yield t("palette.error", mse=decimal(reduced.mse, 2), psnr=_decibels(reduced))
        yield t(
            "palette.memory",
            bits=size.bits_per_pixel,
            pixels=integer(size.pixels),
            table=integer(size.table),
            colour=integer(size.colour),
            gain=decimal(size.gain, 3),
        )
        yield t("palette.file", rows=integer(size.rows), bytes=integer(len(self.content)))
        yield t("palette.seconds", seconds=decimal(reduced.seconds, 3))

    def _entries(self) -> Iterator[str]:
        """Write the table of colours, from 0: number, colour, how many pixels have it."""
        total, colours = self.reduced.labels.size, self.colours
        rows = []
        for number, red, green, blue, pixels in colours[:MOST_SHOWN]:
            code = f"#{red:02x}{green:02x}{blue:02x}  {red:>3} {green:>3} {blue:>3}"
            if number == 0 and self.reduced.has_transparent:
                code = t("palette.transparent")
            rows.append([f"{number:>3}", code, integer(pixels), percent(pixels / total)])
        yield from text_table(rows, left=(1,))
        if len(colours) > MOST_SHOWN:
            yield t("palette.more", n=len(colours) - MOST_SHOWN)

    def _numbers(self) -> dict[str, str]:
        reduced = self.reduced
        return {
            "pixels": integer(reduced.labels.size),
            "distinct": integer(reduced.distinct),
            "k": integer(len(reduced.palette)),
        }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class PaletteFailure(Shown):
    """One of several pictures that was left out.

    Attributes:
        path: The picture.
        error: Why.
    """

    path: str
    error: ImagierError

    @property
    def notes(self) -> tuple[str, ...]:
        """The reason, and what to do."""
        return (t("cli.said", message=self.error.message, next=self.error.next_step),)

    def lines(self) -> Iterator[str]:
        """Give no line: the reason is a note."""
        return iter(())

    def to_json(self) -> dict[str, Any]:
        """Give the keys of a picture, null but for its path and the error."""
        said = {"code": self.error.code, "message": self.error.message}
        path = printable(self.path)
        return {"path": path, **dict.fromkeys(_FIGURES), "error": said}

    def figures(self) -> Mapping[str, AnswerFigure]:
        """Give no figure."""
        return {}

    def tables(self) -> Mapping[str, AnswerTable]:
        """Give no table."""
        return {}


def reduce_pictures(
    paths: Sequence[str | PictureError], options: PaletteOptions
) -> Iterator[PaletteResult | PaletteFailure]:
    """Reduce picture after picture; one that cannot be read is an answer too, among others.

    Args:
        paths: What `find_pictures` found.
        options: How to reduce them.

    Raises:
        PictureError: The only picture cannot be read.
        UsageError: What `reduce_colours` refuses.
    """
    warm_up()
    is_alone = len(paths) == 1
    for path in paths:
        name = path if isinstance(path, str) else str(path.facts["path"])
        try:
            answer = reduce_picture(
                open_picture_file(path, opacity=True, most=_most_pixels(options)), options
            )
        except ImagierError as error:
            if is_alone or isinstance(error, UsageError):
                raise
            yield PaletteFailure(path=name, error=error.released())
            continue
        yield replace(answer, is_alone=is_alone)


def _most_pixels(options: PaletteOptions) -> int:
    return MOST_DITHERED if options.dither else MOST_PIXELS


def reduce_picture(picture: OpenedPicture, options: PaletteOptions) -> PaletteResult:
    """Reduce one picture, and note where the result is not what was asked for.

    Raises:
        UsageError: What `reduce_colours` refuses.
    """
    reduce, notes, k = _reducer(picture, options), list(picture.notes), options.k
    if options.quality is None:
        reduced = reduce(k)
        n = len(reduced.palette)
        if options.shared is None and n < k:
            notes.append(t("palette.fewer", path=picture.name, n=n, k=k))
    else:
        found = smallest(reduce, options.quality, least=_least(picture, options) or 1)
        if found is None:
            notes.append(t("palette.not_reached", path=picture.name, psnr=options.quality))
        reduced = found or reduce(MOST_COLOURS)
    return PaletteResult(
        picture=picture,
        reduced=reduced,
        options=options,
        content=to_indexed_png(reduced),
        notes=tuple(notes),
    )


def with_shared_palette(paths: Sequence[str], options: PaletteOptions) -> PaletteOptions:
    """Choose one palette by a first pass over all pictures, each read and let go.

    Raises:
        UsageError: What `shared_palette` refuses.
    """
    masked = []

    def histograms() -> Iterator[Histogram]:
        for path in paths:
            try:
                picture = open_picture_file(path, opacity=True, most=_most_pixels(options))
            except ImagierError:
                continue  # the second pass names it
            masked.append(picture.mask is not None)
            levels = picture.levels
            yield histogram(levels if picture.mask is None else levels[picture.mask])

    together = merge(histograms())
    has_transparent = any(masked)
    palette = shared_palette(
        together,
        options.k,
        has_transparent=has_transparent,
        distance=options.distance,
        fixed=options.fixed,
    )
    return replace(options, shared=palette, has_transparent=has_transparent)


def _least(picture: OpenedPicture, options: PaletteOptions) -> int | None:
    """Give the smallest palette that holds all it must; None where it is not to be chosen."""
    if options.shared is not None:
        return None
    return max(len(set(options.fixed)), 1) + (picture.mask is not None)


def _reducer(picture: OpenedPicture, options: PaletteOptions) -> Callable[[int], Reduced]:
    """Give what reduces a picture to k colours, whatever else is wanted."""
    settings: dict[str, Any] = {"mask": picture.mask, "distance": options.distance}
    settings["dither"] = options.dither
    palette, transparent = options.shared, options.has_transparent
    if palette is None:
        return partial(reduce_colours, picture.levels, fixed=options.fixed, **settings)
    return lambda _: apply_palette(picture.levels, palette, transparent=transparent, **settings)


def _decibels(reduced: Reduced) -> str:
    return t("palette.lossless") if reduced.psnr is None else f"{decimal(reduced.psnr, 2)} dB"
