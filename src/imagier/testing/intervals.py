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

__all__ = ["Verdict", "pictures_needed", "verdict", "wilson"]

Verdict = Literal["acceptable", "not_proven", "not_acceptable"]

MOST_NEEDED = 10_000_000  # beyond this, "how many more pictures" is no advice


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


def verdict(interval: tuple[float, float], accept: float) -> Verdict:
    """Compare a whole interval with the share that somebody asks for.

    >>> verdict((0.96, 0.99), 0.95), verdict((0.96, 0.99), 0.97), verdict((0.90, 0.95), 0.97)
    ('acceptable', 'not_proven', 'not_acceptable')
    """
    low, high = interval
    if low >= accept:
        return "acceptable"
    return "not_acceptable" if high < accept else "not_proven"


def pictures_needed(accuracy: float, accept: float) -> int | None:
    """Tell how many pictures would prove `accept`, if the accuracy stayed as it is.

    None when no reasonable number would: the accuracy is not above what is asked for.

    >>> pictures_needed(0.983, 0.97), pictures_needed(0.96, 0.97)
    (662, None)
    """
    if accuracy <= accept or not _proves(accuracy, accept, MOST_NEEDED):
        return None
    few, enough = 0, MOST_NEEDED
    while enough - few > 1:
        middle = (few + enough) // 2
        few, enough = (few, middle) if _proves(accuracy, accept, middle) else (middle, enough)
    return enough


def _proves(accuracy: float, accept: float, n: int) -> bool:
    return _ends(accuracy, n, NormalDist().inv_cdf(0.975))[0] >= accept


def _ends(share: float, n: int, z: float) -> tuple[float, float]:
    """Solve Wilson's equation for p."""
    centre = share + z * z / (2 * n)
    reach = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return (centre - reach) / scale, (centre + reach) / scale
