"""Pictures that the caller holds already: `learn(pictures, labels)`, without a file or a folder.

An array (N, H, W) or (N, H, W, C) is one set of one size. A list may hold arrays of several sizes,
Pillow images, the contents of files, opened files or the names of files, each looked at when it is
its turn.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from imagier.arguments import number, received
from imagier.datasets.listing import Listing, keep_contents
from imagier.datasets.sources.arrays import ArrayPart, is_dark, list_arrays, to_labels, to_levels
from imagier.errors import DataError, PictureError, UsageError
from imagier.i18n import t
from imagier.images import (
    MAX_BYTES,
    Picture,
    as_pixels,
    by_opacity,
    decode,
    is_stream,
    linked_file,
    read_bytes,
    read_stream,
    to_pixels,
)

__all__ = ["list_pictures"]

NAME = "arrays"


def list_pictures(pictures: object, labels: object, *, scale: float | None = None) -> Listing:
    """List pictures that are held in memory with their labels.

    Args:
        pictures: An array, (N, H, W) or (N, H, W, C), or a list of pictures.
        labels: N whole numbers or texts.
        scale: The level that is white in arrays; None for bytes and whole numbers up to 255, and
            fractions up to 1.

    Raises:
        UsageError: `no_labels`, `not_pictures_of_memory`, `bad_argument`.
        DataError: `npz_labels`, `npz_levels`, `npz_shape`, `npz_counts_differ`.

    >>> listing = list_pictures(np.zeros((2, 3, 3), np.uint8), ["cat", "dog"])
    >>> listing.names, listing.labels
    (('arrays/0', 'arrays/1'), ('cat', 'dog'))
    """
    if labels is None:
        raise UsageError("no_labels", received=received(pictures))
    if scale is not None:
        number("scale", scale, above=0, most=None)
    names = to_labels(_label_array(labels), None, key="labels", path=Path(NAME))
    array = _one_array(pictures)
    items: Sequence[Any] = list(array) if array is not None else _items(pictures)
    if len(items) != len(names):
        facts = {"array": "pictures", "pictures": len(items), "labels": len(names)}
        raise DataError("npz_counts_differ", path=NAME, **facts)
    if array is None:
        return keep_contents(
            Listing(
                name=NAME,
                pictures=_HeldPictures(items, scale),
                names=tuple(f"{NAME}/{row}" for row in range(len(items))),
                labels=tuple(names),
                parts=("",) * len(items),
                groups=("",) * len(items),
            )
        )
    levels, white = _levels(array, scale)
    notes = [t("datasets.dark_array", path=NAME)] if white == 255 and is_dark(levels) else []
    part = ArrayPart(part="", pixels=levels, labels=names)
    return list_arrays([part], name=NAME, path=NAME, full_scale=white, notes=notes)


class _HeldPictures:
    """A list of pictures of several kinds and sizes."""

    def __init__(self, items: Sequence[Any], scale: float | None) -> None:
        self._items = list(items)
        self._scale = scale

    def __len__(self) -> int:
        return len(self._items)

    def read(self, index: int) -> bytes:
        """Give the bytes of a file, or of an array's levels with their shape."""
        item = self._items[index]
        if isinstance(item, str | os.PathLike):
            return read_bytes(linked_file(item))
        if isinstance(item, bytes | bytearray | memoryview):
            return bytes(item)
        if is_stream(item):  # kept: what comes through a socket comes once
            self._items[index] = content = read_stream(item, most=MAX_BYTES)[1]
            return content
        pixels = self._pixels(item, index)
        return f"{pixels.shape}\n".encode() + pixels.tobytes()

    def decode(
        self,
        index: int,
        content: bytes,
        wanted: tuple[int, int] | None = None,
        white: int | None = None,
    ) -> Picture:
        """Decode a file; give an array as it is."""
        item = self._items[index]
        if isinstance(item, str | os.PathLike):
            return decode(content, name=os.fspath(item), wanted=wanted, white=white)
        if isinstance(item, bytes | bytearray | memoryview):
            return decode(content, name=f"{NAME}/{index}", wanted=wanted, white=white)
        pixels = self._pixels(item, index)
        return Picture(pixels=pixels, format="ARRAY", size=(pixels.shape[0], pixels.shape[1]))

    def _pixels(self, item: object, index: int) -> NDArray[np.uint8]:
        name = f"{NAME}/{index}"
        try:
            if isinstance(item, Image.Image):
                upright = ImageOps.exif_transpose(item)
                return by_opacity(upright, to_pixels(upright, name))
            levels = _numbers(item)
            if self._scale is None and levels.dtype.kind in "bf" and levels.size:
                scale = 1.0 if levels.max() <= 1 else 255.0
            else:
                scale = 255.0 if self._scale is None else self._scale
            return as_pixels(levels, scale=scale)
        except PictureError as error:
            raise PictureError(error.code, **error.facts | {"path": name}) from None
        except Exception as error:  # a ragged list, a file half read
            raise PictureError("not_a_picture", path=name, received=received(item)) from error


