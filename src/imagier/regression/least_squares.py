"""Least squares: the parameters for which the sum of squared errors is smallest.

For a line or a polynomial the sum is smallest where one system of equations says, solved here by a
QR decomposition; for a curve it is searched step by step from several starts (MINPACK).

>>> from imagier.regression.polynomials import polynomial_of_numbers
>>> x, y = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 4.0])
>>> line = polynomial_of_numbers("line", 1, ("x",), x)
>>> line.reported(least_squares(x, y, line)).round(4).tolist()
[1.1667, 1.5]

Source: A. Björck, "Numerical Methods for Least Squares Problems", 1996.
"""

import numpy as np

from imagier.errors import DataError
from imagier.files import printable
from imagier.regression.family import Family, Numbers

__all__ = ["inverse_gram", "least_squares"]

_OVERFLOW = 1e150  # its square is still a number


def least_squares(
    x: Numbers,
    y: Numbers,
    family: Family,
    weights: Numbers | None = None,
    start: Numbers | None = None,
) -> Numbers:
    """Make the (weighted) sum of squares smallest: one step for lines, a search for curves.

    Args:
        x: The points, (n, m).
        y: What is to be found, (n,).
        family: The shape of the function.
        weights: How much each square counts, (n,); all the same when None.
        start: Where to begin; where the family says when None.
    """
    root = np.ones(len(y)) if weights is None else np.sqrt(weights)
    if family.is_linear:
        scaled = root[:, None] * family.jacobian(x, np.zeros(len(family.parameters)))
        q, r = np.linalg.qr(scaled)
        solution: Numbers = np.linalg.solve(r, q.T @ (root * y))
        return solution
    starts = family.starts(x, y) if start is None else [start]
    found = [end for end in (_search(x, y, family, root, s) for s in starts) if end is not None]
    if not found:
        raise DataError("fit_no_curve", family=printable(family.name))
    return min(found, key=lambda end: end[0])[1]


def inverse_gram(jacobian: Numbers) -> Numbers:
    """Compute (JᵀJ)⁻¹ without squaring what rounding did to J."""
    inverse = np.linalg.pinv(jacobian)
    result: Numbers = inverse @ inverse.T
    return result


def _search(
    x: Numbers, y: Numbers, family: Family, root: Numbers, start: Numbers
) -> tuple[float, Numbers] | None:
    """Go down from one start; give the sum of squares and where it was reached."""
    from scipy import optimize

    def bounded(numbers: Numbers) -> Numbers:
        return np.nan_to_num(numbers, nan=_OVERFLOW, posinf=_OVERFLOW, neginf=-_OVERFLOW).clip(
            -_OVERFLOW, _OVERFLOW
        )

    with np.errstate(all="ignore"):
        end = optimize.least_squares(
            lambda inner: bounded(root * (family.values(x, inner) - y)),
            start,
            jac=lambda inner: bounded(root[:, None] * family.jacobian(x, inner)),
            method="lm",
            x_scale="jac",
            xtol=1e-15,
            ftol=1e-15,
            gtol=1e-15,
            max_nfev=500,
        )
        residuals = root * (family.values(x, end.x) - y)
        total = float(residuals @ residuals)
    return (total, end.x) if np.isfinite(total) else None
