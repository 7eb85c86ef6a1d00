"""Is one recogniser better than another, or was it lucky with these pictures?

Two recognisers that answered the same pictures agree on most of them. Only the pictures that one of
them named right and the other wrong tell them apart: if both are equally good, each such picture
falls to either side like a coin. McNemar's exact test asks how often coins fall as unevenly.

Of 1,000 pictures 968 and 980 were named right: 948 of them by both, 20 by the first alone, 32 by
the second alone. That is not rare enough for a coin:

>>> comparison = compare_answers(np.repeat([True, False, True], [20, 32, 948]),
...                              np.repeat([False, True, True], [20, 32, 948]))
>>> comparison.only_first, comparison.only_second, round(comparison.p_value, 3)
(20, 32, 0.126)

How much better is one of them? The score interval of the difference holds those differences with
which the counts agree, by the same reasoning as McNemar's test, which asks about one, zero:

>>> [round(end, 4) for end in comparison.interval()]
[-0.0022, 0.0269]

Of many comparisons some come out by chance; `holm` corrects for that: the smallest p is multiplied
by their number, the next by one less, and so on.

Source: Q. McNemar, Psychometrika, 1947; T. Tango, Statistics in Medicine, 1998; S. Holm,
Scandinavian Journal of Statistics, 1979.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from imagier.binomial import at_most

__all__ = ["Comparison", "compare_answers", "holm"]

_HALVINGS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two recognisers on the same pictures.

    Attributes:
        n: Pictures.
        only_first: Those that only the first named right.
        only_second: Those that only the second named right.
        p_value: How often chance alone would part them as unevenly, two-sided.
    """

    n: int
    only_first: int
    only_second: int
    p_value: float

    @property
    def gain(self) -> float:
        """Accuracy of the second less that of the first, −1..1."""
        return (self.only_second - self.only_first) / self.n if self.n else 0.0

    def interval(self, *, level: float = 0.95) -> tuple[float, float]:
        """Give the gains that agree with the counts, as (lowest, highest), by Tango's score.

        Args:
            level: How often such an interval holds the true gain, over many tests.
        """
        if not self.n:
            return -1.0, 1.0
        z = NormalDist().inv_cdf((1 + level) / 2)
        return self._end(-1.0, z), self._end(1.0, -z)

    def _end(self, outside: float, z: float) -> float:
        """Find where the score passes z, between the end of the scale and the gain itself."""
        inside = self.gain
        if self._score(outside) * z < z * z:
            return outside
        for _ in range(_HALVINGS):
            middle = (inside + outside) / 2
            if self._score(middle) * z < z * z:
                inside = middle
            else:
                outside = middle
        return (inside + outside) / 2

    def _score(self, gain: float) -> float:
        """Give by how many standard deviations the counts differ from those of a true gain.

        The rarer kind of disagreement has the probability that is likeliest with such a gain.
        """
        first, second, n = self.only_first, self.only_second, self.n
        a = 2 * n
        b = -first - second + (2 * n - second + first) * gain
        c = -first * gain * (1 - gain)
        rarer = (math.sqrt(max(0.0, b * b - 4 * a * c)) - b) / (2 * a)
        variance = n * (2 * rarer + gain * (1 - gain))
        distance = second - first - n * gain
        return distance / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, distance)


def compare_answers(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> Comparison:
    """Compare who was right, picture by picture.

    Args:
        first: Whether the first recogniser was right, (n,).
        second: Whether the second was, about the same pictures, (n,).
    """
    only_first = int((first & ~second).sum())
    only_second = int((~first & second).sum())
    return Comparison(
        n=len(first),
        only_first=only_first,
        only_second=only_second,
        p_value=_two_sided(min(only_first, only_second), only_first + only_second),
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """Correct several p-values for their number, in their order.

    >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    corrected = [0.0] * len(p_values)
    largest = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = largest
    return corrected


def _two_sided(fewer: int, n: int) -> float:
    """Give the probability that n coins fall `fewer` to n − `fewer`, or more unevenly."""
    return min(1.0, 2 * at_most(fewer, n, 0.5))
