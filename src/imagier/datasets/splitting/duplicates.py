"""Which pictures belong together: identical ones, near-duplicates, and those the source groups.

A test that holds a copy of a picture that was learnt measures memory, not recognition. All pictures
of a group therefore go to the same part. Two pictures are *duplicates* when their decoded pixels
are identical, or when they are near-duplicates (see `similarity`); where a picture's own short side
is under 64 pixels only identical pixels count.

Duplicates of duplicates are duplicates, so that a long burst of photos is one group. Should such a
chain hold more than 1 % of the set (ten pictures in a small set), it is not one photo copied many
times but a kind of picture that looks alike: it is reported and not merged.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagier.datasets.dataset import Dataset
from imagier.datasets.splitting.similarity import Components, join_similar
from imagier.datasets.tensor import take_rows
from imagier.datasets.thumbnails import MOST_IN_MEMORY

__all__ = ["Grouping", "group_pictures", "largest_group"]

LARGEST_SHARE = 0.01
LARGEST_IN_SMALL_SETS = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grouping:
    """Which pictures belong together.

    Attributes:
        ids: The group of each picture, (N,): equal numbers belong together.
        duplicates: The same for identical pictures and near-duplicates alone, whatever groups the
            source gives and however large they are, (N,).
        oversized: Duplicates that are too many to be one group, each as indices; not merged.
        conflicts: Identical pictures that stand under two classes or more, each as indices.
    """

    ids: NDArray[np.int64]
    duplicates: NDArray[np.int64]
    oversized: tuple[tuple[int, ...], ...]
    conflicts: tuple[tuple[int, ...], ...]


def group_pictures(dataset: Dataset) -> Grouping:
    """Find which pictures of a data set belong together.

    A picture for which the source gives a group belongs to that group; the others to their
    duplicates.
    """
    identical = _identical(dataset)
    duplicates = _duplicates(dataset, identical)
    oversized = _oversized(duplicates)
    merged = duplicates.copy()
    for group in oversized:
        merged[group] = identical[group]
    for group in _oversized(merged):
        merged[group] = group
    return Grouping(
        ids=_join_given(merged, dataset.groups),
        duplicates=duplicates,
        oversized=tuple(tuple(group.tolist()) for group in oversized),
        conflicts=tuple(
            tuple(group.tolist())
            for group in _members(identical)
            if len(np.unique(dataset.labels[group])) > 1
        ),
    )


def largest_group(count: int) -> int:
    """Tell how many duplicates may be one group in a set of `count` pictures.

    >>> largest_group(60), largest_group(60_000)
    (10, 600)
    """
    return max(LARGEST_IN_SMALL_SETS, int(LARGEST_SHARE * count))


def _identical(dataset: Dataset) -> NDArray[np.int64]:
    """Give for each picture the first one with the same pixels, (N,)."""
    first: dict[str, int] = {}  # sorting so many texts would be slower
    rows = [first.setdefault(name, row) for row, name in enumerate(dataset.hashes.tolist())]
    return np.array(rows, dtype=np.int64)


def _duplicates(dataset: Dataset, identical: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give identical pictures and near-duplicates one number, (N,)."""
    sets = Components(len(dataset))
    sets.join(identical, np.arange(len(dataset)))
    if (thumbnails := dataset.thumbnails) is not None:
        different = np.unique(identical)
        some = Components(len(different))
        if len(different) < len(dataset):
            thumbnails = take_rows(thumbnails, different, most=MOST_IN_MEMORY)
        join_similar(thumbnails, some)
        sets.join(different, different[some.labels])
    return sets.labels


def _oversized(ids: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    return [group for group in _members(ids) if len(group) > largest_group(len(ids))]


def _join_given(ids: NDArray[np.int64], groups: Sequence[str]) -> NDArray[np.int64]:
    """Put the groups that the source gives above those that were found.

    A picture without a given group follows its duplicates, into a given group where one of them has
    one; two given groups are never made one.
    """
    count = len(ids)
    is_given = np.array([bool(group) for group in groups], dtype=bool)
    rows = np.arange(count)
    host = np.full(count, 2 * count)
    np.minimum.at(host, ids, np.where(is_given, rows, rows + count))
    sets = Components(count)
    sets.join(rows[~is_given], host[ids[~is_given]] % count)
    first: dict[str, int] = {}
    leaders = [first.setdefault(groups[row], int(row)) for row in rows[is_given]]
    sets.join(rows[is_given], np.array(leaders, dtype=np.int64))
    return sets.labels


def _members(ids: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Give the members of each group of two or more, in order."""
    sizes = np.bincount(ids, minlength=len(ids))
    rows = np.flatnonzero(sizes[ids] > 1)
    rows = rows[np.argsort(ids[rows], kind="stable")]
    starts = np.flatnonzero(np.diff(ids[rows])) + 1
    return np.split(rows, starts) if len(rows) else []
