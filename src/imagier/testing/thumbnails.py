"""Small pictures for the report: what the recogniser saw, not what was photographed.

They are made again from the prepared pixels, so nothing of the user's file goes with them: no
position, no camera, no comment.
"""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["thumbnail"]


def thumbnail(pixels: NDArray[np.uint8], *, full_scale: int = 255, largest: int = 96) -> bytes:
    """Write one prepared picture as a PNG file.

    Args:
        pixels: One picture, (H, W, C), C 1 or 3, grey levels or colours in 0..full_scale.
        full_scale: The level that means white.
        largest: The longer side is brought down to this; smaller pictures keep their size.
    """
    levels = np.rint(pixels.astype(np.float32) * (255 / full_scale)).clip(0, 255).astype(np.uint8)
    picture = Image.fromarray(levels[..., 0] if levels.shape[2] == 1 else levels)
    if max(picture.size) > largest:
        picture.thumbnail((largest, largest), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()
