"""What a formula may compute: each sign and function by name, for floats, arrays, complex numbers.

All of it works in 64-bit floats, where the largest power is infinite, not endless: `9**9**9**9` is
`inf` at once, where whole numbers of Python's would fill the memory.

Complex numbers are here for one purpose, the derivative by the complex step: g(t + ih) with a tiny
h carries g′(t)·h in its imaginary part. For that, a function with a corner must go on as the
straight line it is on: abs(z) is z or -z, by the sign of the real part, not the length of z.

>>> float(FUNCTIONS["abs"](np.float64(-3))), complex(FUNCTIONS["abs"](np.complex128(-3 + 1j)))
(3.0, (3-1j))
"""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

__all__ = ["CONSTANTS", "FUNCTIONS", "OF_TWO", "SIGNS"]

Operation = Callable[..., Any]


def _power(base: Any, exponent: Any) -> Any:
    """Raise to a power; for complex numbers left of 0, keep the small imaginary part exact."""
    if not (np.iscomplexobj(base) or np.iscomplexobj(exponent)):
        return np.power(base, exponent)
    whole = np.real(exponent)
    is_turned = (np.real(base) < 0) & (np.imag(exponent) == 0) & (whole == np.floor(whole))
    sign = np.where(is_turned & (whole % 2 == 1), -1.0, 1.0)
    return sign * np.power(np.where(is_turned, -base, base) + 0j, exponent)


def _absolute(number: Any) -> Any:
    return np.where(np.real(number) < 0, -number, number)


def _smaller(left: Any, right: Any) -> Any:
    return _chosen(left, right, np.real(left) <= np.real(right))


def _larger(left: Any, right: Any) -> Any:
    return _chosen(left, right, np.real(left) >= np.real(right))


def _chosen(left: Any, right: Any, is_left: Any) -> Any:
    """Choose the left or right number; what is not a number stays so."""
    return np.where(is_left | np.isnan(left), left, right)


SIGNS: Mapping[str, Operation] = MappingProxyType(
    {
        "+": np.add,
        "-": np.subtract,
        "*": np.multiply,
        "/": np.divide,
        "**": _power,
        "negative": np.negative,
        "positive": np.positive,
    }
)
FUNCTIONS: Mapping[str, Operation] = MappingProxyType(
    {
        "abs": _absolute,
        "acos": np.arccos,
        "arccos": np.arccos,
        "arcsin": np.arcsin,
        "arctan": np.arctan,
        "asin": np.arcsin,
        "atan": np.arctan,
        "cos": np.cos,
        "cosh": np.cosh,
        "exp": np.exp,
        "ln": np.log,
        "log": np.log,
        "log10": np.log10,
        "log2": np.log2,
        "max": _larger,
        "maximum": _larger,
        "min": _smaller,
        "minimum": _smaller,
        "sin": np.sin,
        "sinh": np.sinh,
        "sqrt": np.sqrt,
        "tan": np.tan,
        "tanh": np.tanh,
    }
)
OF_TWO = frozenset({"max", "maximum", "min", "minimum"})
CONSTANTS: Mapping[str, float] = MappingProxyType({"e": math.e, "pi": math.pi, "π": math.pi})
