"""How much does a picture with few colours look like the one it was made from?

The mean squared error looks at pixels one by one, and PSNR is its logarithm. SSIM compares small
neighbourhoods: are they as light, as rich in contrast, and do they go up and down together?

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

import numpy as np
from numpy.typing import NDArray

__all__ = ["ssim"]

Numbers = NDArray[np.float64]
_LUMA = np.array([0.299, 0.587, 0.114])
_SIGMA, _REACH = 1.5, 3.5  # 3.5 σ on each side: 11 pixels
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def ssim(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> float:
    """Give the structural similarity of two pictures, (H, W, 3) each: 1 when they are equal."""
    x, y = (picture @ _LUMA for picture in (first, second))
    mean_x, mean_y = _blurred(x), _blurred(y)
    spread_x = _blurred(x * x) - mean_x**2
    spread_y = _blurred(y * y) - mean_y**2
    common = _blurred(x * y) - mean_x * mean_y
    light = (2 * mean_x * mean_y + _C1) / (mean_x**2 + mean_y**2 + _C1)
    form = (2 * common + _C2) / (spread_x + spread_y + _C2)
    return float((light * form).mean())


def _blurred(numbers: Numbers) -> Numbers:
    from scipy.ndimage import gaussian_filter

    blurred: Numbers = gaussian_filter(numbers, _SIGMA, truncate=_REACH)
    return blurred
