"""Copies put together: groups of pictures that are one, and those that stand in two parts.

Pairs come from two sides. `datasets.group_pictures` knows identical pixels and copies of the same
outline, as `imagier train` keeps them on one side; `find_copies` adds those that were mirrored,
turned or cropped. It also compares small pictures in colours, from 32 pixels a side on: on 12,000
of CIFAR-10 it found 300 of 300 planted copies and 32 pairs more, all of them real. Drawings and ink
on paper are too much alike for that: only identical ones are copies. Copies of copies are copies.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imagier.auditing.copies import MOST_COMPARED, CopyKind, CopyPair, find_copies
from imagier.datasets import Dataset, group_pictures
from imagier.datasets.splitting.similarity import Components
from imagier.datasets.thumbnails import SIDE
from imagier.images import rescale

__all__ = ["CopyGroup", "DuplicateGroups", "find_duplicates"]

SMALLEST = 32  # pixels of the short side of pictures in colours
SEVERITY: tuple[CopyKind, ...] = ("identical", "saved_again", "cropped", "mirrored", "turned")


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyGroup:
    """Pictures that were made from one another.

    Attributes:
        rows: The pictures, as indices in order.
        kinds: The ways in which copies among them were made.
        classes: How many names they bear.
        parts: In which parts of the source they stand.
    """

    rows: tuple[int, ...]
    kinds: tuple[CopyKind, ...]
    classes: int
    parts: tuple[str, ...]

    @property
    def is_conflict(self) -> bool:
        """Whether the same picture bears two names."""
        return self.classes > 1

    @property
    def is_leak(self) -> bool:
        """Whether some stand in a test or validation part and others where they are learnt."""
        return "train" in self.parts and len(self.parts) > 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DuplicateGroups:
    """All copies of a data set.

    Attributes:
        ids: The group of each picture, (N,): equal numbers are copies of each other.
        groups: The groups of two or more.
        leak_rate: Share of the test pictures (validation pictures where there is no test part)
            that have a copy among those learnt from; None where the source gives no such parts.
        is_thorough: Whether mirrored, turned and cropped copies were looked for.
    """

    ids: NDArray[np.int64]
    groups: tuple[CopyGroup, ...]
    leak_rate: float | None
    is_thorough: bool


def find_duplicates(dataset: Dataset) -> DuplicateGroups:
    """Find all copies in a data set.

    Args:
        dataset: The pictures with their thumbnails.
    """
    known = group_pictures(dataset).duplicates
    comparable = _comparable(dataset) if len(dataset) <= MOST_COMPARED else None
    pairs: tuple[CopyPair, ...] = () if comparable is None else find_copies(comparable)
    sets = Components(len(dataset))
    sets.join(known, np.arange(len(dataset)))
    sets.join(
        np.array([pair.first for pair in pairs], np.int64),
        np.array([pair.second for pair in pairs], np.int64),
    )
    kinds: dict[int, set[CopyKind]] = {}
    for pair in pairs:
        is_identical = dataset.hashes[pair.first] == dataset.hashes[pair.second]
        kind: CopyKind = "identical" if is_identical else pair.kind
        kinds.setdefault(int(sets.labels[pair.first]), set()).add(kind)
    groups = tuple(_group(dataset, rows, kinds) for rows in _members(sets.labels))
    return DuplicateGroups(
        ids=sets.labels,
        groups=groups,
        leak_rate=_leak_rate(dataset.parts, sets.labels),
        is_thorough=comparable is not None,
    )


def _comparable(dataset: Dataset) -> NDArray[np.uint8] | None:
    """Give squares of 64 × 64 colours to compare; None where pictures are too small or drawn."""
    if dataset.thumbnails is not None:
        return dataset.thumbnails
    _, height, width, colours = dataset.pixels.shape
    if dataset.prepare.ink is not None or colours != 3 or min(height, width) < SMALLEST:
        return None
    squares = np.empty((len(dataset), SIDE, SIDE, 3), np.uint8)
    for row, pixels in enumerate(dataset.pixels):
        image = Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
        squares[row] = rescale(np.asarray(image), dataset.prepare.full_scale, 255)
    return squares


def _group(dataset: Dataset, rows: Sequence[int], kinds: dict[int, set[CopyKind]]) -> CopyGroup:
    hashes = [dataset.hashes[row] for row in rows]
    found = set(kinds.get(rows[0], set()))
    if len(set(hashes)) < len(hashes):
        found.add("identical")
    if len(set(hashes)) > 1 and found <= {"identical"}:
        found.add("saved_again")
    parts = dict.fromkeys(dataset.parts[row] for row in rows if dataset.parts[row])
    return CopyGroup(
        rows=tuple(rows),
        kinds=tuple(kind for kind in SEVERITY if kind in found),
        classes=len(np.unique(dataset.labels[list(rows)])),
        parts=tuple(parts),
    )


def _members(ids: NDArray[np.int64]) -> list[list[int]]:
    """Give the groups of two or more, each led by the number that names it."""
    members: dict[int, list[int]] = {}
    for row in np.flatnonzero(np.bincount(ids, minlength=len(ids))[ids] > 1).tolist():
        members.setdefault(int(ids[row]), []).append(row)
    return list(members.values())


def _leak_rate(parts: Sequence[str], ids: NDArray[np.int64]) -> float | None:
    where = np.array(parts)
    judged = where == "test" if (where == "test").any() else where == "validation"
    learnt = (where == "train") | ((where == "validation") & ~judged)
    if not judged.any() or not learnt.any():
        return None
    return float(np.isin(ids[judged], ids[learnt]).mean())
