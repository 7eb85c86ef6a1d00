"""What follows a convolution: ReLU clears the negative, max-pooling keeps each block's greatest.

>>> int(max_pool([[5, 3], [2, 1]], 2)[0, 0])
5
>>> relu([[-4.0, 11.3]]).tolist()
[[0.0, 11.3]]

Source: the deck, chapter 5.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imagier.errors import UsageError

__all__ = ["max_pool", "relu"]


def relu(numbers: ArrayLike) -> NDArray[np.float64]:
    """Replace what is negative by zero: max(0, x).

    >>> relu([[-36, 51], [0, -61]]).tolist()
    [[0.0, 51.0], [0.0, 0.0]]
    """
    return np.maximum(np.asarray(numbers, np.float64), 0.0)


def max_pool(numbers: ArrayLike, size: int) -> NDArray[np.float64]:
    """Cut a picture into square blocks and keep the greatest number of each.

    Args:
        numbers: The picture, (H, W) or (H, W, K); each of the K is pooled alone.
        size: Side of the blocks, in pixels.

    Returns:
        The picture of the greatest, (H // size, W // size) or with K behind; rows and columns left
        over are dropped.

    Raises:
        UsageError: `pool_too_large`, when not one block fits; `pool_size`.

    >>> max_pool([[5, 3, 0, 1, 9], [2, 1, 4, 2, 9]], 2).tolist()
    [[5.0, 4.0]]
    """
    picture = np.asarray(numbers, np.float64)
    if size < 1:
        raise UsageError("pool_size", received=size)
    height, width = picture.shape[0] // size, picture.shape[1] // size
    if height < 1 or width < 1:
        shown = " × ".join(map(str, picture.shape[:2]))
        raise UsageError("pool_too_large", size=size, picture=shown)
    whole = picture[: height * size, : width * size]
    blocks = whole.reshape(height, size, width, size, *picture.shape[2:])
    greatest: NDArray[np.float64] = blocks.max(axis=(1, 3))
    return greatest
