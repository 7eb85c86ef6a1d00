"""The derivative as a quotient of small differences, in three ways.

    forward        (g(t + h) - g(t)) / h             error about  h · g″ / 2
    central        (g(t + h) - g(t - h)) / 2h        error about  h² · g‴ / 6
    complex step   imaginary part of g(t + ih) / h   error about  h² · g‴ / 6, and no difference

The first is the deck's (chapter 9). The third takes no difference of nearly equal numbers, so h can
be so small that nothing is left of the error: W. Squire and G. Trapp, *Using complex variables to
estimate derivatives of real functions*, SIAM Review 40, 1998.

>>> def g(t):
...     return 0.5 * (3 * t + 4) ** 2
>>> [round(derivative(g, 1, step=h, method="forward"), 6) for h in (0.01, 0.001)]
[21.045, 21.0045]
>>> round(derivative(g, 1, step=0.01, method="central"), 6)
21.0
>>> derivative(g, 1, method="complex")
21.0
"""

import math
import sys
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from imagier.errors import UsageError

__all__ = [
    "Function",
    "Method",
    "default_step",
    "derivative",
    "has_corner",
    "place_text",
    "value_at",
]

Function = Callable[[Any], Any]
Method = Literal["forward", "central", "complex"]
_EPSILON = sys.float_info.epsilon  # 2.2e-16: floats near 1 are this far apart
_STEPS: dict[str, float] = {
    "forward": _EPSILON ** (1 / 2),
    "central": _EPSILON ** (1 / 3),
    "complex": 1e-30,
}


def derivative(
    function: Function, at: float, *, step: float | None = None, method: Method = "central"
) -> float:
    """Compute the derivative of a function of one variable: how fast it changes.

    Args:
        function: The function; the complex step needs one that takes complex numbers.
        at: Where.
        step: The small difference h; by default the best one for the method.
        method: Which quotient.

    Raises:
        UsageError: `step_size`, for a step that is not above 0; `no_value`, where the function is
            not a finite number.

    >>> derivative(math.exp, 0)
    1.0000000000...
    """
    h = default_step(at, method) if step is None else step
    if not (h > 0 and math.isfinite(h)):
        raise UsageError("step_size", received=repr(step))
    here = value_at(function, at)
    if method == "complex":
        return _finite(float(function(complex(at, h)).imag) / h, at)
    after = float(function(at + h))
    if method == "forward":
        return _finite((after - here) / h, at)
    return _finite((after - float(function(at - h))) / (2 * h), at)


def default_step(at: float, method: Method) -> float:
    """Choose the step where the error of the quotient and that of rounding are about equal.

    >>> f"{default_step(1, 'forward'):.0e}", f"{default_step(1, 'central'):.0e}"
    ('1e-08', '6e-06')
    """
    return _STEPS[method] * max(1.0, abs(at))


def value_at(function: Function, at: ArrayLike) -> float:
    """Compute a function at a number or a point, refusing a place where it has no value.

    Raises:
        UsageError: `no_value`.
    """
    return _finite(float(function(at)), at)


def has_corner(function: Function, at: float) -> bool:
    """Tell whether the slope from the left and the slope from the right differ: no derivative.

    At a smooth place their gap shrinks with the step; at a corner it stays. A corner is seen only
    when it is at the very place.

    Raises:
        UsageError: `no_value`, when the function has no value there or close by.

    >>> has_corner(abs, 0), has_corner(abs, 1), has_corner(math.exp, 0)
    (True, False, False)
    """
    h = default_step(at, "central")
    wide, narrow = _gap(function, at, 10 * h), _gap(function, at, h)
    rounding = 1e3 * _EPSILON * abs(value_at(function, at)) / h
    return narrow > rounding and narrow > 0.5 * wide


def _gap(function: Function, at: float, h: float) -> float:
    """Measure how far the slopes on both sides are apart."""
    here, after, before = (value_at(function, place) for place in (at, at + h, at - h))
    return abs((after - here) - (here - before)) / h


def place_text(point: ArrayLike) -> str:
    """Write a place for an error's sentence.

    >>> place_text(0.5), place_text([4, -0.25])
    ('0.5', '(4; -0.25)')
    """
    texts = [f"{number:.10g}" for number in np.ravel(point).tolist()]
    return texts[0] if len(texts) == 1 else f"({'; '.join(texts)})"


def _finite(value: float, at: ArrayLike) -> float:
    if not math.isfinite(value):
        raise UsageError("no_value", place=place_text(at))
    return value
