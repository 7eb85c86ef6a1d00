"""A light sheet on a darker table: only the sheet is read."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imagier.images.blobs import label_blobs
from imagier.images.windows import largest_near

__all__ = ["dividing_level", "sheet_only"]

_COARSE = 120  # longer side on which the sheet is looked for
_MARGIN = 2  # coarse pixels: the sheet's very edge is left out
_LIGHT_RING = 0.3  # share of the picture's border that a sheet may reach
_LIGHTER = 1.2  # times lighter than the table beside it
_SOLID = 0.7  # share of its box that a sheet fills, even turned by some degrees; a sign fills less


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
