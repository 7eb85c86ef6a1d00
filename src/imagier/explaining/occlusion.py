"""The occlusion map: which places of a picture does an answer hang on?

A patch hides the picture place by place, and the network is asked again each time. Where the
probability of the answer falls, the network had looked; where it rises, something spoke against it.
That works for every network, since nothing of its inside is needed.

A large patch finds what is large, a small one says where it is. The patch begins at a sixth of each
side; where hiding so little changes hardly anything, a third and a half are tried.

Source: M. D. Zeiler and R. Fergus, "Visualizing and understanding convolutional networks", 2014.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from imagier.recognizer.engine import held_batch

if TYPE_CHECKING:
    from imagier.recognizer import Recognizer

__all__ = ["OcclusionMap", "occlusion_map"]

SHARES = (1 / 6, 1 / 3, 1 / 2)  # of each side, tried in this order
ENOUGH = 0.05  # a fall of the probability with which one need not try a larger patch
STEPS = 18  # by which a patch moves over a side, whatever its size


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OcclusionMap:
    """What became of the answer when each place was hidden.

    Attributes:
        patch: Height and width of what was hidden, in pixels of the input.
        tops: The first rows that were hidden, (A,).
        lefts: The first columns that were hidden, (B,).
        before: The probability of the class with nothing hidden, 0..1.
        probabilities: The same with each place hidden, (A, B).
        answers: The class that was then answered, as a position, (A, B).
        size: Height and width of the input.
    """

    patch: tuple[int, int]
    tops: NDArray[np.int64]
    lefts: NDArray[np.int64]
    before: float
    probabilities: NDArray[np.float64]
    answers: NDArray[np.int64]
    size: tuple[int, int]

    @property
    def falls(self) -> NDArray[np.float64]:
        """By how much the probability fell, (A, B); negative where it rose."""
        falls: NDArray[np.float64] = self.before - self.probabilities
        return falls

    @property
    def deepest(self) -> tuple[int, int]:
        """The place, in `falls`, where the probability fell most."""
        row, column = np.unravel_index(int(self.falls.argmax()), self.falls.shape)
        return int(row), int(column)

    def by_pixel(self) -> NDArray[np.float64]:
        """Give each pixel the mean fall of the patches that hid it, (H, W)."""
        total, count = np.zeros(self.size), np.zeros(self.size)
        high, wide = self.patch
        for row, top in enumerate(self.tops):
            for column, left in enumerate(self.lefts):
                place = np.s_[top : top + high, left : left + wide]
                total[place] += self.falls[row, column]
                count[place] += 1
        mean: NDArray[np.float64] = total / count
        return mean


def occlusion_map(
    recognizer: "Recognizer",
    pixels: NDArray[np.uint8],
    target: int,
    *,
    patch: int | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> OcclusionMap:
    """Hide a picture place by place and see what becomes of a class's probability.

    What hides has the picture's mean colour; on ink it is paper.

    Args:
        recognizer: Who is asked.
        pixels: The picture as the network gets it, (H, W, C).
        target: The class, as a position.
        patch: Side of what hides, in pixels; None chooses it by what it changes.
        progress: Called with the places done and the places in all.
    """
    height, width = pixels.shape[:2]
    patches = [(patch, patch)] if patch else [_share(height, width, share) for share in SHARES]
    for tried in patches:
        found = _with_patch(recognizer, pixels, target, tried, progress)
        if found.falls.max() >= ENOUGH:
            break
    return found


def _with_patch(
    recognizer: "Recognizer",
    pixels: NDArray[np.uint8],
    target: int,
    patch: tuple[int, int],
    progress: Callable[[int, int], object] | None,
) -> OcclusionMap:
    tops, lefts = map(_starts, pixels.shape[:2], patch)
    places = [(top, left) for top in tops for left in lefts]
    hiding = _hiding_colour(recognizer, pixels)
    before = recognizer.probabilities(pixels[np.newaxis])[0, target]
    probabilities, answers = np.zeros(len(places)), np.zeros(len(places), np.int64)
    batch = held_batch(pixels.size, most=64)
    for start in range(0, len(places), batch):
        some = places[start : start + batch]
        hidden = np.repeat(pixels[np.newaxis], len(some), axis=0)
        for one, (top, left) in zip(hidden, some, strict=True):
            one[top : top + patch[0], left : left + patch[1]] = hiding
        answered = recognizer.probabilities(hidden)
        probabilities[start : start + batch] = answered[:, target]
        answers[start : start + batch] = answered.argmax(axis=1)
        if progress:
            progress(start + len(some), len(places))
    shape = len(tops), len(lefts)
    return OcclusionMap(
        patch=patch,
        tops=tops,
        lefts=lefts,
        before=float(before),
        probabilities=probabilities.reshape(shape),
        answers=answers.reshape(shape),
        size=(pixels.shape[0], pixels.shape[1]),
    )


def _share(height: int, width: int, share: float) -> tuple[int, int]:
    """Give a share of both sides, two pixels at least where there are as many."""
    high, wide = (min(side, max(2, round(share * side))) for side in (height, width))
    return high, wide


def _starts(length: int, patch: int) -> NDArray[np.int64]:
    """Give the places of a patch along a side, a step apart, the last at the end."""
    step = min(patch, max(1, round(length / STEPS)))
    starts = np.arange(0, length - patch + 1, step)
    return np.unique([*starts, length - patch])


def _hiding_colour(recognizer: "Recognizer", pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if recognizer.prepare.ink:
        return np.zeros(pixels.shape[2], np.uint8)
    mean: NDArray[np.uint8] = np.rint(pixels.mean(axis=(0, 1))).astype(np.uint8)
    return mean
