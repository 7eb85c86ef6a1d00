"""Looks at what k-means is given, once, at the door: a table of finite numbers, weights, k."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imagier.errors import DataError, UsageError
from imagier.i18n import integer

__all__ = ["check_k", "check_points", "check_sample_weight"]

_NUMBERS_AT_ONCE = 2**18
_LARGEST = np.float64(1e150)  # the square of a larger number is not one


def check_points(points: ArrayLike) -> NDArray[Any]:
    """Make sure of a table (N, D) of finite numbers, N and D at least 1; give it as it is.

    A memory-mapped table is read through once, a part at a time, and stays on the disk.

    Raises:
        UsageError: `kmeans_shape`.
        DataError: `kmeans_not_finite`, naming row and column.
    """
    table = points if isinstance(points, np.memmap) else np.asarray(points)
    if table.ndim != 2 or 0 in table.shape or table.dtype.kind not in "buif":
        received = f"{table.shape} {table.dtype}"
        raise UsageError("kmeans_shape", received=received)
    rows = max(_NUMBERS_AT_ONCE // table.shape[1], 1)
    for first in range(0, len(table) if table.dtype.kind == "f" else 0, rows):
        good = np.abs(table[first : first + rows]) < _LARGEST  # false for NaN too
        if not good.all():
            row, column = (int(place) for place in np.argwhere(~good)[0])
            value = str(table[first + row, column])
            place = {"row": integer(first + row + 1), "column": integer(column + 1)}
            raise DataError("kmeans_not_finite", value=value, **place)
    return table


def check_sample_weight(sample_weight: ArrayLike | None, count: int) -> NDArray[np.float64] | None:
    """Make sure of one finite weight a point, none negative, not all zero.

    Raises:
        UsageError: `kmeans_weights_count`.
        DataError: `kmeans_weight`, `kmeans_weights_zero`.
    """
    if sample_weight is None:
        return None
    sample_weight = np.asarray(sample_weight, np.float64)
    if sample_weight.shape != (count,):
        raise UsageError(
            "kmeans_weights_count", received=str(sample_weight.shape), count=integer(count)
        )
    wrong = ~(np.isfinite(sample_weight) & (sample_weight >= 0))
    if wrong.any():
        row = int(wrong.argmax())
        raise DataError("kmeans_weight", row=integer(row + 1), value=str(sample_weight[row]))
    if not sample_weight.any():
        raise DataError("kmeans_weights_zero")
    return sample_weight


def check_k(k: int) -> int:
    """Make sure that there is at least one centre to choose.

    Raises:
        UsageError: `kmeans_k`.
    """
    if k < 1:
        raise UsageError("kmeans_k", received=k)
    return int(k)
