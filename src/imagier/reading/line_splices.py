"""Real lines cut between two characters and joined anew: other texts, in the same hands.

A few hundred real lines are learnt by heart before they are understood. The left of one and the
right of another are a third, on real paper and of real ink, with a text that nobody wrote:

    1 2 . 5 0 0 |          | 3 8 . 9 8 2          1 2 . 5 | 9 8 2
            ^ cut              ^ cut         →

Where a character stands is what the reader under training says of the lines that it learns from:
the middle of its columns on the most probable path of the text that is known. Between two middles
the cut takes the column with the least ink.

>>> line = np.full((32, 60, 1), 200, np.uint8)
>>> line[8:24, [9, 10, 29, 30, 49, 50]] = 20  # three strokes
>>> places = CharacterPlaces(middles=np.float32([[10, 30, 50]]), is_sure=np.array([True]))
>>> splices = LineSplices(pixels=line[None], texts=("111",), places=places)
>>> found = splices.draw(0, np.random.default_rng(0))
>>> found.text, found.pixels.shape
('111', (32, 60, 1))
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagier.reading.ctc import best_alignments, log_probabilities
from imagier.reading.line_data import used_columns

__all__ = ["CharacterPlaces", "LineSplices", "SplicedLine", "character_places"]

SURE = -1.0  # the mean log-probability of a character, above which its place is believed
TRIES = 8  # other lines that are looked at for one that fits
NARROWEST = 4  # columns of each side

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CharacterPlaces:
    """Where the characters of lines stand.

    Attributes:
        middles: The middle of each character, in pixels from the left, (n, longest); NaN behind the
            last one.
        is_sure: Whether a line's places are to be believed, (n,).
    """

    middles: NDArray[np.float32]
    is_sure: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SplicedLine:
    """The left of one line and the right of another.

    Attributes:
        pixels: The line, (H, W, 1).
        text: What stands on it.
    """

    pixels: Pixels
    text: str


def character_places(
    probabilities: NDArray[np.floating], texts: Sequence[NDArray[np.int64]], width: int
) -> CharacterPlaces:
    """Find where the characters of known texts stand.

    Args:
        probabilities: Of each class in each column of each line, (n, columns, classes), above 0.
        texts: The classes of their characters.
        width: Pixels of a line.

    >>> columns = np.full((1, 4, 2), 0.1)
    >>> columns[0, [0, 1, 3], 0], columns[0, 2, 1] = 0.9, 0.9
    >>> character_places(columns, [np.array([1])], 16).middles.tolist()
    [[10.0]]
    """
    longest = max((len(text) for text in texts), default=0)
    middles = np.full((len(texts), longest), np.nan, np.float32)
    pixels = width / probabilities.shape[1]
    for row, spans in enumerate(best_alignments(probabilities, texts)):
        middles[row, : len(spans)] = (spans.mean(axis=1) + 0.5) * pixels
    lengths = np.array([max(len(text), 1) for text in texts])
    return CharacterPlaces(
        middles=middles, is_sure=log_probabilities(probabilities, texts) / lengths > SURE
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LineSplices:
    """Lines that can be joined anew.

    Attributes:
        pixels: Prepared lines, (n, H, W, 1).
        texts: What stands on each.
        places: Where.
    """

    pixels: Pixels
    texts: tuple[str, ...]
    places: CharacterPlaces

    def draw(self, row: int, generator: np.random.Generator) -> SplicedLine | None:
        """Join the left of a line with the right of another one.

        Args:
            row: The line whose left it is.
            generator: Where chance comes from.

        Returns:
            None where the line cannot be cut, or no other one that was looked at fits.
        """
        if not self._can_be_cut(row):
            return None
        text = self.texts[row]
        kept = int(generator.integers(1, len(text)))
        left = self.pixels[row, :, : self._cut(row, kept), 0].astype(np.float32)
        for other in generator.integers(len(self.texts), size=TRIES).tolist():
            if not self._can_be_cut(other):
                continue
            taken = int(generator.integers(1, len(self.texts[other])))
            end = int(used_columns(self.pixels[other : other + 1])[0])
            right = self.pixels[other, :, self._cut(other, taken) : end, 0].astype(np.float32)
            width = left.shape[1] + right.shape[1]
            if min(left.shape[1], right.shape[1]) < NARROWEST or width > self.pixels.shape[2]:
                continue
            joined = _joined(left, right, self.pixels.shape[2])
            return SplicedLine(pixels=joined, text=text[:kept] + self.texts[other][taken:])
        return None

    def _can_be_cut(self, row: int) -> bool:
        return len(self.texts[row]) > 1 and bool(self.places.is_sure[row])

    def _cut(self, row: int, kept: int) -> int:
        """Give the column between two characters that has the least ink, the middle one if many."""
        before, after = self.places.middles[row, kept - 1 : kept + 1]
        first, last = int(before), max(int(np.ceil(after)), int(before) + 1)
        light = self.pixels[row, :, first : last + 1, 0].sum(axis=0, dtype=np.int64)
        ink = (light.max() - light) / max(int(np.ptp(light)), 1)
        outwards = np.linspace(-1, 1, len(ink)) ** 2
        return first + int((ink + outwards / 2).argmin())


def _joined(left: NDArray[np.float32], right: NDArray[np.float32], width: int) -> Pixels:
    """Lay the right side behind the left one, its paper as light; what is left is paper."""
    paper = float(np.median(left))
    field = np.full((len(left), width, 1), paper, np.float32)
    seam = left.shape[1]
    field[:, :seam, 0] = left
    field[:, seam : seam + right.shape[1], 0] = right + (paper - float(np.median(right)))
    field[:, seam - 1 : seam + 1, 0] += field[:, [seam, seam - 1], 0]  # the seam is no edge
    field[:, seam - 1 : seam + 1, 0] /= 2
    return field.clip(0, 255).astype(np.uint8)
