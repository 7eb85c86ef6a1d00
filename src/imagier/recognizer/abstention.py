"""When would a recogniser rather not answer? A threshold under which it says "I don't know".

The surer an answer, the rarer its error. On pictures that were not learnt from, a table says for a
hundred thresholds how many answers are at least so sure, and how many of these are wrong. Whoever
wants at most an error of e among the answers takes the lowest threshold for which that is proven:
where, if the true error were e, so few wrong answers would come up with a probability of 5 % at
most (a Clopper–Pearson bound). The thresholds are gone through from the highest down, and the first
one that fails ends the search: so the promise holds for the one that is taken, though many were
looked at.

One wrong answer in 400 does not prove that fewer than 0.5 % are wrong; none in 600 does:

>>> is_proven(wrong=1, n=400, max_error=0.005), is_proven(wrong=0, n=600, max_error=0.005)
(False, True)

The promise is about pictures like those that were shown, and holds for 95 recognisers of 100.

Source: A. Angelopoulos et al., "Learn then test: calibrating predictive algorithms to achieve risk
control", 2021 (fixed sequences); C. Clopper, E. Pearson, Biometrika, 1934.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.binomial import at_most

__all__ = [
    "RISK",
    "STRANGERS",
    "THRESHOLDS",
    "ThresholdRow",
    "choose_threshold",
    "fewest_pictures",
    "is_proven",
    "least_error",
    "stored_rows",
    "threshold_rows",
]

RISK = 0.05  # how often the promise may be broken
THRESHOLDS = "held_out"  # under which a model card keeps the thresholds that were tried
STRANGERS = "strangers"  # under which it keeps how many pictures were taken for strangers
MOST_ROWS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdRow:
    """What one threshold gave on pictures that were not learnt from.

    Attributes:
        threshold: The least probability of an answer, 0..1.
        n: Pictures whose answer is at least so sure.
        wrong: How many of these answers are wrong.
        answered: Share of all pictures that `n` is, 0..1.
    """

    threshold: float
    n: int
    wrong: int
    answered: float

    def to_json(self) -> list[float]:
        """Give the row as `model.json` keeps it."""
        return [self.threshold, self.n, self.wrong, self.answered]

    @classmethod
    def from_json(cls, values: Sequence[Any]) -> "ThresholdRow":
        """Read a row.

        Raises:
            ValueError, TypeError: It is none.
        """
        threshold, n, wrong, answered = values
        row = cls(threshold=float(threshold), n=int(n), wrong=int(wrong), answered=float(answered))
        if not (0 <= row.threshold <= 1 and 0 <= row.wrong <= row.n and 0 <= row.answered <= 1):
            raise ValueError
        return row


def threshold_rows(
    confidence: NDArray[np.floating], is_right: NDArray[np.bool_], *, of: int | None = None
) -> tuple[ThresholdRow, ...]:
    """Try a hundred thresholds on pictures that were not learnt from, the highest first.

    Args:
        confidence: Probability of each answer, (n,).
        is_right: Whether it was right, (n,).
        of: All pictures that were asked, those taken for strangers among them; n when not given.
    """
    asked = len(confidence) if of is None else of
    order = np.argsort(-confidence, kind="stable")
    sure, wrong = confidence[order].astype(np.float64), np.cumsum(~is_right[order])
    last_of_equals = np.flatnonzero(np.append(np.diff(sure) != 0, len(sure) > 0))
    step = max(1, -(-len(last_of_equals) // MOST_ROWS))
    ends = last_of_equals[::-1][::step][::-1]  # all pictures answered is always among them
    return tuple(
        ThresholdRow(
            threshold=float(sure[end]),
            n=int(end) + 1,
            wrong=int(wrong[end]),
            answered=(int(end) + 1) / asked,
        )
        for end in ends
    )


def choose_threshold(rows: Sequence[ThresholdRow], max_error: float) -> ThresholdRow | None:
    """Take the lowest threshold at which the error among the answers is proven to be small.

    Args:
        rows: The thresholds that were tried, the highest first.
        max_error: The largest error among the answers, 0..1.

    Returns:
        The row of the threshold; None where no error so small can be proven.
    """
    chosen = None
    for row in rows:
        if row.n < fewest_pictures(max_error):
            continue  # not even without any wrong answer: its failure says nothing
        if not is_proven(wrong=row.wrong, n=row.n, max_error=max_error):
            break
        chosen = row
    return chosen


def least_error(rows: Sequence[ThresholdRow]) -> float | None:
    """Give the smallest error that can be promised at all, to a tenth of a percent, upwards."""
    if choose_threshold(rows, 0.999) is None:
        return None
    low, high = 0, 999
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if choose_threshold(rows, middle / 1000) else (middle, high)
    return high / 1000


def stored_rows(thresholds: Mapping[str, Any]) -> tuple[ThresholdRow, ...]:
    """Read the thresholds that a model card keeps, the highest first; none where they are none."""
    try:
        rows = [ThresholdRow.from_json(row) for row in thresholds[THRESHOLDS]]
    except (KeyError, TypeError, ValueError, OverflowError):
        return ()
    return tuple(sorted(rows, key=lambda row: -row.threshold))


def fewest_pictures(max_error: float) -> int:
    """Count the right answers, none wrong among them, that prove an error.

    >>> fewest_pictures(0.01), fewest_pictures(0.05)
    (299, 59)
    """
    return math.ceil(math.log(RISK) / math.log1p(-max_error)) if 0 < max_error < 1 else 1


def is_proven(*, wrong: int, n: int, max_error: float) -> bool:
    """Tell whether so few wrong answers would be rare if the true error were `max_error`."""
    if max_error >= 1:
        return True
    if max_error <= 0 or wrong >= n * max_error:
        return False
    return at_most(wrong, n, max_error) <= RISK
