"""Finds the lines of writing on a page: a white sheet or a form, scanned or photographed.

The ink of the page is laid straight (`page_ink`) and printed rules are taken off it (`page_rules`).
What hangs together then is a character, or a few of them, or a speck. Two that stand side by side,
at about one height and no farther apart than words are, belong to one line.

>>> page = np.full((300, 400, 1), 255, np.uint8)
>>> for x in range(60, 220, 20):
...     page[100:124, x : x + 12] = 0
>>> [line.box() for line in find_page_lines(page)]
[(56, 96, 216, 128)]
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagier.images.morphology import label_blobs
from imagier.reading.page_ink import PageInk, straight_ink
from imagier.reading.page_line import PageLine
from imagier.reading.page_rules import without_rules

__all__ = ["find_page_lines"]

LEAST_ROWS = 5  # pixels of the smaller page, the lowest character
MOST_PIECES = 20_000
MOST_TRIALS, ALIKE = 4, 0.8  # to find the height of characters, until two agree so far
LARGEST, UNKNOWN = 1 / 5, 1 / 50  # of the page's height, a character; and where nobody knows
SPARSE = 0.1  # of its box is ink, at least, in a character
BAR, SOLID = 3.0, 0.6  # times as wide as high, and filled so far: no character
LOW, HIGH = 0.35, 3.5  # times the height of most characters: what is lower is a dot
GAP = 1.8  # times the higher of two characters, the widest gap within a line
OVERLAP = 0.4  # of the lower of two characters, at one height with the other
UNLIKE = 2.6  # times as high as its neighbour, a character
NEAR = 0.35  # times the height of a line, around it: a dot there is its own
LEAST_DOT, FLAT = 0.1, 4.0  # times the usual height, a dot's height, at least; its width over it
LEAST_ALONE, STICK = 0.6, 0.12  # times the usual height, its height; its width over its height:
# those of a character that stands alone, at least
NARROW = 0.5  # times its height, the narrowest line of several characters
MARGIN = 0.12  # of its height, the paper around a line

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Pieces:
    """What hangs together: left, top, right, bottom of each, (n, 4), and its pixels of ink, (n)."""

    boxes: Numbers
    area: Numbers

    @property
    def widths(self) -> Numbers:
        return self.boxes[:, 2] - self.boxes[:, 0]

    @property
    def heights(self) -> Numbers:
        return self.boxes[:, 3] - self.boxes[:, 1]

    def take(self, kept: NDArray[np.bool_]) -> "_Pieces":
        return _Pieces(boxes=self.boxes[kept], area=self.area[kept])


def find_page_lines(pixels: NDArray[np.uint8]) -> list[PageLine]:
    """Find the lines of a page, from the top; those at one height from the left.

    Args:
        pixels: The page, (H, W, C).

    Returns:
        The lines, each with some paper around it; none where there is no writing.
    """
    ink = straight_ink(pixels)
    pieces, height = _characters(ink.mask)
    bodies = pieces.take(_are_bodies(pieces, height))
    boxes = [_around(bodies, group) for group in _groups(bodies) if _is_line(bodies, group, height)]
    boxes = _with_dots(_merged(boxes), pieces, height)
    return [_on_page(box, ink) for box in _in_order(boxes)]


def _characters(mask: NDArray[np.bool_]) -> tuple[_Pieces, float]:
    """Give the pieces that are left without rules, and the height of most characters.

    Small frames look like characters until they are taken off as what is long for smaller ones.
    """
    pieces = _pieces_of(mask)
    height = _usual_height(pieces, len(mask))
    for _ in range(MOST_TRIALS):
        before = height
        pieces = _pieces_of(without_rules(mask, before))
        height = _usual_height(pieces, len(mask))
        if ALIKE * before <= height <= before / ALIKE:
            break
    return pieces, height


def _pieces_of(mask: NDArray[np.bool_]) -> _Pieces:
    labels, count = label_blobs(mask)
    area = np.bincount(labels.ravel(), minlength=count + 1)[1:].astype(np.float64)
    boxes = np.empty((count, 4))
    boxes[:, :2], boxes[:, 2:] = np.inf, 0
    rows, columns = np.nonzero(labels)
    numbers = labels[rows, columns] - 1
    for place, values in enumerate((columns, rows)):
        np.minimum.at(boxes[:, place], numbers, values)
        np.maximum.at(boxes[:, place + 2], numbers, values + 1)
    found = _Pieces(boxes=boxes, area=area)
    if count > MOST_PIECES:
        found = found.take(area >= np.partition(area, -MOST_PIECES)[-MOST_PIECES])
    return found


def _usual_height(pieces: _Pieces, rows: int) -> float:
    """Give the middle height of what may be characters, by how much ink they hold."""
    heights, widths = pieces.heights, pieces.widths
    likely = (heights >= LEAST_ROWS) & (heights <= LARGEST * rows)
    likely &= (widths <= 12 * heights) & (pieces.area >= SPARSE * heights * widths)
    if not likely.any():
        return max(rows * UNKNOWN, LEAST_ROWS)
    order = np.argsort(heights[likely])
    shares = np.cumsum(pieces.area[likely][order])
    return float(heights[likely][order][np.searchsorted(shares, shares[-1] / 2)])


def _are_bodies(pieces: _Pieces, height: float) -> NDArray[np.bool_]:
    """Tell characters from dots, specks, and what is too large."""
    heights = pieces.heights
    found = (heights >= max(LOW * height, LEAST_ROWS)) & (heights <= HIGH * height)
    found &= pieces.area >= SPARSE * heights * pieces.widths
    is_bar = (pieces.widths > BAR * heights) & (pieces.area > SOLID * heights * pieces.widths)
    bodies: NDArray[np.bool_] = found & ~is_bar
    return bodies


def _groups(bodies: _Pieces) -> list[list[int]]:
    """Join what stands side by side."""
    boxes = bodies.boxes
    order = np.argsort(boxes[:, 0], kind="stable")
    lefts = boxes[order, 0]
    parent = list(range(len(boxes)))

    def root(one: int) -> int:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for one in order.tolist():
        left, top, right, bottom = boxes[one]
        reach = right + GAP * UNLIKE * (bottom - top)
        near = order[np.searchsorted(lefts, left) : np.searchsorted(lefts, reach, side="right")]
        for other in near[_are_beside(boxes[one], boxes[near])].tolist():
            parent[root(other)] = root(one)
    groups: dict[int, list[int]] = {}
    for one in range(len(boxes)):
        groups.setdefault(root(one), []).append(one)
    return list(groups.values())


def _are_beside(one: Numbers, others: Numbers) -> NDArray[np.bool_]:
    """Tell which others belong to one line with a character on their left."""
    height, heights = one[3] - one[1], others[:, 3] - others[:, 1]
    low, high = np.minimum(height, heights), np.maximum(height, heights)
    common = np.minimum(one[3], others[:, 3]) - np.maximum(one[1], others[:, 1])
    beside: NDArray[np.bool_] = (
        (others[:, 0] - one[2] <= GAP * high) & (common >= OVERLAP * low) & (high <= UNLIKE * low)
    )
    return beside


def _around(pieces: _Pieces, group: list[int]) -> Numbers:
    boxes = pieces.boxes[group]
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])


def _is_line(bodies: _Pieces, group: list[int], height: float) -> bool:
    """Tell a line from what is left of a rule, or a speck that stands alone."""
    left, top, right, bottom = _around(bodies, group)
    if len(group) > 1:
        return bool(right - left >= NARROW * (bottom - top))
    own = bottom - top
    return bool(own >= LEAST_ALONE * height and right - left >= STICK * own)


def _merged(boxes: list[Numbers]) -> list[Numbers]:
    """Join boxes that lie in each other."""
    found: list[Numbers] = []
    for box in sorted(boxes, key=lambda box: float(box[0] - box[2])):
        for other in found:
            common = min(box[3], other[3]) - max(box[1], other[1])
            inside = min(box[2], other[2]) - max(box[0], other[0])
            if common >= 0.6 * (box[3] - box[1]) and inside >= 0.5 * (box[2] - box[0]):
                other[:2] = np.minimum(other[:2], box[:2])
                other[2:] = np.maximum(other[2:], box[2:])
                break
        else:
            found.append(box)
    return found


def _with_dots(boxes: list[Numbers], pieces: _Pieces, height: float) -> list[Numbers]:
    """Give each line the dots, commas and accents that stand near it; no rest of a rule."""
    low, wide = pieces.heights, pieces.widths
    is_dot = (low < LOW * height) & (low >= max(LEAST_DOT * height, 2)) & (wide <= FLAT * low)
    small = pieces.boxes[is_dot]
    for box in boxes:
        reach = NEAR * (box[3] - box[1])
        near = (small[:, :2] >= box[:2] - reach).all(axis=1)
        near &= (small[:, 2:] <= box[2:] + reach).all(axis=1)
        if near.any():
            box[:2] = np.minimum(box[:2], small[near, :2].min(axis=0))
            box[2:] = np.maximum(box[2:], small[near, 2:].max(axis=0))
    return boxes


def _in_order(boxes: list[Numbers]) -> list[Numbers]:
    """Sort lines from the top; those whose middles lie within another's height, from the left."""
    rest = sorted(boxes, key=lambda box: float(box[1] + box[3]))
    ordered: list[Numbers] = []
    while rest:
        first = rest[0]
        row = [
            box
            for box in rest
            if (box[1] + box[3]) / 2 < first[3] and box[1] < (first[1] + first[3]) / 2
        ]
        row = row or [first]
        ordered += sorted(row, key=lambda box: float(box[0]))
        taken = {id(box) for box in row}
        rest = [box for box in rest if id(box) not in taken]
    return ordered


def _on_page(box: Numbers, ink: PageInk) -> PageLine:
    """Give a box with its margins in pixels of the page."""
    left, top, right, bottom = box.tolist()
    margin = MARGIN * (bottom - top) + 1
    x, y = ink.on_page(left - margin, top - margin)
    return PageLine(
        left=x,
        top=y,
        width=max(1, round(ink.scale * (right - left + 2 * margin))),
        height=max(1, round(ink.scale * (bottom - top + 2 * margin))),
        climb=ink.climb,
    )
