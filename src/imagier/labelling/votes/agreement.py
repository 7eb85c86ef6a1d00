"""Agreement: do annotators give the same item the same label more often than chance would?

Draw an item and two of its votes: they are equal with probability P. Were the labels thrown over
the items at random, two would be equal with probability P_e. What is left of the way from chance to
full agreement is

    κ = (P − P_e) / (1 − P_e)

Fleiss' kappa gives each item the same weight; Krippendorff's alpha gives each vote the same, and
takes P_e without drawing a vote twice, so that it holds for few votes too. 1 is full agreement, 0
what chance gives, below 0 is worse than chance. Items with a single vote say nothing of agreement.

Krippendorff's own example, four observers and twelve units with gaps:

>>> from imagier.labelling.votes.vote_table import make_votes
>>> votes = make_votes((str(unit), str(who), label) for who, row in enumerate((
...     "123321412...", "1233224125.3", ".3332342251.", "12332441251.")) for unit, label in
...     enumerate(row) if label != ".")
>>> round(agreement(votes).alpha, 3)
0.743

Sources: J. Fleiss, "Measuring nominal scale agreement among many raters", Psychological Bulletin 76
(1971), here with any number of votes an item; K. Krippendorff, "Computing Krippendorff's
alpha-reliability" (2011). The words for kappa are those of J. Landis and G. Koch (1977).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from imagier.labelling.votes.vote_table import Votes

__all__ = ["Agreement", "Strength", "agreement"]

Strength = Literal["poor", "slight", "fair", "moderate", "substantial", "almost_perfect"]
_STRENGTHS: tuple[tuple[float, Strength], ...] = (
    (0.0, "poor"),
    (0.2, "slight"),
    (0.4, "fair"),
    (0.6, "moderate"),
    (0.8, "substantial"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How well annotators agree.

    Attributes:
        items: Those with two votes or more.
        observed: How often two votes on one of them are equal.
        expected: How often chance would make them equal.
        kappa: Fleiss' kappa; None where all votes are one label.
        alpha: Krippendorff's alpha, likewise.
    """

    items: int
    observed: float
    expected: float
    kappa: float | None
    alpha: float | None

    @property
    def strength(self) -> Strength | None:
        """Kappa in a word."""
        if self.kappa is None:
            return None
        kappa = self.kappa
        return next((word for limit, word in _STRENGTHS if kappa <= limit), "almost_perfect")


def agreement(votes: Votes) -> Agreement | None:
    """Measure agreement; None where no item has two votes.

    Args:
        votes: Who gave which item which label.
    """
    counts = votes.counts
    n = counts.sum(axis=1)
    counts, n = counts[n > 1], n[n > 1]
    if not len(n):
        return None
    equal = (counts * (counts - 1)).sum(axis=1)  # ordered pairs of equal votes
    totals = counts.sum(axis=0)
    whole = totals.sum()
    observed = float(np.mean(equal / (n * (n - 1))))
    expected = float(np.square(totals / whole).sum())
    by_vote = float((equal / (n - 1)).sum() / whole)
    by_chance = float((totals * (totals - 1)).sum() / (whole * (whole - 1)))
    return Agreement(
        items=len(n),
        observed=observed,
        expected=expected,
        kappa=_beyond_chance(observed, expected),
        alpha=_beyond_chance(by_vote, by_chance),
    )


def _beyond_chance(observed: float, expected: float) -> float | None:
    return (observed - expected) / (1 - expected) if expected < 1 else None
