"""What is found about each annotator: how often right, what is mistaken for what, who guesses.

Information is how much a vote tells of the label: the mutual information of both, as a share of
what there is to know (the entropy of the labels). It is 0 for who guesses and for who always says
the same, however often that is right by chance; and high for who always says the contrary.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagier.labelling.votes.settlement import Settlement

__all__ = ["FEW_VOTES", "AnnotatorReport", "annotator_reports"]

FEW_VOTES = 20
_TELLS_NOTHING = 0.03
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotatorReport:
    """One annotator.

    Attributes:
        name: As in the table.
        votes: How many were given.
        accuracy: How often they are probably right; None where none counts.
        information: The share of what there is to know that a vote tells; None likewise.
        control_right: Control items named right; None without control items.
        control_n: Control items voted on; None without control items.
        failed: Whether the votes do not count, for errors on control items.
        confusion: The most frequent error: what is true, what is said, and how often it is said
            where it is true; None where there is none.
    """

    name: str
    votes: int
    accuracy: float | None
    information: float | None
    control_right: int | None
    control_n: int | None
    failed: bool
    confusion: tuple[str, str, float] | None

    @property
    def tells_nothing(self) -> bool:
        """Whether the votes are as good as drawn by lot."""
        known = self.information
        return known is not None and self.votes >= FEW_VOTES and known < _TELLS_NOTHING


def annotator_reports(found: Settlement) -> list[AnnotatorReport]:
    """Report on all annotators, the least accurate first, failed ones before.

    Args:
        found: What the votes say.
    """
    votes, kept = found.votes, found.kept
    size = len(votes.annotators)
    n = np.bincount(votes.annotator, minlength=size).tolist()
    accuracies = found.model.accuracies(kept).tolist()
    information = _information(found, size).tolist()
    confusions = dict(_confusions(found))
    controls = found.controls
    reports = []
    for place, name in enumerate(votes.annotators):
        counts = accuracies[place] == accuracies[place]  # not NaN: some vote counts
        reports.append(
            AnnotatorReport(
                name=name,
                votes=n[place],
                accuracy=accuracies[place] if counts else None,
                information=information[place] if counts else None,
                control_right=int(controls.right[place]) if controls else None,
                control_n=int(controls.n[place]) if controls else None,
                failed=bool(controls.failed[place]) if controls else False,
                confusion=confusions.get(place),
            )
        )
    return sorted(reports, key=lambda one: (not one.failed, one.accuracy or 0.0))


def _information(found: Settlement, size: int) -> Numbers:
    """Give the mutual information of vote and label over the entropy of the label, (A,)."""
    shares, k = found.model.shares, len(found.model.shares)
    joint = found.model.errors * shares
    given = joint.sum(axis=1, keepdims=True)
    bits = (joint * np.log(joint / (given * shares))).sum(axis=1)
    sums = np.bincount(found.model.pairs // k, bits, minlength=size)
    return np.asarray(np.maximum(sums / -(shares * np.log(shares)).sum(), 0.0))


def _confusions(found: Settlement) -> Iterator[tuple[int, tuple[str, str, float]]]:
    """Give the most frequent error of each annotator, by place."""
    model, labels = found.model, found.votes.labels
    k = len(labels)
    annotator, given = np.divmod(model.pairs, k)
    wrong = model.seen.copy()
    wrong[np.arange(len(given)), given] = 0
    true = wrong.argmax(axis=1)
    most = wrong.max(axis=1)
    order = np.lexsort((-most, annotator))
    first = order[np.flatnonzero(np.diff(annotator[order], prepend=-1))]
    totals = np.zeros((len(found.votes.annotators), k))
    np.add.at(totals, annotator, model.seen)
    for pair in first.tolist():
        if most[pair] >= 0.5:
            who, what = int(annotator[pair]), int(true[pair])
            share = float(most[pair] / totals[who, what])
            yield who, (labels[what], labels[int(given[pair])], share)
