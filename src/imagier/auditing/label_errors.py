"""Names that are probably wrong, by confident learning.

A recogniser that has not learnt from a picture says how probable each class is. Where it is sure of
another class than the one given, either the recogniser errs or the name does. How sure is sure
differs from class to class: the threshold of a class is the mean probability that it gets from
pictures that bear its name. Of the pictures that reach some threshold, those that reach that of
another class more than that of their own tell which share of the names of a class is wrong; the
share of a class is taken for all its pictures, and so many of its most suspicious names are
*suspected*.

How wrong a name looks is its score, the share of the likeliest other class in the two,

    score = p(other) / (p(other) + p(given)),

0.5 where both are as likely, near 1 where the name given is all but excluded.

Source: C. Northcutt, L. Jiang, I. Chuang, "Confident learning: estimating uncertainty in dataset
labels", Journal of Artificial Intelligence Research, 2021: thresholds, and "prune by class".
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["LabelErrors", "find_label_errors"]

EVEN = 0.5  # score of a name as likely as another
LEAST = 1e-9  # probability below which all are the same


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelErrors:
    """How wrong each name looks.

    Attributes:
        scores: One a picture, 0 to 1, (N,).
        suggested: The likeliest other class of each picture, (N,).
        is_suspected: Whether it is among those that the estimate says are wrong, (N,).
    """

    scores: NDArray[np.float64]
    suggested: NDArray[np.int64]
    is_suspected: NDArray[np.bool_]

    @property
    def ranking(self) -> NDArray[np.int64]:
        """All pictures, the most suspicious names first, (N,)."""
        return np.argsort(-self.scores, kind="stable")

    @property
    def share(self) -> float:
        """Share of the names that are suspected."""
        return float(self.is_suspected.mean()) if len(self.scores) else 0.0


def find_label_errors(
    probabilities: NDArray[np.floating], labels: NDArray[np.int64]
) -> LabelErrors:
    """Tell how wrong each name looks.

    Args:
        probabilities: What a recogniser says that had not learnt from the picture, (N, K).
        labels: The names given, (N,).

    >>> said = np.array([[0.9, 0.1], [0.8, 0.2], [0.9, 0.1], [0.2, 0.8], [0.1, 0.9]])
    >>> found = find_label_errors(said, np.array([0, 0, 1, 1, 1]))
    >>> found.ranking[0].item(), found.suggested[2].item(), found.is_suspected.tolist()
    (2, 0, [False, False, True, False, False])
    """
    table = probabilities.astype(np.float64)
    rows, classes = np.arange(len(labels)), table.shape[1]
    given = table[rows, labels]
    others = table.copy()
    others[rows, labels] = -1
    suggested = others.argmax(axis=1)
    other = np.maximum(others[rows, suggested], LEAST)
    scores = other / (other + np.maximum(given, LEAST))
    return LabelErrors(
        scores=scores,
        suggested=suggested.astype(np.int64),
        is_suspected=_suspected(scores, labels, _wrong_shares(table, labels, classes)),
    )


def _wrong_shares(
    table: NDArray[np.float64], labels: NDArray[np.int64], classes: int
) -> NDArray[np.float64]:
    """Estimate which share of the names of each class is wrong, (K,)."""
    counts = np.bincount(labels, minlength=classes)
    given = table[np.arange(len(labels)), labels]
    thresholds = np.bincount(labels, given, minlength=classes) / np.maximum(counts, 1)
    thresholds[counts == 0] = np.inf
    reached = np.where(table >= thresholds, table, -1)
    surest, is_sure = reached.argmax(axis=1), reached.max(axis=1) >= 0
    sure = np.bincount(labels[is_sure], minlength=classes)
    wrong = np.bincount(labels[is_sure & (surest != labels)], minlength=classes)
    return np.asarray(wrong / np.maximum(sure, 1))


def _suspected(
    scores: NDArray[np.float64], labels: NDArray[np.int64], shares: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Mark in each class as many of its worst scores as the estimate says, (N,)."""
    is_suspected = np.zeros(len(labels), bool)
    for label, share in enumerate(shares.tolist()):
        rows = np.flatnonzero(labels == label)
        worst = rows[np.argsort(-scores[rows], kind="stable")][: round(share * len(rows))]
        is_suspected[worst[scores[worst] > EVEN]] = True
    return is_suspected
