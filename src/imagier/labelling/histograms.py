"""A picture described by its colours and its edges: 192 numbers, computed with NumPy alone.

The picture is brought to 64 × 64 pixels. Its *colours* are counted in 4 × 4 × 4 boxes of red, green
and blue: 64 shares of the pixels. Its *edges* are counted in 4 × 4 fields of the picture: in each,
the strengths of the changes of grey, sorted into 8 directions, 128 numbers. Directions that differ
by half a turn are one, since a dark line on white is the same shape as a white one on dark.

Of both halves the square roots are taken, which makes small shares count, and each is brought to
length 1, so that colour and shape weigh the same.

Sources: M. Swain and D. Ballard, "Color indexing", IJCV 7 (1991); N. Dalal and B. Triggs,
"Histograms of oriented gradients for human detection", CVPR 2005.

>>> red = np.zeros((64, 64, 3), np.uint8) + np.array([255, 0, 0], np.uint8)
>>> numbers = describe(red)
>>> numbers.shape, np.flatnonzero(numbers).tolist()
((192,), [48])
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["NUMBERS", "SIDE", "describe"]

SIDE = 64
NUMBERS = 192
_LEVELS = 4  # of each colour
_FIELDS = 4  # along each side
_DIRECTIONS = 8
_LUMA = np.array([0.299, 0.587, 0.114])


def describe(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Describe a picture by its colours and its edges.

    Args:
        pixels: Prepared, (64, 64, 3).

    Returns:
        64 numbers for the colours, then 128 for the edges, (192,).
    """
    halves = [_unit(np.sqrt(_colours(pixels))), _unit(np.sqrt(_edges(pixels @ _LUMA)))]
    return np.concatenate(halves).astype(np.float32)


def _colours(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    red, green, blue = (pixels.reshape(-1, 3) // (256 // _LEVELS)).astype(np.int64).T
    boxes = (red * _LEVELS + green) * _LEVELS + blue
    return np.bincount(boxes, minlength=_LEVELS**3) / boxes.size


def _edges(grey: NDArray[np.float64]) -> NDArray[np.float64]:
    down, right = np.gradient(grey)
    strength = np.hypot(down, right)
    turn = (np.arctan2(down, right) / np.pi) % 1  # 0 to 1 for half a turn
    direction = np.minimum((turn * _DIRECTIONS).astype(np.int64), _DIRECTIONS - 1)
    field = np.arange(SIDE) * _FIELDS // SIDE
    place = (field[:, np.newaxis] * _FIELDS + field) * _DIRECTIONS + direction
    return np.bincount(place.ravel(), strength.ravel(), _FIELDS**2 * _DIRECTIONS).astype(np.float64)


def _unit(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    length = float(np.linalg.norm(numbers))
    return numbers / length if length > 0 else numbers
