"""NPZ, NumPy's archive of arrays: pictures under one key, labels under another.

    x_train, y_train, x_test, y_test                  as Keras saves them
    train_images, train_labels, val_..., test_...     as MedMNIST does
    images, labels        x, y        data, target    one set without parts

Levels are bytes, or whole numbers from 0 to 255, or fractions from 0 to 1. No other scale is
guessed. An array of Python objects is never opened: it could run code.
"""

import math
import sys
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from imagier.datasets.arrays import check_fits
from imagier.datasets.listing import Listing
from imagier.datasets.parts import PARTS
from imagier.datasets.sources.archive import open_zip
from imagier.datasets.sources.arrays import (
    ArrayPart,
    class_names,
    is_dark,
    list_arrays,
    to_labels,
    to_levels,
)
from imagier.errors import DataError
from imagier.files import printable
from imagier.i18n import t

__all__ = ["open_npz"]

_PAIRS = (("x", "y"), ("images", "labels"), ("data", "target"), ("data", "labels"), ("x", "labels"))
_IN_PART = {"train": ("train",), "validation": ("val", "valid", "validation"), "test": ("test",)}
_NAMES = ("classes", "class_names", "label_names", "names")
_MOST_ARRAYS = 1_000  # members of the archive
_WIDEST = 4_096  # bytes of one number or text
_LONGEST_HEADER = 2**16  # bytes
_LONGEST_SIDE = 2**40
_BROKEN = (OSError, zipfile.BadZipFile, zlib.error, ValueError, EOFError, RuntimeError)


def open_npz(path: Path) -> Listing:
    """Read the pictures and labels of an NPZ file.

    Raises:
        DataError: `npz_damaged`, `npz_objects`, `npz_keys`, `npz_shape`, `npz_levels`,
            `npz_labels`, `npz_counts_differ`, `label_outside`, `array_too_large` or
            `part_sizes_differ`.
    """
    arrays = _Arrays(path)
    keys = _find_keys(arrays.members, path)
    names_key = next((key for key in _NAMES if key in arrays.members), None)
    names = class_names(arrays.read(names_key), path) if names_key else None
    parts = [_read_part(arrays, part, keys[part], names) for part in keys]
    dark = [part for part in parts if is_dark(part.pixels)]
    notes = [t("datasets.dark_array", path=printable(path))] if len(dark) == len(parts) else []
    return list_arrays(parts, name=printable(path.stem), path=printable(path), notes=notes)


