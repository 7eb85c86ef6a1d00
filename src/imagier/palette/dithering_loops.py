"""The compiled loop of dithering: each pixel depends on the one before, so NumPy cannot help."""

import numpy as np
from numpy.typing import NDArray

from imagier.kmeans.engine import compile_loop

__all__ = ["diffuse"]


@compile_loop
def diffuse(
    pixels: NDArray[np.uint8],
    seen: NDArray[np.bool_],
    palette: NDArray[np.uint8],
    exact: NDArray[np.uint8],
    boxes: NDArray[np.uint8],
) -> NDArray[np.uint8]:
    """Hand the error of each pixel on to its neighbours: 7, 3, 5 and 1 sixteenths.

    Rows are walked forth and back in turn, so that the error does not drift to one side.

    Args:
        pixels: (H, W, 3).
        seen: Which pixels count, (H, W); error does not pass through the others.
        palette: (k, 3).
        exact: The number of the nearest colour of each pixel as it is, (H, W).
        boxes: The number of the nearest colour of each box of 4 × 4 × 4 levels, (64, 64, 64).

    Returns:
        The number of each pixel's colour, (H, W).
    """
    height, width = seen.shape
    labels = np.zeros((height, width), np.uint8)
    here, below = np.zeros((width + 2, 3)), np.zeros((width + 2, 3))
    wanted, level = np.empty(3), np.empty(3, np.int64)
    for row in range(height):
        ahead = 1 if row % 2 == 0 else -1
        for step in range(width):
            x = step if ahead == 1 else width - 1 - step
            if not seen[row, x]:
                continue
            is_same = True
            for c in range(3):
                wanted[c] = min(max(pixels[row, x, c] + here[x + 1, c], 0.0), 255.0)
                level[c] = int(wanted[c] + 0.5)
                is_same &= level[c] == pixels[row, x, c]
            box = boxes[level[0] >> 2, level[1] >> 2, level[2] >> 2]
            label = exact[row, x] if is_same else box
            labels[row, x] = label
            for c in range(3):
                error = (wanted[c] - palette[label, c]) / 16
                here[x + 1 + ahead, c] += 7 * error
                below[x + 1 - ahead, c] += 3 * error
                below[x + 1, c] += 5 * error
                below[x + 1 + ahead, c] += error
        here, below = below, here
        below[:] = 0.0
    return labels
