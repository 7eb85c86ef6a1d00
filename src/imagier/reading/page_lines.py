"""Finds the lines of a page."""

import numpy as np
from numpy.typing import NDArray

from imagier.reading.page_line import PageLine

__all__ = ["find_page_lines"]


def find_page_lines(pixels: NDArray[np.uint8]) -> list[PageLine]:
    """Find the lines of a page."""
    return []
