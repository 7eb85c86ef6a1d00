"""How far may a figure be trusted? A share measured on n pictures is only near the true one.

Nine pictures of ten named right does not say that nine of ten will always be: another ten pictures
might give seven, or all ten. Wilson's interval answers which true shares p agree with what was
seen: those for which `correct` lies within z standard deviations of n p, that is

    (correct/n − p)² ≤ z² p (1 − p) / n,        z = 1.96 for 95 %.

It never leaves 0..1 and stays right near 100 %, where the school formula p ± 1.96 √(p(1 − p)/n)
gives an interval of length zero. The pigeons that told three paintings of three right:

>>> low, high = wilson(3, 3)
>>> round(low, 2), round(high, 2)
(0.44, 1.0)

90 % of 100 pictures means 82.6 to 94.5; of 10,000 pictures, 89.4 to 90.6:

>>> [tuple(round(100 * end, 1) for end in wilson(n * 9 // 10, n)) for n in (100, 10_000)]
[(82.6, 94.5), (89.4, 90.6)]

Source: E. B. Wilson, "Probable inference", Journal of the American Statistical Association, 1927.
"""

import math
from statistics import NormalDist
from typing import Literal

from imagier.binomial import clopper_pearson

__all__ = ["Verdict", "further_pictures", "verdict", "wilson"]

Verdict = Literal["acceptable", "not_proven", "not_acceptable"]

MOST_FURTHER = 10_000_000  # beyond this, "how many more pictures" is no advice


def wilson(correct: int, n: int, *, level: float = 0.95) -> tuple[float, float]:
    """Give the shares that agree with `correct` of `n`, as (lowest, highest).

    Args:
        correct: How many were right.
        n: How many there were; with none, every share agrees.
        level: How often such an interval holds the true share, over many tests.

    >>> wilson(0, 0)
    (0.0, 1.0)
    """
    if n == 0:
        return 0.0, 1.0
    low, high = _ends(correct / n, n, NormalDist().inv_cdf((1 + level) / 2))
    return (0.0 if correct == 0 else max(0.0, low)), (1.0 if correct == n else min(1.0, high))


def verdict(correct: int, n: int, accept: float) -> Verdict:
    """Compare what was seen with the share that somebody asks for, by the exact binomial law.

    Acceptable where the whole Clopper–Pearson interval reaches the share, 95 %: were the true share
    lower, so many right would come up in fewer than 2.5 % of such tests. Not acceptable where the
    whole interval is below it.

    >>> verdict(990, 1000, 0.97), verdict(98, 100, 0.97), verdict(900, 1000, 0.97)
    ('acceptable', 'not_proven', 'not_acceptable')
    """
    low, high = clopper_pearson(correct, n)
    if low >= accept:
        return "acceptable"
    return "not_acceptable" if high < accept else "not_proven"


def further_pictures(correct: int, n: int, accept: float) -> int | None:
    """Tell how many more pictures would decide, if they were named right as often as these.

    They would prove the share where the accuracy is above it, and refute it where it is below. None
    where no reasonable number would, since the two are too near; 0 where it is decided already.

    >>> further_pictures(98, 100, 0.97), further_pictures(96, 100, 0.97)
    (1024, 1196)
    """
    if n == 0:
        return None

    def is_decided(more: int) -> bool:
        low, high = clopper_pearson(correct / n * (n + more), n + more)
        return low >= accept or high < accept

    if is_decided(0):
        return 0
    if not is_decided(MOST_FURTHER):
        return None
    few, enough = 0, MOST_FURTHER
    while enough - few > 1:
        middle = (few + enough) // 2
        few, enough = (few, middle) if is_decided(middle) else (middle, enough)
    return enough


def _ends(share: float, n: int, z: float) -> tuple[float, float]:
    """Solve Wilson's equation for p."""
    centre = share + z * z / (2 * n)
    reach = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return (centre - reach) / scale, (centre + reach) / scale
