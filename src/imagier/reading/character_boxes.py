"""Where each character of a line stands: from the columns that name it to a box around its ink.

A reader names a character in one column or two, somewhere inside it; the columns around say blank.
Between two named columns lies a border: the column with the least ink, the middle where there is
none. From one border to the next, the box is drawn around what is darker than half-way
between paper and its ink.

>>> line = np.full((8, 20), 255, np.uint8)
>>> line[2:6, 3:6] = line[1:7, 10:14] = 0
>>> places = [("a", 1), ("b", 3)]
>>> spans = [CharacterSpan(character=c, probability=1.0, first=t, last=t) for c, t in places]
>>> character_boxes(line, spans, step=4)
[(3, 2, 6, 6), (10, 1, 14, 7)]
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from imagier.reading.decoding import CharacterSpan

__all__ = ["character_boxes"]

REACH = 1.0  # times the distance of two characters, from the middle of one to the end of its box
LEAST_CONTRAST = 24  # levels between paper and ink: less is no ink
FAINT = 0.25  # of the contrast of the line, what is darker than paper is ink when borders are found
OFF_MIDDLE = 0.5  # how much ink, as a share of the line's most, a border far from the middle costs
APART = 1 / 8  # of the line's height, a gap that parts a character from a dot or a mark beside it
EXTREMES = (0.02, 0.8)  # of a line's pixels are as dark as its ink, and as its paper


def character_boxes(
    line: NDArray[np.uint8], spans: Sequence[CharacterSpan], *, step: float
) -> list[tuple[int, int, int, int]]:
    """Find the box of each character.

    Args:
        line: The line as the reader saw it, dark on light, without what fills it up, (H, W).
        spans: Its characters, from left to right.
        step: Pixels of `line` for one column of answers.

    Returns:
        Left, top, right and bottom of each, in pixels of `line`.
    """
    if not spans:
        return []
    centres = np.array([(one.first + one.last + 1) / 2 * step for one in spans])
    dark, paper = _extremes(line)
    ink = paper - line.astype(np.float32)
    is_ink = ink > max(FAINT * (paper - dark), LEAST_CONTRAST / 2)
    borders = _borders(centres, is_ink.sum(axis=0), reach=_reach(centres, len(line)))
    return [
        _around(ink, left, right, centre, is_blank=one.character.isspace())
        for one, centre, (left, right) in zip(spans, centres.tolist(), borders, strict=True)
    ]


def _extremes(line: NDArray[np.uint8]) -> tuple[float, float]:
    """Give the levels of ink and of paper, without those of a few odd pixels."""
    counts = np.cumsum(np.bincount(line.ravel(), minlength=256))
    dark, paper = np.searchsorted(counts, [share * line.size for share in EXTREMES])
    return float(dark), float(paper)


def _reach(centres: NDArray[np.float64], height: int) -> float:
    """Give how far from its middle a character may end."""
    if len(centres) < 2:
        return float(height)
    distances = np.sort(np.diff(centres))
    return REACH * max(float(distances[len(distances) // 2]), height / 4)


def _borders(
    centres: NDArray[np.float64], ink: NDArray[np.int64], *, reach: float
) -> list[tuple[int, int]]:
    """Give the first column of each character, and the column after its last."""
    width = len(ink)
    cuts = [_cut(ink, first, second) for first, second in pairwise(centres.tolist())]
    lefts = [0, *cuts]
    rights = [*cuts, width]
    found = []
    for centre, left, right in zip(centres.tolist(), lefts, rights, strict=True):
        first = min(max(left, int(centre - reach)), width - 1)
        found.append((first, max(min(right, int(np.ceil(centre + reach))), first + 1)))
    return found


def _cut(ink: NDArray[np.int64], first: float, second: float) -> int:
    """Choose the border between two characters: little ink, and not far from the middle."""
    start, end = int(first) + 1, max(int(second), int(first) + 2)
    places = np.arange(start, min(end, len(ink)))
    if not len(places):
        return min(start, len(ink))
    middle, half = (first + second) / 2, max((second - first) / 2, 1)
    cost = (
        ink[places]
        + OFF_MIDDLE * max(int(ink.max()), 1) * (np.abs(places + 0.5 - middle) / half) ** 2
    )
    return int(places[cost.argmin()])


def _around(
    ink: NDArray[np.float32], left: int, right: int, centre: float, *, is_blank: bool
) -> tuple[int, int, int, int]:
    """Draw a box around what is darker than half-way to the darkest, and hangs together."""
    part = ink[:, left:right]
    odd = int(EXTREMES[0] * part.size)  # pixels that are darker by chance
    darkest = float(-np.partition(-part.ravel(), odd)[odd])
    if is_blank or darkest < LEAST_CONTRAST:
        return left, 0, right, len(ink)
    is_ink = part > darkest / 2
    columns = np.flatnonzero(is_ink.any(axis=0)).tolist()
    first, last = _nearest(columns, centre - left, gap=len(ink) * APART)
    rows = np.flatnonzero(is_ink[:, first : last + 1].any(axis=1))
    return left + first, int(rows[0]), left + last + 1, int(rows[-1]) + 1


def _nearest(columns: Sequence[int], centre: float, *, gap: float) -> tuple[int, int]:
    """Give the first and the last of the columns of ink that hang together nearest to a centre."""
    parts = [[columns[0], columns[0]]]
    for column in columns[1:]:
        if column - parts[-1][1] > gap:
            parts.append([column, column])
        parts[-1][1] = column
    first, last = min(parts, key=lambda one: max(one[0] - centre, centre - one[1]))
    return first, last
