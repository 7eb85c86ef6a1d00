"""Ink and page told apart, in uneven light.

A photographed page is never white: the light falls from one side, a hand throws its shadow. But a
page is wide and a stroke is narrow. Closing (the largest level around each pixel, then the smallest
of these) fills every dark stroke narrower than its window and leaves the page with its light and
its shadows; the light that is missing against it was taken by ink. A blackboard is the same with
black and white exchanged.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from imagier.images.windows import closing, largest_near, smallest_near

__all__ = ["ink_share"]

_WINDOW = 0.27  # of the longer side: strokes are narrower, shadows and tables wider
_COARSE = 120  # longer side on which the page is estimated
_TINY = 60
_CLOSE = 0.25  # share of the border that has ink near it: the picture is cut close to the sign
_AGREED = 0.85  # share of that border which is on the same side of grey
_DIM = 10.0  # levels: below, a ratio of two levels is mostly noise

Levels = NDArray[np.float32]


def ink_share(grey: NDArray[np.uint8]) -> Levels:
    """Tell which share of the page's light the ink takes, from 0 (page) towards 1, (H, W).

    Args:
        grey: Ink on a page, or chalk on a board, (H, W), 0 to 255.
    """
    image = Image.fromarray(grey)
    levels = np.asarray(image.filter(ImageFilter.BoxBlur(max(image.size) / 1000)), dtype=np.float32)
    coarse = image.reduce(max(1, max(image.size) // _COARSE))
    dark, page = _page(coarse)
    ratio = (levels + _DIM) / (_enlarged(Image.fromarray(page), image.size) + _DIM)
    return np.maximum(1 - ratio if dark else 1 - 1 / ratio, 0)


def _page(coarse: Image.Image) -> tuple[bool, Levels]:
    """Tell whether the ink is dark, and the level of the page under it."""
    levels = np.asarray(coarse, dtype=np.float32)
    radius = max(2, round(_WINDOW * max(levels.shape) / 2))
    dark = _by_border(levels, radius)
    if dark is None:
        dark = _by_surroundings(coarse)
    else:
        radius *= 2
    page = closing(levels if dark else -levels, radius)
    return dark, np.abs(smallest_near(page, 1))


def _by_border(levels: Levels, radius: int) -> bool | None:
    """Where the picture is cut close to the sign: compare the border with what is near it."""
    sharp = largest_near(levels, 1) - smallest_near(levels, 1)
    near_ink = _edges(largest_near(sharp, radius)) > sharp.max() / 2
    middle = (largest_near(levels, radius) + smallest_near(levels, radius)) / 2
    if near_ink.mean() < _CLOSE:
        return None
    lighter = float((_edges((levels - middle).astype(np.float32))[near_ink] > 0).mean())
    return lighter > 0.5 if max(lighter, 1 - lighter) > _AGREED else None


def _edges(levels: Levels) -> Levels:
    return np.concatenate([levels[0], levels[-1], levels[:, 0], levels[:, -1]])


def _by_surroundings(coarse: Image.Image) -> bool:
    """Compare with the median level around: ink covers less than half of any large window."""
    tiny = coarse.reduce(max(1, max(coarse.size) // _TINY))
    window = 2 * round(_WINDOW * max(tiny.size) / 2) + 1
    around = _enlarged(tiny.filter(ImageFilter.MedianFilter(window)), coarse.size)
    difference = np.asarray(coarse, dtype=np.float32) - around
    return bool((difference**3).sum() <= 0)  # cubed: noise and shadows cancel, strokes stay


def _enlarged(image: Image.Image, size: tuple[int, int]) -> Levels:
    return np.asarray(image.resize(size, Image.Resampling.BILINEAR), dtype=np.float32)
