"""The same descent by SciPy's methods: how much further do better directions get?

Plain descent knows the slope alone. Conjugate gradients remember the last direction, BFGS builds up
a picture of the curvature from the slopes it has seen (J. Nocedal and S. Wright, *Numerical
Optimization*, 2006), Nelder and Mead's simplex asks for values only.
"""

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from imagier.errors import UsageError
from imagier.gradient.descent import Slope
from imagier.gradient.differences import Function
from imagier.gradient.partial import Vector

__all__ = ["METHODS", "Rival", "rivals"]

METHODS = ("CG", "BFGS", "Nelder-Mead")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """Where one of SciPy's methods ended.

    Attributes:
        name: The method's name in SciPy.
        point: Where it ended.
        value: The value there.
        steps: How many steps it took.
        values: How many values it asked for.
        slopes: How many gradients it asked for.
        is_settled: Whether it says that it came to a minimum.
    """

    name: str
    point: tuple[float, ...]
    value: float
    steps: int
    values: int
    slopes: int
    is_settled: bool


def rivals(function: Function, start: ArrayLike, *, slope: Slope) -> tuple[Rival, ...]:
    """Minimise a function by SciPy's methods, from the same start.

    Args:
        function: Takes a point (n,) and gives a number.
        start: Where to begin, (n,).
        slope: Gives the gradient at a point, (n,).

    >>> from imagier.formulas import parse_formula
    >>> from imagier.gradient import gradient
    >>> g = parse_formula("x**2 + 3*y**2").at
    >>> found = rivals(g, [4, 2], slope=lambda x: gradient(g, x))
    >>> [max(map(abs, rival.point)) < 1e-4 for rival in found]
    [True, True, True]
    """
    return tuple(_rival(name, function, np.asarray(start, np.float64), slope) for name in METHODS)


def _rival(name: str, function: Function, start: Vector, slope: Slope) -> Rival:
    from scipy.optimize import minimize

    settings: dict[str, Any] = {} if name == "Nelder-Mead" else {"jac": _unbroken(slope)}
    with _without_warnings():
        found = minimize(function, start, method=name, **settings)
    value = float(found.fun)
    return Rival(
        name=name,
        point=tuple(np.asarray(found.x, np.float64).tolist()),
        value=value,
        steps=int(found.nit),
        values=int(found.nfev),
        slopes=int(getattr(found, "njev", 0)),
        is_settled=bool(found.success) and math.isfinite(value),
    )


def _unbroken(slope: Slope) -> Slope:
    """Answer "not a number" where the function has no value: SciPy then turns back or gives up."""

    def answered(x: Vector) -> Vector:
        try:
            return slope(x)
        except UsageError:
            return np.full_like(x, np.nan)

    return answered


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Let SciPy meet infinities in silence: whether it settled stands in its answer."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield
