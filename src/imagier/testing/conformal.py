"""Sets of names that hold the true one with a stated probability (split-conformal prediction).

Instead of one name, a recogniser can give all that are likely enough. How likely is read off
pictures that were not learnt from: the true name of each has some probability p; of the n + 1
numbers 1 − p, that of a new picture like them is equally likely to stand in any place. So a set of
all names with 1 − p up to the k-th smallest, k = ⌈(n + 1) (1 − e)⌉, misses the true name of a new
picture with probability e at most.

That is so in the mean over all ways in which those n pictures could have been drawn; with the n at
hand the coverage is a draw from Beta(k, n + 1 − k):

>>> low, high = coverage_band(1000, 0.1)
>>> round(low, 3), round(high, 3)
(0.881, 0.918)

Source: V. Vovk, A. Gammerman, G. Shafer, *Algorithmic Learning in a Random World*, 2005.
"""

import math

import numpy as np
from numpy.typing import NDArray

from imagier.binomial import beta_quantile
from imagier.recognizer.name_sets import COVERAGES, NameLimit

__all__ = ["FEWEST", "coverage_band", "name_limits", "prediction_sets", "set_limit"]

FEWEST = 50  # pictures; fewer say too little about how sure to be


def set_limit(
    probabilities: NDArray[np.floating], labels: NDArray[np.int64], error: float
) -> float:
    """Give the least probability with which a name belongs to the set; 0 where all must.

    Args:
        probabilities: Of pictures that were not learnt from, (n, K).
        labels: Their true classes, (n,).
        error: How often a set may miss the true name, 0..1.
    """
    n = len(labels)
    place = _place(n, error)
    if place > n:
        return 0.0
    scores = 1 - probabilities[np.arange(n), labels].astype(np.float64)
    return 1 - float(np.partition(scores, place - 1)[place - 1])


def prediction_sets(probabilities: NDArray[np.floating], limit: float) -> NDArray[np.bool_]:
    """Tell which names belong to the set of each picture, (N, K); rounding keeps the limit in."""
    wide: NDArray[np.bool_] = probabilities.astype(np.float64) >= limit - 1e-12
    return wide


def name_limits(
    probabilities: NDArray[np.floating], labels: NDArray[np.int64]
) -> tuple[NameLimit, ...]:
    """Give the limit of each coverage that so many pictures allow; nothing where they are few."""
    n = len(labels)
    if n < FEWEST:
        return ()
    allowed = [one for one in COVERAGES if np.ceil((n + 1) * one) <= n]
    return tuple((one, set_limit(probabilities, labels, 1 - one), n) for one in allowed)


def coverage_band(n: int, error: float, *, level: float = 0.95) -> tuple[float, float]:
    """Give between which shares the coverage lies, over draws of the n pictures.

    Args:
        n: Pictures that were not learnt from.
        error: How often a set may miss the true name.
        level: How often the coverage lies in the band.
    """
    place = _place(n, error)
    if place > n:
        return 1.0, 1.0
    ends = ((1 - level) / 2, (1 + level) / 2)
    low, high = (beta_quantile(share, place, n + 1 - place) for share in ends)
    return low, high


def _place(n: int, error: float) -> int:
    """Give k; what rounding adds to a whole number does not make it the next one.

    >>> math.ceil(25 * (1 - (1 - 0.56))), _place(24, 1 - 0.56)
    (15, 14)
    """
    return math.ceil(round((n + 1) * (1 - error), 9))
