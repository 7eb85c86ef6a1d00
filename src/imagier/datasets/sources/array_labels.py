"""Labels that come as an array: numbers, numbers with a list of class names, or texts."""

import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.errors import DataError
from imagier.files import printable

__all__ = ["class_names", "to_labels"]


def to_labels(
    array: NDArray[Any], names: Sequence[str] | None, *, key: str, path: Path
) -> list[str]:
    """Give the class name of each picture.

    Args:
        array: `(N,)` or `(N, 1)`, whole numbers or texts.
        names: The class name of each number, where the file gives them.
        key: How the array is called in messages.
        path: How the file is called in messages.

    Raises:
        DataError: `npz_labels` or `label_outside`.

    >>> to_labels(np.array([[1], [0]]), ["cat", "dog"], key="y", path=Path("a.npz"))
    ['dog', 'cat']
    """
    flat = array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array
    if flat.ndim != 1 or not _is_readable(flat):
        shape = " × ".join(str(side) for side in array.shape)
        raise DataError(
            "npz_labels", path=printable(path), array=key, shape=shape, type=array.dtype
        )
    if flat.dtype.kind in "SU":
        return [_text(value) for value in flat.tolist()]
    if flat.dtype.kind == "b" and names is None:
        return ["true" if value else "false" for value in flat.tolist()]
    numbers = flat.astype(np.int64)
    if names is None:
        return [str(number) for number in numbers.tolist()]
    for received in (int(numbers.min()), int(numbers.max())):
        if not 0 <= received < len(names):
            facts = {"received": received, "last": len(names) - 1}
            raise DataError("label_outside", path=printable(path), **facts)
    return [names[number] for number in numbers.tolist()]


def class_names(array: NDArray[Any], path: Path) -> list[str]:
    """Read the list of class names that an NPZ file may carry.

    Raises:
        DataError: `npz_labels`, when they are not texts.
    """
    if array.ndim != 1 or array.dtype.kind not in "SU":
        shape = " × ".join(str(side) for side in array.shape)
        facts = {"array": "classes", "shape": shape, "type": array.dtype}
        raise DataError("npz_labels", path=printable(path), **facts)
    return [_text(value) for value in array.tolist()]


def _is_readable(flat: NDArray[Any]) -> bool:
    """Tell whether the values are texts with something in them, or whole numbers."""
    if not len(flat):
        return False
    if flat.dtype.kind == "f":
        return bool((flat == np.rint(flat)).all() and (np.abs(flat) < 2**53).all())
    if flat.dtype.kind in "SU":
        return all(value.strip() for value in flat.tolist())
    return flat.dtype.kind in "iub"


def _text(value: str | bytes) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return printable(unicodedata.normalize("NFC", text.strip()))
