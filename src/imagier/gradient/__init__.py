"""The derivative, how fast something changes; and the gradient, the way down (deck, chapter 9).

How does a network learn? It changes each weight a little, in the direction that makes the error
smaller. Two ideas are enough. The derivative: g′(t) = lim (g(t + Δt) - g(t)) / Δt, the speed on the
dashboard, the slope of the tangent. And descent: since g(t + Δt) ≈ g(t) + Δt·g′(t), the choice
Δt = -r·g′(t) lowers g, by about r·g′(t)², as long as r is small enough. Repeat until nothing moves.

The deck's example is g(t) = ½(3t + 4)², with g′(t) = 9t + 12 and its minimum at -4/3:

>>> from imagier.formulas import parse_formula
>>> g = parse_formula("0.5*(3*t+4)**2")
>>> slope = lambda t, **settings: derivative(lambda t: g(t=t), t, **settings)
>>> slope(1, method="complex"), slope(-4 / 3, method="complex")
(21.0, 0.0)
>>> [round(slope(1, method="forward", step=h), 6) for h in (0.01, 0.001)]
[21.045, 21.0045]
>>> [round(step.point[0], 6) for step in descend(g.at, [0], Recipe(rate=0.1, most_steps=4))]
[0.0, -1.2, -1.32, -1.332, -1.3332]

With several variables, the derivative by each of them, the others held, is the gradient; the method
stays the same. A line through points is the smallest case of learning (chapter 1): its mean squared
error is a function of slope a and intercept b, and descent ends where the closed formula is.

>>> x, y = [1.0, 2.0, 4.0], [2.0, 3.0, 6.0]
>>> squares = "+".join(f"(a*{u}+b-{v})**2" for u, v in zip(x, y, strict=True))
>>> error = parse_formula(f"({squares})/3")
>>> *_, last = descend(error.at, [0, 0], Recipe(rate=0.1, most_steps=10_000))
>>> last.reason, [round(number, 6) for number in last.point]
('flat', [1.357143, 0.5])
>>> import numpy as np
>>> np.polyfit(x, y, 1).round(6).tolist()
[1.357143, 0.5]

Used further on: every network here learns by this method (chapters 3 to 5), its gradient computed
backwards through the layers.
"""

from imagier.gradient.critical_points import CriticalPoint, Kind, critical_point
from imagier.gradient.derivative_result import DerivativeResult, derive_formula
from imagier.gradient.descent import GradientFunction, GradientStep, Reason, Recipe, descend
from imagier.gradient.descent_result import (
    DescentResult,
    descend_formula,
    descend_formula_from_many,
)
from imagier.gradient.differences import (
    Function,
    Method,
    default_step,
    derivative,
    has_corner,
    value_at,
)
from imagier.gradient.explanation import explain
from imagier.gradient.journey_result import JourneyResult, read_journey
from imagier.gradient.multistart import LocalMinimum, Multistart, descend_many, starts_within
from imagier.gradient.outcome import Outcome, outcome_of
from imagier.gradient.partial import gradient, hessian
from imagier.gradient.rounding import STEPS, StepError, errors_by_step
from imagier.gradient.scipy_methods import MethodResult, run_scipy_methods
from imagier.gradient.speeds import Speeds, speeds

__all__ = [
    "STEPS",
    "CriticalPoint",
    "DerivativeResult",
    "DescentResult",
    "Function",
    "GradientFunction",
    "GradientStep",
    "JourneyResult",
    "Kind",
    "LocalMinimum",
    "Method",
    "MethodResult",
    "Multistart",
    "Outcome",
    "Reason",
    "Recipe",
    "Speeds",
    "StepError",
    "critical_point",
    "default_step",
    "derivative",
    "derive_formula",
    "descend",
    "descend_formula",
    "descend_formula_from_many",
    "descend_many",
    "errors_by_step",
    "explain",
    "gradient",
    "has_corner",
    "hessian",
    "outcome_of",
    "read_journey",
    "run_scipy_methods",
    "speeds",
    "starts_within",
    "value_at",
]
