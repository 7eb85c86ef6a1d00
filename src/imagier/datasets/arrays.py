"""Pictures that already stand in one array: IDX and NPZ files and the named sets made of them.

All pictures have one size, so the whole set is a single tensor `(N, H, W, C)` of bytes; `loading`
takes it as it is, without decoding picture after picture.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from imagier.errors import DataError
from imagier.images import Picture
from imagier.machine import available_memory

__all__ = ["ArrayPictures", "check_fits"]

MAX_ARRAY = 16 * 2**30  # bytes
SMALL_ARRAY = 256 * 2**20  # bytes that a file may hold however small it is itself
MOST_SHRUNK = 120  # sets of simple shapes are 113 times smaller when compressed
ROW = 256  # bytes that a picture takes beside its pixels: its name, its label, its part


class ArrayPictures:
    """The rows of an array as pictures.

    Attributes:
        array: The pictures, `(N, H, W, C)` uint8, C being 1 or 3.
    """

    __slots__ = ("array",)

    def __init__(self, array: NDArray[np.uint8]) -> None:
        self.array = array

    def __len__(self) -> int:
        return len(self.array)

    def read(self, index: int) -> bytes:
        """Give the bytes of one row."""
        return bytes(self.array[index].tobytes())

    def decode(
        self,
        index: int,
        content: bytes,  # noqa: ARG002 - the row itself is there
        wanted: tuple[int, int] | None = None,  # noqa: ARG002
        white: int | None = None,  # noqa: ARG002
    ) -> Picture:
        """Give one picture as it stands in the array."""
        pixels = self.array[index]
        return Picture(pixels=pixels, format="ARRAY", size=(pixels.shape[0], pixels.shape[1]))


def check_fits(shape: Sequence[int], itemsize: int = 1, *, stored: int, path: str) -> None:
    """Refuse an array that would fill this machine's memory, before it is read.

    Args:
        shape: What the file's header says, one row a picture or a label.
        itemsize: Bytes of one number.
        stored: Bytes of the file: a small one that announces much is made to swell.
        path: How the file is called in the message.

    Raises:
        DataError: `array_too_large`.
    """
    rows, row = (shape[0], math.prod(shape[1:])) if shape else (1, 1)
    size = rows * (row * itemsize + ROW)
    most = min(MAX_ARRAY, available_memory() // 4)
    limit = min(most, max(SMALL_ARRAY, MOST_SHRUNK * stored))
    if size > limit:
        raise DataError("array_too_large", path=path, size=size >> 20, limit=limit >> 20)