def _numbers(item: object) -> NDArray[Any]:
    """Read one picture of a list as an array of numbers.

    Raises:
        TypeError: When it is something else.
    """
    levels = np.asarray(item)
    if levels.ndim == 0 or levels.dtype.kind in "OSUV":
        raise TypeError(type(item).__name__)
    return levels


def _label_array(labels: object) -> NDArray[Any]:
    """Read labels as an array; texts in a column of objects too, as pandas holds them.

    Raises:
        DataError: `npz_labels`, for numbers among texts: a missing value among names is a number.
    """
    try:
        array = np.asarray(labels)
        held = labels if isinstance(labels, list | tuple) else array.ravel().tolist()
        if array.dtype.kind == "O":
            array = np.asarray(array.tolist())
        are_texts = {isinstance(one, str | bytes) for one in held}
    except Exception as error:  # a ragged list
        facts = {"shape": received(labels), "type": type(labels).__name__}
        raise DataError("npz_labels", path=NAME, array="labels", **facts) from error
    if array.dtype.kind in "SU" and are_texts == {True, False}:
        facts = {"shape": str(len(held)), "type": "object"}
        raise DataError("npz_labels", path=NAME, array="labels", **facts)
    return array


def _one_array(pictures: object) -> NDArray[Any] | None:
    """Give pictures of one size as one array, (N, H, W, C); None where they are a list of others.

    Raises:
        DataError: `npz_shape`.
    """
    if isinstance(pictures, list | tuple):
        shapes = {getattr(one, "shape", None) for one in pictures}
        if not pictures or len(shapes) != 1 or not isinstance(pictures[0], np.ndarray):
            return None
    elif not hasattr(pictures, "shape"):
        return None
    array = np.asarray(pictures)
    if array.ndim == 3:
        array = array[..., np.newaxis]
    if array.ndim != 4 or array.shape[3] not in (1, 3) or 0 in array.shape:
        shape = " × ".join(str(side) for side in array.shape)
        raise DataError("npz_shape", path=NAME, array="pictures", shape=shape)
    return array


def _items(pictures: object) -> Sequence[Any]:
    if not isinstance(pictures, list | tuple) or not pictures:
        raise UsageError("not_pictures_of_memory", received=received(pictures))
    return pictures


def _levels(array: NDArray[Any], scale: float | None) -> tuple[NDArray[np.uint8], int]:
    """Bring an array to bytes, and give the level that is white in them.

    Whole numbers on a scale below 255, such as scikit-learn's digits on 16, keep it: the model then
    takes its pictures on that scale unless told otherwise.
    """
    if scale is None:
        return to_levels(array, Path(NAME)), 255
    low, high = float(array.min()), float(array.max())
    if array.dtype.kind not in "buif" or not 0 <= low <= high <= scale:
        raise DataError("npz_levels", path=NAME, received=f"{low:g} … {high:g} ({scale:g})")
    is_whole = array.dtype.kind in "ui" or (
        array.dtype.kind == "f" and bool((array == np.rint(array)).all())
    )
    if 1 < scale <= 255 and float(scale).is_integer() and is_whole:
        return array.astype(np.uint8), int(scale)
    levels = np.empty(array.shape, np.uint8)
    for start in range(0, len(array), 1024):  # by slices: no copy of a large set as floats
        rows = slice(start, start + 1024)
        levels[rows] = np.rint(array[rows] * np.float64(255 / scale))
    return levels, 255
