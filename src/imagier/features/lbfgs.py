"""L-BFGS: to the lowest point of a smooth convex function of many numbers, by its gradient alone.

The last few steps and what they did to the gradient tell how the valley is curved; that is enough
to go nearly straight to its bottom. A step is taken when it goes down enough for its length and the
slope there is not as steep as before (the conditions of Wolfe); until then its length is halved or
doubled between the bounds found so far.

Source: J. Nocedal, S. J. Wright, "Numerical Optimization", 2006, algorithms 7.4 and 7.5, and
section 3.1 for the conditions.
"""

from collections import deque
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["minimize"]

Numbers: TypeAlias = NDArray[np.float32]
Objective: TypeAlias = Callable[[Numbers], tuple[float, Numbers]]

MEMORY = 10
DOWN, FLATTER = 1e-4, 0.9  # the conditions of Wolfe
MOST_TRIES = 20
STILL = 1e-7  # a step that lowers the value by less of it changes nothing more


def minimize(objective: Objective, start: Numbers, *, steps: int, tolerance: float) -> Numbers:
    """Walk to the lowest point.

    Args:
        objective: Gives the value at a point, and the gradient there, (n,).
        start: Where to begin, (n,).
        steps: How many steps at the most.
        tolerance: The walk ends where no entry of the gradient is larger.

    >>> target = np.array([3.0, -2.0], np.float32)
    >>> bowl = lambda x: (float(((x - target) ** 2).sum()), 2 * (x - target))
    >>> minimize(bowl, np.zeros(2, np.float32), steps=10, tolerance=1e-5).round(3).tolist()
    [3.0, -2.0]
    """
    point = start
    value, gradient = objective(point)
    moves: deque[tuple[Numbers, Numbers, float]] = deque(maxlen=MEMORY)
    for number in range(steps):
        if float(np.abs(gradient).max()) <= tolerance:
            break
        direction = -_curved(gradient, moves)
        slope = float(direction @ gradient)
        if slope >= 0:  # rounding has spoilt the memory: straight down
            moves.clear()
            direction, slope = -gradient, -float(gradient @ gradient)
        length = 1.0 if number or moves else min(1.0, 1.0 / float(np.abs(gradient).sum()))
        found = _search(objective, point, value, direction, slope, length)
        if found is None:
            break
        new_point, new_value, new_gradient = found
        move, change = new_point - point, new_gradient - gradient
        curvature = float(move @ change)
        if curvature > 0:
            moves.append((move, change, curvature))
        is_still = value - new_value <= STILL * max(abs(value), 1.0)
        point, value, gradient = new_point, new_value, new_gradient
        if is_still:
            break
    return point


def _curved(gradient: Numbers, moves: "deque[tuple[Numbers, Numbers, float]]") -> Numbers:
    """Multiply the gradient by what the last moves tell of the inverse curvature."""
    direction = gradient.copy()
    shares = []
    for move, change, curvature in reversed(moves):
        share = float(move @ direction) / curvature
        direction -= share * change
        shares.append(share)
    if moves:
        _, change, curvature = moves[-1]
        direction *= curvature / float(change @ change)
    for (move, change, curvature), share in zip(moves, reversed(shares), strict=True):
        direction += (share - float(change @ direction) / curvature) * move
    return direction


def _search(
    objective: Objective,
    point: Numbers,
    value: float,
    direction: Numbers,
    slope: float,
    length: float,
) -> tuple[Numbers, float, Numbers] | None:
    """Find a length that satisfies the conditions of Wolfe; None where nothing goes down."""
    short, long = 0.0, np.inf
    best: tuple[Numbers, float, Numbers] | None = None
    for _ in range(MOST_TRIES):
        there = point + np.float32(length) * direction
        new_value, gradient = objective(there)
        if new_value > value + DOWN * length * slope:
            long = length
        else:
            best = there, new_value, gradient
            if float(direction @ gradient) >= FLATTER * slope:
                return best
            short = length
        length = 2 * length if np.isinf(long) else (short + long) / 2
    return best
