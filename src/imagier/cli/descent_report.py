"""What `imagier descend` says of descents, as lines, as JSON and as a table of steps."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagier.cli.coordinates import aligned, known
from imagier.files import printable
from imagier.gradient.writing import listed, shown
from imagier.i18n import integer, t

if TYPE_CHECKING:
    from imagier.formulas import Formula
    from imagier.gradient import Descents, Outcome, Recipe, Rival, Step

__all__ = ["Descended", "as_csv", "as_json", "lines"]

FIRST, LAST = 8, 3
MOST_IN_JSON = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Descended:
    """All that is known of one call of the command.

    Attributes:
        formula: What was descended, in n variables.
        recipe: How.
        steps: The descent; with many starts the one that ended lowest. None when all were lost.
        outcome: What became of it.
        descents: What became of many starts; None where one was given.
        compared: SciPy's methods from the same start; none unless asked for.
    """

    formula: "Formula"
    recipe: "Recipe"
    steps: "tuple[Step, ...]" = ()
    outcome: "Outcome | None" = None
    descents: "Descents | None" = None
    compared: "tuple[Rival, ...]" = ()


def as_json(found: Descended) -> dict[str, object]:
    """Give descents as other programs read them."""
    return {
        "formula": printable(found.formula.text),
        "variables": list(found.formula.variables),
        "recipe": {
            "rate": found.recipe.rate,
            "momentum": found.recipe.momentum,
            "line_search": found.recipe.line_search,
            "most_steps": found.recipe.most_steps,
            "tolerance": found.recipe.flat,
        },
        **_outcome_facts(found.outcome),
        "path": _path_facts(found.steps),
        "compared": [_rival_facts(rival) for rival in found.compared] or None,
        **_descents_facts(found.descents),
    }


def _outcome_facts(outcome: "Outcome | None") -> dict[str, object]:
    keys = ("start", "steps", "reason", "point", "value", "slope", "pace", "oscillating")
    if outcome is None:
        return dict.fromkeys((*keys, "rises", "rate_limit", "kind", "curvatures"))
    last, nature = outcome.last, outcome.nature
    return {
        "start": list(outcome.first.point),
        "steps": last.number,
        "reason": outcome.reason,
        "point": [known(number) for number in last.point],
        "value": known(last.value),
        "slope": known(last.slope),
        "pace": known(outcome.pace),
        "oscillating": outcome.is_oscillating,
        "rises": outcome.rises,
        "rate_limit": known(outcome.limit),
        "kind": nature.kind if nature else None,
        "curvatures": list(nature.curvatures) if nature else None,
    }


def _path_facts(steps: "Sequence[Step]") -> list[dict[str, object]] | None:
    if not steps or len(steps) > MOST_IN_JSON:
        return None
    return [
        {
            "step": step.number,
            "point": [known(number) for number in step.point],
            "value": known(step.value),
            "slope": known(step.slope),
            "rate": step.rate,
        }
        for step in steps
    ]


def _rival_facts(rival: "Rival") -> dict[str, object]:
    return {
        "name": rival.name,
        "point": [known(number) for number in rival.point],
        "value": known(rival.value),
        "steps": rival.steps,
        "values": rival.values,
        "slopes": rival.slopes,
        "settled": rival.is_settled,
    }


def _descents_facts(descents: "Descents | None") -> dict[str, object]:
    if descents is None:
        return {"valleys": None, "lost": None}
    valleys = [
        {
            "point": list(valley.point),
            "value": valley.value,
            "start": list(valley.start),
            "starts": valley.starts,
        }
        for valley in descents.valleys
    ]
    return {"valleys": valleys, "lost": dict(descents.lost)}


def as_csv(formula: "Formula", steps: "Sequence[Step]") -> bytes:
    """Write the steps as a table: number, variables, value, slope, rate."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["step", *formula.variables, "value", "slope", "rate"])
    for step in steps:
        rate = "" if step.rate is None else step.rate
        table.writerow([step.number, *step.point, step.value, step.slope, rate])
    return text.getvalue().encode()


