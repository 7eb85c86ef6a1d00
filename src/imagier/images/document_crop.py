"""The page in a photo: the light sheet that lies on a table, and on it the ink told from the paper.

*The crop.* A light sheet on a darker table is cut out: only the sheet is read.

*The ink.* A photographed page is never white: the light falls from one side, a hand throws its
shadow. But a page is wide and a stroke is narrow. Closing (the largest level around each pixel,
then the smallest of these) fills every dark stroke narrower than its window and leaves the page
with its light and its shadows; the light that is missing against it was taken by ink. A blackboard
is the same with black and white exchanged.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from imagier.images.morphology import closing, label_blobs, largest_near, smallest_near

__all__ = ["dividing_level", "ink_share", "sheet_only"]

_COARSE = 120  # longer side on which the sheet is looked for and the page estimated
_MARGIN = 2  # coarse pixels: the sheet's very edge is left out
_LIGHT_RING = 0.3  # share of the picture's border that a sheet may reach
_LIGHTER = 1.2  # times lighter than the table beside it
_SOLID = 0.7  # share of its box that a sheet fills, even turned by some degrees; a sign fills less
_STROKE_WINDOW = 0.27  # of the longer side: strokes are narrower, shadows and tables wider
_TINY = 60
_CLOSE = 0.25  # share of the border that has ink near it: the picture is cut close to the sign
_AGREED = 0.85  # share of that border which is on the same side of grey
_DIM = 10.0  # levels: below, a ratio of two levels is mostly noise

Levels = NDArray[np.float32]


def sheet_only(grey: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """Cut out a light sheet that lies on a darker table, or give None.

    Where the cut still shows the table, the sheet is continued along the row.

    Args:
        grey: The whole picture, (H, W), 0 to 255.
    """
    factor = max(1, max(grey.shape) // _COARSE)
    coarse = np.asarray(Image.fromarray(grey).reduce(factor), dtype=np.float32)
    light = coarse > np.expm1(dividing_level(np.log1p(coarse)))
    ring = np.concatenate([light[0], light[-1], light[:, 0], light[:, -1]])
    if ring.mean() > _LIGHT_RING or not light.any():
        return None
    sheet = _largest_piece(light)
    if not _is_sheet(sheet, coarse):
        return None
    inside = _shrunk(_filled(sheet))
    return _continued(grey, inside, factor) if inside.any() else None


def dividing_level(values: NDArray[np.float32]) -> float:
    """Divide values into two groups as far apart as can be (Otsu, 1979).

    Values that are all the same are divided nowhere: the level is theirs.

    >>> 2 < dividing_level(np.array([1, 1, 1, 2, 8, 9, 9], np.float32)) < 8
    True
    """
    if values.min() == values.max():
        return float(values.min())
    counts, edges = np.histogram(values.astype(np.float64), bins=128)
    middles = (edges[1:] + edges[:-1]) / 2
    below = np.cumsum(counts)[:-1]
    sums = np.cumsum(counts * middles)
    above = values.size - below
    distance = sums[:-1] / below - (sums[-1] - sums[:-1]) / above
    return float(edges[1 + np.argmax(below * above * distance**2)])


def _largest_piece(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    labels, count = label_blobs(mask)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    sizes[0] = 0
    largest: NDArray[np.bool_] = labels == np.argmax(sizes)
    return largest


def _is_sheet(piece: NDArray[np.bool_], coarse: NDArray[np.float32]) -> bool:
    """Tell whether a light piece is large, fills its box, and is lighter right from its edge on."""
    rows, columns = np.flatnonzero(piece.any(axis=1)), np.flatnonzero(piece.any(axis=0))
    height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
    is_large = height >= 0.35 * piece.shape[0] and width >= 0.35 * piece.shape[1]
    is_solid = piece.sum() >= _SOLID * height * width
    whole = _filled(piece)
    rim = whole & ~_shrunk(whole)
    table = largest_near(whole, _MARGIN) & ~whole
    if not (is_large and is_solid and table.any()):
        return False
    return bool(np.median(coarse[rim]) >= _LIGHTER * np.median(coarse[table]))


def _shrunk(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return ~largest_near(~mask, _MARGIN)


def _filled(piece: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Fill holes and bays: what has the piece on both sides, along its row or its column."""
    either = np.logical_or.accumulate
    along_rows = either(piece, axis=1) & either(piece[:, ::-1], axis=1)[:, ::-1]
    along_columns = either(piece, axis=0) & either(piece[::-1], axis=0)[::-1]
    return along_rows & along_columns


