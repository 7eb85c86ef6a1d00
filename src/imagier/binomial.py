"""The binomial law without approximation, at any number of pictures, on Python's own numbers.

If each picture is named right with probability p, the chance that at least k of n are is the
regularised incomplete beta function I_p(k, n − k + 1). Its inverse gives the Clopper–Pearson
interval: the shares p under which so many right, or so few, would not be rare. It never promises
too much, unlike Wilson's, which is right on the average only; so it decides what is proven.

>>> [round(end, 4) for end in clopper_pearson(98, 100)]
[0.9296, 0.9976]
>>> round(at_least(98, 100, 0.95), 4)
0.1183

Source: C. Clopper, E. Pearson, Biometrika, 1934; the continued fraction is that of *Numerical
Recipes*, section 6.4, after W. Lentz, Applied Optics, 1976.
"""

import math

__all__ = ["at_least", "at_most", "beta_quantile", "clopper_pearson", "incomplete_beta"]

_TINY = 1e-300
_EXACT = 1e-15


def clopper_pearson(correct: float, n: float, *, level: float = 0.95) -> tuple[float, float]:
    """Give the shares under which `correct` of `n` is not rare, as (lowest, highest).

    Args:
        correct: How many were right; need not be whole, where a share of more pictures is meant.
        n: How many there were; with none, every share agrees.
        level: How often such an interval holds the true share, at least.
    """
    if n <= 0:
        return 0.0, 1.0
    tail, wrong = (1 - level) / 2, n - correct
    low = beta_quantile(tail, correct, wrong + 1) if correct > 0 else 0.0
    high = beta_quantile(1 - tail, correct + 1, wrong) if wrong > 0 else 1.0
    return low, high


def at_least(k: float, n: float, p: float) -> float:
    """Give the probability that k or more of n come true, each with probability p."""
    if k <= 0:
        return 1.0
    return 0.0 if k > n else incomplete_beta(p, k, n - k + 1)


def at_most(k: float, n: float, p: float) -> float:
    """Give the probability that k or fewer of n come true, each with probability p.

    The smallest keep their digits, which 1 − `at_least` would lose.

    >>> round(at_most(1, 3, 0.5), 4)
    0.5
    """
    if k < 0:
        return 0.0
    return 1.0 if k >= n else incomplete_beta(1 - p, n - k, k + 1)


def beta_quantile(share: float, a: float, b: float) -> float:
    """Find x with I_x(a, b) = share, by halving: to the last digits of a number."""
    low, high = 0.0, 1.0
    while high - low > _EXACT * high:
        middle = (low + high) / 2
        if not low < middle < high:
            break
        low, high = (middle, high) if incomplete_beta(middle, a, b) < share else (low, middle)
    return (low + high) / 2


def incomplete_beta(x: float, a: float, b: float) -> float:
    """Give the regularised incomplete beta function I_x(a, b), for a and b above 0."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    log_front = (
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    front = math.exp(log_front)
    if x < (a + 1) / (a + b + 2):
        return min(1.0, front * _continued_fraction(x, a, b) / a)
    return max(0.0, 1 - front * _continued_fraction(1 - x, b, a) / b)


def _continued_fraction(x: float, a: float, b: float) -> float:
    """Sum the continued fraction of the incomplete beta function; some √max(a, b) terms."""
    c, d = 1.0, 1 / _away(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, 100 + 10 * math.isqrt(int(max(a, b)) + 1)):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _away(1 + term * d)
            c = _away(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < _EXACT:
            break
    return value


def _away(value: float) -> float:
    """Keep a divisor away from zero."""
    return value if abs(value) > _TINY else _TINY
