"""Pictures that already stand in one array: IDX and NPZ files and the named sets made of them.

All pictures have one size, so the whole set is a single tensor `(N, H, W, C)` of bytes; `loading`
takes it as it is, without decoding picture after picture.
"""

import numpy as np
from numpy.typing import NDArray

from imagier.files import content_hash
from imagier.images import Picture

__all__ = ["ArrayPictures"]


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

    def content_hash(self, index: int) -> str:
        """Name a picture by the bytes of its row."""
        return content_hash(self.array[index].tobytes())

    def picture(self, index: int, wanted: tuple[int, int] | None = None) -> Picture:  # noqa: ARG002
        """Give one picture as it stands in the array."""
        return Picture(pixels=self.array[index], format="ARRAY", notes=())
