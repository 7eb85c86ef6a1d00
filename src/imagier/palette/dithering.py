"""Dithering: colours that are not in the palette, mixed from pixels that are.

A pixel shows the nearest colour; the difference is handed on to the neighbours that are still to
come, so that a small area has the right colour in the mean. The squared error of single pixels
rises, and areas that were one flat colour become a pattern that PNG files hold less well: hence an
option, off by default.

Source: R. Floyd and L. Steinberg, "An adaptive algorithm for spatial greyscale", 1976.
"""

import numpy as np
from numpy.typing import NDArray

from imagier.kmeans.engine import compiled, read_only
from imagier.palette.quantization import assign
from imagier.palette.spaces import Distance

__all__ = ["diffuse"]

LOOPS = "imagier.palette.dithering_loops"
_SIDE = 64


def diffuse(
    pixels: NDArray[np.uint8],
    seen: NDArray[np.bool_],
    palette: NDArray[np.uint8],
    exact: NDArray[np.uint8],
    distance: Distance,
) -> NDArray[np.uint8]:
    """Number the pixels so that each area has its colour in the mean.

    Args:
        pixels: (H, W, 3).
        seen: Which pixels count, (H, W).
        palette: (k, 3).
        exact: The number of the nearest colour of each pixel, (H, W).
        distance: How colours are compared.

    Returns:
        The numbers, (H, W), 0 where nothing is seen.
    """
    levels = (4 * np.arange(_SIDE) + 2).astype(np.uint8)  # the middle of each box
    middles = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(-1, 3)
    boxes = assign(middles, palette, distance)[0].reshape(_SIDE, _SIDE, _SIDE)
    arrays = map(read_only, (pixels, seen, palette, exact, boxes))
    labels: NDArray[np.uint8] = compiled(LOOPS).diffuse(*arrays)
    return labels
