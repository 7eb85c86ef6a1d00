"""Segments of a picture: k-means on pixels as points (x, y, r, g, b), coarse to fine.

All pixels are distinct points here, so there is no histogram to shrink the work. But neighbours
are alike: the mean of 4 × 4 pixels stands for them, with a weight of 16, and the centres that
settle on such a small picture are nearly those of the large one. So the search begins on the
smallest, several times, and its end is the beginning on the next size; at full size one exact step
is left: each pixel goes to its nearest centre, each centre to the mean of its pixels.

>>> half = np.zeros((4, 6, 3), np.uint8)
>>> half[:, 3:] = 250
>>> segments = segment(half, 2, weights=(1, 1, 1, 1))
>>> segments.labels[0].tolist(), segments.sizes.tolist()
([0, 0, 0, 1, 1, 1], [12, 12])
>>> segments.centres.tolist()
[[1.0, 1.5, 0.0, 0.0, 0.0], [4.0, 1.5, 250.0, 250.0, 250.0]]
"""

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagier.errors import DataError, UsageError
from imagier.kmeans import kmeans
from imagier.kmeans.engine import compiled, read_only

__all__ = ["MOST_SEGMENTS", "NOWHERE", "Segments", "Weights", "balanced", "segment", "warm_up"]

Numbers = NDArray[np.float64]
Weights = tuple[float, float, float, float]
MOST_SEGMENTS = 256
NOWHERE = -1  # the label of a pixel that is not seen
LOOPS = "imagier.segmentation.picture_loops"
HALVINGS = 3  # of the picture, where it has enough pixels
LEAST_POINTS = 64  # for each segment, on a smaller picture
INITIALISATIONS = 4
TOLERANCE = 1e-4
ROUNDING = 1e-13  # of the squares that the inertia is a difference of


@dataclass(frozen=True, slots=True, kw_only=True)
class Segments:
    """A picture cut into segments, numbered from left to right as their centres lie.

    Attributes:
        labels: The segment of each pixel, (H, W); -1 where the picture is transparent.
        centres: Mean x, y, red, green and blue of each, (k, 5); pixels from the top left.
        sizes: How many pixels each has, (k,).
        inertia: The sum over all pixels of the squared distance to the centre of their segment.
        weights: l, a, b and c of the distance.
        seconds: What finding the segments took.
    """

    labels: NDArray[np.int16]
    centres: Numbers
    sizes: NDArray[np.int64]
    inertia: float
    weights: Weights
    seconds: float


def segment(
    pixels: NDArray[np.uint8],
    k: int,
    *,
    weights: Weights | None = None,
    mask: NDArray[np.bool_] | None = None,
    seed: int = 0,
) -> Segments:
    """Cut a picture into k segments of pixels that are near each other in place and colour.

    Args:
        pixels: (H, W, 3).
        k: How many, 1 to 256; fewer come out where fewer distinct points exist.
        weights: l, a, b and c: what place, red, green and blue count; `balanced` unless given.
        mask: Which pixels count, (H, W); all unless given.
        seed: Makes chance the same each time.

    Raises:
        UsageError: `segment_k`, `segment_weights`.
        DataError: `segment_nothing`, when no pixel is seen.
    """
    started = time.perf_counter()
    height, width = pixels.shape[:2]
    chosen = balanced(height, width) if weights is None else weights
    _check(k, chosen)
    seen = read_only(np.ones((height, width), bool) if mask is None else mask)
    levels = read_only(pixels)
    if not seen.any():
        raise DataError("segment_nothing")
    five = np.array([chosen[0], *chosen], np.float64)
    centres = _coarse_to_fine(levels, seen, k, five, seed)
    labels = np.full((height, width), NOWHERE, np.int16)
    sums, squares = compiled(LOOPS).assign(levels, seen, centres, five, labels)
    means = sums[:, :5] / np.maximum(sums[:, 5:], 1)
    order = _from_left(means, sums[:, 5])
    sizes = sums[order, 5]
    inertia = float(five @ (squares - sizes @ means[order] ** 2))
    return Segments(
        labels=_renumbered(labels, order),
        centres=means[order],
        sizes=sizes.astype(np.int64),
        inertia=inertia if inertia > ROUNDING * float(five @ squares) else 0.0,
        weights=chosen,
        seconds=time.perf_counter() - started,
    )


def warm_up() -> None:
    """Load the compiled loops, so that a clock that starts now counts work and not loading."""
    noise = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    segment(noise, 2)


def balanced(height: int, width: int) -> Weights:
    """Give weights with which the longer side of a picture counts as much as black to white.

    >>> balanced(387, 510)
    (0.25, 1.0, 1.0, 1.0)
    """
    return (255 / max(height, width)) ** 2, 1.0, 1.0, 1.0


def _check(k: int, weights: Weights) -> None:
    if not 1 <= k <= MOST_SEGMENTS:
        raise UsageError("segment_k", received=k, most=MOST_SEGMENTS)
    numbers = np.asarray(weights, np.float64)
    fine = numbers.shape == (4,) and np.isfinite(numbers).all() and (numbers >= 0).all()
    if not (fine and numbers.any()):
        shown = ", ".join(f"{number:g}" for number in numbers.ravel())
        raise UsageError("segment_weights", received=shown)


def _coarse_to_fine(
    pixels: NDArray[np.uint8], mask: NDArray[np.bool_], k: int, five: Numbers, seed: int
) -> Numbers:
    """Find where the centres begin at full size: where they end on smaller pictures, (k, 5)."""
    counting = five > 0
    scales = np.sqrt(five[counting])
    start: str | Numbers = "kmeans++"
    ends = np.empty((0, len(scales)))
    for table, sample_weight in _smallest_first(pixels, mask, k):
        points = table[:, counting] * scales
        tries = INITIALISATIONS if isinstance(start, str) else 1
        found = kmeans(
            points,
            k,
            sample_weight=sample_weight,
            start=start,
            restarts=tries,
            seed=seed,
            tolerance=TOLERANCE,
        )
        ends = found.centres
        start = ends if len(ends) == k else "kmeans++"
    if len(ends) < k:  # too few pixels, or what differs is too fine for a smaller picture
        y, x = np.nonzero(mask)
        points = np.column_stack([x, y, pixels[mask]])[:, counting] * scales
        ends = kmeans(points, k, restarts=INITIALISATIONS, seed=seed, tolerance=TOLERANCE).centres
    centres = np.zeros((len(ends), 5))
    centres[:, counting] = ends / scales
    return centres


def _smallest_first(
    pixels: NDArray[np.uint8], mask: NDArray[np.bool_], k: int
) -> list[tuple[Numbers, Numbers]]:
    """Give the points and weights of smaller pictures, while they have points enough."""
    tables: list[tuple[Numbers, Numbers]] = []
    sums = compiled(LOOPS).squares_of_two(pixels, mask)
    while len(tables) < HALVINGS:
        rows = sums[sums[:, :, 5] > 0]
        if len(rows) < LEAST_POINTS * k:
            break
        tables.insert(0, (rows[:, :5] / rows[:, 5:], rows[:, 5].copy()))
        sums = compiled(LOOPS).halve(sums)
    return tables


def _from_left(centres: Numbers, sizes: Numbers) -> NDArray[np.int64]:
    """Order the segments that have pixels by x, then y, then colour."""
    there = np.flatnonzero(sizes)
    return there[np.lexsort(centres[there].T[::-1])]


def _renumbered(labels: NDArray[np.int16], order: NDArray[np.int64]) -> NDArray[np.int16]:
    numbers = np.full(int(order.max()) + 2, NOWHERE, np.int16)  # the last one is for -1
    numbers[order] = np.arange(len(order), dtype=np.int16)
    return numbers[labels]