def lines(found: Descended) -> Iterator[str]:
    """Tell of descents, for a terminal."""
    names = ", ".join(found.formula.variables)
    yield t("cli.descend.title", names=names, formula=printable(found.formula.text))
    if found.descents is not None:
        yield from _valleys(found.formula.variables, found.descents)
    if found.outcome is None:
        return
    yield t("cli.descend.from", start=listed(found.outcome.first.point, 6), how=_how(found.recipe))
    yield ""
    yield from _table(found.formula.variables, found.steps)
    yield ""
    yield from _sentences(found)
    if found.compared:
        yield ""
        yield from _comparison(found)


def _how(recipe: "Recipe") -> str:
    if recipe.line_search:
        return t("cli.descend.how.line_search")
    rate = shown(recipe.rate)
    if recipe.momentum:
        return t("cli.descend.how.momentum", rate=rate, momentum=shown(recipe.momentum))
    return t("cli.descend.how.plain", rate=rate)


def _table(names: Sequence[str], steps: "Sequence[Step]") -> Iterator[str]:
    """Write the first steps and the last; the rate only where it changes."""
    rates = {step.rate for step in steps[1:]}
    heads = ["n", *names, "g", "‖g′‖", *(["r"] if len(rates) > 1 else [])]
    rows = [_row(step, with_rate=len(rates) > 1) for step in steps]
    if len(rows) > FIRST + LAST + 1:
        gap = ["…"] * len(heads)
        rows = [*rows[:FIRST], gap, *rows[-LAST:]]
    yield from aligned([heads, *rows])


def _row(step: "Step", *, with_rate: bool) -> list[str]:
    numbers = [*(shown(x, 7) for x in step.point), shown(step.value, 7), shown(step.slope, 3)]
    rate = [] if not with_rate else ["" if step.rate is None else shown(step.rate, 3)]
    return [integer(step.number), *numbers, *rate]


def _sentences(found: Descended) -> list[str]:
    from imagier.gradient import explain

    assert found.outcome is not None  # noqa: S101 - seen by the caller
    return explain(found.outcome, found.recipe)


def _valleys(names: Sequence[str], descents: "Descents") -> Iterator[str]:
    """Write where descents from many starts ended, the lowest first."""
    total = sum(valley.starts for valley in descents.valleys) + sum(descents.lost.values())
    yield t("cli.descend.starts", n=total, number=integer(total))
    if descents.valleys:
        rows = [[t("cli.descend.column.starts"), *names, "g"]]
        for valley in descents.valleys[: FIRST + LAST]:
            point = [shown(x, 7) for x in valley.point]
            rows.append([integer(valley.starts), *point, shown(valley.value, 7)])
        yield from aligned(rows)
    hidden = len(descents.valleys) - FIRST - LAST
    if hidden > 0:
        yield t("cli.descend.more_valleys", n=hidden, number=integer(hidden))
    for reason, count in sorted(descents.lost.items()):
        yield t(f"cli.descend.lost.{reason}", n=count, number=integer(count))
    yield ""


def _comparison(found: Descended) -> Iterator[str]:
    """Write where SciPy's methods ended, beside the descent."""
    yield t("cli.descend.compared")
    columns = ("method", "steps", "values", "slopes", "point", "value")
    rows = [[t(f"cli.descend.column.{column}") for column in columns]]
    last = found.steps[-1]
    own = t("cli.descend.own")
    rows.append([own, integer(last.number), "–", integer(len(found.steps)), *_end(last)])
    for rival in found.compared:
        counts = map(integer, (rival.steps, rival.values, rival.slopes))
        unsettled = "" if rival.is_settled else f" {t('cli.descend.unsettled')}"
        rows.append([rival.name + unsettled, *counts, *_end(rival)])
    yield from aligned(rows)


def _end(at: "Step | Rival") -> list[str]:
    return [listed(at.point, 6), shown(at.value, 6)]
