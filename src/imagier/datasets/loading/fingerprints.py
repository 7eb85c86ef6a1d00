"""Names for pictures by their pixels: two pictures have one name when they are identical.

The name is made from the decoded, upright pixels before they are brought to the input's size, with
their height, width and number of channels. The same picture saved as PNG and as BMP, or standing in
an array, has one name; its files have two.

>>> import numpy as np
>>> red = np.zeros((2, 3, 3), dtype=np.uint8)
>>> red[..., 0] = 255
>>> pixel_hash(red) == row_hashes(red[np.newaxis])[0]
True
>>> pixel_hash(red) == pixel_hash(red.reshape(3, 2, 3))
False
"""

import hashlib
import math
import struct

import numpy as np
from numpy.typing import NDArray

__all__ = ["pixel_hash", "row_hashes"]

_BYTES = 16


def pixel_hash(pixels: NDArray[np.uint8]) -> str:
    """Name one picture, (H, W, C), by 32 hexadecimal digits."""
    digest = _begin(pixels.shape)
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.digest()[:_BYTES].hex()


def row_hashes(array: NDArray[np.uint8]) -> NDArray[np.str_]:
    """Name all pictures of an array, (N, H, W, C), as `pixel_hash` does, but fast."""
    count, size = len(array), math.prod(array.shape[1:])
    content = np.ascontiguousarray(array).reshape(-1).data
    begin = _begin(array.shape[1:])
    digests = bytearray()
    for row in range(count):
        digest = begin.copy()
        digest.update(content[row * size : (row + 1) * size])
        digests += digest.digest()[:_BYTES]
    letters = np.frombuffer(digests.hex().encode("ascii"), dtype=f"S{2 * _BYTES}")
    return letters.astype(f"U{2 * _BYTES}")


def _begin(shape: tuple[int, ...]) -> "hashlib._Hash":
    return hashlib.sha256(struct.pack(f"<{len(shape)}I", *shape))
