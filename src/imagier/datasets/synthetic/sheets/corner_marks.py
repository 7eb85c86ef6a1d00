"""The corner marks of a sheet in a photo: a dark ring with a dark square in its middle.

A mark stays a ring around a square however the page is turned or seen aslant, and little else on a
photo looks so. Four of them that lie as the corners of a page could are tried in every order,
turned or mirrored; what stands between them tells which order is right.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from imagier.datasets.synthetic.sheets.layout import MARKS
from imagier.images.morphology import label_blobs

__all__ = ["CornerMark", "apply_homography", "find_marks", "homographies"]

SIZES = (0.008, 0.2)  # of the photo's longer side that a ring may have
CENTRED = 0.15  # of the ring's size: how far its middle and the square's may lie apart
SQUARE_SIZE = (0.28, 0.62)  # of the ring's; three sevenths as printed
SQUARE_AREA = (0.15, 0.8)  # of the ring's; nine twenty-fourths as printed
RING_SHARE, SQUARE_SHARE = (0.12, 0.75), 0.4  # of their boxes that they fill
SQUARISH = 2.5  # times longer one side of a box may be than the other
MOST_MARKS = 8
ALIKE = 3.0  # times larger the largest of four marks may be than the smallest
LEAST_AREA = 0.03  # of the photo, between four marks

Points = NDArray[np.float64]


class CornerMark(NamedTuple):
    """A mark in a photo: its middle in pixels, and the longer side of its box."""

    x: float
    y: float
    size: float


class _Blobs(NamedTuple):
    """Pieces of dark: how many pixels, the middle (n, 2) as x and y, the box (n, 4)."""

    areas: Points
    middles: Points
    boxes: Points

    @property
    def sizes(self) -> Points:
        """Width and height of each box, (n, 2)."""
        return self.boxes[:, 2:] - self.boxes[:, :2]


def find_marks(dark: NDArray[np.bool_]) -> list[CornerMark]:
    """Find what could be corner marks, the most likely first.

    Args:
        dark: Where a photo is darker than its paper, (H, W).
    """
    blobs = _measure(dark)
    longer = max(dark.shape)
    sides = blobs.sizes.max(axis=1)
    fills = blobs.areas / np.maximum(blobs.sizes.prod(axis=1), 1)
    is_square = sides <= SQUARISH * blobs.sizes.min(axis=1)
    is_ring = is_square & (sides >= SIZES[0] * longer) & (sides <= SIZES[1] * longer)
    is_ring &= (fills >= RING_SHARE[0]) & (fills <= RING_SHARE[1])
    inner = np.flatnonzero(is_square & (fills >= SQUARE_SHARE))
    found = []
    for ring in np.flatnonzero(is_ring).tolist():
        away = np.linalg.norm(blobs.middles[inner] - blobs.middles[ring], axis=1)
        size = sides[inner] / sides[ring]
        area = blobs.areas[inner] / blobs.areas[ring]
        fits = (away <= CENTRED * sides[ring]) & _is_between(size, SQUARE_SIZE)
        fits &= _is_between(area, SQUARE_AREA) & (inner != ring)
        if fits.any():
            square = int(inner[fits][np.argmin(away[fits])])
            oddness = abs(np.log(blobs.areas[square] / blobs.areas[ring] / (9 / 24)))
            x, y = ((blobs.middles[ring] + blobs.middles[square]) / 2).tolist()
            found.append((oddness, CornerMark(x, y, float(sides[ring]))))
    found.sort(key=lambda one: one[0])
    return [mark for _, mark in found[:MOST_MARKS]]


def homographies(marks: Sequence[CornerMark], area: float) -> Iterator[Points]:
    """Give every way in which a page could lie in a photo, by the places of its four marks.

    Args:
        marks: The marks that were found.
        area: The pixels of the photo.

    Yields:
        A matrix, (3, 3), that takes millimetres of the page to pixels of the photo.
    """
    fours = []
    for four in combinations(marks, 4):
        sizes = [one.size for one in four]
        corners = _around(np.array([(one.x, one.y) for one in four]))
        enclosed = _area(corners)
        if (
            max(sizes) <= ALIKE * min(sizes)
            and _is_convex(corners)
            and enclosed > LEAST_AREA * area
        ):
            fours.append((enclosed, corners))
    fours.sort(key=lambda one: -one[0])
    for _, corners in fours:
        for first in range(4):
            turned = np.roll(corners, -first, axis=0)
            yield _homography(np.array(MARKS), turned)
            yield _homography(np.array(MARKS), turned[[0, 3, 2, 1]])


def apply_homography(matrix: Points, points: Points) -> Points:
    """Take points, (n, 2), through a homography."""
    ahead = np.concatenate([points, np.ones((len(points), 1))], axis=1) @ matrix.T
    taken: Points = ahead[:, :2] / ahead[:, 2:]
    return taken


def _homography(page: Points, photo: Points) -> Points:
    """Solve for the eight numbers that take four points to four points."""
    rows = []
    for (x, y), (u, v) in zip(page, photo, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
    solved = np.linalg.solve(np.array(rows), photo.ravel())
    return np.append(solved, 1.0).reshape(3, 3)


def _measure(dark: NDArray[np.bool_]) -> _Blobs:
    labels, count = label_blobs(dark)
    rows, columns = np.nonzero(labels)
    pieces = labels[rows, columns] - 1
    areas = np.bincount(pieces, minlength=count).astype(np.float64)
    middles = [np.bincount(pieces, one, count) / np.maximum(areas, 1) for one in (columns, rows)]
    boxes = np.empty((count, 4))
    boxes[:, :2], boxes[:, 2:] = max(dark.shape), 0
    for column, values in enumerate((columns, rows)):
        np.minimum.at(boxes[:, column], pieces, values)
        np.maximum.at(boxes[:, column + 2], pieces, values + 1)
    return _Blobs(areas, np.stack(middles, axis=1) + 0.5, boxes)


def _is_between(values: Points, limits: tuple[float, float]) -> NDArray[np.bool_]:
    return (values >= limits[0]) & (values <= limits[1])


def _around(points: Points) -> Points:
    """Put four points in order around their middle."""
    away = points - points.mean(axis=0)
    return points[np.argsort(np.arctan2(away[:, 1], away[:, 0]))]


def _area(corners: Points) -> float:
    x, y = corners.T
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


def _is_convex(corners: Points) -> bool:
    sides = np.roll(corners, -1, axis=0) - corners
    after = np.roll(sides, -1, axis=0)
    turns = sides[:, 0] * after[:, 1] - sides[:, 1] * after[:, 0]
    return bool((turns > 0).all() or (turns < 0).all())
