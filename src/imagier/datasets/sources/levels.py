"""An array of levels as bytes: bytes already, whole numbers to 255, or fractions from 0 to 1."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.errors import DataError
from imagier.files import printable

__all__ = ["is_dark", "to_levels"]

_ROWS = 1024


def to_levels(array: NDArray[Any], path: Path) -> NDArray[np.uint8]:
    """Bring an array of pictures `(N, H, W, C)` to levels from 0 to 255.

    True and false become 255 and 0. Fractions must lie from 0 to 1 and are multiplied by 255;
    decimal numbers that are all whole, from 0 to 255, are taken as they are.

    Raises:
        DataError: `npz_levels`, naming the least and the greatest value.

    >>> to_levels(np.array([[[[0.0], [0.5], [1.0]]]]), Path("a.npz")).ravel().tolist()
    [0, 128, 255]
    """
    if array.dtype == np.uint8:
        return np.ascontiguousarray(array)
    if array.dtype == bool:
        return np.where(array, np.uint8(255), np.uint8(0))
    if array.dtype.kind not in "uif":
        raise DataError("npz_levels", path=printable(path), received=str(array.dtype))
    least, greatest = float(array.min()), float(array.max())
    received = f"{least:g} … {greatest:g}"
    if not (least >= 0 and greatest <= 255):  # written so that NaN is refused too
        raise DataError("npz_levels", path=printable(path), received=received)
    fractions = array.dtype.kind == "f" and greatest <= 1
    levels = np.empty(array.shape, np.uint8)
    for start in range(0, len(array), _ROWS):  # by slices: no second copy of a large set
        rows = array[start : start + _ROWS]
        whole = np.rint(rows * 255.0 if fractions else rows)
        if not fractions and (whole != rows).any():
            raise DataError("npz_levels", path=printable(path), received=received)
        levels[start : start + _ROWS] = whole
    return levels


def is_dark(levels: NDArray[np.uint8]) -> bool:
    """Tell whether an array is nearly black throughout, as one on a scale to 1 or to 16 is."""
    return int(levels.max()) <= 16
