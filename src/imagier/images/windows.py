"""The largest or smallest level around each pixel: the two moves of mathematical morphology."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["closing", "largest_near", "smallest_near"]

Values = TypeVar("Values", np.bool_, np.float32)
Levels = NDArray[np.float32]


def largest_near(values: NDArray[Values], radius: int) -> NDArray[Values]:
    """Give each pixel the largest value within `radius` rows and columns.

    >>> largest_near(np.array([[0, 0, 0, 9, 0, 0]], np.float32), 1).tolist()
    [[0.0, 0.0, 9.0, 9.0, 9.0, 0.0]]
    """
    return _largest(np.pad(values, radius, mode="edge"), radius)


def smallest_near(values: Levels, radius: int) -> Levels:
    """Give each pixel the smallest value within `radius` rows and columns."""
    return -largest_near(-values, radius)


def closing(levels: Levels, radius: int) -> Levels:
    """Fill what is darker than its surroundings and narrower than 2 `radius` + 1 pixels.

    Beyond the border the light is taken to go on rising or falling as it does inside.

    >>> closing(np.array([[9, 9, 2, 9, 9, 3, 3, 3, 3]], np.float32), 1).tolist()
    [[9.0, 9.0, 9.0, 9.0, 9.0, 3.0, 3.0, 3.0, 3.0]]
    """
    around = np.pad(levels, 2 * radius, mode="reflect", reflect_type="odd")
    return -_largest(-_largest(around, radius), radius)


def _largest(values: NDArray[Values], radius: int) -> NDArray[Values]:
    """Give the largest value of every window of 2 `radius` + 1; the border is lost."""
    window = 2 * radius + 1
    for axis in (0, 1):
        length = 1
        while length < window:  # windows of 1, 2, 4... pixels, the last two overlapping
            step = min(length, window - length)
            values = np.maximum(_cut(values, axis, 0, step), _cut(values, axis, step, 0))
            length += step
    return values


def _cut(values: NDArray[Values], axis: int, before: int, after: int) -> NDArray[Values]:
    kept = slice(before, values.shape[axis] - after)
    return values[kept] if axis == 0 else values[:, kept]
