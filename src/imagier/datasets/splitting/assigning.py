"""Groups of pictures go to training, validation or test by a seeded hash, class by class.

A group's name (the one the source gives, else the smallest pixel hash among its pictures) and the
seed give a number between 0 and 1, as good as drawn by lot: its *rank*. In each class the groups
stand in the order of their ranks. Those that hold the first 15 % of the class's pictures are for
the test, those that hold the next 15 % of the remaining ones for validation, the others for
training. So every class gives its share, as near as its groups can be counted, whatever the order,
the number or the names of the files; and a picture that is added moves at most the groups that
stand at the two boundaries of its class.

- A group that holds several classes counts in the one that most of its pictures have.
- A class of three groups or more has one at least in each part. A group of more than 30 % of its
  class comes last in its order: for the test it would be far more than its share.
- Classes of one or two groups keep the later group for training, and what they can spare is ranked
  as if it were one class.
- A group that alone holds some class is always for training.
- More than 5,000 pictures are never wanted for validation: each class then gives a smaller share.
- Where a model has learnt before, pictures that it knows stay in the part in which they stood.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagier.datasets.dataset import Dataset

__all__ = [
    "FREE",
    "TEST",
    "TRAIN",
    "UNUSED",
    "VALIDATION",
    "assign",
    "extend",
    "group_names",
    "rank_groups",
]

TRAIN, VALIDATION, TEST, UNUSED, FREE = range(5)
TEST_SHARE = 0.15
VALIDATION_SHARE = 0.15
LARGEST_VALIDATION = 5_000
FULL_CLASS = 3  # groups from which on a class has a right to every part
LARGE_GROUP = 0.3  # of the pictures of its class

Parts = NDArray[np.int8]
Integers = NDArray[np.int64]


def group_names(dataset: Dataset, ids: NDArray[np.int64]) -> tuple[str, ...]:
    """Name the group of each picture by what it holds, never by a position.

    Identical pictures that were too many to be one group are told apart by their file names.

    Args:
        dataset: The pictures.
        ids: The group of each, (N,).
    """
    groups: list[int] = ids.tolist()
    names: dict[int, tuple[bool, str]] = {}  # given names go first, then the smallest
    for group, given, found in zip(groups, dataset.groups, dataset.hashes.tolist(), strict=True):
        name = (not given, given or found)
        names[group] = min(name, names.get(group, name))
    shared = Counter(names.values())
    files = {
        group: f"{names[group][1]} {file}"
        for group, file in zip(groups, dataset.names, strict=True)
        if shared[names[group]] > 1
    }
    return tuple(files.get(group, names[group][1]) for group in groups)


def rank_groups(names: Sequence[str], seed: int) -> NDArray[np.float64]:
    """Give a number in [0, 1) for each group name, (n,), always the same.

    >>> rank_groups(["a", "b"], seed=0).round(3).tolist()
    [0.052, 0.243]
    """
    digests = b"".join(
        hashlib.sha256(f"{seed}\n{name}".encode("utf-8", "surrogatepass")).digest()[:8]
        for name in names
    )
    numbers = np.frombuffer(digests, dtype=">u8")
    return (numbers >> np.uint64(11)) / float(1 << 53)


def assign(
    own: Parts,
    names: Sequence[str],
    labels: Integers,
    *,
    seed: int,
    earlier: Parts | None = None,
) -> Parts:
    """Keep the parts that the source brings and make those it lacks.

    A part that it lacks is taken from its training pictures and from those of no part.

    Args:
        own: The source's part of each picture, `FREE` where it gives none, (N,).
        names: The name of each picture's group, (N,).
        labels: The class of each picture, (N,).
        seed: Another seed gives other parts.
        earlier: The part in which each picture stood for a model that learning goes on from,
            `FREE` where it stood in none, (N,). Its group stands there again, where the source
            does not say otherwise.

    Returns:
        `TRAIN`, `VALIDATION`, `TEST` or `UNUSED` for each picture, (N,).
    """
    parts = own.copy()
    is_free = (own == TRAIN) | (own == FREE)
    if earlier is not None:
        stood = _stood_again(own, names, np.where(is_free, earlier, FREE))
        parts = np.where(stood == FREE, own, stood).astype(own.dtype)
        is_free &= stood == FREE
    rows = np.flatnonzero(is_free)
    if not len(rows):
        return parts
    numbers: dict[str, int] = {}
    groups = np.array([numbers.setdefault(names[row], len(numbers)) for row in rows.tolist()])
    ranks = rank_groups(list(numbers), seed)
    test = 0.0 if (own == TEST).any() else TEST_SHARE
    validation = 0.0 if (own == VALIDATION).any() else VALIDATION_SHARE * (1 - test)
    shares = _Shares(test=test, validation=validation)
    parts[rows] = _parts_of_groups(_strata(groups, labels[rows], ranks), len(numbers), shares)[
        groups
    ]
    return parts


def _stood_again(own: Parts, names: Sequence[str], earlier: Parts) -> Parts:
    """Give all pictures of a group the earlier part of one of them; the first part goes first.

    What was learnt from is never tested, and a part that the source brings takes no other picture.
    """
    part_of: dict[str, int] = {}
    for row in np.flatnonzero(earlier != FREE).tolist():
        part_of[names[row]] = min(int(earlier[row]), part_of.get(names[row], FREE))
    brought = {part for part in (VALIDATION, TEST) if (own == part).any()}
    return np.array(
        [
            _without(part_of.get(name, FREE), brought) if part in (TRAIN, FREE) else FREE
            for name, part in zip(names, own.tolist(), strict=True)
        ],
        dtype=own.dtype,
    )


def _without(part: int, brought: set[int]) -> int:
    """Learn from what would stand in a part that the source brings."""
    return TRAIN if part in brought else part


def extend(known: Parts, names: Sequence[str], *, seed: int) -> Parts:
    """Give new pictures the part of their group where it has one, else the one its rank tells.

    Args:
        known: The parts that are reused, `FREE` for a new picture, (N,).
        names: The name of each picture's group, (N,).
        seed: The seed of the ranks.
    """
    of_group = {names[row]: known[row] for row in np.flatnonzero(known != FREE)[::-1].tolist()}
    rows = np.flatnonzero(known == FREE)
    ranks = rank_groups([names[row] for row in rows.tolist()], seed)
    learnt = TEST_SHARE + VALIDATION_SHARE * (1 - TEST_SHARE)
    told = np.where(ranks < TEST_SHARE, TEST, np.where(ranks < learnt, VALIDATION, TRAIN))
    parts = known.copy()
    for row, part in zip(rows.tolist(), told.tolist(), strict=True):
        parts[row] = of_group.get(names[row], part)
    return parts


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shares:
    """Shares of a class's pictures, 0 where a part is not made."""

    test: float
    validation: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Stratum:
    """Groups in the order of their ranks, of which the first are for the test.

    Attributes:
        groups: Their numbers, (n,); the last may be for training in any case and are left out.
        sizes: How many pictures each has, (n,).
        total: How many pictures the shares are of.
        least: How many groups each part has at least.
    """

    groups: Integers
    sizes: Integers
    total: int
    least: int


