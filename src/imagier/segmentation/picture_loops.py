"""The compiled loops that look at every pixel: smaller pictures, and the segment of each pixel.

Pixels that lie together in the picture are near each other as points (x, y, r, g, b) too. So a tile
of 8 × 8 pixels is asked as a whole first: a centre that is farther than another one from the corner
of the tile's box that favours it most cannot be nearest to any of its pixels. Few centres are left
for the pixels themselves, and the result is that of asking all.
"""

import numpy as np
from numpy.typing import NDArray

from imagier.kmeans.engine import compile_loop

__all__ = ["assign", "halve", "squares_of_two"]

TILE = 8
Numbers = NDArray[np.float64]


@compile_loop
def squares_of_two(pixels: NDArray[np.uint8], seen: NDArray[np.bool_]) -> Numbers:
    """Add up squares of 2 × 2 pixels; those at the edges may be cut.

    Args:
        pixels: (H, W, 3).
        seen: Which pixels count, (H, W).

    Returns:
        Sums of x, y, red, green, blue and 1, (⌈H/2⌉, ⌈W/2⌉, 6).
    """
    height, width = seen.shape
    sums = np.zeros(((height + 1) // 2, (width + 1) // 2, 6))
    for y in range(height):
        for x in range(width):
            if seen[y, x]:
                square = sums[y // 2, x // 2]
                square[0] += x
                square[1] += y
                for c in range(3):
                    square[2 + c] += pixels[y, x, c]
                square[5] += 1
    return sums


@compile_loop
def halve(sums: Numbers) -> Numbers:
    """Add up squares of 2 × 2 squares, (H, W, 6) to (⌈H/2⌉, ⌈W/2⌉, 6)."""
    height, width, columns = sums.shape
    halved = np.zeros(((height + 1) // 2, (width + 1) // 2, columns))
    for y in range(height):
        for x in range(width):
            for c in range(columns):
                halved[y // 2, x // 2, c] += sums[y, x, c]
    return halved


@compile_loop
def assign(
    pixels: NDArray[np.uint8],
    seen: NDArray[np.bool_],
    centres: Numbers,
    weights: Numbers,
    labels: NDArray[np.int16],
) -> tuple[Numbers, Numbers]:
    """Give each pixel its nearest centre, the first of equals, and add up.

    Args:
        pixels: (H, W, 3).
        seen: Which pixels count, (H, W).
        centres: x, y, red, green and blue, (k, 5).
        weights: What each of the five counts in the squared distance, (5,).
        labels: Filled where pixels are seen, (H, W).

    Returns:
        Sums of x, y, red, green, blue and 1 of each segment, (k, 6), and the sum over all pixels
        of the squares of their five coordinates, (5,).
    """
    height, width = seen.shape
    sums, squares = np.zeros((len(centres), 6)), np.zeros(5)
    low, high = np.empty(5), np.empty(5)
    few = np.empty(len(centres), np.int64)
    point = np.empty(5)
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            bottom, right = min(top + TILE, height), min(left + TILE, width)
            if not _box(pixels, seen, (top, left, bottom, right), low, high):
                continue
            rivals = _rivals(low, high, centres, weights, few)
            for y in range(top, bottom):
                for x in range(left, right):
                    if not seen[y, x]:
                        continue
                    point[0], point[1] = x, y
                    for c in range(3):
                        point[2 + c] = pixels[y, x, c]
                    own = few[0] if rivals == 1 else _nearest(point, few, rivals, centres, weights)
                    labels[y, x] = own
                    sums[own, 5] += 1
                    for c in range(5):
                        sums[own, c] += point[c]
                        squares[c] += point[c] * point[c]
    return sums, squares


@compile_loop
def _box(
    pixels: NDArray[np.uint8],
    seen: NDArray[np.bool_],
    tile: tuple[int, int, int, int],
    low: Numbers,
    high: Numbers,
) -> bool:
    """Find the corners of the box around the pixels of a tile that are seen, if any are."""
    top, left, bottom, right = tile
    low[:], high[:] = np.inf, -np.inf
    low[0], high[0], low[1], high[1] = left, right - 1, top, bottom - 1
    for y in range(top, bottom):
        for x in range(left, right):
            if seen[y, x]:
                for c in range(3):
                    level = float(pixels[y, x, c])
                    low[2 + c] = min(low[2 + c], level)
                    high[2 + c] = max(high[2 + c], level)
    return bool(low[2] <= high[2])


@compile_loop
def _rivals(
    low: Numbers, high: Numbers, centres: Numbers, weights: Numbers, few: NDArray[np.int64]
) -> int:
    """Keep the centres that may be nearest to some point of a box; give how many."""
    best, favourite = np.inf, 0
    for j in range(len(centres)):
        far = 0.0
        for c in range(5):
            far += weights[c] * ((low[c] + high[c]) / 2 - centres[j, c]) ** 2
        if far < best:
            best, favourite = far, j
    rivals = 0
    for j in range(len(centres)):
        lead = 0.0  # how much farther j is than the favourite, at the corner that favours j
        for c in range(5):
            mine, its = centres[j, c], centres[favourite, c]
            corner = high[c] if mine > its else low[c]
            lead += weights[c] * (mine - its) * (mine + its - 2 * corner)
        if lead <= 0:
            few[rivals] = j
            rivals += 1
    return rivals


@compile_loop
def _nearest(
    point: Numbers, few: NDArray[np.int64], rivals: int, centres: Numbers, weights: Numbers
) -> int:
    best, own = np.inf, few[0]
    for a in range(rivals):
        far = 0.0
        for c in range(5):
            far += weights[c] * (point[c] - centres[few[a], c]) ** 2
        if far < best:
            best, own = far, few[a]
    return int(own)
