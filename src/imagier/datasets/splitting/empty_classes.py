"""Classes that no part holds a picture of: no recogniser learns them, none is to know them."""

import dataclasses

import numpy as np

from imagier.datasets.dataset import Dataset
from imagier.datasets.splitting.splitter import Split
from imagier.files import printable
from imagier.i18n import t

__all__ = ["without_empty_classes"]


def without_empty_classes(dataset: Dataset, split: Split) -> tuple[Dataset, Split]:
    """Leave out the classes of which no picture stands in any part, and say why.

    It happens where all pictures of a class are also pictures of another class, and where a split
    file leaves all of them out.

    Returns:
        The data set and its parts; both as they were where each class has a picture.
    """
    used = np.concatenate([split.train, split.validation, split.test])
    there = np.unique(dataset.labels[used])
    if len(there) == len(dataset.classes):
        return dataset, split
    rows = np.flatnonzero(np.isin(dataset.labels, there))
    gone = np.setdiff1d(np.arange(len(dataset.classes)), there)
    kept = dataset.take(rows)
    kept = dataclasses.replace(
        kept,
        classes=tuple(dataset.classes[label] for label in there.tolist()),
        labels=np.searchsorted(there, kept.labels),
    )
    parts = {
        part: np.searchsorted(rows, getattr(split, part))
        for part in ("train", "validation", "test")
    }
    notes = tuple(_note(dataset, split, int(label)) for label in gone)
    return kept, dataclasses.replace(
        split, **parts, groups=split.groups[rows], notes=(*split.notes, *notes)
    )


def _note(dataset: Dataset, split: Split, label: int) -> str:
    names = {dataset.names[row] for row in np.flatnonzero(dataset.labels == label).tolist()}
    reason = next((each.message for each in split.skipped if each.path in names), "")
    facts = {"label": printable(dataset.classes[label]), "reason": reason}
    return t("datasets.class_in_no_part", **facts).rstrip()
