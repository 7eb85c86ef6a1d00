"""Errors that a wild point moves little: absolute values, and Huber's compromise.

Squares make far points count most: one flat sold for ten times its price turns the whole line.

- *Absolute*: Σ |error| is smallest where as many points lie above as below. It has corners, so no
  derivative tells the way; it is a linear program, solved exactly. For a curve, the program is
  solved again and again on the curve's jacobian.
- *Huber*: squared up to 1.345 times the typical error, absolute beyond. Points beyond count less:
  weight = 1.345 scale / |error|. Least squares with these weights, again until nothing moves.

The typical error is 1.4826 times the median of |error|, which half of the points cannot spoil.

Source: P. Huber, "Robust Statistics", 1981; R. Koenker, "Quantile Regression", 2005. The intervals
are the usual ones of both books, and those of statsmodels (RLM, H1; QuantReg, iid).
"""

import numpy as np

from imagier.regression.family import Family, Numbers
from imagier.regression.least_squares import inverse_gram, least_squares

__all__ = ["HUBER", "fit_absolute", "fit_huber", "typical_error"]

HUBER = 1.345  # 95 % of the efficiency of squares where errors are normal
_NORMAL_MEDIAN = 0.6744897501960817  # half of a normal law lies within this many deviations
_MOST_STEPS = 300
Found = tuple[Numbers, float, Numbers | None]


def fit_huber(x: Numbers, y: Numbers, family: Family, inner: Numbers) -> Found:
    """Make Huber's error smallest, beginning where least squares ended.

    Returns:
        The parameters (k,), the typical error, their covariance (k, k); None where the typical
        error is 0.
    """
    for _ in range(_MOST_STEPS):
        residuals = family.values(x, inner) - y
        scale = typical_error(residuals)
        if _is_rounding(scale, y):
            return inner, scale, None
        weights = HUBER * scale / np.abs(residuals).clip(HUBER * scale)
        before = inner
        inner = least_squares(x, y, family, weights, start=before)
        if np.allclose(inner, before, rtol=1e-11, atol=1e-12 * scale):
            break
    residuals = family.values(x, inner) - y
    scale = typical_error(residuals)
    if _is_rounding(scale, y):
        return inner, scale, None
    return inner, scale, _huber_covariance(residuals / scale, scale, family.jacobian(x, inner))


def fit_absolute(x: Numbers, y: Numbers, family: Family, inner: Numbers) -> Found:
    """Make the sum of absolute errors smallest, beginning where least squares ended.

    Returns:
        As `fit_huber`.
    """
    residuals = y - family.values(x, inner)
    for _ in range(_MOST_STEPS):
        step = _best_step(family.jacobian(x, inner), residuals)
        shorter, total = 1.0, np.abs(residuals).sum()
        while shorter > 1e-10:
            there = inner + shorter * step
            with np.errstate(all="ignore"):
                after = y - family.values(x, there)
            if np.abs(after).sum() < total * (1 - 1e-13):
                break
            shorter /= 2
        else:
            break
        inner, residuals = there, after
    scale = typical_error(residuals)
    return inner, scale, _absolute_covariance(y, residuals, family.jacobian(x, inner))


def typical_error(residuals: Numbers) -> float:
    """Measure errors by their middle one, in units of a normal law's deviation.

    >>> round(typical_error(np.array([-1.0, 1.0, 1.0, -1.0, 1000.0])), 4)
    1.4826
    """
    return float(np.median(np.abs(residuals))) / _NORMAL_MEDIAN


def _best_step(jacobian: Numbers, residuals: Numbers) -> Numbers:
    """Find the step that makes Σ |residual - jacobian · step| smallest.

    Its dual has one unknown a point, from -1 to 1, and one equation a parameter; the prices of the
    equations are the step.
    """
    from scipy.optimize import linprog

    sizes = np.linalg.norm(jacobian, axis=0)
    unit = max(float(np.abs(residuals).max()), 1e-300)
    zeros = np.zeros(jacobian.shape[1])
    answer = linprog(
        -residuals / unit, A_eq=(jacobian / sizes).T, b_eq=zeros, bounds=(-1, 1), method="highs-ds"
    )
    step: Numbers = -answer.eqlin.marginals * unit / sizes
    return step


def _is_rounding(size: float, y: Numbers) -> bool:
    """Tell whether errors of this size are only those of rounding."""
    return size <= 1e-12 * float(np.abs(y).max())


def _huber_covariance(errors: Numbers, scale: float, jacobian: Numbers) -> Numbers:
    """Judge by the errors in units of the typical one: how hard they pull, how many are near."""
    n, k = jacobian.shape
    pull, is_near = np.clip(errors, -HUBER, HUBER), np.abs(errors) <= HUBER
    near = float(is_near.mean())
    correction = 1 + k / n * float(is_near.var()) / near**2
    variance = (correction * scale / near) ** 2 * float(pull @ pull) / (n - k)
    covariance: Numbers = variance * inverse_gram(jacobian)
    return covariance


def _absolute_covariance(y: Numbers, residuals: Numbers, jacobian: Numbers) -> Numbers | None:
    """Judge by how dense the errors are around 0: the denser, the better the middle is known."""
    from scipy.special import ndtri

    n = len(y)
    share = n ** (-1 / 3) * float(ndtri(0.975)) ** (2 / 3) * (1.5 / (2 * np.pi)) ** (1 / 3)
    quartiles = np.percentile(residuals, [25, 75])
    scale = min(float(y.std()), float(quartiles[1] - quartiles[0]) / 1.34)
    width = scale * float(ndtri(min(0.5 + share, 0.999)) - ndtri(max(0.5 - share, 0.001)))
    if _is_rounding(width, y):
        return None
    near = residuals / width
    density = float(np.sum(0.75 * (1 - near**2) * (np.abs(near) <= 1))) / (n * width)
    return inverse_gram(jacobian) / (4 * density**2)
