"""Parts to learn from, to choose with, and to judge with once: training, validation, test.

The rule (deck chapter 4 asks for a test on pictures that were not learnt):

1. Parts that the source brings are kept as they are.
2. A missing test part is 15 % of the pictures, a missing validation part 15 % of the remaining
   training pictures, 5,000 at most. The hash of a picture's group decides, so adding pictures moves
   none; see `part_hashes`.
3. Where a class of three groups or more lacks a part, groups are moved; see `gaps`.
4. Pictures of one group stand in one part; see `duplicates`. Where parts that the source brings
   tear a group, nothing is moved: the *leak rate* says which share of the test pictures has a twin
   among those that were learnt from or chosen with.
5. The same picture under two classes is refused or left out; see `conflicts`.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imagier.datasets.dataset import Dataset
from imagier.datasets.listing import Skipped
from imagier.datasets.splitting.assigning import FREE, UNUSED, assign, extend
from imagier.datasets.splitting.conflicts import named_skipped, refuse_or_drop
from imagier.datasets.splitting.duplicates import Grouping, group_pictures
from imagier.datasets.splitting.part_hashes import TEST, TRAIN, VALIDATION, group_names
from imagier.datasets.splitting.split_file import SplitFile, read_split_file, safe_cell, split_text
from imagier.datasets.splitting.split_notes import reuse_notes, split_notes
from imagier.errors import DataError
from imagier.files import printable

__all__ = ["Split", "split", "split_rows"]

_CODES = {"train": TRAIN, "validation": VALIDATION, "test": TEST}

Rows = NDArray[np.int64]
Parts = NDArray[np.int8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Split:
    """The parts of a data set.

    Attributes:
        train: The pictures to learn from, as indices in order.
        validation: Those to choose with.
        test: Those to judge with, once; empty when the test is another source.
        groups: The group of each picture of the data set, (N,): equal numbers belong together.
        leak_rate: Share of the test pictures that have a twin, or a picture of the same group, in
            training or validation; None without test pictures.
        notes: What the user should know about the parts, as sentences.
        skipped: Pictures left out of all parts, because identical ones stand under another class.
    """

    train: Rows
    validation: Rows
    test: Rows
    groups: Rows
    leak_rate: float | None
    notes: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()


def split(
    dataset: Dataset,
    *,
    seed: int,
    with_test: bool = True,
    drop_conflicts: bool = False,
    reuse: Path | None = None,
) -> Split:
    """Divide a data set into training, validation and test.

    Args:
        dataset: The pictures.
        seed: Another seed gives other parts.
        with_test: Whether a test part is wanted; not when the test is another source.
        drop_conflicts: Whether identical pictures under two classes are left out, not refused.
        reuse: A split file whose parts are used again. A picture is known by its name and pixels,
            or by its pixels alone; one that is not in the file gets the part of its group, else the
            one its hash tells.

    Raises:
        DataError: `one_class`, `too_few_pictures` or `label_conflict`.
        UsageError: `split_file_missing` or `split_file_damaged`.
    """
    file = read_split_file(reuse) if reuse else None
    grouping = group_pictures(dataset)
    own = np.array([_CODES.get(part, FREE) for part in dataset.parts], dtype=np.int8)
    dropped = refuse_or_drop(dataset, grouping.conflicts, own == TEST, drop=drop_conflicts)
    own[dropped] = UNUSED
    _check_classes(dataset, dataset.labels[own != UNUSED])
    names = group_names(dataset, grouping.ids)
    notes: tuple[str, ...] = ()
    if file is None:
        done = assign(own, names, dataset.labels, seed=seed, with_test=with_test)
    else:
        known = _known_parts(dataset, file, own)
        done = extend(known, names, seed=seed, with_test=with_test)
        notes = reuse_notes(dataset, file, known)
    _check_parts(dataset, done.parts, with_test=with_test)
    return Split(
        train=np.flatnonzero(done.parts == TRAIN),
        validation=np.flatnonzero(done.parts == VALIDATION),
        test=np.flatnonzero(done.parts == TEST),
        groups=grouping.ids,
        leak_rate=_leak_rate(done.parts, grouping),
        notes=(*notes, *split_notes(dataset, grouping, own, done)),
        skipped=named_skipped(dataset, grouping.conflicts, dropped),
    )


def split_rows(dataset: Dataset, split: Split) -> str:
    """Write the parts as the text of `split.csv`, one row a picture of the data set."""
    parts = np.full(len(dataset), "", dtype="U10")
    for part in _CODES:
        parts[getattr(split, part)] = part
    groups = group_names(dataset, split.groups)
    columns = (dataset.names, dataset.hashes.tolist(), groups, parts.tolist())
    return split_text(zip(*columns, strict=True))


def _known_parts(dataset: Dataset, file: SplitFile, own: Parts) -> Parts:
    """Give each picture the part that the file tells, else that of the source."""
    known = own.copy()
    codes = _CODES | {"": UNUSED}
    rows = zip(dataset.names, dataset.hashes.tolist(), strict=True)
    for row, (name, hash_) in enumerate(rows):
        part = file.by_row.get((safe_cell(name), hash_), file.by_hash.get(hash_))
        if part is not None and own[row] != UNUSED:
            known[row] = codes[part]
    return known


def _check_classes(dataset: Dataset, labels: Rows) -> None:
    """Make sure that there is something to tell apart."""
    counts = np.bincount(labels, minlength=len(dataset.classes))
    name = printable(dataset.name)
    present = np.flatnonzero(counts)
    if len(present) == 1:
        raise DataError("one_class", name=name, label=printable(dataset.classes[present[0]]))
    if (counts >= 2).sum() < 2:
        raise DataError("too_few_pictures", name=name, n=len(labels), classes=len(present))


def _check_parts(dataset: Dataset, parts: Parts, *, with_test: bool) -> None:
    """Make sure that no part is empty and that two classes at least can be learnt."""
    wanted = (TRAIN, VALIDATION, TEST) if with_test else (TRAIN, VALIDATION)
    learnt = np.unique(dataset.labels[parts == TRAIN])
    name = printable(dataset.name)
    if len(learnt) == 1:
        raise DataError("one_class", name=f"{name}: train", label=dataset.classes[learnt[0]])
    if not all((parts == part).any() for part in wanted):
        classes = len(np.unique(dataset.labels))
        raise DataError("too_few_pictures", name=name, n=len(dataset), classes=classes)


def _leak_rate(parts: Parts, grouping: Grouping) -> float | None:
    test = parts == TEST
    if not test.any():
        return None
    seen = (parts == TRAIN) | (parts == VALIDATION)
    twins = np.isin(grouping.twins[test], grouping.twins[seen])
    mates = np.isin(grouping.ids[test], grouping.ids[seen])
    return float((twins | mates).mean())