def _continued(
    grey: NDArray[np.uint8], inside: NDArray[np.bool_], factor: int
) -> NDArray[np.uint8]:
    rows = np.flatnonzero(inside.any(axis=1))
    columns = np.flatnonzero(inside.any(axis=0))
    chosen = inside[rows[0] : rows[-1] + 1]
    first = np.argmax(chosen, axis=1) * factor
    last = (chosen.shape[1] - np.argmax(chosen[:, ::-1], axis=1)) * factor - 1
    cut = grey[rows[0] * factor : (rows[-1] + 1) * factor]
    places = np.arange(columns[0] * factor, (columns[-1] + 1) * factor)
    first, last = (np.repeat(side, factor)[: len(cut), None] for side in (first, last))
    within = np.clip(places, first, last)
    return np.take_along_axis(cut, np.minimum(within, grey.shape[1] - 1), axis=1)


def ink_share(grey: NDArray[np.uint8]) -> Levels:
    """Tell which share of the page's light the ink takes, from 0 (page) towards 1, (H, W).

    Args:
        grey: Ink on a page, or chalk on a board, (H, W), 0 to 255.
    """
    image = Image.fromarray(grey)
    levels = np.asarray(image.filter(ImageFilter.BoxBlur(max(image.size) / 1000)), dtype=np.float32)
    coarse = image.reduce(max(1, max(image.size) // _COARSE))
    dark, page = _page(coarse)
    ratio = (levels + _DIM) / (_enlarged(Image.fromarray(page), image.size) + _DIM)
    return np.maximum(1 - ratio if dark else 1 - 1 / ratio, 0)


def _page(coarse: Image.Image) -> tuple[bool, Levels]:
    """Tell whether the ink is dark, and the level of the page under it."""
    levels = np.asarray(coarse, dtype=np.float32)
    radius = max(2, round(_STROKE_WINDOW * max(levels.shape) / 2))
    dark = _by_border(levels, radius)
    if dark is None:
        dark = _by_surroundings(coarse)
    else:
        radius *= 2
    page = closing(levels if dark else -levels, radius)
    return dark, np.abs(smallest_near(page, 1))


def _by_border(levels: Levels, radius: int) -> bool | None:
    """Where the picture is cut close to the sign: compare the border with what is near it."""
    sharp = largest_near(levels, 1) - smallest_near(levels, 1)
    near_ink = _edges(largest_near(sharp, radius)) > sharp.max() / 2
    middle = (largest_near(levels, radius) + smallest_near(levels, radius)) / 2
    if near_ink.mean() < _CLOSE:
        return None
    lighter = float((_edges((levels - middle).astype(np.float32))[near_ink] > 0).mean())
    return lighter > 0.5 if max(lighter, 1 - lighter) > _AGREED else None


def _edges(levels: Levels) -> Levels:
    return np.concatenate([levels[0], levels[-1], levels[:, 0], levels[:, -1]])


def _by_surroundings(coarse: Image.Image) -> bool:
    """Compare with the median level around: ink covers less than half of any large window."""
    tiny = coarse.reduce(max(1, max(coarse.size) // _TINY))
    window = 2 * round(_STROKE_WINDOW * max(tiny.size) / 2) + 1
    around = _enlarged(tiny.filter(ImageFilter.MedianFilter(window)), coarse.size)
    difference = np.asarray(coarse, dtype=np.float32) - around
    return bool((difference**3).sum() <= 0)  # cubed: noise and shadows cancel, strokes stay


def _enlarged(image: Image.Image, size: tuple[int, int]) -> Levels:
    return np.asarray(image.resize(size, Image.Resampling.BILINEAR), dtype=np.float32)
