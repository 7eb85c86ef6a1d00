"""Sets of names on the test pictures: how often they hold the true one, beside what was promised.

`imagier predict --coverage` answers such sets (`imagier.testing.conformal`); the report says for
one coverage what they are worth, with the band that the pictures which judged the model allow.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from imagier.i18n import integer, percent, plain_percent, t
from imagier.recognizer.name_sets import choose_limit, stored_limits
from imagier.testing.conformal import coverage_band
from imagier.testing.evaluation import Evaluation

if TYPE_CHECKING:
    from imagier.recognizer import ModelCard

__all__ = ["COVERAGE", "SetCoverage", "count_coverage", "coverage_sentence"]

COVERAGE = 0.9  # the one that the report tries


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCoverage:
    """How often a set of names holds the true one.

    Attributes:
        coverage: What is promised in the mean, 0..1.
        judged: Pictures that the limit was read off.
        n: Test pictures.
        held: Those whose set holds the true name.
    """

    coverage: float
    judged: int
    n: int
    held: int

    @property
    def band(self) -> tuple[float, float]:
        """Between which shares the coverage lies, over draws of the pictures that judged (95 %)."""
        return coverage_band(self.judged, 1 - self.coverage)

    def to_json(self) -> dict[str, Any]:
        """Give the figures as other programs read them."""
        held = self.held / self.n if self.n else None
        facts = {"coverage": self.coverage, "band": list(self.band), "judged": self.judged}
        return {**facts, "n": self.n, "held": held}


def count_coverage(card: "ModelCard", test: Evaluation) -> SetCoverage | None:
    """Count the test pictures whose set holds the true name; None where the model gives no sets.

    Args:
        card: What the model says about itself.
        test: What it answered.
    """
    found = choose_limit(stored_limits(card.thresholds), COVERAGE)
    if found is None:
        return None
    coverage, limit, judged = found
    is_within = np.exp(-test.losses) >= limit - 1e-9
    is_held = test.is_right | is_within  # the first choice is always in
    return SetCoverage(
        coverage=coverage, judged=judged, n=len(test.indices), held=int(is_held.sum())
    )


def coverage_sentence(found: SetCoverage) -> str:
    """Say what was promised, between which shares that lies, and how often it was so here."""
    low, high = (percent(one) for one in found.band)
    return t(
        "testing.set_coverage",
        n=found.judged,
        option=f"{found.coverage:g}",
        promised=plain_percent(found.coverage),
        judged=integer(found.judged),
        low=low,
        high=high,
        held=integer(found.held),
        count=integer(found.n),
        share=percent(found.held / found.n) if found.n else "–",
    )
