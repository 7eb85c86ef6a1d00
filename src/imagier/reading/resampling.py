"""How far may a share be trusted whose lines come in bunches? Drawing the bunches again.

Ten lines of one cheque book are not ten independent lines: one hand wrote them, and who reads one
of them wrong reads the others wrong too. An interval that counts lines is then too short. So the
documents are drawn again, with replacement, as many as there are, 2,000 times; the share of each
draw is a share that might have been seen, and 95 % of them lie between the ends that are given
(the cluster bootstrap). What is drawn is a ratio of two sums, right lines over lines, or edits over
characters.

Two documents of 50 lines, one read whole and one not at all, and eight like them, tell little,
though they are 500 lines:

>>> right, lines = [50, 0] * 5, [50] * 10
>>> low, high = ratio_interval(right, lines)
>>> round(low, 1), round(high, 1)
(0.2, 0.8)

Of fewer than ten documents no interval is given, nor where every document gives the same share: a
draw of them then says nothing about others.

Source: B. Efron, R. Tibshirani, "An Introduction to the Bootstrap", 1993; A. Davison, D. Hinkley,
"Bootstrap Methods and their Application", 1997, section 3.8.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["DRAWS", "FEWEST", "ratio_interval"]

DRAWS = 2000
FEWEST = 10  # documents; the interval of fewer would be far too short


def ratio_interval(
    parts: ArrayLike, wholes: ArrayLike, *, level: float = 0.95, seed: int = 0
) -> tuple[float, float] | None:
    """Give the ratios of two sums that agree with what was seen, as (lowest, highest).

    Args:
        parts: What is counted in each document, such as its lines read right, (D,).
        wholes: Of how much, such as its lines, (D,).
        level: How often such an interval holds the true ratio, over many tests, nearly.
        seed: Of the draws.

    Returns:
        The interval; None where there are too few documents, or all of them give one ratio.
    """
    pairs = np.column_stack([np.asarray(parts, np.int64), np.asarray(wholes, np.int64)])
    kinds, counts = np.unique(pairs, axis=0, return_counts=True)
    n = len(pairs)
    if n < FEWEST or not kinds[:, 1].sum() or _is_one_ratio(kinds):
        return None
    # documents that count the same are alike: how often each kind is drawn is all that matters
    drawn = np.random.default_rng(seed).multinomial(n, counts / n, size=DRAWS)
    sums = drawn @ kinds
    ratios = sums[:, 0] / np.maximum(sums[:, 1], 1)
    low, high = np.quantile(ratios, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _is_one_ratio(kinds: NDArray[np.int64]) -> bool:
    """Tell whether part / whole is the same everywhere, compared without dividing."""
    parts, wholes = kinds.sum(axis=0)
    return bool(np.all(kinds[:, 0] * wholes == kinds[:, 1] * parts))
