"""Several variables: the derivatives by each are the gradient, the gradient's own the curvature.

The deck (chapter 9) writes g(x + Δx) = g(x) + Σ Δxᵢ · ∂g/∂xᵢ(x) + what is smaller. The n numbers
∂g/∂xᵢ are the gradient: it points where g rises most.

>>> def g(x):
...     return x[0] ** 2 + 3 * x[1] ** 2
>>> gradient(g, [4, 2], method="complex").tolist()
[8.0, 12.0]
>>> hessian(g, [4, 2], method="complex").round(6).tolist()
[[2.0, 0.0], [0.0, 6.0]]
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imagier.errors import UsageError
from imagier.gradient.differences import Function, Method, default_step, derivative, place_text

__all__ = ["Vector", "gradient", "hessian"]

Vector = NDArray[np.float64]


def gradient(
    function: Function, point: ArrayLike, *, method: Method = "central", step: float | None = None
) -> Vector:
    """Compute the gradient of a function of several variables.

    Args:
        function: Takes a point (n,) and gives a number.
        point: Where, (n,).
        method: Which quotient of differences; the complex step is exact, where it can be had.
        step: The small difference; by default the best one for the method.

    Returns:
        The derivative by each variable, (n,).

    Raises:
        UsageError: `no_value` or `step_size`.
    """
    x = np.asarray(point, np.float64)
    numbers = [_partial(function, x, place, method=method, step=step) for place in range(len(x))]
    return np.array(numbers)


def hessian(function: Function, point: ArrayLike, *, method: Method = "central") -> Vector:
    """Compute the second derivatives: how the gradient changes with each variable.

    Args:
        function: Takes a point (n,) and gives a number.
        point: Where, (n,).
        method: How the gradient is computed.

    Returns:
        A symmetric table, (n, n).

    Raises:
        UsageError: `no_value`.
    """
    x = np.asarray(point, np.float64)
    rows = []
    for place in range(len(x)):
        h = default_step(float(x[place]), "central") * (1 if method == "complex" else 30)
        move = h * np.eye(len(x))[place]
        after, before = (gradient(function, x + s * move, method=method) for s in (1, -1))
        rows.append((after - before) / (2 * h))
    table = np.array(rows)
    return (table + table.T) / 2


def _partial(
    function: Function, point: Vector, place: int, *, method: Method, step: float | None
) -> float:
    """Compute the derivative by one variable; an error names the whole point."""
    along, at = _along(function, point, place), float(point[place])
    try:
        return derivative(along, at, step=step, method=method)
    except UsageError as error:
        if error.code != "no_value":
            raise
        raise UsageError("no_value", place=place_text(point)) from None


def _along(function: Function, point: Vector, place: int) -> Callable[[complex], complex]:
    """Make a function of several variables one of a single variable; the others stay."""

    def of_one(value: complex) -> complex:
        moved = point.astype(type(value))
        moved[place] = value
        return function(moved)  # type: ignore[no-any-return] # the caller's own function

    return of_one
