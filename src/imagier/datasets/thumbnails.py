"""The 64 × 64 thumbnails that `splitting/similarity.py` compares for near-duplicates.

A thumbnail is made from the decoded picture, before `prepare`, so that the same pictures resemble
each other whether the network takes 28 or 384 pixels. The picture is stretched to the square: its
copies are stretched alike. A picture whose short side is under 64 pixels has none, since it has too
little detail to be known by; where others of its set have one, its own is black.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imagier.datasets.tensor import new_rows
from imagier.images import rescale
from imagier.machine import parallel_map

__all__ = ["MOST_IN_MEMORY", "SIDE", "make_thumbnail", "make_thumbnails"]

SIDE = 64
MOST_IN_MEMORY = 256 << 20  # bytes of thumbnails; more of them sit on the disk
_ROWS = 64  # pictures for one question to a thread


def make_thumbnail(pixels: NDArray[np.uint8], *, scale: int = 255) -> NDArray[np.uint8] | None:
    """Make the thumbnail of a picture, (H, W, C); None where it is too small to have one.

    Args:
        pixels: The decoded picture.
        scale: The level that is white in it.

    Returns:
        Red, green, blue from 0 to 255, (64, 64, 3).

    >>> make_thumbnail(np.zeros((90, 63, 3), np.uint8)) is None
    True
    >>> make_thumbnail(np.full((64, 300, 1), 16, np.uint8), scale=16)[0, 0].tolist()
    [255, 255, 255]
    """
    if min(pixels.shape[:2]) < SIDE:
        return None
    is_grey = pixels.shape[2] == 1
    image = Image.fromarray(pixels[:, :, 0] if is_grey else pixels)
    image = image.resize((SIDE, SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
    small = np.asarray(image).reshape(SIDE, SIDE, -1)
    return rescale(np.repeat(small, 3, axis=2) if is_grey else small, scale, 255)


def make_thumbnails(array: NDArray[np.uint8], *, scale: int = 255) -> NDArray[np.uint8] | None:
    """Make the thumbnails of pictures of one size, (N, H, W, C); None where they are too small."""
    if min(array.shape[1:3]) < SIDE:
        return None
    thumbnails = new_rows((len(array), SIDE, SIDE, 3))

    def make(part: slice) -> None:
        for row in range(len(array))[part]:
            if (thumbnail := make_thumbnail(array[row], scale=scale)) is not None:
                thumbnails[row] = thumbnail

    for _ in parallel_map(make, _parts(len(array))):
        pass
    return thumbnails


def _parts(count: int) -> Iterator[slice]:
    for start in range(0, count, _ROWS):
        yield slice(start, start + _ROWS)
