"""The gradient map: how the answer changes where the picture grows a little brighter.

Hiding a place changes it altogether; the gradient asks for the smallest step. Cell by cell all
pixels are made a little brighter and a little darker, and the two answers are compared:

    slope = (odds of the brighter one - odds of the darker one) / difference of their brightness

The odds are those of the class against all others, as a logarithm: a probability near 100 % hardly
moves, its odds do. Two answers a cell are all it takes, for every network and without its inside;
where a cell is one pixel, as in pictures of 8 × 8, that is the gradient itself, as far as steps of
one level allow, and else its mean over the cell.

Source: K. Simonyan, A. Vedaldi, A. Zisserman, "Deep inside convolutional networks", 2014; the
quotient is that of `imagier derive`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from imagier.recognizer.engine import held_batch

if TYPE_CHECKING:
    from imagier.recognizer import Recognizer

__all__ = ["GradientMap", "gradient_map"]

MOST_CELLS = 14  # along a side
STEP = 1 / 32  # of the full scale, one level at least
SMALLEST = 1e-30  # probability, whose logarithm is taken


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GradientMap:
    """How fast the odds of a class rise with the brightness of each cell.

    Attributes:
        cell: Height and width of a cell, in pixels of the input; those at the end may be smaller.
        step: Levels by which cells were made brighter and darker.
        slopes: What the logarithm of the odds gains from black to white, if it went on rising so,
            (A, B).
        size: Height and width of the input.
    """

    cell: tuple[int, int]
    step: int
    slopes: NDArray[np.float64]
    size: tuple[int, int]

    @property
    def steepest(self) -> tuple[int, int]:
        """The cell, in `slopes`, where brightness counts most, for the class or against it."""
        row, column = np.unravel_index(int(np.abs(self.slopes).argmax()), self.slopes.shape)
        return int(row), int(column)

    def by_pixel(self) -> NDArray[np.float64]:
        """Give each pixel the slope of its cell, (H, W)."""
        high, wide = self.cell
        wide_rows = np.repeat(self.slopes, high, axis=0)[: self.size[0]]
        return np.repeat(wide_rows, wide, axis=1)[:, : self.size[1]]


def gradient_map(
    recognizer: "Recognizer",
    pixels: NDArray[np.uint8],
    target: int,
    *,
    progress: Callable[[int, int], object] | None = None,
) -> GradientMap:
    """Make cell after cell a little brighter and darker, and see what becomes of a class's odds.

    Args:
        recognizer: Who is asked.
        pixels: The picture as the network gets it, (H, W, C).
        target: The class, as a position.
        progress: Called with the cells done and the cells in all.
    """
    height, width = pixels.shape[:2]
    cell = -(-height // MOST_CELLS), -(-width // MOST_CELLS)
    tops, lefts = range(0, height, cell[0]), range(0, width, cell[1])
    places = [np.s_[top : top + cell[0], left : left + cell[1]] for top in tops for left in lefts]
    white = recognizer.prepare.full_scale
    step = max(1, round(STEP * white))
    slopes = np.zeros(len(places))
    batch = max(1, held_batch(pixels.size, most=64) // 2)
    for start in range(0, len(places), batch):
        some = places[start : start + batch]
        changed = np.repeat(pixels[np.newaxis], 2 * len(some), axis=0).astype(np.int16)
        for at, place in enumerate(some):
            changed[2 * at][place] += step
            changed[2 * at + 1][place] -= step
        changed = changed.clip(0, white)  # white cells only become darker, black ones brighter
        odds = _log_odds(recognizer.probabilities(changed.astype(np.uint8)), target)
        for at, place in enumerate(some):
            brighter, darker = (float(changed[2 * at + i][place].mean()) for i in (0, 1))
            rise = odds[2 * at] - odds[2 * at + 1]
            slopes[start + at] = rise / max(brighter - darker, 1 / white) * white
        if progress:
            progress(start + len(some), len(places))
    return GradientMap(
        cell=cell,
        step=step,
        slopes=slopes.reshape(len(tops), len(lefts)),
        size=(height, width),
    )


def _log_odds(probabilities: NDArray[np.floating], target: int) -> NDArray[np.float64]:
    """Give the logarithm of a class's odds against all others, (n,)."""
    table = probabilities.astype(np.float64)
    others = np.delete(table, target, axis=1).sum(axis=1)
    one, rest = np.maximum(table[:, target], SMALLEST), np.maximum(others, SMALLEST)
    odds: NDArray[np.float64] = np.log(one) - np.log(rest)
    return odds
