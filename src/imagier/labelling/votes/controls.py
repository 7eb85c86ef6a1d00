"""Control items: labels that are known beforehand, mixed among the others to weigh annotators.

The captcha that shows two words knows one of them. Who misreads that one is probably no human, and
what he says of the other word does not count. Without such items nothing in the votes tells careful
annotators from robots once the robots are more: their common answer is the majority, and whatever
is computed from the votes alone takes it for the truth.

So known labels do two things. Annotators who err on more than half of those they voted on are left
out, and in the algorithm of Dawid and Skene the known labels stay as they are. How well that works
is measured on the control items themselves: a fifth of them at a time is treated as unknown.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagier.labelling.votes.dawid_skene import dawid_skene
from imagier.labelling.votes.vote_table import Votes

__all__ = ["PASS_MARK", "ControlAnswers", "control_answers", "known_codes", "named_right"]

PASS_MARK = 0.5
_PARTS = 5
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ControlAnswers:
    """What annotators said of the items whose label is known.

    Attributes:
        n: How many of these items each annotator voted on, (A,).
        right: How often each was right, (A,).
        failed: Who errs on too many, (A,).
    """

    n: Codes
    right: Codes
    failed: NDArray[np.bool_]


def known_codes(votes: Votes, labels: Mapping[str, str]) -> Codes:
    """Give the label of each item that is known, −1 for the others, (N,)."""
    place = {label: number for number, label in enumerate(votes.labels)}
    return np.array([place.get(labels.get(item, ""), -1) for item in votes.items], np.int64)


def control_answers(votes: Votes, known: Codes, *, pass_mark: float = PASS_MARK) -> ControlAnswers:
    """Compare the votes on control items with the known labels.

    Args:
        votes: Who gave which item which label.
        known: The label of each item that is known, −1 for others, (N,).
        pass_mark: The share of right answers below which an annotator fails.
    """
    size = len(votes.annotators)
    seen = known[votes.item] >= 0
    is_right = seen & (known[votes.item] == votes.label)
    n = np.bincount(votes.annotator[seen], minlength=size)
    right = np.bincount(votes.annotator[is_right], minlength=size)
    return ControlAnswers(n=n, right=right, failed=right < pass_mark * n)


def named_right(votes: Votes, known: Codes, *, pass_mark: float = PASS_MARK, seed: int = 0) -> int:
    """Count the control items that are named right while they are treated as unknown.

    Args:
        votes: Who gave which item which label.
        known: As above.
        pass_mark: As above.
        seed: Draws the five parts.
    """
    places = np.flatnonzero(known >= 0)
    parts = np.random.default_rng(seed).permutation(len(places)) % _PARTS
    right = 0
    for part in np.unique(parts).tolist():
        hidden = places[parts == part]
        others = known.copy()
        others[hidden] = -1
        failed = control_answers(votes, others, pass_mark=pass_mark).failed
        found = dawid_skene(votes.without(failed), known=others)
        right += int((found.probabilities[hidden].argmax(axis=1) == known[hidden]).sum())
    return right
