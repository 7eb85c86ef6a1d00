"""The training, validation and test parts: groups, label conflicts, assignment, leak rate.

The rule (deck chapter 4 asks for a test on pictures that were not learnt):

1. Parts that the source brings are kept as they are.
2. A missing test part is 15 % of the pictures of each class, a missing validation part 15 % of the
   remaining training pictures, 5,000 at most. A hash of a picture's group decides, so adding a
   picture moves at most those at the boundaries of its class; see `assigning`.
3. Pictures of one group stand in one part; see `duplicates`. Where parts that the source brings
   tear a group, nothing is moved: the *leak rate* says which share of the test pictures has a
   duplicate among those that were learnt from or chosen with.
4. The same picture under two classes is left out or refused; see `conflicts`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imagier.datasets.dataset import Dataset
from imagier.datasets.keyed_hashes import keyed_hash
from imagier.datasets.listing import Skipped
from imagier.datasets.splitting.assigning import (
    FREE,
    TEST,
    TRAIN,
    UNUSED,
    VALIDATION,
    assign,
    extend,
    group_names,
)
from imagier.datasets.splitting.conflicts import (
    conflict_notes,
    contradicting,
    name_skipped,
    named_files,
)
from imagier.datasets.splitting.duplicates import Grouping, group_pictures
from imagier.datasets.splitting.part_notes import few_pictures_note, unknown_groups_note
from imagier.datasets.splitting.split_file import SplitFile, read_split_file, split_text
from imagier.errors import DataError
from imagier.files import printable
from imagier.i18n import integer, t

__all__ = ["FEW_TEST_PICTURES", "Split", "split", "split_rows"]

FEW_TEST_PICTURES = 30
_NAMED = 5  # how many classes a note names
_CODES = {"train": TRAIN, "validation": VALIDATION, "test": TEST}

Rows = NDArray[np.int64]
Parts = NDArray[np.int8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Split:
    """The parts of a data set.

    Attributes:
        train: The pictures to learn from, as indices in order.
        validation: Those to choose with.
        test: Those to judge with, once.
        groups: The group of each picture of the data set, (N,): equal numbers belong together.
        leak_rate: Share of the test pictures that have a duplicate, or a picture of the same group,
            in training or validation; None without test pictures.
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
    strict: bool = False,
    reuse: Path | None = None,
    by_class: bool = True,
    earlier: Sequence[str] = (),
) -> Split:
    """Divide a data set into training, validation and test.

    Args:
        dataset: The pictures.
        seed: Another seed gives other parts.
        strict: Whether identical pictures under two classes are refused, however few they are.
        reuse: A split file whose parts are used again. A picture is known by its name and pixels,
            or by its pixels alone; one that is not in the file gets the part of its group, else the
            one its rank tells.
        by_class: Whether every class gives its share; not where each picture is nearly a class of
            its own, as lines with their texts are.
        earlier: The part in which each picture stood for a model that learning goes on from, empty
            where it stood in none; it stands there again.

    Raises:
        DataError: `one_class`, `too_few_pictures` or `label_conflict`.
        UsageError: `split_file_missing` or `split_file_damaged`.
    """
    file = read_split_file(reuse) if reuse else None
    grouping = group_pictures(dataset)
    own = np.array([_CODES.get(part, FREE) for part in dataset.parts], dtype=np.int8)
    dropped = contradicting(dataset, grouping.conflicts, own == TEST, strict=strict)
    own[dropped] = UNUSED
    if by_class:
        _check_classes(dataset, dataset.labels[own != UNUSED])
    names = group_names(dataset, grouping.ids)
    notes: tuple[str, ...] = ()
    if file is None:
        stood = np.array([_CODES.get(part, FREE) for part in earlier], dtype=np.int8)
        before = stood if len(stood) else None
        labels = dataset.labels if by_class else np.zeros_like(dataset.labels)
        parts = assign(own, names, labels, seed=seed, earlier=before)
    else:
        known = _known_parts(dataset, file, own)
        parts = extend(known, names, seed=seed)
        notes = tuple(_reuse_notes(dataset, file, known))
    _check_parts(dataset, parts, by_class=by_class)
    return Split(
        train=np.flatnonzero(parts == TRAIN),
        validation=np.flatnonzero(parts == VALIDATION),
        test=np.flatnonzero(parts == TEST),
        groups=grouping.ids,
        leak_rate=_leak_rate(parts, grouping),
        notes=(*notes, *_notes(dataset, grouping, own, parts, by_class=by_class)),
        skipped=name_skipped(dataset, grouping.conflicts, dropped),
    )


def split_rows(dataset: Dataset, split: Split, *, key: str = "") -> str:
    """Write the parts as the text of `split.csv`, one row a picture of the data set.

    Args:
        dataset: The pictures.
        split: Their parts.
        key: The key under which hashes are written, without names of files and groups; with an
            empty one, both stand there as they are.
    """
    parts = np.full(len(dataset), "", dtype="U10")
    for part in _CODES:
        parts[getattr(split, part)] = part
    if key:
        names = tuple(str(number) for number in range(1, len(dataset) + 1))
        hashes = [keyed_hash(hash_, key) for hash_ in dataset.hashes.tolist()]
        _, first, numbers = np.unique(split.groups, return_index=True, return_inverse=True)
        groups = tuple(str(number + 1) for number in np.argsort(np.argsort(first))[numbers])
    else:
        names, hashes = dataset.names, dataset.hashes.tolist()
        groups = group_names(dataset, split.groups)
    return split_text(zip(names, hashes, groups, parts.tolist(), strict=True), key=key)