class _Arrays:
    """The arrays of the file by key in lower case, each looked at before it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with open_zip(path, most=_MOST_ARRAYS) as archive:
                infos = archive.infolist()
        except _BROKEN as error:
            raise self._damaged(error) from error
        self.stored = path.stat().st_size
        self.members: Mapping[str, zipfile.ZipInfo] = {
            info.filename.removesuffix(".npy").lower(): info for info in infos
        }

    def read(self, key: str) -> NDArray[Any]:
        """Read one array; its declared size must be true, and fit in memory."""
        self.shape(key)
        with self._opened(self.members[key]) as stream:
            array: NDArray[Any] = npy.read_array(stream, allow_pickle=False)
        if array.dtype.kind == "U" and array.size and not _is_text(array):
            raise self._damaged(ValueError(str(array.dtype)))
        return array

    def shape(self, key: str) -> tuple[int, ...]:
        """Read the shape of an array in its header, which must be true, and fit in memory."""
        info = self.members[key]
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise self._damaged(ValueError(f"zip method {info.compress_type}"))
        with self._opened(info) as stream:
            return self._check(stream, info)

    @contextmanager
    def _opened(self, info: zipfile.ZipInfo) -> Iterator[Any]:
        try:
            with (
                open_zip(self.path, most=_MOST_ARRAYS) as archive,
                archive.open(info) as stream,
            ):
                yield stream
        except DataError:
            raise
        except _BROKEN as error:
            raise self._damaged(error) from error

    def _check(self, stream: Any, info: zipfile.ZipInfo) -> tuple[int, ...]:
        shape, dtype = self._header(stream)
        if dtype.hasobject:
            raise DataError(
                "npz_objects", path=printable(self.path), array=info.filename.removesuffix(".npy")
            )
        size = math.prod(shape) * dtype.itemsize
        check_fits(shape, dtype.itemsize, stored=self.stored, path=printable(self.path))
        is_true = min(shape, default=0) >= 0 and stream.tell() + size == info.file_size
        if not is_true or not 0 < dtype.itemsize <= _WIDEST:
            raise self._damaged(ValueError(printable(f"{info.filename}: {shape}, {dtype}")))
        return tuple(shape)

    def _header(self, stream: Any) -> tuple[tuple[int, ...], Any]:
        """Read shape and type, the header bounded before NumPy takes it apart."""
        version = npy.read_magic(stream)
        wide = version != (1, 0)
        length = stream.read(4 if wide else 2)
        if int.from_bytes(length, "little") > _LONGEST_HEADER:
            raise ValueError("header")
        text = BytesIO(length + stream.read(int.from_bytes(length, "little")))
        read = npy.read_array_header_2_0 if wide else npy.read_array_header_1_0
        try:
            shape, _, dtype = read(text)
        except Exception as error:  # noqa: BLE001 - a stranger's text makes its parser raise nearly anything
            raise ValueError(printable(str(error))[:80]) from None
        if max(shape, default=0) > _LONGEST_SIDE:
            raise ValueError(str(shape)[:80])
        return shape, dtype

    def _damaged(self, error: Exception) -> DataError:
        return DataError("npz_damaged", path=printable(self.path), reason=str(error)[:200])


def _is_text(array: NDArray[Any]) -> bool:
    """Tell whether all letters of an array are letters, and no numbers beyond Unicode."""
    letters = np.frombuffer(array.tobytes(), f"{array.dtype.byteorder}u4")
    return bool(letters.max() <= sys.maxunicode)


def _find_keys(members: Mapping[str, object], path: Path) -> dict[str, tuple[str, str]]:
    """Find the keys of pictures and labels for each part, or for the set as a whole."""
    found: dict[str, tuple[str, str]] = {}
    for part in PARTS:
        for pictures, labels in _spelt(part):
            if pictures in members and labels in members:
                found.setdefault(part, (pictures, labels))
    if found:
        return found
    for pictures, labels in _PAIRS:
        if pictures in members and labels in members:
            return {"": (pictures, labels)}
    raise DataError("npz_keys", path=printable(path), keys=", ".join(members) or "-")


def _spelt(part: str) -> Sequence[tuple[str, str]]:
    return [
        (order.format(key=pictures, part=word), order.format(key=labels, part=word))
        for word in _IN_PART[part]
        for pictures, labels in _PAIRS
        for order in ("{key}_{part}", "{part}_{key}")
    ]


def _read_part(
    arrays: _Arrays, part: str, keys: tuple[str, str], names: Sequence[str] | None
) -> ArrayPart:
    pictures, labels = keys
    counts = [(arrays.shape(key) or (0,))[0] for key in keys]
    if counts[0] != counts[1]:
        facts = {"pictures": counts[0], "labels": counts[1]}
        raise DataError("npz_counts_differ", path=printable(arrays.path), array=pictures, **facts)
    pixels = to_levels(_with_channels(arrays.read(pictures), pictures, arrays.path), arrays.path)
    given = to_labels(arrays.read(labels), names, key=labels, path=arrays.path)
    return ArrayPart(part=part, pixels=pixels, labels=given)


def _with_channels(array: NDArray[Any], key: str, path: Path) -> NDArray[Any]:
    if array.ndim == 3:
        array = array[..., None]
    if array.ndim != 4 or array.shape[3] not in (1, 3) or 0 in array.shape:
        shape = " × ".join(str(side) for side in array.shape)
        raise DataError("npz_shape", path=printable(path), array=key, shape=shape)
    return array
