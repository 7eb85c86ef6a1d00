"""Series hidden in the names of files: frames of one thing, which must not stand on both sides.

In `00012_00003.png` the first number is the object, the second the frame. Parted picture by picture
such a set gives nearly 100 %: each test picture has a sister among those that were learnt. Names
are cut behind each of their numbers, and a cut is a series where

- it leaves several groups of several pictures each in a class, and
- the picture that looks most like another of its class is mostly of the same group.

What all members look like decides, not the name alone: `IMG_2024_0007.jpg` is no series of 2024.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from imagier.datasets.name_groups import NameSeries, name_series

__all__ = ["Series", "find_series"]

MOST_PICTURES = 1500  # that are compared
CLEARLY = 0.05  # by which a longer cut must be better
LEAST_GAIN = 0.3  # of the share with a nearest of the same group, above what chance gives


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A pattern of names that tells which pictures belong together.

    Attributes:
        pattern: A regular expression whose first group names the group of a file.
        example: A file name.
        group: What the pattern finds in it.
        groups: How many groups there are.
        pictures: How many pictures stand in groups of two or more.
        nearest: Share of the pictures whose nearest of the same class is of their group.
        chance: What that share would be by chance.
    """

    pattern: str
    example: str
    group: str
    groups: int
    pictures: int
    nearest: float
    chance: float


def find_series(
    names: Sequence[str], labels: NDArray[np.int64], vectors: NDArray[np.floating], *, seed: int = 0
) -> Series | None:
    """Find the pattern by which file names give groups of pictures that look alike.

    Args:
        names: Paths of the pictures.
        labels: Their classes, (N,).
        vectors: What they look like, (N, D).
        seed: Decides which pictures are compared where they are many.
    """
    best: Series | None = None
    least = LEAST_GAIN
    for cut in name_series(names, labels.tolist()):
        found = _judge(cut, names, labels, vectors, seed)
        gain = found.nearest - found.chance
        if gain >= least:
            best, least = found, gain + CLEARLY
    return best


def _judge(
    cut: NameSeries,
    names: Sequence[str],
    labels: NDArray[np.int64],
    vectors: NDArray[np.floating],
    seed: int,
) -> Series:
    several = {group for group, size in cut.sizes.items() if size > 1}
    numbers = {group: number for number, group in enumerate(sorted(several))}
    ids = np.array([numbers.get(group, -1) for group in cut.groups])
    rows = _some_groups(ids, seed)
    nearest, chance = _nearest_shares(ids[rows], labels[rows], vectors[rows])
    first = int(np.flatnonzero(ids >= 0)[0])
    return Series(
        pattern=cut.pattern,
        example=PurePosixPath(names[first]).name,
        group=cut.groups[first].rpartition("/")[2],
        groups=len(several),
        pictures=int((ids >= 0).sum()),
        nearest=nearest,
        chance=chance,
    )


def _some_groups(ids: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """Choose whole groups, as many as may be compared; of one that is too large a part."""
    order = np.random.default_rng(seed).permutation(ids.max() + 1)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    rows = np.flatnonzero(ids >= 0)
    rows = rows[np.argsort(rank[ids[rows]], kind="stable")]
    return np.sort(rows[:MOST_PICTURES])


def _nearest_shares(
    ids: NDArray[np.int64], labels: NDArray[np.int64], vectors: NDArray[np.floating]
) -> tuple[float, float]:
    """Give how often the nearest of the class is of the group, and how often chance gives that."""
    table = vectors.astype(np.float32)
    table = table - table.mean(axis=0)
    table /= np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-6)
    hits: list[bool] = []
    chances: list[float] = []
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        if len(np.unique(ids[rows])) < 2:
            continue
        alike = table[rows] @ table[rows].T
        np.fill_diagonal(alike, -2)
        hits += (ids[rows] == ids[rows[alike.argmax(axis=1)]]).tolist()
        sizes = np.bincount(ids[rows])[ids[rows]]
        chances += ((sizes - 1) / (len(rows) - 1)).tolist()
    return (float(np.mean(hits)), float(np.mean(chances))) if hits else (0.0, 0.0)
