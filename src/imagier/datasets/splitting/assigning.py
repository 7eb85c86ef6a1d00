"""Give every picture its part: the source's own, a reused one, or that of its group's hash."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagier.datasets.splitting.gaps import Gaps
from imagier.datasets.splitting.part_hashes import TEST, TRAIN, VALIDATION, draw_lots, hashed_parts

__all__ = ["FREE", "UNUSED", "Assignment", "assign", "extend"]

UNUSED, FREE = 3, 4

Parts = NDArray[np.int8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Assignment:
    """The part of each picture, and what had to be done for it.

    Attributes:
        parts: `TRAIN`, `VALIDATION`, `TEST` or `UNUSED`, (N,).
        made: The parts that the hashes made, training aside.
        moved: The classes for which groups were moved, as labels.
    """

    parts: Parts
    made: tuple[int, ...] = ()
    moved: tuple[int, ...] = ()


def assign(
    own: Parts, names: Sequence[str], labels: NDArray[np.int64], *, seed: int, with_test: bool
) -> Assignment:
    """Keep the parts that the source brings and make those it lacks.

    A test part that it lacks is taken from its training pictures and from those of no part, then a
    validation part from what remains.

    Args:
        own: The source's part of each picture, `FREE` where it gives none, (N,).
        names: The name of each picture's group, (N,).
        labels: The class of each picture, (N,).
        seed: Another seed gives other parts.
        with_test: Whether a test part is wanted; without, the source's own is left unused.
    """
    parts = own.copy()
    if not with_test:
        parts[own == TEST] = UNUSED
    made = [part for part in (TEST, VALIDATION) if not (own == part).any()]
    if not with_test and TEST in made:
        made.remove(TEST)
    rows = np.flatnonzero((own == TRAIN) | (own == FREE))
    groups: dict[str, int] = {}
    numbers = np.array([groups.setdefault(names[row], len(groups)) for row in rows.tolist()], int)
    lots, sizes = draw_lots(list(groups), seed), np.bincount(numbers, minlength=len(groups))
    hashed, share = hashed_parts(
        lots, sizes, with_test=TEST in made, with_validation=VALIDATION in made
    )
    members = np.unique(np.stack([numbers, labels[rows]], axis=1), axis=0)
    gaps = Gaps(hashed, lots, share, members)
    gaps.fill(made)
    parts[rows] = gaps.parts[numbers]
    return Assignment(parts=parts, made=tuple(made), moved=tuple(sorted(set(gaps.moved))))


def extend(known: Parts, names: Sequence[str], *, seed: int, with_test: bool) -> Assignment:
    """Give new pictures the part of their group where it has one, else the one its hash tells.

    Args:
        known: The parts that are reused, `FREE` for a new picture, (N,).
        names: The name of each picture's group, (N,).
        seed: The seed of the hash.
        with_test: Whether a test part is wanted; without, that of the reused parts is left unused.
    """
    of_group = {names[row]: known[row] for row in np.flatnonzero(known != FREE)[::-1].tolist()}
    rows = np.flatnonzero(known == FREE)
    lots = draw_lots([names[row] for row in rows.tolist()], seed)
    hashed, _ = hashed_parts(
        lots, np.ones(len(rows), dtype=np.int64), with_test=with_test, with_validation=True
    )
    parts = known.copy()
    for row, part in zip(rows.tolist(), hashed.tolist(), strict=True):
        parts[row] = of_group.get(names[row], part)
    if not with_test:
        parts[parts == TEST] = UNUSED
    return Assignment(parts=parts)
