"""Which part a group belongs to, told by a hash alone.

A group's name (the one the source gives, else the smallest pixel hash among its pictures) and the
seed give two numbers between 0 and 1, as good as drawn by lot. A group is for the test when the
first is below 0.15; of the others, those are for validation whose second is below a share. Nothing
depends on the order, the number or the names of the files: adding pictures moves none.

The share for validation is 0.15. Where that would be more than 5,000 pictures it is halved, as
often as needed: a set that grows keeps its parts until it has doubled.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from imagier.datasets.dataset import Dataset

__all__ = [
    "LARGEST_VALIDATION",
    "TEST",
    "TEST_SHARE",
    "TRAIN",
    "VALIDATION",
    "VALIDATION_SHARE",
    "draw_lots",
    "group_names",
    "hashed_parts",
]

TRAIN, VALIDATION, TEST = range(3)
TEST_SHARE = 0.15
VALIDATION_SHARE = 0.15
LARGEST_VALIDATION = 5_000


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


def draw_lots(names: Sequence[str], seed: int) -> NDArray[np.float64]:
    """Give two numbers in [0, 1) for each group name, (n, 2), always the same.

    >>> draw_lots(["a", "b"], seed=0).round(3).tolist()
    [[0.052, 0.544], [0.243, 0.97]]
    """
    digests = b"".join(
        hashlib.sha256(f"{seed}\n{name}".encode("utf-8", "surrogatepass")).digest()[:16]
        for name in names
    )
    numbers = np.frombuffer(digests, dtype=">u8").reshape(-1, 2)
    return (numbers >> np.uint64(11)) / float(1 << 53)


def hashed_parts(
    lots: NDArray[np.float64], sizes: NDArray[np.int64], *, with_test: bool, with_validation: bool
) -> tuple[NDArray[np.int8], float]:
    """Give each group its part, (n,), and the share that was taken for validation.

    Args:
        lots: The two numbers of each group, (n, 2).
        sizes: How many pictures each has, (n,).
        with_test: Whether groups may be for the test.
        with_validation: Whether groups may be for validation.
    """
    parts = np.full(len(lots), TRAIN, dtype=np.int8)
    if with_test:
        parts[lots[:, 0] < TEST_SHARE] = TEST
    share = 0.0
    if with_validation:
        rest = parts == TRAIN
        share = _validation_share(lots[rest, 1], sizes[rest])
        parts[rest & (lots[:, 1] < share)] = VALIDATION
    return parts, share


def _validation_share(lots: NDArray[np.float64], sizes: NDArray[np.int64]) -> float:
    share = VALIDATION_SHARE
    while sizes[lots < share].sum() > LARGEST_VALIDATION:
        share /= 2
    return share
