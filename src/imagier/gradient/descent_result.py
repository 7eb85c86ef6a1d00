"""A descent, or descents from many starts, judged and compared, as an answer.

>>> from imagier.formulas import parse_formula
>>> formula = parse_formula("0.5*(3*t+4)**2")
>>> result = descend_formula(formula, (0.0,), Recipe(rate=0.1))
>>> result.to_json()["reason"], result.to_json()["kind"], result.steps[-1].number
('flat', 'minimum', 10)
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from imagier.answers import AnswerFigure, AnswerTable, Shown, finite
from imagier.errors import DataError, UsageError
from imagier.files import printable
from imagier.formulas import Formula
from imagier.gradient.descent import GradientFunction, GradientStep, Recipe, descend
from imagier.gradient.descent_lines import (
    comparison_lines,
    minima_lines,
    recipe_text,
    step_lines,
)
from imagier.gradient.explanation import explain
from imagier.gradient.multistart import Multistart, descend_many
from imagier.gradient.outcome import Outcome, outcome_of
from imagier.gradient.partial import gradient
from imagier.gradient.paths import path_figure, path_film
from imagier.gradient.scipy_methods import MethodResult, run_scipy_methods
from imagier.gradient.typed_numbers import typed_point
from imagier.i18n import integer, t

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["DescentResult", "descend_formula", "descend_formula_from_many"]

_MOST_IN_JSON = 10_000


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class DescentResult(Shown):
    """What became of descents of a formula.

    Attributes:
        formula: What was descended, in n variables.
        recipe: How.
        steps: The descent; with many starts the one that ended lowest. None when all were lost.
        outcome: What became of it.
        multistart: What became of many starts; None where one was given.
        compared: SciPy's methods from the same start; none unless asked for.
        notes: None.
    """

    formula: Formula
    recipe: Recipe
    steps: tuple[GradientStep, ...] = ()
    outcome: Outcome | None = None
    multistart: Multistart | None = None
    compared: tuple[MethodResult, ...] = ()
    notes: tuple[str, ...] = field(default=(), init=False)

    def lines(self) -> Iterator[str]:
        """Tell of the descents, for a terminal."""
        names = self.formula.variables
        formula = printable(self.formula.text)
        yield t("gradient.descent.title", names=", ".join(names), formula=formula)
        if self.multistart is not None:
            yield from minima_lines(names, self.multistart)
        if self.outcome is None:
            return
        start, how = typed_point(self.outcome.first.point, 6), recipe_text(self.recipe)
        yield t("gradient.descent.from", start=start, how=how)
        yield ""
        yield from step_lines(names, self.steps)
        yield ""
        yield from explain(self.outcome, self.recipe)
        if self.compared:
            yield ""
            yield from comparison_lines(self.steps, self.compared)

    def to_json(self) -> dict[str, Any]:
        """Give the descents as other programs read them."""
        return {
            "formula": printable(self.formula.text),
            "variables": list(self.formula.variables),
            "recipe": {
                "rate": self.recipe.rate,
                "momentum": self.recipe.momentum,
                "line_search": self.recipe.line_search,
                "most_steps": self.recipe.most_steps,
                "tolerance": self.recipe.flat,
            },
            **_outcome_json(self.outcome),
            "path": _path_json(self.steps),
            "compared": [_method_json(method) for method in self.compared] or None,
            **_multistart_json(self.multistart),
        }

    def figures(self) -> Mapping[str, AnswerFigure]:
        """Give the ways of the descents, as a film too with one or two variables.

        There is no figure where all starts were lost.
        """
        if self.outcome is None:
            return {}
        many = self.multistart
        n = 1 if many is None else len(many.starts) - many.lost.get("no_value", 0)
        frames = self._frames if len(self.formula.variables) <= 2 else None
        label = t("gradient.figure.path", n=n)
        figure = AnswerFigure(label=label, draw=self._draw, frames=frames, seconds=0.25)
        return {"figure": figure}

    def tables(self) -> Mapping[str, AnswerTable]:
        """Give the steps: number, variables, value, slope, rate; none where all were lost."""
        if self.outcome is None:
            return {}
        columns = ("step", *self.formula.variables, "value", "slope", "rate")
        rows = [
            (step.number, *step.point, step.value, step.slope, step.rate) for step in self.steps
        ]
        return {"table": AnswerTable(columns=columns, rows=rows)}

    def _draw(self) -> "Figure":
        paths = [self.steps] if self.multistart is None else list(self._paths(self.multistart))
        return path_figure(self.formula.at, paths, names=self.formula.variables)

    def _frames(self) -> "Iterator[Figure]":
        return path_film(self.formula.at, self.steps, names=self.formula.variables)

    def _paths(self, many: Multistart) -> Iterator[tuple[GradientStep, ...]]:
        """Descend once more from each start; those without a value are counted as lost."""
        gradient_of = _gradient_of(self.formula)
        for start in many.starts:
            with suppress(UsageError):
                yield tuple(descend(self.formula.at, start, self.recipe, gradient_of=gradient_of))


def descend_formula(
    formula: Formula, start: tuple[float, ...], recipe: Recipe, *, compare: bool = False
) -> DescentResult:
    """Descend a formula from one start, and judge how it went.

    Args:
        formula: In n variables.
        start: Where to begin, (n,).
        recipe: How to go down, and when to stop.
        compare: Whether SciPy's methods go down from there too.

    Raises:
        UsageError: `no_value`, where the formula has none at the start.
        DataError: `descend_undefined`, where the descent comes to a place without value.
    """
    return _judged(formula, start, recipe, compare=compare, many=None)


def descend_formula_from_many(
    formula: Formula,
    starts: Iterable[tuple[float, ...]],
    recipe: Recipe,
    *,
    compare: bool = False,
) -> DescentResult:
    """Descend a formula from many starts, and judge the descent that ends lowest.

    Args:
        formula: In n variables.
        starts: Where to begin, points (n,); one is taken when its turn comes.
        recipe: How to go down, and when to stop.
        compare: Whether SciPy's methods go down from the best start too.
    """
    many = descend_many(formula.at, starts, recipe, gradient_of=_gradient_of(formula))
    if not many.minima:
        return DescentResult(formula=formula, recipe=recipe, multistart=many)
    return _judged(formula, many.minima[0].start, recipe, compare=compare, many=many)


def _judged(
    formula: Formula,
    start: tuple[float, ...],
    recipe: Recipe,
    *,
    compare: bool,
    many: Multistart | None,
) -> DescentResult:
    g, gradient_of = formula.at, _gradient_of(formula)
    steps = tuple(descend(g, start, recipe, gradient_of=gradient_of))
    last = steps[-1]
    if last.reason == "undefined":
        place = ", ".join(f"{x:.6g}" for x in last.point)
        raise DataError("descend_undefined", n=last.number, number=integer(last.number), at=place)
    return DescentResult(
        formula=formula,
        recipe=recipe,
        steps=steps,
        outcome=outcome_of(g, steps, recipe, method="complex"),
        multistart=many,
        compared=run_scipy_methods(g, start, gradient_of=gradient_of) if compare else (),
    )


def _gradient_of(formula: Formula) -> GradientFunction:
    return partial(gradient, formula.at, method="complex")


def _outcome_json(outcome: Outcome | None) -> dict[str, object]:
    keys = ("start", "steps", "reason", "point", "value", "slope", "pace", "oscillating")
    if outcome is None:
        return dict.fromkeys((*keys, "rises", "rate_limit", "kind", "curvatures"))
    last, place = outcome.last, outcome.critical_point
    return {
        "start": list(outcome.first.point),
        "steps": last.number,
        "reason": outcome.reason,
        "point": list(map(finite, last.point)),
        "value": finite(last.value),
        "slope": finite(last.slope),
        "pace": finite(outcome.pace),
        "oscillating": outcome.is_oscillating,
        "rises": outcome.rises,
        "rate_limit": finite(outcome.limit),
        "kind": place.kind if place else None,
        "curvatures": list(place.curvatures) if place else None,
    }


def _path_json(steps: tuple[GradientStep, ...]) -> list[dict[str, object]] | None:
    if not steps or len(steps) > _MOST_IN_JSON:
        return None
    return [
        {
            "step": step.number,
            "point": list(map(finite, step.point)),
            "value": finite(step.value),
            "slope": finite(step.slope),
            "rate": step.rate,
        }
        for step in steps
    ]


def _method_json(method: MethodResult) -> dict[str, object]:
    return {
        "name": method.name,
        "point": list(map(finite, method.point)),
        "value": finite(method.value),
        "steps": method.steps,
        "values": method.values,
        "slopes": method.gradients,
        "settled": method.is_settled,
    }


def _multistart_json(many: Multistart | None) -> dict[str, object]:
    if many is None:
        return {"valleys": None, "lost": None}
    valleys = [
        {
            "point": list(minimum.point),
            "value": minimum.value,
            "start": list(minimum.start),
            "starts": minimum.starts,
        }
        for minimum in many.minima
    ]
    return {"valleys": valleys, "lost": dict(many.lost)}
