"""Segmentation: which pixels of a picture belong together? (deck, ch. 6).

The question. A palette groups colours wherever they are. To find *things*, pixels should also lie
near each other.

The idea. A pixel is a point with five coordinates, (x, y, r, g, b), and the deck's distance says
what place and colour count:

    distance² = l·(x - x′)² + l·(y - y′)² + a·(r - r′)² + b·(g - g′)² + c·(b - b′)²

K-means under this distance gives the segments. With l = 0 only colour counts; the larger l, the
more compact the segments. l depends on the size of the picture, as x and y are pixels; `balanced`
makes the longer side count as much as the way from black to white.

Two pixels, three steps to the right and one down, redder by 10, with l = 2 and a = b = c = 1:

>>> p, q = (0, 0, 100, 50, 50), (3, 1, 110, 50, 50)
>>> l = 2
>>> sum(weight * (one - other) ** 2 for weight, one, other in zip((l, l, 1, 1, 1), p, q))
120

Source: the deck; the coarse-to-fine road is an old habit of picture processing. SLIC (R.
Achanta and others, 2012) is the same k-means, each centre looking at its surroundings only.
"""

from imagier.segmentation.regions import Region, describe, flat, mask_of, outlined, outlines
from imagier.segmentation.segments import (
    MOST_SEGMENTS,
    NOWHERE,
    Segments,
    Weights,
    balanced,
    segment,
    warm_up,
)

__all__ = [
    "MOST_SEGMENTS",
    "NOWHERE",
    "Region",
    "Segments",
    "Weights",
    "balanced",
    "describe",
    "flat",
    "mask_of",
    "outlined",
    "outlines",
    "segment",
    "warm_up",
]
