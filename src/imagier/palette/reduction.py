"""A picture with few colours: the palette, and for each pixel the number of its colour.

>>> pixels = np.array([[[250, 0, 0], [254, 0, 0], [0, 0, 9], [0, 0, 7]]], np.uint8)
>>> reduced = reduce_colours(pixels, 2)
>>> reduced.palette.tolist(), reduced.labels.tolist(), reduced.counts.tolist()
([[0, 0, 8], [252, 0, 0]], [[1, 1, 0, 0]], [2, 2])
>>> reduced.mse, reduced.depth
(0.8333333333333334, 1)
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagier.errors import UsageError
from imagier.kmeans.engine import compiled, read_only
from imagier.palette.dithering import diffuse
from imagier.palette.histogram import COLOURS, LOOPS, Histogram, histogram_at, places_of
from imagier.palette.quantization import MOST_COLOURS, Colour, Colours, assign, choose_palette
from imagier.palette.spaces import Distance

__all__ = [
    "Reduced",
    "apply_palette",
    "depth_of",
    "psnr",
    "reduce_colours",
    "shared_palette",
    "warm_up",
]

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]
DEPTHS = (1, 2, 4, 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduced:
    """A picture whose pixels hold numbers of colours.

    Attributes:
        palette: The colours, (k, 3); the transparent entry, if any, is the first.
        labels: The number of each pixel's colour, (H, W).
        counts: How many pixels have each, (k,).
        squared_error: Sum of the squared differences of levels over the pixels that are seen.
        has_transparent: Whether the first entry is no colour but full transparency.
        distinct: How many distinct colours the picture had.
        seconds: What finding the palette and numbering every pixel took.
    """

    palette: Colours
    labels: NDArray[np.uint8]
    counts: NDArray[np.int64]
    squared_error: int
    has_transparent: bool
    distinct: int
    seconds: float

    @property
    def mse(self) -> float:
        """The mean squared error of one level: over pixels and their three channels."""
        seen = self.labels.size - (int(self.counts[0]) if self.has_transparent else 0)
        return self.squared_error / max(3 * seen, 1)

    @property
    def psnr(self) -> float | None:
        """The peak signal to noise ratio in decibels; None where nothing is lost."""
        return psnr(self.mse)

    @property
    def depth(self) -> int:
        """How many bits number a pixel's colour in a PNG file: 1, 2, 4 or 8."""
        return depth_of(len(self.palette))

    @property
    def pixels(self) -> Pixels:
        """Give the picture back as levels, (H, W, 3)."""
        return self.palette[self.labels]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted:
    """A picture after one look at every pixel: places of their colours, and the histogram.

    `seen` tells the pixels that are not transparent, (H, W); None when all are seen.
    """

    pixels: Pixels
    places: NDArray[np.uint32]
    seen: Mask | None
    colours: Histogram


def reduce_colours(
    pixels: Pixels,
    k: int,
    *,
    mask: Mask | None = None,
    distance: Distance | None = None,
    fixed: Sequence[Colour] = (),
    dither: bool = False,
    seed: int = 0,
) -> Reduced:
    """Reduce a picture to k colours.

    Args:
        pixels: (H, W, 3), or (H, W, 1) in grey.
        k: How many entries, 1 to 256, a transparent one included.
        mask: Which pixels are not transparent, (H, W); all unless given.
        distance: How colours are compared; sRGB without weights unless given.
        fixed: Colours that must be in the palette.
        dither: Whether the error of a pixel is handed on to its neighbours.
        seed: Makes chance the same each time.

    Raises:
        UsageError: `palette_k`, `palette_k_transparent`, `palette_fixed`, `palette_pixels`.
    """
    started = time.perf_counter()
    counted = _count(pixels, mask)
    measure = distance or Distance()
    room = _room(k, counted.colours, has_transparent=counted.seen is not None)
    palette = np.zeros((0, 3), np.uint8)
    if counted.colours.pixels:
        palette = choose_palette(counted.colours, room, distance=measure, fixed=fixed, seed=seed)
    return _number(counted, palette, measure, dither=dither, started=started)


def apply_palette(
    pixels: Pixels,
    palette: Colours,
    *,
    mask: Mask | None = None,
    distance: Distance | None = None,
    dither: bool = False,
    transparent: bool = False,
) -> Reduced:
    """Give each pixel of a picture the nearest colour of a palette that is already there.

    Args:
        pixels: (H, W, 3), or (H, W, 1) in grey.
        palette: (k, 3), without the transparent entry.
        mask: Which pixels are not transparent, (H, W); all unless given.
        distance: How colours are compared; sRGB without weights unless given.
        dither: Whether the error of a pixel is handed on to its neighbours.
        transparent: Whether the result has a transparent entry even if no pixel needs it, so that
            pictures with one palette number its colours alike.
    """
    started = time.perf_counter()
    counted = _count(pixels, mask, transparent=transparent)
    return _number(counted, palette, distance or Distance(), dither=dither, started=started)


