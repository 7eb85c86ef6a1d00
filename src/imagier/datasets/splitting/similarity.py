"""Near-duplicates found among thumbnails: perceptual hash first, then pixels compared.

Two steps, both on thumbnails of 64 × 64 colours. A *perceptual hash* says coarsely how light and
dark are spread: the signs of 64 slow cosine waves (those a JPEG keeps longest) against their
median. Copies differ in a few of its bits, other pictures in about half. Pairs within `MAX_BITS`
bits are found without comparing all with all: the 64 bits are cut into one band more than bits may
differ, so that one band at least is equal, and only pictures that share a band are compared.

A hash near another is a hint, not a proof: two sheets with one stroke each have like hashes. The
thumbnails themselves decide: their mean difference must be small, small against their own contrast,
and small in every cell of an 8 × 8 grid; another picture differs somewhere.

Measured on 3,068 photos of clothes with copies at 40, 50, 75 and 130 % of their size, as JPEG of
quality 50, and smaller and as such a JPEG at once: all copies are found. Two of the photos
themselves are taken for one, and are: the same picture, saved twice, as shorts and as a skirt.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "FLATTEST",
    "MAX_BITS",
    "MAX_CELL",
    "MAX_MEAN",
    "MAX_RELATIVE",
    "Components",
    "Descriptions",
    "describe",
    "join_similar",
    "perceptual_hashes",
]

MAX_BITS = 6
MAX_MEAN = 6.5  # levels out of 255
MAX_CELL = 16.0  # levels out of 255, in the cell that differs most
MAX_RELATIVE = 0.2  # of the contrast: the standard deviation of the levels
FLATTEST = 4.0  # contrast in levels out of 255; flatter pictures have nothing to be known by

_WAVES = 8
_CELLS = 8
_CROWD = 512  # how far apart two pictures of one band may stand in its order to be compared
_PATIENCE = 16  # comparisons pixel by pixel that may fail before a picture is left alone
_VALUES = 4 << 20  # floats at work at a time
_GREY = (0.299, 0.587, 0.114)


class Components:
    """Sets of numbers that grow together, pair by pair.

    >>> sets = Components(5)
    >>> sets.join(np.array([0, 3]), np.array([4, 4]))
    >>> sets.labels.tolist()
    [0, 1, 2, 0, 0]

    Attributes:
        labels: The smallest member of each number's set, (N,).
    """

    def __init__(self, count: int) -> None:
        """Begin with `count` numbers, each alone."""
        self.labels: NDArray[np.int64] = np.arange(count)

    def join(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> None:
        """Put `left[i]` and `right[i]` into one set, for every i."""
        while True:
            one, other = self.labels[left], self.labels[right]
            apart = one != other
            if not apart.any():
                return
            low, high = np.minimum(one, other)[apart], np.maximum(one, other)[apart]
            np.minimum.at(self.labels, high, low)
            self._flatten()

    def _flatten(self) -> None:
        """Let every number point at the smallest of its set directly."""
        while True:
            labels = self.labels[self.labels]
            if np.array_equal(labels, self.labels):
                return
            self.labels = labels


def join_similar(thumbnails: NDArray[np.uint8], sets: Components) -> None:
    """Join the near-duplicates among different pictures.

    Args:
        thumbnails: Of each picture, (N, H, W, 3); a black one says nothing.
        sets: Where they are joined; N numbers.
    """
    described = describe(thumbnails)
    rows = np.flatnonzero(described.contrast >= FLATTEST)
    refusals = np.zeros(len(thumbnails), dtype=np.int64)
    for pairs in _neighbours(described.hashes[rows]):
        apart = _still_apart(rows[pairs], sets, refusals)
        near = apart[_may_be_same(described, apart)]
        is_same = _is_same(thumbnails, described.contrast, near)
        np.add.at(refusals, near[~is_same].reshape(-1), 1)
        same = near[is_same]
        sets.join(same[:, 0], same[:, 1])


def perceptual_hashes(thumbnails: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Give the perceptual hash of each picture, (N,), for thumbnails (N, H, W, 3)."""
    return describe(thumbnails).hashes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Descriptions:
    """What is known of each picture before two are compared.

    Attributes:
        hashes: Perceptual hashes, (N,).
        cells: Mean levels on a grid, rounded, (N, cells, cells, 3).
        contrast: Standard deviations of the levels, the mean of each colour taken off, (N,).
    """

    hashes: NDArray[np.uint64]
    cells: NDArray[np.uint8]
    contrast: NDArray[np.float32]


def describe(thumbnails: NDArray[np.uint8]) -> Descriptions:
    """Give what is known of each picture, for thumbnails (N, H, W, 3)."""
    count, height, width, _ = thumbnails.shape
    grey = np.array(_GREY, dtype=np.float32)
    down = np.concatenate([_waves(height), _cells(height)])
    across_waves = np.kron(_waves(width).T, grey[:, np.newaxis])
    across_cells = np.kron(_cells(width).T, np.eye(3, dtype=np.float32))
    hashes = np.empty(count, dtype=np.uint64)
    cells = np.empty((count, _CELLS, _CELLS, 3), dtype=np.uint8)
    contrast = np.empty(count, dtype=np.float32)
    for part in _parts(count, thumbnails[:1].size):
        levels = thumbnails[part].reshape(-1, height, width * 3).astype(np.float32)
        strips = (levels.transpose(0, 2, 1) @ down.T).transpose(0, 2, 1)  # fastest this way round
        spectrum = (strips[:, :_WAVES] @ across_waves).reshape(-1, _WAVES * _WAVES)
        bits = spectrum > np.median(spectrum, axis=1, keepdims=True)
        hashes[part] = np.packbits(bits, axis=1).view(">u8")[:, 0]
        means = (strips[:, _WAVES:] @ across_cells).reshape(-1, _CELLS, _CELLS, 3)
        cells[part] = np.rint(means)
        contrast[part] = _contrast(levels, means.mean(axis=(1, 2)))
    return Descriptions(hashes=hashes, cells=cells, contrast=contrast)


