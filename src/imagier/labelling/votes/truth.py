"""Labels found from votes compared with a truth that is known: who comes nearer, and how surely."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagier.errors import DataError
from imagier.files import printable
from imagier.labelling.votes.settlement import Settlement
from imagier.testing.comparison import Comparison, compare_answers
from imagier.testing.intervals import wilson

__all__ = ["Hits", "TruthComparison", "compare_with_truth"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """How many of some labels are right."""

    right: int
    n: int

    @property
    def accuracy(self) -> float | None:
        """The share that is right; None of no labels."""
        return self.right / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float]:
        """The shares that agree with it, 95 %."""
        return wilson(self.right, self.n)


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthComparison:
    """Votes against the truth, control items left out.

    Attributes:
        majority: Labels with most votes, those of failed annotators among them; of a tie, the label
            that stands first.
        dawid_skene: Labels with the highest probability.
        settled: Those labels that are settled.
        comparison: The first against the second.
        unknown: Items with votes whose truth is not told.
        unvoted: Items whose truth is told, without votes.
    """

    majority: Hits
    dawid_skene: Hits
    settled: Hits
    comparison: Comparison
    unknown: int
    unvoted: int


def compare_with_truth(found: Settlement, truth: Mapping[str, str]) -> TruthComparison:
    """Compare the labels of items with their true ones.

    Args:
        found: What the votes say.
        truth: The true label of each item.

    Raises:
        DataError: `votes_truth_unmatched`, where no item with votes has one.
    """
    votes = found.votes
    is_told = np.array([item in truth for item in votes.items]) & (found.known < 0)
    if not is_told.any():
        example = printable(next(iter(truth), ""))[:60]
        raise DataError(
            "votes_truth_unmatched", example=example, item=printable(votes.items[0])[:60]
        )
    true = np.array([truth.get(item, "") for item in votes.items], dtype=object)
    names = np.array(votes.labels, dtype=object)
    is_majority = _equal(names[votes.counts.argmax(axis=1)], true)[is_told]
    is_right = _equal(names[found.model.probabilities.argmax(axis=1)], true)[is_told]
    is_final = _equal(names[found.label], true) & found.is_settled & is_told
    return TruthComparison(
        majority=_hits(is_majority),
        dawid_skene=_hits(is_right),
        settled=Hits(right=int(is_final.sum()), n=int((found.is_settled & is_told).sum())),
        comparison=compare_answers(is_majority, is_right),
        unknown=sum(item not in truth for item in votes.items),
        unvoted=len(set(truth) - set(votes.items)),
    )


def _equal(first: NDArray[np.object_], second: NDArray[np.object_]) -> NDArray[np.bool_]:
    return np.asarray(first == second, bool)


def _hits(is_right: NDArray[np.bool_]) -> Hits:
    return Hits(right=int(is_right.sum()), n=len(is_right))
