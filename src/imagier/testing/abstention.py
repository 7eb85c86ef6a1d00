"""How many answers are left when a recogniser may say "I don't know", and how many are wrong.

The thresholds were proven on pictures that judged the model (`recognizer/abstention.py`); here the
test part tells what came of them: "at most 0.5 % wrong: 91 % answered, 9 % for a person".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from imagier.recognizer.abstention import choose_threshold, stored_rows

if TYPE_CHECKING:
    from imagier.recognizer import ModelCard

__all__ = ["LEVELS", "AbstentionRow", "abstention_rows", "useful_row"]

LEVELS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)  # errors that somebody may allow


@dataclass(frozen=True, slots=True, kw_only=True)
class AbstentionRow:
    """What one allowed error gives on the test pictures.

    Attributes:
        max_error: The largest share of wrong answers that was asked for, 0..1.
        threshold: The least probability of an answer that promises it.
        n: Test pictures.
        answered: How many of them were answered.
        wrong: How many of these answers were wrong.
    """

    max_error: float
    threshold: float
    n: int
    answered: int
    wrong: int

    @property
    def error(self) -> float | None:
        """Share of the answers that were wrong; None without answers."""
        return self.wrong / self.answered if self.answered else None

    def to_json(self) -> dict[str, Any]:
        """Give the figures as other programs read them."""
        return {
            "max_error": self.max_error,
            "threshold": self.threshold,
            "answered": self.answered / self.n if self.n else 0.0,
            "error": self.error,
        }


def abstention_rows(
    card: "ModelCard",
    confidence: NDArray[np.floating],
    is_right: NDArray[np.bool_],
    is_stranger: NDArray[np.bool_] | None = None,
) -> tuple[AbstentionRow, ...]:
    """Count, for each error that the model can promise, what is answered and what of it is wrong.

    Args:
        card: What the model says about itself, its thresholds among it.
        confidence: Probability of each answer to the test pictures, (n,).
        is_right: Whether it was right, (n,).
        is_stranger: Whether the answer was "none of these", (n,); None for never.
    """
    is_known = np.ones(len(confidence), bool) if is_stranger is None else ~is_stranger
    tried = stored_rows(card.thresholds)
    rows = []
    for level in LEVELS:
        chosen = choose_threshold(tried, level)
        if chosen is not None:
            is_answered = is_known & (confidence >= np.float32(chosen.threshold))
            row = AbstentionRow(
                max_error=level,
                threshold=chosen.threshold,
                n=len(confidence),
                answered=int(is_answered.sum()),
                wrong=int((is_answered & ~is_right).sum()),
            )
            rows.append(row)
            if row.answered == is_known.sum():
                break  # whoever allows more gets nothing more
    return tuple(rows)


def useful_row(rows: Sequence[AbstentionRow]) -> AbstentionRow | None:
    """Give the smallest error that leaves most pictures answered, else the smallest; or None."""
    return next((row for row in rows if row.n and 2 * row.answered >= row.n), (*rows, None)[0])
