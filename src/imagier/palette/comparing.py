"""How many colours? Not a secret to find out but a price to choose: what each number costs, buys.

The bits a pixel only grow at 2, 4, 16 and 256 colours, so 16 cost hardly more than 9.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from imagier.palette.choosing import MOST_COLOURS
from imagier.palette.indexed_png import to_indexed_png
from imagier.palette.likeness import ssim
from imagier.palette.reducing import Pixels, Reduced

__all__ = ["LADDER", "Rung", "compare", "smallest"]

LADDER = (2, 4, 8, 16, 32, 64, 128, 256)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
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


def compare(pixels: Pixels, ks: Sequence[int], reduce: Callable[[int], Reduced]) -> Iterator[Rung]:
    """Reduce a picture to several numbers of colours, one after the other.

    Args:
        pixels: The picture, (H, W, 3).
        ks: The numbers, growing; the rest is left out once nothing is lost.
        reduce: Gives the picture with k colours.
    """
    for k in ks:
        reduced = reduce(k)
        yield Rung(
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


def _is_enough(reduced: Reduced, decibels: float) -> bool:
    return reduced.psnr is None or reduced.psnr >= decibels


def _on_white(reduced: Reduced) -> Pixels:
    """Give the picture as it looks on a white page."""
    palette = reduced.palette.copy()
    if reduced.has_transparent:
        palette[0] = 255
    return palette[reduced.labels]