def _known_parts(dataset: Dataset, file: SplitFile, own: Parts) -> Parts:
    """Give each picture the part that the file tells, else that of the source."""
    known = own.copy()
    codes = _CODES | {"": UNUSED}
    rows = zip(dataset.names, dataset.hashes.tolist(), strict=True)
    for row, (name, plain) in enumerate(rows):
        hash_ = keyed_hash(plain, file.key)
        part = file.by_row.get((name, hash_), file.by_hash.get(hash_))
        if part is not None and own[row] != UNUSED:
            known[row] = codes[part]
    return known


def _check_classes(dataset: Dataset, labels: Rows) -> None:
    """Make sure that there is something to tell apart."""
    counts = np.bincount(labels, minlength=len(dataset.classes))
    name = printable(dataset.name)
    present = np.flatnonzero(counts)
    if len(present) == 1:
        facts = {"label": printable(dataset.classes[present[0]]), "hint": ""}
        raise DataError("one_class", name=name, **facts)
    if (counts >= 2).sum() < 2:
        raise DataError("too_few_pictures", name=name, n=len(labels), classes=len(present))


def _check_parts(dataset: Dataset, parts: Parts, *, by_class: bool) -> None:
    """Make sure that no part is empty and that two classes at least can be learnt."""
    learnt = np.unique(dataset.labels[parts == TRAIN])
    name = printable(dataset.name)
    if len(learnt) == 1 and by_class:
        facts = {"label": printable(dataset.classes[learnt[0]]), "hint": ""}
        raise DataError("one_class", name=f"{name}: train", **facts)
    if not all((parts == part).any() for part in (TRAIN, VALIDATION, TEST)):
        classes = len(np.unique(dataset.labels))
        raise DataError("too_few_pictures", name=name, n=len(dataset), classes=classes)


def _leak_rate(parts: Parts, grouping: Grouping) -> float | None:
    test = parts == TEST
    if not test.any():
        return None
    seen = (parts == TRAIN) | (parts == VALIDATION)
    is_duplicate = np.isin(grouping.duplicates[test], grouping.duplicates[seen])
    is_of_group = np.isin(grouping.ids[test], grouping.ids[seen])
    return float((is_duplicate | is_of_group).mean())


def _reuse_notes(dataset: Dataset, file: SplitFile, known: Parts) -> Iterator[str]:
    """Say what differs between a split file and the pictures that are there."""
    hashes = {keyed_hash(hash_, file.key) for hash_ in dataset.hashes.tolist()}
    missing = [file_name for file_name, hash_ in file.by_row if hash_ not in hashes]
    new = np.flatnonzero(known == FREE)
    if missing:
        yield t("datasets.split_missing", first=printable(missing[0]), **_counted(len(missing)))
    if len(new):
        first = printable(dataset.names[new[0]])
        yield t("datasets.split_new", first=first, **_counted(len(new)))


def _notes(
    dataset: Dataset, grouping: Grouping, own: Parts, parts: Parts, *, by_class: bool
) -> Iterator[str]:
    """Say what about the parts limits what the test can tell."""
    yield from conflict_notes(dataset, grouping.conflicts, own == UNUSED)
    if grouping.oversized:
        largest = max(grouping.oversized, key=len)
        yield t(
            "datasets.oversized_groups",
            n=len(grouping.oversized),
            size=len(largest),
            files=named_files(dataset, largest),
        )
    test = int((parts == TEST).sum())
    if 0 < test < FEW_TEST_PICTURES:
        yield few_pictures_note(test)
    if by_class:
        yield from _class_notes(dataset, parts)
    if not all(dataset.groups):
        yield unknown_groups_note()


def _class_notes(dataset: Dataset, parts: Parts) -> Iterator[str]:
    present = np.unique(dataset.labels[parts != UNUSED])
    unlearnt = np.setdiff1d(present, dataset.labels[parts == TRAIN])
    if len(unlearnt):
        yield t("datasets.class_not_learnt", n=len(unlearnt), classes=_some(dataset, unlearnt))
    if (parts == TEST).any():
        untested = np.setdiff1d(present, dataset.labels[parts == TEST])
        if len(untested):
            yield t("datasets.class_not_tested", n=len(untested), classes=_some(dataset, untested))


def _some(dataset: Dataset, labels: Sequence[int] | NDArray[np.int64]) -> str:
    named = [printable(dataset.classes[int(label)]) for label in labels[:_NAMED]]
    return ", ".join(named) + (", …" if len(labels) > _NAMED else "")


def _counted(n: int) -> dict[str, int | str]:
    """Give a number for the choice of singular or plural, and as it is written."""
    return {"n": n, "count": integer(n)}
