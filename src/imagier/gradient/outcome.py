"""How a descent went: straight down, from side to side, or away; and what the last place is.

Beside the place where it stopped, the moves tell most. If each is the same share of the one before,
that share is the pace: below 1 the points come together, above they go apart; and if the moves turn
back each time, the rate is too large for the slope's change. For a parabola with curvature c the
rate must stay below 2/c:

>>> from imagier.formulas import parse_formula
>>> from imagier.gradient.descent import Recipe, descend
>>> g = parse_formula("0.5*(3*t+4)**2").at
>>> for rate in (0.1, 0.2, 0.3):
...     outcome = outcome_of(g, list(descend(g, [0], Recipe(rate=rate))), Recipe(rate=rate))
...     print(outcome.reason, outcome.is_oscillating, f"{outcome.pace:.2f} {outcome.limit:.4f}")
flat False 0.10 0.2222
flat True 0.80 0.2222
diverged True 1.70 0.2222
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from imagier.errors import UsageError
from imagier.gradient.critical_points import CriticalPoint, critical_point
from imagier.gradient.descent import GradientStep, Reason, Recipe
from imagier.gradient.differences import Function, Method
from imagier.gradient.partial import Vector, hessian

__all__ = ["Outcome", "outcome_of"]

_WINDOW = 12  # the last moves, from which the pace is read
_VISIBLE = 1e-6  # moves below this share of the largest are as much rounding as move


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a descent.

    Attributes:
        first: Where it began.
        last: Where it stopped.
        reason: Why it stopped.
        pace: What share of the move before a move is, on average at the end; None below 3 steps.
        is_oscillating: Whether most moves at the end turn back.
        rises: How many steps went up instead of down.
        limit: The rate that must not be reached, from the curvature; None where it is unknown.
        critical_point: What the last place is; None where the slope is not 0.
    """

    first: GradientStep
    last: GradientStep
    reason: Reason
    pace: float | None
    is_oscillating: bool
    rises: int
    limit: float | None
    critical_point: CriticalPoint | None

    @property
    def is_settled(self) -> bool:
        """Whether it came to a place without slope."""
        return self.critical_point is not None


def outcome_of(
    function: Function, steps: Sequence[GradientStep], recipe: Recipe, *, method: Method = "central"
) -> Outcome:
    """Judge a descent that has ended.

    Args:
        function: What was descended.
        steps: All its steps, from the start to the last.
        recipe: How it went down.
        method: How derivatives are computed.
    """
    first, last = steps[0], steps[-1]
    reason = last.reason or "steps"
    moves = [b - a for a, b in pairwise(np.array([step.point for step in steps]))]
    seen = _visible(moves)
    return Outcome(
        first=first,
        last=last,
        reason=reason,
        pace=_pace(seen),
        is_oscillating=_turns_back(seen),
        rises=sum(b.value > a.value for a, b in pairwise(steps)),
        limit=_limit(function, last if reason == "flat" else first, recipe, method),
        critical_point=_critical_point(function, last, method) if reason == "flat" else None,
    )


def _visible(moves: Sequence[Vector]) -> list[Vector]:
    """Take the last moves that rounding has not blurred, nor infinity swallowed."""
    lengths = [float(np.linalg.norm(move)) for move in moves]
    finite = [length for length in lengths if math.isfinite(length)]
    least = _VISIBLE * max(finite, default=0.0)
    clear = [m for m, n in zip(moves, lengths, strict=True) if math.isfinite(n) and n > least]
    return clear[-_WINDOW:]


def _pace(moves: Sequence[Vector]) -> float | None:
    if len(moves) < 2:
        return None
    first, last = (float(np.linalg.norm(moves[place])) for place in (0, -1))
    return float((last / first) ** (1 / (len(moves) - 1)))


def _turns_back(moves: Sequence[Vector]) -> bool:
    """Tell whether most moves point against the one before."""
    turns = [float(a @ b) < -0.5 * float(np.linalg.norm(a) * np.linalg.norm(b)) for a, b in
             pairwise(moves)]  # fmt: skip
    return len(turns) > 0 and sum(turns) > len(turns) / 2


def _limit(function: Function, step: GradientStep, recipe: Recipe, method: Method) -> float | None:
    """Compute 2(1 + momentum) / c, with the largest curvature c at a place."""
    if recipe.line_search:
        return None
    try:
        curvature = float(np.linalg.eigvalsh(hessian(function, step.point, method=method)).max())
    except (UsageError, np.linalg.LinAlgError):
        return None
    return 2 * (1 + recipe.momentum) / curvature if curvature > 0 else None


def _critical_point(function: Function, step: GradientStep, method: Method) -> CriticalPoint | None:
    try:
        return critical_point(function, step.point, method=method)
    except UsageError:
        return None
