"""Which input suits these pictures: its size, its channels, and whether they are ink on paper.

The size rule. Where all pictures have one size and no side is above the limit (64 pixels): that
size. Else, from the median of width / height: between 2/3 and 3/2, a square whose side is the
median short side, at most the limit; beyond, a strip of the same area and of that shape, so that
a post code or a cheque's amount keeps its ends. Where pictures may be cropped the input is that
square whatever their shape. Sides are multiples of 4, at least 8; nothing is enlarged.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from imagier.errors import DataError
from imagier.images.ink import Ink, is_black_bordered, is_white_bordered, stroke_width
from imagier.images.preparing import Fit, Prepare

__all__ = ["choose_prepare", "choose_size", "is_ink"]

Pixels = NDArray[np.uint8]
SQUARE = (2 / 3, 3 / 2)
SMALLEST, STEP = 8, 4
GREY_GAP, GREY_SHARE = 8, 0.999
MOST = 0.9  # share of the sample that must be ink for all to be taken so
LEAST_INK, MOST_INK = 0.01, 0.6  # share of the picture
THICKEST, CORE = 0.2, 0.05  # a stroke is thinner than a fifth of the side; what may stay within
DEFAULT_BOX = 20 / 28
DEFAULT_STROKE = 0.1
FAINT = 64  # levels of ink that are not counted to a sign's box


def choose_prepare(
    sample: Sequence[Pixels],
    sizes: Sequence[tuple[int, int]],
    *,
    limit: int = 64,
    full_scale: int = 255,
    scale: int = 255,
    ink: bool | None = None,
    fit: Fit = "pad",
) -> Prepare:
    """Choose the input for pictures like these.

    Args:
        sample: Some of the pictures, each (H, W, C).
        sizes: Their heights and widths before any reduction.
        limit: The longest side that the network is made for, in pixels.
        full_scale: The level that shall be white in the input.
        scale: The level that is white in the sample.
        ink: Whether they are ink on paper; None to look.
        fit: What happens to a picture of another shape.

    Raises:
        DataError: `no_sample`, when there is no picture to look at.
    """
    if not sample:
        raise DataError("no_sample")
    levels = [_at_full_scale(picture, scale) for picture in sample]
    is_grey = all(_is_grey(picture) for picture in levels)
    drawn = is_ink(levels) if ink is None else ink
    height, width = choose_size(sizes, limit, is_cropped=fit.startswith("crop") and not drawn)
    return Prepare(
        height=height,
        width=width,
        channels=1 if is_grey or drawn else 3,
        full_scale=full_scale,
        fit=fit,
        ink=_measure_ink(levels) if drawn else None,
    )


def is_ink(sample: Sequence[Pixels]) -> bool:
    """Tell whether pictures are thin strokes on an even page: digits and letters, not clothes."""
    signs = [_is_sign(picture) for picture in sample]
    return bool(np.mean(signs) >= MOST) if signs else False


def choose_size(
    sizes: Sequence[tuple[int, int]] | NDArray[np.int64], limit: int, *, is_cropped: bool = False
) -> tuple[int, int]:
    """Apply the size rule and give height and width.

    Args:
        sizes: Height and width of some of the pictures, (n, 2).
        limit: The longest side that the network is made for, in pixels.
        is_cropped: Whether only the middle of a picture of another shape is wanted.

    >>> choose_size([(400, 300)], 224), choose_size([(100, 400)], 64)
    ((224, 224), (32, 128))
    >>> choose_size([(100, 400)], 64, is_cropped=True), choose_size([(20, 30), (30, 20)], 64)
    ((64, 64), (20, 20))
    """
    sides = np.asarray(sizes, np.float64)
    if (sides == sides[0]).all() and sides.max() <= limit:
        return int(sides[0, 0]), int(sides[0, 1])
    shape = float(np.median(sides[:, 1] / sides[:, 0]))
    side = min(limit, float(np.median(sides.min(axis=1))))
    if is_cropped or SQUARE[0] <= shape <= SQUARE[1]:
        return (_rounded(side),) * 2
    return _rounded(side / np.sqrt(shape)), _rounded(side * np.sqrt(shape))


def _rounded(side: float) -> int:
    return max(SMALLEST, STEP * round(side / STEP))


def _at_full_scale(pixels: Pixels, scale: int) -> Pixels:
    return pixels if scale == 255 else np.rint(pixels * (255 / scale)).astype(np.uint8)


def _is_grey(pixels: Pixels) -> bool:
    if pixels.shape[2] == 1:
        return True
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    highest = np.maximum(np.maximum(red, green), blue)  # far quicker than along the last axis
    lowest = np.minimum(np.minimum(red, green), blue)
    return bool(np.mean(highest - lowest <= GREY_GAP) >= GREY_SHARE)


def _is_sign(pixels: Pixels) -> bool:
    """Tell whether one picture is thin strokes, white on black or black on white."""
    if not _is_grey(pixels) or min(pixels.shape[:2]) < SMALLEST:
        return False
    mask = _ink_mask(pixels)
    if mask is None or not LEAST_INK <= mask.mean() <= MOST_INK:
        return False
    radius = max(1, round(THICKEST / 2 * min(pixels.shape[:2])))
    core = mask
    for _ in range(radius):
        core = _eroded(core)
    return bool(core.sum() <= CORE * mask.sum())


def _ink_mask(pixels: Pixels) -> NDArray[np.bool_] | None:
    """Mark the ink; None where the border is neither black nor white."""
    grey = pixels[:, :, 0]
    if is_black_bordered(grey):
        return grey >= 128
    return grey < 128 if is_white_bordered(grey) else None


def _eroded(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Take one pixel off every edge."""
    padded = np.pad(mask, 1)
    tall = padded[:-2] & padded[1:-1] & padded[2:]
    return tall[:, :-2] & tall[:, 1:-1] & tall[:, 2:]


def _measure_ink(sample: Sequence[Pixels]) -> Ink:
    """Measure how large signs stand in their field, what of them is in its middle, their pen."""
    places = [_place(pixels[:, :, 0]) for pixels in sample]
    found = np.array([place for place in places if place is not None])
    if not len(found):
        return Ink(box=DEFAULT_BOX, centre="mass")
    box, off_mass, off_box = np.median(found[:, :3], axis=0)
    thin = float(np.quantile(found[:, 3], 0.25))
    return Ink(
        box=round(float(box), 4),
        centre="mass" if off_mass <= off_box else "box",
        stroke=round(min(thin, DEFAULT_STROKE), 3),  # small fields blur, so strokes seem thicker
    )


def _place(grey: Pixels) -> tuple[float, float, float, float] | None:
    """Give a sign's length as a share of its field's, how far off its mass and box stand, its pen.

    The pen is the width of the strokes as a share of the sign's length.
    """
    levels = (255 - grey if is_white_bordered(grey) else grey).astype(np.float32)
    inked = levels > FAINT
    if not inked.any():
        return None
    lengths, off_mass, off_box = [], [], []
    for axis, side in enumerate(grey.shape):
        places = np.flatnonzero(inked.any(axis=1 - axis))
        mass = np.average(np.arange(side) + 0.5, weights=levels.sum(axis=1 - axis))
        lengths.append(int(places[-1] - places[0]) + 1)
        off_mass.append(abs(mass - (side // 2 + 0.5)))
        off_box.append(abs((places[0] + places[-1] + 1) / 2 - side / 2))
    pen = stroke_width(levels / np.float32(255)) / max(lengths)
    return max(lengths) / max(grey.shape), max(off_mass), max(off_box), pen
