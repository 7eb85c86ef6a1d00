"""Does a model give away which pictures it has learnt from? A membership-inference audit.

Whoever holds a model and a picture with its name can ask how surprised the model is (the loss of
the right name): pictures learnt from surprise it less. The audit plays that thief with the pictures
learnt from and those of the test. AUC is how often a picture learnt from is the less surprising one
of a pair, 0.5 for no better than chance. But a thief who is sure of a few does harm enough, so the
second figure counts how many pictures learnt from are found out where only 1 % of the others are
suspected wrongly: 1 % is chance. A stronger thief, with models of his own, may find more.

>>> found = audit_membership(np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.1, 0.2, 0.3, 0.4]))
>>> found.auc
0.5

Source: S. Yeom et al., "Privacy risk in machine learning", CSF 2018; N. Carlini et al., "Membership
inference attacks from first principles", IEEE S&P 2022, for the second figure.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.i18n import integer, percent, t

__all__ = ["FEWEST", "SUSPECTED", "Membership", "audit_membership", "membership_sentence"]

SUSPECTED = 0.01  # share of pictures not learnt from that may be suspected wrongly
FEWEST = 100  # of these, without which no such share can be told
SLIGHT, CLEAR = 0.55, 0.65  # AUC from which the sentence speaks of a trace, of a leak


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """How well pictures learnt from are told from others.

    Attributes:
        auc: Probability that one learnt from is the less surprising of two, 0..1.
        found_out: Share of those learnt from that are found out where 1 % of the others are
            suspected (TPR at 1 % FPR), 0..1.
        learnt: Pictures learnt from that were asked.
        others: Pictures not learnt from.
    """

    auc: float
    found_out: float
    learnt: int
    others: int

    def to_json(self) -> dict[str, Any]:
        """Give the figures as other programs read them."""
        figures = {"auc": self.auc, "tpr_at_1_percent_fpr": self.found_out}
        return {**figures, "learnt": self.learnt, "others": self.others}


def audit_membership(
    learnt: NDArray[np.floating], others: NDArray[np.floating]
) -> Membership | None:
    """Tell pictures learnt from by the loss of their right name.

    Args:
        learnt: Losses of pictures learnt from, (n,).
        others: Losses of pictures not learnt from, (m,).

    Returns:
        The figures; None where there is nothing to compare.
    """
    if not len(learnt) or not len(others):
        return None
    ordered = np.sort(others)
    above = len(others) - np.searchsorted(ordered, learnt, side="right")
    equal = np.searchsorted(ordered, learnt, side="right") - np.searchsorted(ordered, learnt)
    auc = float((above + equal / 2).mean() / len(others))
    # the largest threshold below which at most 1 % of the others lie
    allowed = int(SUSPECTED * len(others))
    found_out = float((learnt < ordered[allowed]).mean()) if allowed < len(others) else 1.0
    return Membership(auc=auc, found_out=found_out, learnt=len(learnt), others=len(others))


def membership_sentence(found: Membership) -> str:
    """Say what it means for those who are on the pictures."""
    kind = "clear" if found.auc >= CLEAR else "slight" if found.auc >= SLIGHT else "none"
    if found.others < FEWEST:
        kind = "few"
    facts = {
        "auc": percent(found.auc, 0),
        "share": percent(found.found_out),
        "learnt": integer(found.learnt),
        "others": integer(found.others),
    }
    return t(f"testing.membership_{kind}", **facts)
