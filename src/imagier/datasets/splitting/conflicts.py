"""The same picture under two classes: left out while they are few, refused when they are many.

A picture that is identical to another of a different class teaches a contradiction, and nobody but
the owner of the data can tell which class is right. Up to 1 % of the pictures all of a
contradiction are named and left out; more are refused, for then something is wrong with the set as
a whole. `--strict` refuses a single one. Pictures of a test part that the source brings always
stay: a published test remains what it is. When the contradiction exists only together with such
pictures, learning is not hurt, and it is only noted.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from imagier.datasets.dataset import Dataset
from imagier.datasets.listing import Skipped, skip
from imagier.errors import DataError
from imagier.files import printable
from imagier.i18n import integer, t

__all__ = ["conflict_notes", "contradicting", "name_skipped", "named_files"]

MOST_LEFT_OUT = 0.01  # of the pictures
_NAMED = 4  # how many files a message names


def contradicting(
    dataset: Dataset,
    conflicts: Sequence[Sequence[int]],
    is_own_test: NDArray[np.bool_],
    *,
    strict: bool,
) -> NDArray[np.int64]:
    """Give the pictures to leave out, as indices.

    Args:
        dataset: The pictures.
        conflicts: Identical pictures under different classes, each as indices.
        is_own_test: Whether a picture is in a test part that the source brings, (N,).
        strict: Whether not even a few are left out.

    Raises:
        DataError: `label_conflict`, when they are too many to be left out.
    """
    learnt = [[row for row in group if not is_own_test[row]] for group in conflicts]
    learnt = [rows for rows in learnt if len(np.unique(dataset.labels[rows])) > 1]
    dropped = np.array(sorted(row for rows in learnt for row in rows), dtype=np.int64)
    if len(dropped) and (strict or len(dropped) > MOST_LEFT_OUT * len(dataset)):
        files = named_files(dataset, learnt[0])
        facts = {"name": printable(dataset.name), "n": len(learnt), "files": files}
        raise DataError("label_conflict", **facts)
    return dropped


def conflict_notes(
    dataset: Dataset, conflicts: Sequence[Sequence[int]], is_left_out: NDArray[np.bool_]
) -> Iterator[str]:
    """Say how many pictures were left out, and which contradictions stay."""
    if n := int(is_left_out.sum()):
        yield t("datasets.conflicts_left_out", n=n, count=integer(n))
    left = [rows for rows in conflicts if not is_left_out[list(rows)].any()]
    if left:
        yield t("datasets.conflict_in_test", n=len(left), files=named_files(dataset, left[0]))


def name_skipped(
    dataset: Dataset, conflicts: Sequence[Sequence[int]], dropped: NDArray[np.int64]
) -> tuple[Skipped, ...]:
    """Name each picture that was left out, with one that contradicts it."""
    gone = set(dropped.tolist())
    skipped = []
    for rows in conflicts:
        for row in rows:
            if row in gone:
                other = next(one for one in rows if dataset.labels[one] != dataset.labels[row])
                other_name, label = printable(dataset.names[other]), _class(dataset, other)
                skipped.append(
                    skip("picture_conflict", dataset.names[row], other=other_name, label=label)
                )
    return tuple(skipped)


def named_files(dataset: Dataset, rows: Sequence[int]) -> str:
    """Name some pictures with their classes on one line."""
    named = [f"{printable(dataset.names[row])} ({_class(dataset, row)})" for row in rows[:_NAMED]]
    return ", ".join(named) + (", …" if len(rows) > _NAMED else "")


def _class(dataset: Dataset, row: int) -> str:
    return printable(dataset.classes[int(dataset.labels[row])])
