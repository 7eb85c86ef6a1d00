"""How often does each colour occur? The one pass over the pixels that a palette needs.

K-means asks for nothing but points and weights, and two pixels of one colour are one point of
weight 2. So the pixels are counted once, and all further work is done on the distinct colours.
Counts add up: the histogram of a million pictures is the sum of theirs, whatever machine made them.

>>> red = np.full((2, 3, 3), (255, 0, 0), np.uint8)
>>> blue = np.full((1, 1, 3), (0, 0, 255), np.uint8)
>>> both = merge([histogram(red), histogram(blue)])
>>> both.colours.tolist(), both.counts.tolist(), both.pixels
([[0, 0, 255], [255, 0, 0]], [1, 6], 7)
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from imagier.errors import UsageError
from imagier.kmeans.engine import compiled, read_only

__all__ = ["Histogram", "histogram", "histogram_at", "merge", "places_of"]

COLOURS = 2**24
LOOPS = "imagier.palette.counting_loops"
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """The distinct colours of one or many pictures.

    Attributes:
        places: Their places on Morton's curve, in order, (U,); see `counting_loops`.
        counts: How many pixels have each, (U,).
    """

    places: NDArray[np.uint32]
    counts: NDArray[np.int64]

    @property
    def colours(self) -> NDArray[np.uint8]:
        """Red, green and blue of each, (U, 3)."""
        found: NDArray[np.uint8] = compiled(LOOPS).colours_at(self.places)
        return found

    @property
    def pixels(self) -> int:
        """How many pixels were counted."""
        return int(self.counts.sum())

    def boxes(self, points: Numbers, sizes: Sequence[int]) -> list[tuple[Numbers, Numbers]]:
        """Gather the colours into boxes of 2^bits levels a side in each channel.

        Args:
            points: Where each colour lies in the space of the distance, (U, 3).
            sizes: The bits of each size, growing.

        Returns:
            For each size the mean of each box that has colours, (B, 3), and its pixels, (B,).
        """
        places, weights = self.places, self.counts.astype(np.float64)
        gathered = []
        for bits in sizes:  # each from the one before: boxes hold whole smaller ones
            places, weights, points = compiled(LOOPS).box_means(places, weights, points, bits)
            gathered.append((points, weights))
        return gathered


def histogram(pixels: NDArray[np.uint8]) -> Histogram:
    """Count the colours of a picture.

    Args:
        pixels: (..., 3), or (..., 1) in grey.

    >>> histogram(np.zeros((4, 4, 1), np.uint8)).counts.tolist()
    [16]
    """
    return histogram_at(places_of(pixels))


def histogram_at(places: NDArray[np.uint32]) -> Histogram:
    """Count colours that are given by the places that `places_of` gives, (N,)."""
    distinct, counts = compiled(LOOPS).count(places)
    return Histogram(places=distinct, counts=counts)


def places_of(pixels: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Give the place of each pixel's colour on the curve, (..., 3) or (..., 1) to (N,).

    Raises:
        UsageError: `palette_pixels`, when these are no levels from 0 to 255.
    """
    if pixels.dtype != np.uint8 or pixels.ndim < 2 or pixels.shape[-1] not in (1, 3):
        raise UsageError("palette_pixels", received=f"{pixels.shape} {pixels.dtype}")
    levels = pixels if pixels.shape[-1] == 3 else np.repeat(pixels, 3, axis=-1)
    places: NDArray[np.uint32] = compiled(LOOPS).places_of(read_only(levels.reshape(-1, 3)))
    return places


def merge(histograms: Iterable[Histogram]) -> Histogram:
    """Add histograms up. They are asked for one by one, so a million of them fit.

    A single one is given back as it is; more take a table of 128 MB, however many they are.
    """
    waiting = iter(histograms)
    first, second = next(waiting, None), next(waiting, None)
    if first is None or second is None:
        nothing = Histogram(places=np.empty(0, np.uint32), counts=np.empty(0, np.int64))
        return first or nothing
    table = np.zeros(COLOURS, np.int64)
    for one in chain((first, second), waiting):
        table[one.places] += one.counts  # the places of one histogram are distinct
    places = np.flatnonzero(table)
    return Histogram(places=places.astype(np.uint32), counts=table[places])
