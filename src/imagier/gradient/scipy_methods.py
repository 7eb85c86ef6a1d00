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
from imagier.gradient.descent import GradientFunction
from imagier.gradient.differences import Function
from imagier.gradient.partial import Vector

__all__ = ["METHODS", "MethodResult", "run_scipy_methods"]

METHODS = ("CG", "BFGS", "Nelder-Mead")


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodResult:
    """Where one of SciPy's methods ended.

    Attributes:
        name: The method's name in SciPy.
        point: Where it ended.
        value: The value there.
        steps: How many steps it took.
        values: How many values it asked for.
        gradients: How many gradients it asked for.
        is_settled: Whether it says that it came to a minimum.
    """

    name: str
    point: tuple[float, ...]
    value: float
    steps: int
    values: int
    gradients: int
    is_settled: bool


def run_scipy_methods(
    function: Function, start: ArrayLike, *, gradient_of: GradientFunction
) -> tuple[MethodResult, ...]:
    """Minimise a function by SciPy's methods, from the same start.

    Args:
        function: Takes a point (n,) and gives a number.
        start: Where to begin, (n,).
        gradient_of: Gives the gradient at a point, (n,).

    >>> from imagier.formulas import parse_formula
    >>> from imagier.gradient import gradient
    >>> g = parse_formula("x**2 + 3*y**2").at
    >>> found = run_scipy_methods(g, [4, 2], gradient_of=lambda x: gradient(g, x))
    >>> [max(map(abs, method.point)) < 1e-4 for method in found]
    [True, True, True]
    """
    x = np.asarray(start, np.float64)
    return tuple(_run(name, function, x, gradient_of) for name in METHODS)


def _run(
    name: str, function: Function, start: Vector, gradient_of: GradientFunction
) -> MethodResult:
    from scipy.optimize import minimize

    settings: dict[str, Any] = {} if name == "Nelder-Mead" else {"jac": _unbroken(gradient_of)}
    with _without_warnings():
        found = minimize(function, start, method=name, **settings)
    value = float(found.fun)
    return MethodResult(
        name=name,
        point=tuple(np.asarray(found.x, np.float64).tolist()),
        value=value,
        steps=int(found.nit),
        values=int(found.nfev),
        gradients=int(getattr(found, "njev", 0)),
        is_settled=bool(found.success) and math.isfinite(value),
    )


def _unbroken(gradient_of: GradientFunction) -> GradientFunction:
    """Answer "not a number" where the function has no value: SciPy then turns back or gives up."""

    def answered(x: Vector) -> Vector:
        try:
            return gradient_of(x)
        except UsageError:
            return np.full_like(x, np.nan)

    return answered


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Let SciPy meet infinities in silence: whether it settled stands in its answer."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield
