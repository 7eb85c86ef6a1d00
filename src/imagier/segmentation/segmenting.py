"""Segments of a picture: k-means on pixels as points (x, y, r, g, b), coarse to fine.

All pixels are distinct points here, so there is no histogram to shrink the work. But neighbours
are alike: the mean of 4 × 4 pixels stands for them, with a weight of 16, and the centres that
settle on such a small picture are nearly those of the large one. So the search begins on the
smallest, several times, and its end is the beginning on the next size; at full size a few exact
steps are left.

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

from imagier.errors import UsageError
from imagier.kmeans import kmeans

__all__ = ["MOST_SEGMENTS", "NOWHERE", "Segments", "Weights", "balanced", "segment", "warm_up"]

Numbers = NDArray[np.float64]
Weights = tuple[float, float, float, float]
MOST_SEGMENTS = 256
NOWHERE = -1  # the label of a pixel that is not seen
SIDES = (8, 4, 2)  # of the squares whose mean stands for them
LEAST_POINTS = 64  # for each segment, on a smaller picture
BEGINNINGS = 4
TOLERANCE = 1e-4
FULL_STEPS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Segments:
    """A picture cut into segments, numbered from left to right as their centres lie.

    Attributes:
        labels: The segment of each pixel, (H, W); -1 where the picture is transparent.
        centres: Mean x, y, red, green and blue of each, (k, 5); pixels from the top left.
        sizes: How many pixels each has, (k,).
        cost: The sum over all pixels of the squared distance to the centre of their segment.
        weights: l, a, b and c of the distance.
        seconds: What finding the segments took.
    """

    labels: NDArray[np.int16]
    centres: Numbers
    sizes: NDArray[np.int64]
    cost: float
    weights: Weights
    seconds: float


def segment(
    pixels: NDArray[np.uint8],
    k: int,
    *,
    weights: Weights | None = None,
    seen: NDArray[np.bool_] | None = None,
    seed: int = 0,
) -> Segments:
    """Cut a picture into k segments of pixels that are near each other in place and colour.

    Args:
        pixels: (H, W, 3).
        k: How many, 1 to 256; fewer come out where fewer distinct points exist.
        weights: l, a, b and c: what place, red, green and blue count; `balanced` unless given.
        seen: Which pixels count, (H, W); all unless given.
        seed: Makes chance the same each time.

    Raises:
        UsageError: `segment_k`, `segment_weights`, `segment_nothing` (no pixel is seen).
    """
    started = time.perf_counter()
    height, width = pixels.shape[:2]
    chosen = balanced(height, width) if weights is None else weights
    _check(k, chosen)
    mask = np.ones((height, width), bool) if seen is None else seen
    if not mask.any():
        raise UsageError("segment_nothing")
    scales = np.sqrt([chosen[0], *chosen])
    counting = scales > 0
    table = _points(pixels, mask, 1)[0]
    points = (table * scales)[:, counting]
    start = _coarse_to_fine(pixels, mask, k, scales, seed)
    found = kmeans(points, k, start=start, tolerance=TOLERANCE, most_steps=FULL_STEPS)
    labels, sizes, centres = _in_order(found.assign(points), table)
    whole = np.full((height, width), NOWHERE, np.int16)
    whole[mask] = labels
    return Segments(
        labels=whole,
        centres=centres,
        sizes=sizes,
        cost=float((((table - centres[labels]) * scales) ** 2).sum()),
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
    pixels: NDArray[np.uint8], mask: NDArray[np.bool_], k: int, scales: Numbers, seed: int
) -> "str | Numbers":
    """Find where the centres begin at full size: where they end on smaller pictures."""
    start: str | Numbers = "kmeans++"
    for side in SIDES:
        if mask.size < LEAST_POINTS * k * side * side:
            continue
        table, masses = _points(pixels, mask, side)
        points = (table * scales)[:, scales > 0]
        tries = BEGINNINGS if isinstance(start, str) else 1
        found = kmeans(
            points, k, weights=masses, start=start, restarts=tries, seed=seed, tolerance=TOLERANCE
        )
        if len(found.centres) < k:
            return "kmeans++"
        start = found.centres
    return start


def _points(
    pixels: NDArray[np.uint8], mask: NDArray[np.bool_], side: int
) -> tuple[Numbers, Numbers]:
    """Give the mean x, y, r, g and b of squares of pixels, (N, 5), and how many are seen, (N,)."""
    height, width = mask.shape
    rows, columns = np.mgrid[:height, :width]
    if side == 1:
        flat = (columns[mask], rows[mask], *pixels[mask].T)
        return np.stack(flat, axis=1).astype(np.float64), np.ones(len(flat[0]))
    channels = [columns, rows, *np.moveaxis(pixels, 2, 0)]
    masses = _squares(mask, side)
    there = masses > 0
    sums = [_squares(np.where(mask, channel, 0), side)[there] for channel in channels]
    return np.stack(sums, axis=1) / masses[there][:, np.newaxis], masses[there]


def _squares(numbers: NDArray[np.generic], side: int) -> Numbers:
    """Add up each square of `side` × `side` pixels; those at the edges may be cut."""
    height, width = numbers.shape
    tall = np.add.reduceat(numbers, range(0, height, side), axis=0, dtype=np.float64)
    return np.asarray(np.add.reduceat(tall, range(0, width, side), axis=1))


def _in_order(
    labels: NDArray[np.int64], table: Numbers
) -> tuple[NDArray[np.int64], NDArray[np.int64], Numbers]:
    """Number the segments from left to right; give labels, sizes and the exact means."""
    sizes = np.bincount(labels)
    sums = np.stack([np.bincount(labels, column) for column in table.T], axis=1)
    there = np.flatnonzero(sizes)
    means = sums[there] / sizes[there][:, np.newaxis]
    order = np.lexsort(means.T[::-1])
    numbers = np.zeros(len(sizes), np.int64)
    numbers[there[order]] = np.arange(len(order))
    return numbers[labels], sizes[there[order]], means[order]
