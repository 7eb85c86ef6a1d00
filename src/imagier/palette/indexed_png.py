r"""Writes few colours as what they are: a PNG file with 1, 2, 4 or 8 bits a pixel.

The deck's photo, 469 × 387 pixels in 16 colours: 4 bits a pixel, and a table of 16 × 3 bytes. In a
PNG file each row begins on a whole byte; then the bytes are compressed.

>>> size = Size.of(height=387, width=469, k=16)
>>> size.bits_per_pixel, size.pixels, size.rows, size.table, round(size.gain, 3)
(4, 90752, 90945, 48, 5.997)
"""

from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image

from imagier.palette.reduction import Reduced, depth_of

__all__ = ["Size", "to_indexed_png"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """The bytes of a picture in few colours, without compression.

    Attributes:
        bits_per_pixel: Of the number of a colour: 1, 2, 4 or 8.
        pixels: The numbers, one after the other.
        rows: The same, each row beginning on a whole byte.
        table: The colours, three bytes each.
        colour: The same picture with three bytes a pixel.
    """

    bits_per_pixel: int
    pixels: int
    rows: int
    table: int
    colour: int

    @classmethod
    def of(cls, *, height: int, width: int, k: int) -> "Size":
        """Count for a picture of `height` × `width` pixels in k colours."""
        bits = depth_of(k)
        return cls(
            bits_per_pixel=bits,
            pixels=-(-height * width * bits // 8),
            rows=height * -(-width * bits // 8),
            table=3 * k,
            colour=3 * height * width,
        )

    @property
    def gain(self) -> float:
        """How many times less than three bytes a pixel, the table counted."""
        return self.colour / (self.pixels + self.table)


def to_indexed_png(reduced: Reduced) -> bytes:
    """Write a reduced picture as a PNG file, its transparent entry kept as such.

    >>> from imagier.palette.reduction import reduce_colours
    >>> photo = np.random.default_rng(0).integers(0, 256, (4, 6, 3), np.uint8)
    >>> file = to_indexed_png(reduce_colours(photo, 3))
    >>> file[24], file[25]  # the header's bits a pixel, and its kind: 3 is a palette
    (2, 3)
    """
    image = Image.fromarray(np.ascontiguousarray(reduced.labels)).convert("L")
    image.putpalette(reduced.palette.tobytes())  # as long as the palette: Pillow chooses the bits
    settings = {"transparency": b"\0"} if reduced.has_transparent else {}
    file = BytesIO()
    image.save(file, "PNG", compress_level=9, **settings)
    return file.getvalue()
