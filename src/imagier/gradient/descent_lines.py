"""A descent as lines for a terminal: its steps, where many starts ended, SciPy's methods beside.

>>> from imagier.i18n import use_language
>>> with use_language("en"):
...     recipe_text(Recipe(rate=0.2)), recipe_text(Recipe(rate=0.2, momentum=0.9))
('rate r = 0.2', 'rate r = 0.2, momentum 0.9')
"""

from collections.abc import Iterator, Sequence

from imagier.answers import text_table
from imagier.gradient.descent import GradientStep, Recipe
from imagier.gradient.multistart import Multistart
from imagier.gradient.scipy_methods import MethodResult
from imagier.gradient.typed_numbers import typed_number, typed_point
from imagier.i18n import integer, t

__all__ = ["comparison_lines", "minima_lines", "recipe_text", "step_lines"]

_FIRST, _LAST = 8, 3


def recipe_text(recipe: Recipe) -> str:
    """Tell in a few words how a descent goes down."""
    if recipe.line_search:
        return t("gradient.descent.how.line_search")
    rate = typed_number(recipe.rate)
    if recipe.momentum:
        momentum = typed_number(recipe.momentum)
        return t("gradient.descent.how.momentum", rate=rate, momentum=momentum)
    return t("gradient.descent.how.plain", rate=rate)


def step_lines(names: Sequence[str], steps: Sequence[GradientStep]) -> Iterator[str]:
    """Write the first steps and the last; the rate only where it changes."""
    with_rate = len({step.rate for step in steps[1:]}) > 1
    heads = ["n", *names, "g", "‖g′‖", *(["r"] if with_rate else [])]
    rows = [_cells(step, with_rate=with_rate) for step in steps]
    if len(rows) > _FIRST + _LAST + 1:
        rows = [*rows[:_FIRST], ["…"] * len(heads), *rows[-_LAST:]]
    yield from text_table([heads, *rows])


def minima_lines(names: Sequence[str], many: Multistart) -> Iterator[str]:
    """Write where descents from many starts ended, the lowest first."""
    total = len(many.starts)
    yield t("gradient.descent.starts", n=total, number=integer(total))
    most = _FIRST + _LAST
    if many.minima:
        rows = [[t("gradient.descent.column.starts"), *names, "g"]]
        for minimum in many.minima[:most]:
            point = [typed_number(x, 7) for x in minimum.point]
            rows.append([integer(minimum.starts), *point, typed_number(minimum.value, 7)])
        yield from text_table(rows)
    hidden = len(many.minima) - most
    if hidden > 0:
        yield t("gradient.descent.more_minima", n=hidden, number=integer(hidden))
    for reason, count in sorted(many.lost.items()):
        yield t(f"gradient.descent.lost.{reason}", n=count, number=integer(count))
    yield ""


def comparison_lines(
    steps: Sequence[GradientStep], compared: Sequence[MethodResult]
) -> Iterator[str]:
    """Write where SciPy's methods ended, beside the descent."""
    yield t("gradient.descent.compared")
    columns = ("method", "steps", "values", "gradients", "point", "value")
    rows = [[t(f"gradient.descent.column.{column}") for column in columns]]
    last, own = steps[-1], t("gradient.descent.own")
    rows.append([own, integer(last.number), "–", integer(len(steps)), *_end(last)])
    for method in compared:
        counts = map(integer, (method.steps, method.values, method.gradients))
        unsettled = "" if method.is_settled else f" {t('gradient.descent.unsettled')}"
        rows.append([method.name + unsettled, *counts, *_end(method)])
    yield from text_table(rows)


def _cells(step: GradientStep, *, with_rate: bool) -> list[str]:
    point = [typed_number(x, 7) for x in step.point]
    numbers = [*point, typed_number(step.value, 7), typed_number(step.slope, 3)]
    rate = "" if step.rate is None else typed_number(step.rate, 3)
    return [integer(step.number), *numbers, *([rate] if with_rate else [])]


def _end(at: GradientStep | MethodResult) -> list[str]:
    return [typed_point(at.point, 6), typed_number(at.value, 6)]
