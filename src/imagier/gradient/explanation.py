"""What became of a descent, in sentences: why it stopped, where it is, how it moved, what to try.

>>> from imagier.formulas import parse_formula
>>> from imagier.gradient.descent import Recipe, descend
>>> from imagier.gradient.outcome import outcome_of
>>> from imagier.i18n import use_language
>>> g, recipe = parse_formula("0.5*(3*t+4)**2").at, Recipe(rate=0.2)
>>> with use_language("en"):
...     for sentence in explain(outcome_of(g, list(descend(g, [0], recipe)), recipe), recipe):
...         print(sentence)
Stopped after 94 steps: the slope is 0 (9e-9).
It is a minimum: the curvature is above 0 (9). There may be a lower one elsewhere: try other starts.
The points jump from one side of the bottom to the other and come closer: each move is 0.8 times the
one before. With r below 0.1111 they would stay on one side.
"""

from collections.abc import Iterator

from imagier.gradient.descent import Recipe
from imagier.gradient.outcome import Outcome
from imagier.gradient.typed_numbers import typed_number, typed_point
from imagier.i18n import integer, t

__all__ = ["explain"]

_SLOW = 0.97  # moves that shrink by less than this are hardly coming closer


def explain(outcome: Outcome, recipe: Recipe) -> list[str]:
    """Say in sentences how a descent went.

    Args:
        outcome: What became of it.
        recipe: How it went down.
    """
    sentences = [_ending(outcome), _critical_point(outcome), _course(outcome, recipe)]
    if outcome.rises and outcome.reason in ("flat", "still", "steps"):
        sentences.append(t("gradient.rises", n=outcome.rises, number=integer(outcome.rises)))
    return [*filter(None, sentences), *_advice(outcome, recipe)]


def _ending(outcome: Outcome) -> str:
    last = outcome.last
    if last.number == 0:
        return t("gradient.ending.start", slope=typed_number(last.slope, 1))
    facts = {"point": typed_point(last.point, 4), "value": typed_number(last.value, 4)}
    number, slope = integer(last.number), typed_number(last.slope, 1)
    return t(
        f"gradient.ending.{outcome.reason}",
        n=last.number,
        number=number,
        slope=slope,
        **facts,
    )


def _critical_point(outcome: Outcome) -> str:
    """Say what the last place is."""
    if outcome.critical_point is None:
        return ""
    curvatures = outcome.critical_point.curvatures
    shown_all = typed_point(curvatures, 4)
    return t(
        f"gradient.critical_point.{outcome.critical_point.kind}",
        n=len(curvatures),
        curvatures=shown_all,
    )


def _course(outcome: Outcome, recipe: Recipe) -> str:
    """Say how the points moved: of plain descent only, whose moves have one rule."""
    if outcome.pace is None or recipe.line_search or recipe.momentum:
        return ""
    if outcome.reason in ("bottomless", "undefined"):
        return ""
    pace = typed_number(outcome.pace, 3)
    if not outcome.is_oscillating:
        return t("gradient.course.straight", pace=pace) if outcome.reason != "diverged" else ""
    if outcome.reason == "diverged":
        return t("gradient.course.apart", pace=pace)
    if outcome.pace > _SLOW:
        return t("gradient.course.bouncing")
    if outcome.limit is None:
        return t("gradient.course.sides", pace=pace)
    return t("gradient.course.sides_limit", pace=pace, half=typed_number(outcome.limit / 2, 4))


def _advice(outcome: Outcome, recipe: Recipe) -> Iterator[str]:
    """Say what to try."""
    limit = outcome.limit
    if outcome.reason == "diverged" and limit is not None and recipe.rate >= limit:
        yield t(
            "gradient.advice.limit", rate=typed_number(recipe.rate), limit=typed_number(limit, 4)
        )
    elif outcome.reason == "diverged":
        yield t("gradient.advice.smaller", rate=typed_number(recipe.rate))
    elif outcome.reason == "steps":
        yield _advice_on_time(outcome, recipe)


def _advice_on_time(outcome: Outcome, recipe: Recipe) -> str:
    """Say what to try when the steps did not suffice."""
    if recipe.momentum or recipe.line_search:
        return t("gradient.advice.more")
    if outcome.is_oscillating:
        return t("gradient.advice.smaller", rate=typed_number(recipe.rate))
    return t("gradient.advice.slow")
