"""Estimation: the best parameters are those for which the error is smallest.

Errors of both signs cancel out when they are added: a line that is 10 too high here and 10 too low
there has a mean error of 0. Their absolute values do not, nor do their squares, and squares have a
derivative everywhere (deck, chapter 1):

    E(a, b) = 1/n Σ (a xᵢ + b - yᵢ)²        error = F(xᵢ, parameters) - yᵢ

Where E is smallest, `least_squares` finds. How far the parameters may be trusted follows from the
size of the errors, s² = Σ error² / (n - k), and from how much each parameter moves the values (the
jacobian J): covariance = s² (JᵀJ)⁻¹.

>>> x, y = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 4.0])
>>> from imagier.regression.polynomials import polynomial_of_numbers
>>> found = fit_family(x, y, polynomial_of_numbers("line", 1, ("x",), x))
>>> [round(float(value), 4) for value in found.parameters]
[1.1667, 1.5]

Source: the deck, chapter 1; A. Björck, "Numerical Methods for Least Squares Problems", 1996.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from imagier.errors import DataError, UsageError
from imagier.files import printable
from imagier.i18n import integer
from imagier.regression.family import Family, Numbers
from imagier.regression.least_squares import inverse_gram, least_squares
from imagier.regression.robust import fit_absolute, fit_huber

__all__ = ["ErrorKind", "Errors", "Fit", "Interval", "fit_family", "student_quantile"]

ErrorKind = Literal["squared", "absolute", "huber"]
Interval = tuple[float, float]
_DEPENDENT = 1e-10  # a column this small once the others are taken out is made of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """The three means that the deck compares.

    Attributes:
        signed: Mean error: the signs cancel out.
        absolute: Mean size of the error, in the unit of y.
        squared: Mean squared error, E.
    """

    signed: float
    absolute: float
    squared: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A function that was found, and how far it can be trusted.

    Attributes:
        family: The shape.
        inner: The parameters as the family counts, (k,).
        covariance: How they vary together, (k, k); None where nothing is left to judge them by.
        scale: The typical size of an error, in the unit of y; NaN as above.
        x: What was learned from, (n, m).
        y: What was to be found, (n,).
        error: What was made small.
    """

    family: Family
    inner: Numbers
    covariance: Numbers | None
    scale: float
    x: Numbers
    y: Numbers
    error: ErrorKind

    @property
    def parameters(self) -> Numbers:
        """The parameters as they are reported, (k,)."""
        return self.family.reported(self.inner)

    @property
    def freedom(self) -> int:
        """How many points more than parameters there are."""
        return len(self.y) - len(self.inner)

    @property
    def values(self) -> Numbers:
        """What the function says at the points learned from, (n,)."""
        return self.family.values(self.x, self.inner)

    @property
    def residuals(self) -> Numbers:
        """The deck's errors, F(xᵢ) - yᵢ, (n,)."""
        return self.values - self.y

    @property
    def errors(self) -> Errors:
        """The mean signed, absolute and squared error."""
        residuals = self.residuals
        return Errors(
            signed=float(residuals.mean()),
            absolute=float(np.abs(residuals).mean()),
            squared=float(residuals @ residuals) / len(residuals),
        )

    @property
    def r2(self) -> float | None:
        """The share of the variation of y that the function explains; None where y never varies."""
        away = self.y - self.y.mean()
        total = float(away @ away)
        return 1 - float(self.residuals @ self.residuals) / total if total > 0 else None

    def intervals(self, level: float) -> list[Interval] | None:
        """Give each reported parameter's interval, or None where there is nothing to judge by."""
        if self.covariance is None:
            return None
        jacobian = self.family.reported_jacobian(self.inner)
        deviations = np.sqrt(np.einsum("ij,jk,ik->i", jacobian, self.covariance, jacobian))
        reach = student_quantile(level, self.freedom) * deviations
        low, high = self.parameters - reach, self.parameters + reach
        return [(float(a), float(b)) for a, b in zip(low, high, strict=True)]


def fit_family(x: Numbers, y: Numbers, family: Family, *, error: ErrorKind = "squared") -> Fit:
    """Find the parameters of a family that make the error smallest.

    Args:
        x: The points, (n, m).
        y: What is to be found, (n,).
        family: The shape of the function.
        error: What to make small: the squares; the absolute values, which one wild point moves
            little; or Huber's error, squared near 0 and absolute far away.

    Raises:
        UsageError: `fit_unknown_error`.
        DataError: `fit_few_points`, `fit_collinear`, `fit_no_curve`, `fit_undetermined`.
    """
    if error not in get_args(ErrorKind):
        raise UsageError("fit_unknown_error", received=printable(str(error)))
    count = len(family.parameters)
    if len(y) < count:
        facts = {"family": family.name, "count": integer(count), "points": integer(len(y))}
        raise DataError("fit_few_points", n=len(y), **facts)
    if family.is_linear:
        _check_independent(family, family.jacobian(x, np.zeros(count)))
    inner = least_squares(x, y, family)
    if not family.is_linear:
        _check_determined(family, family.jacobian(x, inner))
    if error == "squared" or len(y) == count:
        scale, covariance = _scale_and_covariance(x, y, family, inner)
    else:
        method = fit_absolute if error == "absolute" else fit_huber
        inner, scale, covariance = method(x, y, family, inner)
    return Fit(
        family=family, inner=inner, covariance=covariance, scale=scale, x=x, y=y, error=error
    )


def student_quantile(level: float, freedom: int) -> float:
    """Tell how many deviations hold this share of Student's law.

    >>> round(student_quantile(0.95, 10), 3)
    2.228
    """
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.5 + level / 2))


def _scale_and_covariance(
    x: Numbers, y: Numbers, family: Family, inner: Numbers
) -> tuple[float, Numbers | None]:
    """Judge by the errors: their typical size, and the covariance of the parameters."""
    freedom = len(y) - len(inner)
    if freedom == 0:
        return float("nan"), None
    residuals = family.values(x, inner) - y
    variance = float(residuals @ residuals) / freedom
    return variance**0.5, variance * inverse_gram(family.jacobian(x, inner))


def _check_independent(family: Family, jacobian: Numbers) -> None:
    """Refuse a column that can be computed from those before it, and name them."""
    unit = jacobian / np.linalg.norm(jacobian, axis=0).clip(1e-300)
    own = np.abs(np.diag(np.linalg.qr(unit, mode="r")))  # what each adds to those before it
    place = int(np.argmax(own < _DEPENDENT))
    if own[place] >= _DEPENDENT:
        return
    shares = np.linalg.lstsq(unit[:, :place], unit[:, place], rcond=None)[0]
    others = [family.parameters[at] for at in np.flatnonzero(np.abs(shares) > 1e-6)]
    name = family.parameters[place]
    facts = {"name": printable(name), "others": printable(", ".join(others))}
    if "^" in name or "*" in name:
        raise DataError("fit_degree_high", family=family.name, **facts)
    raise DataError("fit_collinear", **facts)


def _check_determined(family: Family, jacobian: Numbers) -> None:
    """Refuse a curve of which some parameters may be anything."""
    sizes = np.linalg.norm(jacobian, axis=0)
    is_finite = bool(np.isfinite(jacobian).all())
    singular = (
        np.linalg.svd(jacobian / sizes, compute_uv=False) if is_finite and all(sizes) else [0.0]
    )
    if min(singular) < _DEPENDENT:
        names = printable(", ".join(family.parameters))
        raise DataError("fit_undetermined", family=printable(family.name), names=names)
