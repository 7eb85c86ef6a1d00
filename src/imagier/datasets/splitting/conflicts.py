"""The same picture under two classes: refused, left out on demand, or noted.

A picture that is identical to another of a different class teaches a contradiction. The owner of
the data is to mend it, so it is refused; `--drop-conflicts` leaves all pictures of the
contradiction out. Pictures of a test part that the source brings always stay: a published test
remains what it is. When the contradiction exists only together with such pictures, learning is not
hurt, and it is noted instead of refused.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from imagier.datasets.dataset import Dataset
from imagier.datasets.listing import Skipped, skip
from imagier.errors import DataError
from imagier.files import printable

__all__ = ["named_files", "named_skipped", "refuse_or_drop"]

_NAMED = 4  # how many files a message names


def refuse_or_drop(
    dataset: Dataset,
    conflicts: Sequence[Sequence[int]],
    is_own_test: NDArray[np.bool_],
    *,
    drop: bool,
) -> NDArray[np.int64]:
    """Give the pictures to leave out, as indices.

    Args:
        dataset: The pictures.
        conflicts: Identical pictures under different classes, each as indices.
        is_own_test: Whether a picture is in a test part that the source brings, (N,).
        drop: Whether contradicting pictures are left out.

    Raises:
        DataError: `label_conflict`, when they are not to be left out.
    """
    learnt = [[row for row in group if not is_own_test[row]] for group in conflicts]
    if drop:
        return np.array(sorted(row for rows in learnt for row in rows), dtype=np.int64)
    refused = [rows for rows in learnt if len(np.unique(dataset.labels[rows])) > 1]
    if refused:
        files = named_files(dataset, refused[0])
        n = len(refused)
        raise DataError("label_conflict", name=printable(dataset.name), n=n, files=files)
    return np.array([], dtype=np.int64)


def named_skipped(
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