def _contrast(levels: NDArray[np.float32], colours: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give the standard deviation of levels, (n, H, W * C), around their mean colours, (n, C)."""
    flat = levels.reshape(len(levels), -1)
    squares = np.einsum("ij,ij->i", flat, flat) / flat.shape[1]
    variance = squares - np.square(colours).mean(axis=1)
    contrast: NDArray[np.float32] = np.sqrt(np.clip(variance, 0, None))
    return contrast


def _neighbours(hashes: NDArray[np.uint64]) -> Iterator[NDArray[np.int64]]:
    """Give the pairs of pictures whose hashes differ in few bits, (n, 2); some pairs come twice.

    In a crowd that shares a band, only hashes near each other in order are compared, so that even
    a set of nothing but blank sheets takes no quadratic time.
    """
    edges = np.linspace(0, 64, MAX_BITS + 2).astype(int)
    for low, high in pairwise(edges):
        band = (hashes >> np.uint64(low)) & np.uint64((1 << (high - low)) - 1)
        order = np.lexsort((hashes, band))
        sorted_band, sorted_hashes = band[order], hashes[order]
        places = np.arange(len(hashes))
        for step in range(1, _CROWD + 1):
            places = places[places + step < len(hashes)]
            places = places[sorted_band[places] == sorted_band[places + step]]
            if not len(places):
                break
            bits = np.bitwise_count(sorted_hashes[places] ^ sorted_hashes[places + step])
            near = places[bits <= MAX_BITS]
            if len(near):
                yield order[np.stack([near, near + step], axis=1)]


def _still_apart(
    pairs: NDArray[np.int64], sets: Components, refusals: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Leave out pairs joined already, and pairs of pictures that were compared often enough."""
    left, right = pairs.T
    is_open = np.minimum(refusals[left], refusals[right]) < _PATIENCE
    open_pairs: NDArray[np.int64] = pairs[is_open & (sets.labels[left] != sets.labels[right])]
    return open_pairs


def _may_be_same(described: Descriptions, pairs: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell whether the cells alone leave two pictures a chance, (n,); two roundings are allowed."""
    left, right = pairs.T
    difference = np.abs(described.cells[left].astype(np.int16) - described.cells[right])
    worst = difference.mean(axis=3).max(axis=(1, 2))
    contrast = np.minimum(described.contrast[left], described.contrast[right])
    bound = np.minimum(MAX_MEAN, MAX_RELATIVE * contrast)
    may_be: NDArray[np.bool_] = (worst <= MAX_CELL + 1) & (
        difference.mean(axis=(1, 2, 3)) <= bound + 1
    )
    return may_be


def _is_same(
    thumbnails: NDArray[np.uint8], contrast: NDArray[np.float32], pairs: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Compare pictures pixel by pixel, (n,)."""
    _, height, width, colours = thumbnails.shape
    down, across = _cells(height), _cells(width).T
    average = np.full(colours, 1 / colours, dtype=np.float32)
    same = np.empty(len(pairs), dtype=bool)
    for part in _parts(len(pairs), 4 * thumbnails[:1].size):
        left, right = pairs[part].T
        one, other = thumbnails[left], thumbnails[right]
        difference = (np.maximum(one, other) - np.minimum(one, other)) @ average
        mean = difference.mean(axis=(1, 2))
        worst = (down @ difference @ across).max(axis=(1, 2))
        bound = MAX_RELATIVE * np.minimum(contrast[left], contrast[right])
        same[part] = (mean <= MAX_MEAN) & (mean <= bound) & (worst <= MAX_CELL)
    return same


def _waves(size: int) -> NDArray[np.float32]:
    """Give the slowest cosine waves over `size` pixels without the constant one, (waves, size)."""
    place = (np.arange(size) + 0.5) / size
    number = np.arange(1, _WAVES + 1)[:, np.newaxis]
    return (np.cos(math.pi * number * place) / size).astype(np.float32)


def _cells(size: int) -> NDArray[np.float32]:
    """Give weights that average `size` pixels into cells, (cells, size); pixels may be shared."""
    edges = np.linspace(0, size, _CELLS + 1)[:, np.newaxis]
    pixel = np.arange(size)
    shared = np.minimum(edges[1:], pixel + 1) - np.maximum(edges[:-1], pixel)
    weights: NDArray[np.float32] = (np.clip(shared, 0, None) * (_CELLS / size)).astype(np.float32)
    return weights


def _parts(count: int, values: int) -> Iterator[slice]:
    step = max(1, _VALUES // max(1, values))
    for start in range(0, count, step):
        yield slice(start, min(start + step, count))
