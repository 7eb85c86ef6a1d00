"""Names that are probably wrong, by confident learning.

A recogniser that has not learnt from a picture says how probable each class is. Where it is sure of
another class than the one given, either the recogniser errs or the name does. How sure is sure
differs from class to class: the threshold of a class is the mean probability that it gets from
pictures that bear its name. A picture is *suspected* when some other class reaches its threshold
and is more probable than the class given.

How wrong a name looks is its score, the share of the likeliest other class in the two,

    score = p(other) / (p(other) + p(given)),

0.5 where both are as likely, near 1 where the name given is all but excluded.

Source: C. Northcutt, L. Jiang, I. Chuang, "Confident learning: estimating uncertainty in dataset
labels", Journal of Artificial Intelligence Research, 2021.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["LabelErrors", "find_label_errors"]

LEAST = 1e-9  # probability below which all are the same


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelErrors:
    """How wrong each name looks.

    Attributes:
        scores: One a picture, 0 to 1, (N,).
        suggested: The likeliest other class of each picture, (N,).
        is_suspected: Whether another class reaches its threshold and is more probable, (N,).
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
    counts = np.bincount(labels, minlength=classes)
    thresholds = np.bincount(labels, given, minlength=classes) / np.maximum(counts, 1)
    thresholds[counts == 0] = np.inf
    others = table.copy()
    others[rows, labels] = -1
    suggested = others.argmax(axis=1)
    other = np.maximum(others[rows, suggested], LEAST)
    reaches = (others >= thresholds) & (others > given[:, np.newaxis])
    return LabelErrors(
        scores=other / (other + np.maximum(given, LEAST)),
        suggested=suggested.astype(np.int64),
        is_suspected=np.asarray(reaches.any(axis=1)),
    )
