r"""Votes as a table holds them: which annotator gave which item which label, one vote a row.

Cells are texts: `0` and `no` are labels like any other. A vote that was given twice counts once; an
annotator who gave one item two labels has not decided, so neither counts; a row without an item, an
annotator or a label is no vote. All of this is said.

>>> votes = make_votes([("1.jpg", "ann", "cat"), ("1.jpg", "bob", "dog"), ("2.jpg", "ann", "dog"),
...                     ("2.jpg", "ann", "dog"), ("2.jpg", "bob", "cat"), ("2.jpg", "bob", "dog")])
>>> votes.items, votes.annotators, votes.labels
(('1.jpg', '2.jpg'), ('ann', 'bob'), ('cat', 'dog'))
>>> votes.item.tolist(), votes.annotator.tolist(), votes.label.tolist()
([0, 0, 1], [0, 1, 0], [0, 1, 1])
>>> votes.faults.repeated, votes.faults.contradicted
(1, ('2.jpg: bob',))
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from imagier.errors import DataError
from imagier.files import natural_key, printable
from imagier.i18n import integer
from imagier.labelling.names import one_writing

__all__ = ["MOST_LABELS", "VoteFaults", "Votes", "make_votes"]

Codes = NDArray[np.int64]
MOST_LABELS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteFaults:
    """Rows that are no votes, or no further ones.

    Attributes:
        incomplete: Rows without an item, an annotator or a label.
        repeated: Votes given once more with the same label.
        contradicted: The items, with the annotator, that were given two labels by one annotator:
            `item: annotator`. None of these votes counts.
    """

    incomplete: int = 0
    repeated: int = 0
    contradicted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Votes:
    """Votes, one an annotator and item.

    Attributes:
        items: Names of the N items, in the order of the table.
        annotators: Names of the A annotators, in the order of the table.
        labels: The K labels, as people sort them.
        item: The item of each vote, ascending, (V,).
        annotator: The annotator of each, (V,).
        label: The label of each, (V,).
        faults: What was left out.
    """

    items: tuple[str, ...]
    annotators: tuple[str, ...]
    labels: tuple[str, ...]
    item: Codes
    annotator: Codes
    label: Codes
    faults: VoteFaults = VoteFaults()

    def __len__(self) -> int:
        """Count the votes."""
        return len(self.item)

    @property
    def counts(self) -> NDArray[np.float64]:
        """How many votes each item has for each label, (N, K)."""
        size = (len(self.items), len(self.labels))
        cells = np.bincount(self.item * size[1] + self.label, minlength=size[0] * size[1])
        return cells.reshape(size).astype(np.float64)

    def with_labels(self, more: Iterable[str]) -> "Votes":
        """Let there be labels that nobody gave.

        Args:
            more: Labels; those that are known already may be among them.
        """
        labels = tuple(sorted({*self.labels, *more}, key=natural_key))
        place = np.array([labels.index(label) for label in self.labels])
        return replace(self, labels=labels, label=place[self.label])

    def without(self, annotators: NDArray[np.bool_]) -> "Votes":
        """Leave out the votes of some annotators; all names stay, so that places stay the same.

        Args:
            annotators: Which of them, (A,).
        """
        kept = ~annotators[self.annotator]
        return replace(
            self,
            item=self.item[kept],
            annotator=self.annotator[kept],
            label=self.label[kept],
        )


def make_votes(rows: Iterable[Sequence[str]], *, name: str = "votes") -> Votes:
    """Gather votes.

    Args:
        rows: Item, annotator and label of each.
        name: Of the table, for errors.

    Raises:
        DataError: `votes_none`, `votes_one_label` or `votes_many_labels`.
    """
    writings: dict[str, str] = {}
    names: tuple[dict[str, int], dict[str, int], dict[str, int]] = ({}, {}, {})
    codes: list[int] = []
    incomplete = 0
    for row in rows:
        cells = [writings.get(cell) or writings.setdefault(cell, one_writing(cell)) for cell in row]
        if not all(cells):
            incomplete += 1
            continue
        codes += [
            known.setdefault(cell, len(known)) for known, cell in zip(names, cells, strict=True)
        ]
    items, annotators, given = names
    if not codes:
        raise DataError("votes_none", path=name, n=incomplete)
    ordered = tuple(sorted(given, key=natural_key))
    if len(ordered) < 2:
        raise DataError("votes_one_label", path=name, label=printable(ordered[0])[:60])
    if len(ordered) > MOST_LABELS:
        facts = {"n": integer(len(ordered)), "limit": integer(MOST_LABELS)}
        raise DataError("votes_many_labels", path=name, **facts)
    place = {label: number for number, label in enumerate(ordered)}
    table = np.array(codes, np.int64).reshape(-1, 3)
    table[:, 2] = np.array([place[label] for label in given])[table[:, 2]]
    return _once_each(table, tuple(items), tuple(annotators), ordered, incomplete)


def _once_each(
    table: Codes,
    items: tuple[str, ...],
    annotators: tuple[str, ...],
    labels: tuple[str, ...],
    incomplete: int,
) -> Votes:
    """Count each vote once, and none of those that contradict each other."""
    keys = (table[:, 0] * len(annotators) + table[:, 1]) * len(labels) + table[:, 2]
    different = np.unique(keys)
    pairs, first, times = np.unique(different // len(labels), return_index=True, return_counts=True)
    twice = pairs[times > 1]
    kept = different[first[times == 1]]
    names = (
        f"{items[pair // len(annotators)]}: {annotators[pair % len(annotators)]}" for pair in twice
    )
    return Votes(
        items=items,
        annotators=annotators,
        labels=labels,
        item=kept // len(labels) // len(annotators),
        annotator=kept // len(labels) % len(annotators),
        label=kept % len(labels),
        faults=VoteFaults(
            incomplete=incomplete,
            repeated=len(keys) - len(different),
            contradicted=tuple(names),
        ),
    )