def _strata(groups: Integers, labels: Integers, ranks: NDArray[np.float64]) -> list[_Stratum]:
    """Put the groups in order, class by class; those of small classes together."""
    sizes = np.bincount(groups, minlength=len(ranks))
    pairs, counts = np.unique(np.stack([groups, labels], axis=1), axis=0, return_counts=True)
    is_alone = np.bincount(pairs[:, 1])[pairs[:, 1]] == 1
    is_bound = np.zeros(len(ranks), dtype=bool)
    is_bound[pairs[is_alone, 0]] = True
    order = np.lexsort((pairs[:, 1], -counts, pairs[:, 0]))  # the commonest class of each first
    _, first = np.unique(pairs[order, 0], return_index=True)
    classes = pairs[order[first], 1]
    strata, spare, few = [], [], 0
    for label in np.unique(classes).tolist():
        of_class = np.flatnonzero(classes == label)
        total = int(sizes[of_class].sum())
        is_large = sizes[of_class] > LARGE_GROUP * total
        of_class = of_class[np.lexsort((ranks[of_class], is_large))]
        free = of_class[~is_bound[of_class]]
        if len(of_class) < FULL_CLASS:
            spare += free[: len(of_class) - 1].tolist()
            few += total
        else:
            free = free[: len(of_class) - 1]
            strata.append(_Stratum(groups=free, sizes=sizes[free], total=total, least=1))
    pooled = np.array(sorted(spare, key=lambda group: ranks[group]), dtype=np.int64)
    return [*strata, _Stratum(groups=pooled, sizes=sizes[pooled], total=few, least=0)]


def _parts_of_groups(strata: Sequence[_Stratum], count: int, shares: _Shares) -> Parts:
    """Give each group its part, (count,)."""
    kept = 1 if shares.validation else 0
    first = [_nearest(stratum, shares.test, 0, keep=kept) for stratum in strata]
    second = [
        _nearest(stratum, shares.test + shares.validation, begin) if shares.validation else begin
        for stratum, begin in zip(strata, first, strict=True)
    ]
    planned = [
        (stratum, _enough(stratum, shares, begin, end), end)
        for stratum, begin, end in zip(strata, first, second, strict=True)
    ]
    wanted = sum(int(stratum.sizes[begin:end].sum()) for stratum, begin, end in planned)
    if wanted > LARGEST_VALIDATION:
        share = LARGEST_VALIDATION / sum(stratum.total for stratum in strata)
        planned = [
            (stratum, begin, _within(stratum, share, begin)) for stratum, begin, _ in planned
        ]
    parts = np.full(count, TRAIN, dtype=np.int8)
    for stratum, begin, end in planned:
        parts[stratum.groups[:begin]] = TEST
        parts[stratum.groups[begin:end]] = VALIDATION
    return parts


def _nearest(stratum: _Stratum, share: float, begin: int, *, keep: int = 0) -> int:
    """Tell how many of the first groups come nearest to a share of the pictures.

    Args:
        stratum: The groups.
        share: The share, 0 for none.
        begin: How many are taken already; the least number comes after them.
        keep: Whether as many as the least number are to be left.
    """
    if not share:
        return begin
    sums = np.concatenate([[0], np.cumsum(stratum.sizes)])
    nearest = int(np.argmin(np.abs(sums - share * stratum.total)))
    last = max(0, len(stratum.groups) - keep * stratum.least)
    return max(begin, min(last, max(nearest, begin + stratum.least)))


def _enough(stratum: _Stratum, shares: _Shares, begin: int, end: int) -> int:
    """Give the test the next group too, where validation had more and the share is as near."""
    sums = np.concatenate([[0], np.cumsum(stratum.sizes)])
    if not (shares.test and shares.validation) or end - begin - 1 < max(1, stratum.least):
        return begin
    wanted = shares.test * stratum.total
    is_as_near = sums[begin + 1] - wanted <= wanted - sums[begin]
    return begin + int(is_as_near and sums[end] - sums[begin] > sums[begin])


def _within(stratum: _Stratum, share: float, begin: int) -> int:
    """Tell up to which group no more than a share of the pictures follows the first `begin`."""
    sums = np.cumsum(stratum.sizes[begin:])
    taken = int(np.searchsorted(sums, share * stratum.total, side="right"))
    left = len(stratum.groups) - begin
    return begin + max(taken, min(stratum.least, left))
