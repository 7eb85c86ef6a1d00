"""How wrong a derivative is for each step h: smaller helps only until rounding takes over.

"If it lacks precision, I try with a smaller difference", says the deck (chapter 9). Two errors
stand against each other: that of the quotient falls with h, that of rounding rises as 1/h, because
g(t + h) and g(t), nearly equal, lose their common digits when one is taken from the other.

>>> def g(t):
...     return 0.5 * (3 * t + 4) ** 2
>>> errors = {error.step: error for error in errors_by_step(g, 1)}
>>> [f"{errors[h].forward_error:.1g}" for h in (1e-1, 1e-2, 1e-8, 1e-15)]
['0.5', '0.05', '4e-08', '4']
>>> errors[1e-15].complex_error
0.0
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from imagier.errors import UsageError
from imagier.gradient.differences import Function, Method, derivative

__all__ = ["STEPS", "StepError", "errors_by_step"]

STEPS = tuple(float(f"1e-{digits}") for digits in range(1, 17))


@dataclass(frozen=True, slots=True, kw_only=True)
class StepError:
    """The three quotients for one step, and the derivative they aim at.

    Attributes:
        step: The small difference h.
        forward: (g(t + h) - g(t)) / h.
        central: (g(t + h) - g(t - h)) / 2h.
        complex: The imaginary part of g(t + ih), by h.
        exact: The derivative.
    """

    step: float
    forward: float
    central: float
    complex: float
    exact: float

    @property
    def forward_error(self) -> float:
        """How far the forward quotient is from the derivative."""
        return abs(self.forward - self.exact)

    @property
    def central_error(self) -> float:
        """How far the central quotient is from the derivative."""
        return abs(self.central - self.exact)

    @property
    def complex_error(self) -> float:
        """How far the complex step is from the derivative."""
        return abs(self.complex - self.exact)


def errors_by_step(
    function: Function, at: float, *, exact: float | None = None, steps: Sequence[float] = STEPS
) -> tuple[StepError, ...]:
    """Compute the derivative with each step, in each way.

    A step so large that it leaves the places where the function has a value is left out.

    Args:
        function: A function that takes complex numbers.
        at: Where.
        exact: The derivative, if known; else it is that of the smallest complex step.
        steps: The steps, each above 0.

    Raises:
        UsageError: `no_value`, when the function has no value at the place itself; `step_size`.
    """
    aim = derivative(function, at, method="complex") if exact is None else exact
    found = []
    for step in steps:
        try:
            found.append(_quotients(function, at, step, aim))
        except UsageError as error:
            if error.code != "no_value":
                raise
    return tuple(found)


def _quotients(function: Function, at: float, step: float, exact: float) -> StepError:
    forward, central, complex_ = (
        derivative(function, at, step=step, method=method) for method in get_args(Method)
    )
    return StepError(step=step, forward=forward, central=central, complex=complex_, exact=exact)
