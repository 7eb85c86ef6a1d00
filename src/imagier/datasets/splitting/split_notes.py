"""What a user should know about the parts before believing the figure, as sentences."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from imagier.datasets.dataset import Dataset
from imagier.datasets.splitting.assigning import FREE, UNUSED, Assignment
from imagier.datasets.splitting.conflicts import named_files
from imagier.datasets.splitting.duplicates import Grouping
from imagier.datasets.splitting.part_hashes import TEST, TRAIN
from imagier.datasets.splitting.split_file import SplitFile, safe_cell
from imagier.files import printable
from imagier.i18n import integer, t

__all__ = ["FEW_TEST_PICTURES", "reuse_notes", "split_notes"]

FEW_TEST_PICTURES = 30
_NAMED = 5  # how many classes a note names

Parts = NDArray[np.int8]


def split_notes(
    dataset: Dataset, grouping: Grouping, own: Parts, done: Assignment
) -> tuple[str, ...]:
    """Say what about the parts limits what the test can tell.

    Args:
        dataset: The pictures.
        grouping: Which belong together.
        own: The part that the source gives to each, (N,).
        done: The part that each has got.
    """
    return (
        *_conflict_notes(dataset, grouping, own),
        *_oversized_notes(dataset, grouping),
        *_part_notes(dataset, own, done),
        *_class_notes(dataset, done),
        *_unknown_groups(dataset),
    )


def reuse_notes(dataset: Dataset, file: SplitFile, known: Parts) -> tuple[str, ...]:
    """Say what differs between a split file and the pictures that are there.

    Args:
        dataset: The pictures.
        file: The split file.
        known: The parts it gives, `FREE` for a picture that it does not know, (N,).
    """
    hashes = set(dataset.hashes.tolist())
    missing = [file_name for file_name, hash_ in file.by_row if hash_ not in hashes]
    new = np.flatnonzero(known == FREE)
    notes = []
    if missing:
        notes.append(
            t("datasets.split_missing", first=printable(missing[0]), **_counted(len(missing)))
        )
    if len(new):
        first = printable(safe_cell(dataset.names[new[0]]))
        notes.append(t("datasets.split_new", first=first, **_counted(len(new))))
    return tuple(notes)


def _conflict_notes(dataset: Dataset, grouping: Grouping, own: Parts) -> Iterator[str]:
    left = [rows for rows in grouping.conflicts if (own[list(rows)] != UNUSED).all()]
    if left:
        yield t("datasets.conflict_in_test", n=len(left), files=named_files(dataset, left[0]))


def _oversized_notes(dataset: Dataset, grouping: Grouping) -> Iterator[str]:
    if grouping.oversized:
        largest = max(grouping.oversized, key=len)
        yield t(
            "datasets.oversized_groups",
            n=len(grouping.oversized),
            size=len(largest),
            files=named_files(dataset, largest),
        )


def _part_notes(dataset: Dataset, own: Parts, done: Assignment) -> Iterator[str]:
    unused = int(((own == TEST) & (done.parts == UNUSED)).sum())
    if unused:
        yield t("datasets.own_test_unused", **_counted(unused))
    if done.moved:
        yield t("datasets.moved_groups", n=len(done.moved), classes=_some(dataset, done.moved))
    test = int((done.parts == TEST).sum())
    if 0 < test < FEW_TEST_PICTURES:
        yield t("datasets.few_test_pictures", n=test)


def _class_notes(dataset: Dataset, done: Assignment) -> Iterator[str]:
    present = np.unique(dataset.labels[done.parts != UNUSED])
    unlearnt = np.setdiff1d(present, dataset.labels[done.parts == TRAIN])
    if len(unlearnt):
        yield t("datasets.class_not_learnt", n=len(unlearnt), classes=_some(dataset, unlearnt))
    if (done.parts == TEST).any():
        untested = np.setdiff1d(present, dataset.labels[done.parts == TEST])
        if len(untested):
            yield t("datasets.class_not_tested", n=len(untested), classes=_some(dataset, untested))


def _unknown_groups(dataset: Dataset) -> Iterator[str]:
    if not all(dataset.groups):
        yield t("datasets.unknown_groups")


def _some(dataset: Dataset, labels: Sequence[int] | NDArray[np.int64]) -> str:
    named = [printable(dataset.classes[int(label)]) for label in labels[:_NAMED]]
    return ", ".join(named) + (", …" if len(labels) > _NAMED else "")


def _counted(n: int) -> dict[str, int | str]:
    """Give a number for the choice of singular or plural, and as it is written."""
    return {"n": n, "count": integer(n)}