def shared_palette(
    together: Histogram,
    k: int,
    *,
    has_transparent: bool = False,
    distance: Distance | None = None,
    fixed: Sequence[Colour] = (),
    seed: int = 0,
) -> Colours:
    """Choose one palette for many pictures.

    Args:
        together: Their histograms, merged.
        k: How many entries, a transparent one included.
        has_transparent: Whether an entry must be left to transparency.
        distance: How colours are compared; sRGB without weights unless given.
        fixed: Colours that must be in the palette.
        seed: Makes chance the same each time.

    Returns:
        The colours, (k, 3), without the transparent entry.

    >>> from imagier.palette.histogram import histogram, merge
    >>> pictures = [np.full((2, 2, 1), level, np.uint8) for level in (10, 12, 200)]
    >>> shared_palette(merge(map(histogram, pictures)), 2)[:, 0].tolist()
    [11, 200]
    """
    room = _room(k, together, has_transparent=has_transparent)
    return choose_palette(together, room, distance=distance, fixed=fixed, seed=seed)


def warm_up() -> None:
    """Load the compiled loops, so that a clock that starts now counts work and not loading."""
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    reduce_colours(noise, 2)


def psnr(mse: float) -> float | None:
    """Give the peak signal to noise ratio of a mean squared error; None for no error at all.

    >>> psnr(65.025), psnr(0)
    (30.0, None)
    """
    return 10 * math.log10(255**2 / mse) if mse > 0 else None


def depth_of(k: int) -> int:
    """Tell with how many bits a PNG file numbers k colours.

    >>> [depth_of(k) for k in (1, 2, 3, 4, 5, 16, 17, 256)]
    [1, 1, 2, 2, 4, 4, 8, 8]
    """
    return next(depth for depth in DEPTHS if k <= 2**depth)


def _room(k: int, colours: Histogram, *, has_transparent: bool) -> int:
    """Say how many entries are left to colours, once transparency has its own."""
    if not 1 <= k <= MOST_COLOURS:
        raise UsageError("palette_k", received=k, most=MOST_COLOURS)
    if has_transparent and k == 1 and len(colours.counts):
        raise UsageError("palette_k_transparent")
    return max(k - has_transparent, 1)


def _count(pixels: Pixels, mask: Mask | None, *, transparent: bool = False) -> _Counted:
    places = places_of(pixels)
    seen = np.ones(pixels.shape[:2], bool) if mask is None else np.ascontiguousarray(mask)
    shown = seen if transparent or not seen.all() else None
    colours = histogram_at(places if shown is None else places[shown.ravel()])
    return _Counted(pixels=pixels, places=places, seen=shown, colours=colours)


def _number(
    counted: _Counted, palette: Colours, distance: Distance, *, dither: bool, started: float
) -> Reduced:
    """Number every pixel, count, and add up the error."""
    colours = counted.colours
    exact = assign(colours.colours, palette, distance)[0] if colours.pixels else np.empty(0, "u1")
    labels = _paint(counted, exact)
    found = (colours.colours, colours.counts)
    counts = np.bincount(exact, colours.counts, len(palette)).astype(np.int64)
    error = int(compiled(LOOPS).squared_error(*found, read_only(palette), exact))
    if dither and colours.pixels:
        seen = np.ones(labels.shape, bool) if counted.seen is None else counted.seen
        levels = _in_colour(counted.pixels)
        labels = diffuse(levels, seen, palette, labels, distance)
        counts = np.bincount(labels[seen], minlength=len(palette))
        apart = levels[seen].astype(np.int64) - palette[labels[seen]]
        error = int((apart * apart).sum())
    if counted.seen is not None:  # the transparent entry comes before all others
        labels = np.where(counted.seen, labels + np.uint8(1), np.uint8(0))
        palette = np.concatenate([np.zeros((1, 3), np.uint8), palette])
        counts = np.concatenate([[labels.size - colours.pixels], counts])
    return Reduced(
        palette=palette,
        labels=labels,
        counts=counts,
        squared_error=error,
        has_transparent=counted.seen is not None,
        distinct=len(colours.counts),
        seconds=time.perf_counter() - started,
    )


def _paint(counted: _Counted, exact: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Give each pixel the number of its colour, (H, W); 0 where it is not seen."""
    shape = counted.pixels.shape[:2]
    room = np.empty(COLOURS, np.uint8)  # the system gives memory only to what is touched
    places = counted.colours.places
    if counted.seen is None:
        painted: NDArray[np.uint8] = compiled(LOOPS).paint(counted.places, places, exact, room)
        return painted.reshape(shape)
    labels = np.zeros(shape, np.uint8)
    own = counted.places[counted.seen.ravel()]
    labels[counted.seen] = compiled(LOOPS).paint(own, places, exact, room)
    return labels


def _in_colour(pixels: Pixels) -> Pixels:
    return pixels if pixels.shape[2] == 3 else np.repeat(pixels, 3, axis=2)
