"""From arrays to a listing: levels as bytes, labels as class names, part after part."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.datasets.arrays import ArrayPictures
from imagier.datasets.listing import Listing
from imagier.datasets.parts import settle_parts
from imagier.errors import DataError
from imagier.files import printable

__all__ = ["ArrayPart", "class_names", "is_dark", "list_arrays", "to_labels", "to_levels"]

_ROWS = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayPart:
    """One part of a set of arrays.

    Attributes:
        part: `train`, `validation`, `test`, or an empty string.
        pixels: `(N, H, W, C)` uint8.
        labels: N class names.
    """

    part: str
    pixels: NDArray[np.uint8]
    labels: Sequence[str]


def list_arrays(
    parts: Sequence[ArrayPart],
    *,
    name: str,
    path: str,
    full_scale: int = 255,
    notes: Sequence[str] = (),
) -> Listing:
    """Put the parts of a set one after the other; pictures are named `train/0`, `train/1`...

    Args:
        parts: Training before test, as they are to be listed.
        name: Name of the set; its pictures bear it where there are no parts.
        path: How the source is called in messages.
        full_scale: The pixel value that means full brightness.
        notes: Sentences for the user.

    Raises:
        DataError: `part_sizes_differ`.
    """
    shapes = {part.pixels.shape[1:] for part in parts}
    if len(shapes) > 1:
        sizes = ", ".join(f"{part.part}: {_written(part.pixels)}" for part in parts)
        raise DataError("part_sizes_differ", path=path, sizes=sizes)
    one = parts[0].pixels if len(parts) == 1 else np.concatenate([part.pixels for part in parts])
    names = [f"{part.part or name}/{row}" for part in parts for row in range(len(part.pixels))]
    return Listing(
        name=name,
        pictures=ArrayPictures(one),
        names=tuple(names),
        labels=tuple(label for part in parts for label in part.labels),
        parts=settle_parts([part.part for part in parts for _ in range(len(part.pixels))]),
        groups=("",) * len(names),
        full_scale=full_scale,
        notes=tuple(notes),
    )


def _written(pixels: NDArray[np.uint8]) -> str:
    return " × ".join(str(side) for side in pixels.shape[1:])


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
