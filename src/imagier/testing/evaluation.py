"""Asking a recogniser for the names of pictures whose names are known.

The pictures pass in batches; what stays of each one is its answer and two numbers, so that testing
a set takes no second copy of it. Classes are matched by name, never by position: a test folder may
lack a class, or hold them in another order. A name that the recogniser does not know counts as its
class for all the rest ("Autres" in the deck, chapter 4) where it has one; else it is refused.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from imagier.errors import DataError, did_you_mean
from imagier.files import printable
from imagier.i18n import integer, t
from imagier.recognizer.engine import Answers, held_batch
from imagier.testing.calibration import brier_scores
from imagier.testing.metrics import Integers, Score, confusion, losses, score_counts

if TYPE_CHECKING:
    from imagier.datasets import Dataset
    from imagier.recognizer import Recognizer

__all__ = ["Evaluation", "evaluate", "match_classes"]

UNKNOWN = -1
MOST_NAMED = 5  # labels written out in an error


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evaluation:
    """What a recogniser answered to n pictures.

    Attributes:
        indices: Rows of the dataset that were shown, (n,).
        labels: Their true classes, as positions among the recogniser's classes, (n,).
        predicted: The classes that were answered, (n,).
        confidence: Probability of each answer, 0..1, (n,).
        strangeness: Above 1 the answer is “none of these”, (n,); None where the recogniser does not
            tell.
        losses: Log-loss of the true class of each, (n,).
        brier: Squared distance of the probabilities from the certain true answer, (n,).
        counts: Confusion matrix, rows true and columns answered, (K, K).
        score: The figures that follow.
    """

    indices: Integers
    labels: Integers
    predicted: Integers
    confidence: NDArray[np.float32]
    losses: NDArray[np.float64]
    brier: NDArray[np.float64]
    counts: Integers
    score: Score
    strangeness: NDArray[np.float32] | None = None

    @property
    def is_stranger(self) -> NDArray[np.bool_]:
        """Whether each picture was taken for one of none of the classes, (n,)."""
        if self.strangeness is None:
            return np.zeros(len(self.indices), np.bool_)
        found: NDArray[np.bool_] = self.strangeness > 1
        return found

    @property
    def is_right(self) -> NDArray[np.bool_]:
        """Whether each answer is the true class, (n,)."""
        right: NDArray[np.bool_] = self.predicted == self.labels
        return right


def evaluate(
    recognizer: "Recognizer",
    dataset: "Dataset",
    indices: Integers | None = None,
    *,
    batch: int = 256,
    answers: Callable[[Integers], Answers | None] | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> Evaluation:
    """Let a recogniser name pictures, and count.

    Args:
        recognizer: Who is tested.
        dataset: Labelled pictures, prepared as the recogniser wants them.
        indices: The rows to show; all when there are none given.
        batch: Pictures in memory at a time, fewer where they are large.
        answers: Gives what the recogniser says to some rows where that is known already;
            none lets it look at the pictures.
        progress: Called with the pictures done and the pictures in all.

    Raises:
        DataError: `unknown_labels`, when pictures have names that the recogniser does not know.
    """
    rows = np.arange(len(dataset.labels)) if indices is None else np.asarray(indices, np.int64)
    labels = _labels(recognizer, dataset, rows)
    predicted = np.zeros(len(rows), dtype=np.int64)
    confidence = np.zeros(len(rows), dtype=np.float32)
    strangeness = np.zeros(len(rows), np.float32)
    each_loss, brier = np.zeros(len(rows)), np.zeros(len(rows))
    batch = held_batch(math.prod(dataset.pixels.shape[1:]), most=batch)
    for start in range(0, len(rows), batch):
        part = slice(start, start + batch)
        said = answers(rows[part]) if answers else None
        if said is None:
            said = recognizer.answers(dataset.pixels[rows[part]])
        known = said.probabilities
        if said.strangeness is not None:
            strangeness[part] = said.strangeness
        predicted[part] = known.argmax(axis=1)
        confidence[part] = known.max(axis=1)
        each_loss[part] = losses(known, labels[part])
        brier[part] = brier_scores(known, labels[part])
        if progress:
            progress(min(start + batch, len(rows)), len(rows))
    counts = confusion(labels, predicted, len(recognizer.classes))
    return Evaluation(
        indices=rows,
        labels=labels,
        predicted=predicted,
        confidence=confidence,
        losses=each_loss,
        brier=brier,
        counts=counts,
        score=score_counts(counts, each_loss),
        strangeness=strangeness if recognizer.tells_strangers else None,
    )


def match_classes(names: Sequence[str], known: Sequence[str], other: str | None) -> Integers:
    """Find each name among the known ones: its position, or that of `other`, or -1.

    >>> match_classes(["dog", "lion", "cat"], ["cat", "dog", "rest"], "rest")
    array([1, 2, 0])
    """
    position = {name: index for index, name in enumerate(known)}
    fallback = UNKNOWN if other is None else position[other]
    return np.array([position.get(name, fallback) for name in names], dtype=np.int64)


def _labels(recognizer: "Recognizer", dataset: "Dataset", rows: Integers) -> Integers:
    positions = match_classes(dataset.classes, recognizer.classes, recognizer.card.other)
    given = np.asarray(dataset.labels)[rows]
    labels: Integers = positions[given]
    if np.any(labels == UNKNOWN):
        strangers = given[labels == UNKNOWN]
        names = [dataset.classes[index] for index in np.unique(strangers)]
        raise DataError("unknown_labels", **_facts(recognizer, dataset, names, len(strangers)))
    return labels


def _facts(
    recognizer: "Recognizer", dataset: "Dataset", names: list[str], n: int
) -> dict[str, Any]:
    return {
        "source": printable(dataset.name),
        "labels": _listed(names),
        "n": n,
        "count": integer(n),
        "classes": _listed(recognizer.classes),
        "hint": did_you_mean(names[0], recognizer.classes) + _missing(recognizer, dataset),
    }


def _missing(recognizer: "Recognizer", dataset: "Dataset") -> str:
    """Name what the model knows and the pictures do not show: perhaps the same under two names."""
    there = {dataset.classes[label] for label in np.unique(dataset.labels).tolist()}
    names = [name for name in recognizer.classes if name not in there]
    return t("testing.labels_missing", names=_listed(names)) if names else ""


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(printable(name) for name in names[:MOST_NAMED])
    return shown + ("…" if len(names) > MOST_NAMED else "")
