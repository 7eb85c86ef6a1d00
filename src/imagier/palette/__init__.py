"""A picture in 16 colours: which 16, and what does it save? (deck, ch. 6, "Économie de mémoire").

The question. A pixel's colour takes 24 bits, three levels from 0 to 255. With a table of 16
colours, 4 bits are enough: the number of one of them. The deck's photo has 469 × 387 pixels:

>>> size = Size.of(height=387, width=469, k=16)
>>> size.colour, size.pixels, size.table, round(size.gain, 3)
(544509, 90752, 48, 5.997)

(A PNG file begins each row on a whole byte, `size.rows`: 90,945. Where a pixel is need not be
stored: it is the order of the numbers.)

The idea. Colours are points (r, g, b), and the 16 are the centres that k-means ends with under

    distance² = a·(r - r′)² + b·(g - g′)² + c·(b - b′)²,  a = b = c = 1 unless you choose

What k-means makes small is the sum over all pixels of the squared distance to their new colour.
Pixels of one colour are one point with a weight, so the pixels are counted once (`histogram`), and
counts of many pictures add up: one palette for all of them.

>>> import numpy as np
>>> pixels = np.array([[[250, 0, 0], [254, 0, 0], [0, 0, 9], [0, 0, 7]]], np.uint8)
>>> reduced = reduce_colours(pixels, 2)
>>> reduced.palette.tolist(), reduced.labels.tolist(), reduced.squared_error
([[0, 0, 8], [252, 0, 0]], [[1, 1, 0, 0]], 10)

A palette is k-means with three coordinates; `imagier.segmentation` adds the position.

Sources: E. Celebi, "Improving the performance of k-means for color quantization", 2011; and those
of the modules.
"""

from imagier.palette.histogram import Histogram, histogram, merge
from imagier.palette.indexed_png import Size, to_indexed_png
from imagier.palette.quantization import MOST_COLOURS, choose_palette
from imagier.palette.rate_distortion import (
    PALETTE_SIZES,
    RateDistortion,
    compare,
    smallest,
    ssim,
)
from imagier.palette.reduction import (
    Reduced,
    apply_palette,
    depth_of,
    psnr,
    reduce_colours,
    shared_palette,
    warm_up,
)
from imagier.palette.spaces import SPACES, Distance, from_oklab, read_colour, to_oklab

__all__ = [
    "MOST_COLOURS",
    "PALETTE_SIZES",
    "SPACES",
    "Distance",
    "Histogram",
    "RateDistortion",
    "Reduced",
    "Size",
    "apply_palette",
    "choose_palette",
    "compare",
    "depth_of",
    "from_oklab",
    "histogram",
    "merge",
    "psnr",
    "read_colour",
    "reduce_colours",
    "shared_palette",
    "smallest",
    "ssim",
    "to_indexed_png",
    "to_oklab",
    "warm_up",
]
