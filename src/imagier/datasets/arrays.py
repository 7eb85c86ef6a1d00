"""Pictures that already stand in one array: IDX and NPZ files and the named sets made of them.

All pictures have one size, so the whole set is a single tensor `(N, H, W, C)` of bytes; `loading`
takes it as it is, without decoding picture after picture.
"""

import numpy as np
from numpy.typing import NDArray

from imagier.errors import DataError
from imagier.images import Picture
from imagier.machine import available_memory

__all__ = ["ArrayPictures", "check_fits"]

MAX_ARRAY = 16 * 2**30


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
    ) -> Picture:
        """Give one picture as it stands in the array."""
        pixels = self.array[index]
        return Picture(pixels=pixels, format="ARRAY", size=(pixels.shape[0], pixels.shape[1]))


def check_fits(size: int, *, path: str) -> None:
    """Refuse an array whose declared size would fill this machine's memory, before it is read.

    Args:
        size: What the file's header says, in bytes.
        path: How the file is called in the message.

    Raises:
        DataError: `array_too_large`.
    """
    limit = min(MAX_ARRAY, available_memory() // 2)
    if size > limit:
        raise DataError("array_too_large", path=path, size=size >> 20, limit=limit >> 20)
