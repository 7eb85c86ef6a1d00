"""What a place without slope is: a minimum, a maximum, a saddle, an inflection, or flat ground.

g′(t) = 0 alone does not tell (errata 9.2): t³ has it at 0, and goes on rising. The curvatures do:
the eigenvalues of the table of second derivatives, each with its direction. All above 0, a minimum;
all below, a maximum; both kinds, a saddle. Where one is 0, they are silent, and the value is
compared a little further on, on both sides.

>>> def kind(text, *point):
...     from imagier.formulas import parse_formula
...     return critical_point(parse_formula(text).at, point, method="complex").kind
>>> [kind(text, 0) for text in ("t**2", "-t**2", "t**3", "t**4", "0*t")]
['minimum', 'maximum', 'inflection', 'minimum', 'flat']
>>> kind("x**2 + 3*y**2", 0, 0), kind("x**2 - y**2", 0, 0), kind("x**2 + 0*y", 0, 0)
('minimum', 'saddle', 'flat')
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from imagier.errors import UsageError
from imagier.gradient.differences import Function, Method, place_text
from imagier.gradient.partial import Vector, gradient, hessian

__all__ = ["CriticalPoint", "Kind", "critical_point"]

Kind = Literal["minimum", "maximum", "saddle", "inflection", "flat"]
_NEAR = 1e-3  # how far around a place is looked at, beside the size of its numbers
_ROUNDING = 1e-13  # differences below this, beside the values themselves, are rounding
_Turn = Literal["up", "down", "level", "through"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CriticalPoint:
    """What a place is, and what tells it.

    Attributes:
        kind: The verdict.
        curvatures: The eigenvalues of the table of second derivatives, the smallest first.
    """

    kind: Kind
    curvatures: tuple[float, ...]


def critical_point(
    function: Function, point: Sequence[float], *, method: Method = "central"
) -> CriticalPoint:
    """Tell what a place with a gradient of 0 is.

    Args:
        function: Takes a point (n,) and gives a number.
        point: The place, (n,); it need not be met exactly.
        method: How derivatives are computed.

    Raises:
        UsageError: `no_value`, when the function has no value there or close by.
    """
    x = np.asarray(point, np.float64)
    curvatures, directions = np.linalg.eigh(hessian(function, x, method=method))
    down = gradient(function, x, method=method)
    largest = float(np.abs(curvatures).max())
    turns = [
        _turn(function, x, direction, float(curvature), abs(float(down @ direction)), largest)
        for curvature, direction in zip(curvatures, directions.T, strict=True)
    ]
    return CriticalPoint(kind=_kind(turns), curvatures=tuple(curvatures.tolist()))


def _kind(turns: Sequence[_Turn]) -> Kind:
    if "through" in turns:
        return "inflection" if len(turns) == 1 else "saddle"
    if "up" in turns and "down" in turns:
        return "saddle"
    if "level" in turns:
        return "flat"
    return "minimum" if turns[0] == "up" else "maximum"


def _turn(
    function: Function, x: Vector, direction: Vector, curvature: float, slope: float, largest: float
) -> _Turn:
    """Tell which way the function turns along one direction.

    The curvature is believed when it is not lost beside the largest, and when the bottom that it
    foretells (Newton's: slope by curvature away) is so close that it hardly changes up to there.
    """
    near = _NEAR * (1 + float(np.linalg.norm(x)))
    newton = slope / abs(curvature) if curvature else math.inf
    if abs(curvature) > 1e-6 * largest and newton < 1e-3 * near:
        return "up" if curvature > 0 else "down"
    return _compared(function, x, direction * max(near, min(10 * newton, 100 * near)), largest)


def _compared(function: Function, x: Vector, move: Vector, largest: float) -> _Turn:
    """Compare the value with those on both sides.

    What is nothing beside the values, or beside the change in the steepest direction, is rounding.
    """
    here, after, before = (float(function(place)) for place in (x, x + move, x - move))
    if not all(map(math.isfinite, (here, after, before))):
        raise UsageError("no_value", place=place_text(x))
    steepest = largest * float(move @ move)
    rounding = _ROUNDING * max(abs(here), abs(after), abs(before), steepest)
    rises = [side - here > rounding for side in (after, before)]
    falls = [here - side > rounding for side in (after, before)]
    if any(rises) and any(falls):
        return "through"
    return "up" if any(rises) else "down" if any(falls) else "level"
