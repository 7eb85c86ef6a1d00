"""Many starts: each leads to the bottom of its own valley, and only the lowest is the lowest.

A descent sees the slope under its feet and nothing else, so it ends in the *local* minimum below
its start. Starting from many places and keeping the best is no proof, but the usual remedy.

>>> from imagier.formulas import parse_formula
>>> g = parse_formula("(t**2 - 1)**2 + 0.3*t").at
>>> starts = starts_within([(-2, 2)], count=20, seed=0)
>>> found = descend_many(g, starts, Recipe(rate=0.05)).minima
>>> [(round(low.point[0], 2), round(low.value, 2)) for low in found]
[(-1.04, -0.31), (0.96, 0.29)]
>>> sum(low.starts for low in found)
20
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from imagier.errors import UsageError
from imagier.gradient.descent import GradientFunction, GradientStep, Reason, Recipe, descend
from imagier.gradient.differences import Function
from imagier.gradient.partial import Vector

__all__ = ["LocalMinimum", "Multistart", "descend_many", "starts_within"]

_SAME = 1e-3  # ends closer than this, beside the size of the point, are one place


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalMinimum:
    """A place where descents ended.

    Attributes:
        point: The lowest of these ends.
        value: The value there.
        start: Where the descent to it began.
        starts: How many descents ended there.
    """

    point: tuple[float, ...]
    value: float
    start: tuple[float, ...]
    starts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Multistart:
    """What became of descents from many starts.

    Attributes:
        starts: All starts, points (n,).
        minima: The places where they ended, the lowest first.
        lost: How many ended nowhere, by reason; `no_value` are those that could not begin.
    """

    starts: tuple[tuple[float, ...], ...]
    minima: tuple[LocalMinimum, ...]
    lost: Mapping[str, int]


def starts_within(bounds: Sequence[tuple[float, float]], *, count: int, seed: int) -> Vector:
    """Draw starts at random in a box.

    Args:
        bounds: The lowest and highest value of each variable, n pairs.
        count: How many starts.
        seed: The same seed draws the same starts.

    Returns:
        The starts, (count, n).

    Raises:
        UsageError: `starts_count`; `starts_bounds`, when a lowest value is not below its highest.
    """
    if count < 1:
        raise UsageError("starts_count", received=str(count))
    for low, high in bounds:
        if not (low < high and math.isfinite(high - low)):
            raise UsageError("starts_bounds", low=f"{low:g}", high=f"{high:g}")
    lows, highs = np.array(bounds, np.float64).T
    return np.random.default_rng(seed).uniform(lows, highs, (count, len(bounds)))


def descend_many(
    function: Function,
    starts: Iterable[ArrayLike],
    recipe: Recipe,
    *,
    gradient_of: GradientFunction | None = None,
) -> Multistart:
    """Descend from many starts and count where they end.

    Args:
        function: Takes a point (n,) and gives a number.
        starts: Where to begin, points (n,); one is taken when its turn comes.
        recipe: How to go down.
        gradient_of: Gives the gradient at a point; by default by central differences.
    """
    begun: list[tuple[float, ...]] = []
    ends: list[LocalMinimum] = []
    lost: Counter[Reason | str] = Counter()
    for begin in starts:
        start = np.asarray(begin, np.float64)
        begun.append(tuple(start.tolist()))
        last = _last(function, start, recipe, gradient_of)
        if last is None or last.reason not in ("flat", "still"):
            lost[str(last.reason) if last else "no_value"] += 1
            continue
        ends.append(LocalMinimum(point=last.point, value=last.value, start=begun[-1], starts=1))
    return Multistart(starts=tuple(begun), minima=_gathered(ends), lost=dict(lost))


def _last(
    function: Function, start: Vector, recipe: Recipe, gradient_of: GradientFunction | None
) -> GradientStep | None:
    try:
        *_, last = descend(function, start, recipe, gradient_of=gradient_of)
    except UsageError:
        return None
    return last


def _gathered(ends: Sequence[LocalMinimum]) -> tuple[LocalMinimum, ...]:
    """Count ends that are one place; the lowest of them speaks for it."""
    places: list[LocalMinimum] = []
    for end in sorted(ends, key=lambda end: end.value):
        for index, place in enumerate(places):
            near = _SAME * (1 + math.hypot(*place.point))
            if math.dist(place.point, end.point) <= near:
                places[index] = replace(place, starts=place.starts + 1)
                break
        else:
            places.append(end)
    return tuple(places)
