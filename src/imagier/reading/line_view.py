"""A line small enough to be kept until it is drawn."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["view_of"]

MOST_ROWS, MOST_COLUMNS = 120, 4800  # of a line that is drawn


def view_of(line: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Shrink a line that is larger than a figure shows.

    Args:
        line: The line as it stands on its picture, (H, W, C).

    >>> view_of(np.zeros((240, 1000, 1), np.uint8)).shape
    (120, 500, 1)
    """
    rows, columns = line.shape[:2]
    share = min(1.0, MOST_ROWS / rows, MOST_COLUMNS / columns)
    if share == 1:
        return line.copy()
    size = max(1, round(columns * share)), max(1, round(rows * share))
    image = Image.fromarray(line[:, :, 0] if line.shape[2] == 1 else line)
    return np.asarray(image.resize(size, Image.Resampling.LANCZOS)).reshape(size[1], size[0], -1)
