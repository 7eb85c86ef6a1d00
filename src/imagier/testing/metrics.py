"""Counting the errors on new pictures: "to test is to study the number of errors" (deck, ch. 4).

A recogniser answers with K probabilities a picture; the class with the largest one is its answer.
All figures follow from two things. The *confusion matrix* counts in row i, column j the pictures of
class i that were named j: its diagonal is what was right. The *loss* is the mean of −ln p, with p
the probability given to the true class: it also sees how sure the right answers were.

- accuracy (justesse): share of all pictures named right;
- recall (rappel) of a class: share of its pictures that were named so;
- precision (précision) of a class: share of the pictures named so that are of it;
- balanced accuracy: mean of the recalls, where a rare class weighs as much as a common one.

The deck's answer (.1 0 .6 0 .1 .1 0 0 0 .1) to a picture of a 2, and to one of a 0:

>>> answer = [0.1, 0, 0.6, 0, 0.1, 0.1, 0, 0, 0, 0.1]
>>> result = score(np.array([answer, answer]), np.array([2, 0]))
>>> result.accuracy, result.balanced_accuracy, round(result.loss, 3)
(0.5, 0.5, 1.407)

Source: the deck, chapter 4 ("la phase tests").
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.recognizer.history import StoredScore
from imagier.testing.intervals import wilson

__all__ = [
    "FEW",
    "ClassRow",
    "Confusion",
    "Score",
    "class_rows",
    "confusion",
    "losses",
    "macro_f1",
    "majority",
    "score",
    "score_counts",
    "stored_score",
    "top_confusions",
]

FEW = 30  # with fewer pictures than this no figure of a class is given
SMALLEST_PROBABILITY = 1e-12  # a certain and wrong answer costs 27.6 nats instead of infinity

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How well one part was named.

    Attributes:
        n: Pictures tested.
        correct: How many were named right.
        interval: Shares that agree with `correct` of `n`, Wilson, 95 %.
        balanced_accuracy: Mean of the recalls of the classes that are there.
        loss: Mean of −ln p of the true class, in nats.
    """

    n: int
    correct: int
    interval: tuple[float, float]
    balanced_accuracy: float
    loss: float

    @property
    def accuracy(self) -> float:
        """Share named right, 0..1."""
        return self.correct / self.n if self.n else 0.0

    @property
    def error(self) -> float:
        """Share named wrong, 0..1."""
        return 1 - self.accuracy

    def to_json(self) -> dict[str, Any]:
        """Give the figures as other programs read them."""
        return {
            "accuracy": self.accuracy,
            "interval": list(self.interval),
            "n": self.n,
            "balanced_accuracy": self.balanced_accuracy,
            "loss": self.loss,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRow:
    """How well one class was named.

    Attributes:
        name: The class.
        n: Its pictures.
        correct: Those of them named right.
        answers: Pictures of any class that were given this name.
        interval: Recalls that agree with `correct` of `n`, Wilson, 95 %.
        confused_with: The name its pictures were most often given by mistake.
        confused: How many times.
    """

    name: str
    n: int
    correct: int
    answers: int
    interval: tuple[float, float]
    confused_with: str | None
    confused: int

    @property
    def recall(self) -> float | None:
        """Share of its pictures named right; None without pictures."""
        return self.correct / self.n if self.n else None

    @property
    def precision(self) -> float | None:
        """Share of the pictures given this name that are of it; None without such answers."""
        return self.correct / self.answers if self.answers else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of recall and precision; None without pictures."""
        return 2 * self.correct / (self.n + self.answers) if self.n else None

    @property
    def few(self) -> bool:
        """Whether it has too few pictures to give its recall."""
        return self.n < FEW

    @property
    def few_answers(self) -> bool:
        """Whether too few pictures were given its name to give its precision."""
        return self.answers < FEW


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """One mistake made again and again: `count` of the `n` pictures of `given` named `answered`."""

    given: str
    answered: str
    count: int
    n: int


def score(probabilities: NDArray[Any], labels: Integers) -> Score:
    """Count how well probabilities name pictures.

    Args:
        probabilities: One row a picture, one column a class, (N, K).
        labels: The true class of each picture, (N,), from 0.
    """
    predicted = probabilities.argmax(axis=1)
    counts = confusion(labels, predicted, probabilities.shape[1])
    return score_counts(counts, losses(probabilities, labels))


def score_counts(counts: Integers, each_loss: NDArray[Any]) -> Score:
    """Make a score from a confusion matrix (K, K) and the loss of each picture (N,)."""
    n, correct = int(counts.sum()), int(np.trace(counts))
    given = counts.sum(axis=1)
    recalls = (np.diag(counts)[given > 0] / given[given > 0]).tolist()
    return Score(
        n=n,
        correct=correct,
        interval=wilson(correct, n),
        balanced_accuracy=math.fsum(recalls) / len(recalls) if n else 0.0,
        loss=float(np.mean(each_loss, dtype=np.float64)) if n else 0.0,
    )


def stored_score(stored: StoredScore) -> Score:
    """Give the figures that a model folder remembers, with the interval that follows."""
    correct = round(stored.accuracy * stored.n)
    return Score(
        n=stored.n,
        correct=correct,
        interval=wilson(correct, stored.n),
        balanced_accuracy=stored.balanced_accuracy,
        loss=stored.loss,
    )


def losses(probabilities: NDArray[Any], labels: Integers) -> NDArray[np.float64]:
    """Give −ln p of the true class for each picture, (N,)."""
    of_true = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return -np.log(np.maximum(of_true, SMALLEST_PROBABILITY))


def confusion(labels: Integers, predicted: Integers, k: int) -> Integers:
    """Count who was named what: rows are true classes, columns answers, (K, K).

    >>> confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
    array([[1, 1],
           [0, 1]])
    """
    return np.bincount(labels * k + predicted, minlength=k * k).reshape(k, k)


def class_rows(counts: Integers, names: Sequence[str]) -> tuple[ClassRow, ...]:
    """Read a confusion matrix class by class."""
    return tuple(_row(counts, names, index) for index in range(len(names)))


def macro_f1(rows: Sequence[ClassRow]) -> float | None:
    """Give the mean F1 of the classes that have pictures; None without any."""
    values = [row.f1 for row in rows if row.f1 is not None]
    return math.fsum(values) / len(values) if values else None


def top_confusions(counts: Integers, names: Sequence[str], limit: int) -> tuple[Confusion, ...]:
    """Give the most frequent mistakes, the most frequent first."""
    wrong = counts - np.diag(np.diag(counts))
    order = np.argsort(-wrong, axis=None, kind="stable")[:limit]
    pairs = [(int(place) // len(names), int(place) % len(names)) for place in order]
    return tuple(
        Confusion(
            given=names[row],
            answered=names[column],
            count=int(wrong[row, column]),
            n=int(counts[row].sum()),
        )
        for row, column in pairs
        if wrong[row, column]
    )


def majority(counts: Integers) -> tuple[int, float]:
    """Give the most frequent class and the accuracy of always answering it."""
    given = counts.sum(axis=1)
    index = int(given.argmax())
    return index, float(given[index] / max(1, given.sum()))


def _row(counts: Integers, names: Sequence[str], index: int) -> ClassRow:
    wrong = counts[index].copy()
    correct, wrong[index] = int(wrong[index]), 0
    worst, n = int(wrong.argmax()), int(counts[index].sum())
    return ClassRow(
        name=names[index],
        n=n,
        correct=correct,
        answers=int(counts[:, index].sum()),
        interval=wilson(correct, n),
        confused_with=names[worst] if wrong[worst] else None,
        confused=int(wrong[worst]),
    )
