"""Gradient descent as a stream of steps: tₙ₊₁ = tₙ - r · g′(tₙ), until a stop test says enough.

The deck's example, g(t) = ½(3t + 4)², from 0 with r = 0.1:

>>> from itertools import islice
>>> from imagier.formulas import parse_formula
>>> g = parse_formula("0.5*(3*t+4)**2").at
>>> [round(step.point[0], 6) for step in islice(descend(g, [0]), 5)]
[0.0, -1.2, -1.32, -1.332, -1.3332]
>>> *_, last = descend(g, [0])
>>> round(last.point[0], 6), last.reason
(-1.333333, 'flat')

With r = 0.2 the points jump from side to side, beyond 2/9 they go away:

>>> [round(step.point[0], 3) for step in islice(descend(g, [0], Recipe(rate=0.2)), 5)]
[0.0, -2.4, -0.48, -2.016, -0.787]
>>> *_, last = descend(g, [0], Recipe(rate=0.3))
>>> last.reason
'diverged'

Two ways to be quicker: momentum keeps a part of the last move (B. Polyak, 1964); line search looks
at each step for a rate that lowers the value enough (L. Armijo, 1966).
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from imagier.errors import UsageError
from imagier.gradient.differences import Function, place_text
from imagier.gradient.partial import Vector, gradient

__all__ = ["GradientFunction", "GradientStep", "Reason", "Recipe", "descend"]

Reason = Literal["flat", "still", "steps", "diverged", "bottomless", "undefined"]
GradientFunction = Callable[[Vector], Vector]
_AWAY, _FAR = 1e2, 1e8  # distances from the start, beside its size
_ENOUGH = 1e-4  # Armijo's share of the fall that the slope promises
_SHORTEST = 1e-20


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How to go down, and when to stop.

    Attributes:
        rate: r, above 0: how far a step goes for each unit of slope; with line search, the first
            that is tried.
        momentum: The share of the last move that is kept, 0 to below 1.
        line_search: Whether each step looks for its own rate.
        most_steps: After this many steps it stops.
        flat: It stops where the gradient is no longer than this.
        still: It stops where a step moves by no more than this, beside the size of the point.
    """

    rate: float = 0.1
    momentum: float = 0.0
    line_search: bool = False
    most_steps: int = 1000
    flat: float = 1e-8
    still: float = 1e-14

    def __post_init__(self) -> None:
        """Refuse what could not go down."""
        if not (self.rate > 0 and math.isfinite(self.rate)):
            raise UsageError("descent_rate", received=f"{self.rate:g}")
        if not 0 <= self.momentum < 1:
            raise UsageError("descent_momentum", received=f"{self.momentum:g}")
        if self.momentum and self.line_search:
            raise UsageError("descent_two_ways")
        if self.most_steps < 1:
            raise UsageError("descent_steps", received=str(self.most_steps))
        if not (self.flat >= 0 and self.still >= 0):
            raise UsageError("descent_tolerance", received=f"{min(self.flat, self.still):g}")


@dataclass(frozen=True, slots=True, kw_only=True)
class GradientStep:
    """Where a descent is after a number of steps.

    Attributes:
        number: How many steps were taken; 0 at the start.
        point: Where, n numbers.
        value: The value of the function there.
        gradient: Of the function there, n numbers.
        move: How far the last step went.
        rate: The rate that the last step took; None at the start.
        reason: Why it stops here; None when it goes on.
    """

    number: int
    point: tuple[float, ...]
    value: float
    gradient: tuple[float, ...]
    move: float = 0.0
    rate: float | None = None
    reason: Reason | None = None

    @property
    def slope(self) -> float:
        """The length of the gradient."""
        return math.hypot(*self.gradient)


def descend(
    function: Function,
    start: ArrayLike,
    recipe: Recipe | None = None,
    *,
    gradient_of: GradientFunction | None = None,
) -> Iterator[GradientStep]:
    """Go down a function step by step.

    Args:
        function: Takes a point (n,) and gives a number.
        start: Where to begin, (n,).
        recipe: How to go down, and when to stop.
        gradient_of: Gives the gradient at a point, (n,); by default by central differences.

    Yields:
        The start, then each step; the last one alone has a reason.

    Raises:
        UsageError: `no_value`, when the function has no value or no gradient at the start.
    """
    recipe = recipe or Recipe()
    look = partial(_look, function, gradient_of or partial(gradient, function))
    x = np.asarray(start, np.float64)
    first = here = look(x, number=0)
    if not _is_finite(here):
        raise UsageError("no_value", place=place_text(x))
    velocity = np.zeros_like(x)
    rate = recipe.rate
    here = replace(here, reason="flat" if here.slope <= recipe.flat else None)
    yield here
    while here.reason is None:
        downhill = -np.array(here.gradient)
        if recipe.line_search:
            rate = _searched(function, here, first_try=2 * rate if here.number else rate)
        velocity = recipe.momentum * velocity + rate * downhill
        x = x + velocity
        before, here = here, look(x, number=here.number + 1)
        here = replace(here, move=float(np.linalg.norm(velocity)), rate=rate)
        here = replace(here, reason=_reason(here, before, first, recipe))
        yield here


def _look(
    function: Function, gradient_of: GradientFunction, x: Vector, *, number: int
) -> GradientStep:
    """Compute value and gradient at a point; not a number where there is none."""
    point = tuple(x.tolist())
    value = float(function(x))
    try:
        down = tuple(float(part) for part in gradient_of(x))
    except UsageError:
        down = (math.nan,) * len(point)
    return GradientStep(number=number, point=point, value=value, gradient=down)


def _searched(function: Function, here: GradientStep, *, first_try: float) -> float:
    """Halve the rate until the value falls by a fair share of what the slope promises."""
    x, uphill = np.array(here.point), np.array(here.gradient)
    rate = first_try
    while rate > _SHORTEST:
        value = float(function(x - rate * uphill))
        if value <= here.value - _ENOUGH * rate * here.slope**2:  # never true of not a number
            return rate
        rate /= 2
    return rate


def _reason(
    here: GradientStep, before: GradientStep, first: GradientStep, recipe: Recipe
) -> Reason | None:
    """Carry out the stop tests."""
    size = 1 + math.hypot(*first.point)
    distance = math.dist(here.point, first.point)
    if not _is_finite(here):
        if not distance > _AWAY * size:
            return "undefined"
        return "bottomless" if before.value < first.value else "diverged"
    if distance > _FAR * size:
        return "bottomless" if here.value < first.value else "diverged"
    if here.slope <= recipe.flat:
        return "flat"
    if here.move <= recipe.still * (1 + math.hypot(*here.point)):
        return "still"
    return "steps" if here.number >= recipe.most_steps else None


def _is_finite(step: GradientStep) -> bool:
    return all(map(math.isfinite, (step.value, *step.gradient)))
