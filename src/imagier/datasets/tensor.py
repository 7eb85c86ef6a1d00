"""Where the tensor of all pictures sits: in memory, or on the disk beyond a quarter of it."""

import math
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from imagier.cache import cache_folder
from imagier.errors import MachineError
from imagier.files import storage_errors
from imagier.machine import available_memory

__all__ = ["exceeds_memory", "map_rows", "memory_share", "new_rows", "take_rows"]

_CHUNK = 64 << 20
_LARGE = 3 * 1024**2  # bytes of a picture as no network that imagier makes takes it
_MOST_LARGE = 256 << 20  # bytes of such pictures in memory: a stranger's model asked for them


def memory_share() -> int:
    """Tell how many bytes of pictures may sit in memory: a quarter of what the machine grants.

    A container's limit counts where there is one; where the system does not say, 8 GB are assumed.
    """
    return available_memory() // 4


def exceeds_memory(shape: tuple[int, ...], *, most: int | None = None) -> bool:
    """Tell whether a tensor of bytes of this shape belongs on the disk.

    Args:
        shape: Of the tensor.
        most: Bytes that may sit in memory; None for the share of pictures.
    """
    if most is None:
        most = min(memory_share(), _MOST_LARGE) if math.prod(shape[1:]) > _LARGE else memory_share()
    return math.prod(shape) > most


def new_rows(shape: tuple[int, ...], *, most: int | None = None) -> NDArray[np.uint8]:
    """Make room for a tensor of bytes: in memory, or mapped to an unnamed file of the cache.

    Args:
        shape: Of the tensor.
        most: Bytes that may sit in memory; None for the share of pictures.

    Raises:
        MachineError: `disk_full` or `cannot_write`, where it belongs on the disk.
    """
    if not exceeds_memory(shape, most=most):
        return np.empty(shape, dtype=np.uint8)
    handle, name = tempfile.mkstemp(dir=cache_folder("pixels"), prefix=".rows.", suffix=".npy")
    os.close(handle)
    path = Path(name)
    try:
        return map_rows(path, shape)
    finally:
        with suppress(OSError):  # Windows keeps an open file; the next clean-up takes it
            path.unlink()


def map_rows(path: Path, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Make an NPY file for a tensor of bytes and map it into memory, its place reserved.

    Without the reservation a disk that fills up later would end the process.

    Raises:
        MachineError: `disk_full` or `cannot_write`.
    """
    with storage_errors(path):
        rows = npy.open_memmap(path, mode="w+", dtype=np.uint8, shape=shape)
        _reserve(path, path.stat().st_size)
    return rows


def take_rows(
    pixels: NDArray[np.uint8], rows: NDArray[np.int64], *, most: int | None = None
) -> NDArray[np.uint8]:
    """Copy some rows of a tensor; all of them in their order are not copied.

    Args:
        pixels: The tensor, (N, ...).
        rows: Which to take, (n,).
        most: Bytes that may sit in memory; None for the share of pictures.
    """
    if np.array_equal(rows, np.arange(len(pixels))):
        return pixels
    shape = (len(rows), *pixels.shape[1:])
    if not exceeds_memory(shape, most=most):
        return np.ascontiguousarray(pixels[rows])
    taken = new_rows(shape, most=most)
    step = max(1, _CHUNK // math.prod(shape[1:]))
    for start in range(0, len(rows), step):
        taken[start : start + step] = pixels[rows[start : start + step]]
    return taken


def _reserve(path: Path, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        handle = os.open(path, os.O_RDWR)
        try:
            os.posix_fallocate(handle, 0, size)
        finally:
            os.close(handle)
    elif shutil.disk_usage(path.parent).free < size:
        raise MachineError("disk_full", path=path.name)
