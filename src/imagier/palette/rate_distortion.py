"""How many colours? Not a secret to find out but a price to choose: what each number costs, buys.

The bits a pixel only grow at 2, 4, 16 and 256 colours, so 16 cost hardly more than 9. What they buy
is likeness. The mean squared error looks at pixels one by one, and PSNR is its logarithm. SSIM
compares small neighbourhoods: are they as light, as rich in contrast, and do they go up and down
together?

    SSIM = (2·μₓ·μᵧ + C₁)·(2·σₓᵧ + C₂) / ((μₓ² + μᵧ² + C₁)·(σₓ² + σᵧ² + C₂))

C₁ = 2.55² and C₂ = 7.65² keep it from dividing by nearly nothing. Means, variances and the
covariance are taken under a Gaussian of 11 × 11 pixels around each pixel, on the luma; the picture
is mirrored at its edges, and the mean over all pixels is the figure.

Source: Z. Wang and others, "Image quality assessment: from error visibility to structural
similarity", IEEE Trans. Image Processing 13 (2004).

>>> page = np.full((16, 16, 3), 200, np.uint8)
>>> ssim(page, page), round(ssim(page, page // 2), 4)
(1.0, 0.8)
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagier.palette.indexed_png import to_indexed_png
from imagier.palette.quantization import MOST_COLOURS
from imagier.palette.reduction import Pixels, Reduced

__all__ = ["PALETTE_SIZES", "RateDistortion", "compare", "smallest", "ssim"]

Numbers = NDArray[np.float64]
PALETTE_SIZES = (2, 4, 8, 16, 32, 64, 128, 256)
_LUMA = np.array([0.299, 0.587, 0.114])
_SIGMA, _REACH = 1.5, 3.5  # 3.5 σ on each side: 11 pixels
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


@dataclass(frozen=True, slots=True, kw_only=True)
class RateDistortion:
    """What a number of colours costs and gives.

    Attributes:
        k: Entries of the palette.
        bits_per_pixel: In a PNG file.
        mse: Mean squared error of one level.
        psnr: In decibels; None where nothing is lost.
        ssim: Structural similarity, at most 1.
        bytes: Of the PNG file.
    """

    k: int
    bits_per_pixel: int
    mse: float
    psnr: float | None
    ssim: float
    bytes: int


def compare(
    pixels: Pixels, ks: Sequence[int], reduce: Callable[[int], Reduced]
) -> Iterator[RateDistortion]:
    """Reduce a picture to several numbers of colours, one after the other.

    Args:
        pixels: The picture, (H, W, 3).
        ks: The numbers, growing; the rest is left out once nothing is lost.
        reduce: Gives the picture with k colours.
    """
    for k in ks:
        reduced = reduce(k)
        yield RateDistortion(
            k=len(reduced.palette),
            bits_per_pixel=reduced.depth,
            mse=reduced.mse,
            psnr=reduced.psnr,
            ssim=ssim(pixels, _on_white(reduced)),
            bytes=len(to_indexed_png(reduced)),
        )
        if reduced.squared_error == 0:
            return


def smallest(
    reduce: Callable[[int], Reduced], decibels: float, *, least: int = 1
) -> Reduced | None:
    """Find the smallest number of colours whose PSNR is high enough, by halving the interval.

    Args:
        reduce: Gives the picture with k colours.
        decibels: The PSNR to reach.
        least: The smallest number to try.

    Returns:
        The picture; None when 256 colours are not enough.
    """
    low, high = least, MOST_COLOURS
    best = reduce(high)
    if not _is_enough(best, decibels):
        return None
    high = len(best.palette)
    while low < high:
        middle = (low + high) // 2
        reduced = reduce(middle)
        if _is_enough(reduced, decibels):
            best, high = reduced, middle
        else:
            low = middle + 1
    return best


def ssim(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> float:
    """Give the structural similarity of two pictures, (H, W, 3) each: 1 when they are equal."""
    x, y = (picture @ _LUMA for picture in (first, second))
    mean_x, mean_y = _blurred(x), _blurred(y)
    variance_x = _blurred(x * x) - mean_x**2
    variance_y = _blurred(y * y) - mean_y**2
    covariance = _blurred(x * y) - mean_x * mean_y
    light = (2 * mean_x * mean_y + _C1) / (mean_x**2 + mean_y**2 + _C1)
    form = (2 * covariance + _C2) / (variance_x + variance_y + _C2)
    return float((light * form).mean())


def _is_enough(reduced: Reduced, decibels: float) -> bool:
    return reduced.psnr is None or reduced.psnr >= decibels


def _on_white(reduced: Reduced) -> Pixels:
    """Give the picture as it looks on a white page."""
    palette = reduced.palette.copy()
    if reduced.has_transparent:
        palette[0] = 255
    return palette[reduced.labels]


def _blurred(numbers: Numbers) -> Numbers:
    from scipy.ndimage import gaussian_filter

    blurred: Numbers = gaussian_filter(numbers, _SIGMA, truncate=_REACH)
    return blurred
