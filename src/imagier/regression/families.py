"""Families of functions: y = F(x, parameters), with the shape chosen and the parameters unknown.

"Il existe de très nombreuses courbes pour décrire certains aspects de la nature" (deck, chapter 1):
the shape of the cloud tells which to choose.

    line       y = a x + b, or with several variables y = b + a₁ x₁ + … + aₘ xₘ
    poly:D     all products of variables up to degree D
    exp        y = a exp(b x)
    power      y = a xᵇ
    growth     y = limit / (1 + exp(-rate (x - middle))): growth that comes to its limit

Every family answers the same questions (`family`): its values, its jacobian (how much each value
changes with each parameter), and where to begin looking.
"""

from dataclasses import dataclass

from imagier.errors import DataError, UsageError, did_you_mean
from imagier.files import printable
from imagier.regression.curves import CURVES
from imagier.regression.family import Family, Numbers
from imagier.regression.own_formula import own_formula
from imagier.regression.polynomials import polynomial
from imagier.regression.variables import Variables

__all__ = ["FAMILIES", "FamilyName", "make_family", "read_family"]

FAMILIES = ("line", "poly", "exp", "power", "growth", "auto", "softmax")
_MOST_PARAMETERS = 2_000
_HIGHEST_DEGREE = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyName:
    """What the user asked for, split: a kind and its degree."""

    kind: str
    degree: int = 1


def make_family(text: str, variables: Variables, x: Numbers) -> Family:
    """Make the family that a few letters name, for these variables.

    Args:
        text: `line`, `poly:2`, `exp`, `power`, `growth`, or a formula of one's own.
        variables: What explains.
        x: Its values, (n, m).

    Raises:
        UsageError: `fit_unknown_family`, `fit_one_variable`, `fit_many_parameters`; what a formula
            may not hold.
        DataError: `fit_not_positive`, for `power`.
    """
    wanted = read_family(text)
    if wanted is None:
        return own_formula(text, variables)
    if wanted.kind in ("line", "poly"):
        name = wanted.kind if wanted.kind == "line" else f"poly:{wanted.degree}"
        return polynomial(name, wanted.degree, variables, x, most=_MOST_PARAMETERS)
    if x.shape[1] != 1:
        names = printable(", ".join(variables.names))
        raise UsageError("fit_one_variable", family=wanted.kind, count=x.shape[1], names=names)
    if wanted.kind == "power" and x.min() <= 0:
        value = f"{x.min():g}"
        raise DataError("fit_not_positive", column=printable(variables.names[0]), value=value)
    return CURVES[wanted.kind](x)


def read_family(text: str) -> FamilyName | None:
    """Read the name of a family; None when it must be a formula.

    Raises:
        UsageError: `fit_unknown_family`, `fit_degree`.

    >>> read_family("poly:3").degree, read_family("a*exp(b*x)+c")
    (3, None)
    """
    kind, colon, degree = text.strip().partition(":")
    if kind == "poly":
        if not (degree.isascii() and degree.isdigit() and 1 <= int(degree) <= _HIGHEST_DEGREE):
            raise UsageError("fit_degree", received=printable(text[:40]), most=_HIGHEST_DEGREE)
        return FamilyName(kind=kind, degree=int(degree))
    if kind in FAMILIES and not colon:
        return FamilyName(kind=kind)
    if text.strip().isidentifier() or colon:
        received, hint = printable(text[:40]), did_you_mean(kind, FAMILIES)
        raise UsageError("fit_unknown_family", received=received, hint=hint)
    return None
