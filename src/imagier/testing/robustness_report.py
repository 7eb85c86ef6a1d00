"""Robustness in words and as bars: the same for the terminal, the page and the figure files."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from imagier.answers import AnswerFigure, AnswerTable, text_table
from imagier.i18n import integer, percent, t
from imagier.testing.conditions import CONDITIONS, SIMPLE
from imagier.testing.corruptions import CORRUPTIONS
from imagier.testing.intervals import wilson
from imagier.testing.robustness import Robustness

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "condition_name",
    "robustness_figure",
    "robustness_lines",
    "robustness_sentence",
    "robustness_table",
]


def condition_name(condition: str, *, severities: bool = True) -> str:
    """Name a condition in the user's language.

    Args:
        condition: One of `CONDITIONS`.
        severities: Whether a corruption is named with its severity.
    """
    name, _, severity = condition.rpartition("_")
    if name in CORRUPTIONS and not severities:
        return t(f"testing.corruption.{name}")
    if name in CORRUPTIONS:
        return t("testing.corruption_at", name=t(f"testing.corruption.{name}"), severity=severity)
    return t(f"testing.condition.{condition}")


def robustness_sentence(found: Robustness) -> str:
    """Say what is left in the mean over the corruptions, and where the fewest are right."""
    return t(
        "testing.robustness_summary",
        n=found.n,
        count=integer(found.n),
        all=integer(found.of),
        clean=percent(found.clean),
        mean=percent(found.mean),
        name=condition_name(found.worst),
        worst=percent(found.accuracy(found.worst) or 0.0),
    )


def robustness_lines(found: Robustness) -> Iterator[str]:
    """Give the sentence, the simple conditions, and each corruption in the mean and at its ends."""
    yield robustness_sentence(found)
    rows = [[t("testing.column.condition"), t("testing.column.accuracy")]]
    applicable = [one for one in ("clean", *SIMPLE) if found.correct[one] is not None]
    rows += [[condition_name(one), _share(found.accuracy(one))] for one in applicable]
    yield from ("  " + line for line in text_table(rows, gap="   "))
    yield ""
    heads = ("corruption", "severities", "slight", "severe")
    rows = [[t(f"testing.column.{head}") for head in heads]]
    for name in CORRUPTIONS:
        ends = (found.accuracy(f"{name}_1"), found.accuracy(f"{name}_5"))
        shares = (found.corruption_mean(name), *ends)
        rows.append([t(f"testing.corruption.{name}"), *map(_share, shares)])
    yield from ("  " + line for line in text_table(rows, gap="   "))


def robustness_table(found: Robustness) -> AnswerTable:
    """Give every condition with its count and its interval (Wilson, 95 %)."""
    rows = [
        (one, found.n, correct, found.accuracy(one), *wilson(correct, found.n))
        for one in CONDITIONS
        if (correct := found.correct[one]) is not None
    ]
    return AnswerTable(columns=("condition", "n", "correct", "accuracy", "low", "high"), rows=rows)


def robustness_figure(found: Robustness) -> AnswerFigure:
    """Draw a bar a condition; of a corruption the mean, with a line from slight to severe."""
    return AnswerFigure(label=robustness_sentence(found), draw=lambda: _bars(found))


def _share(value: float | None) -> str:
    return "–" if value is None else percent(value)


def _bars(found: Robustness) -> "Figure":
    from imagier.figures import BLUE, INK, ORANGE, drawing

    simple = [one for one in SIMPLE if found.correct[one] is not None]
    names = [condition_name("clean"), *map(condition_name, simple)]
    names += [t(f"testing.corruption.{name}") for name in CORRUPTIONS]
    shares = [found.clean, *(found.accuracy(one) or 0.0 for one in simple)]
    shares += [found.corruption_mean(name) for name in CORRUPTIONS]
    colours = [BLUE] * (1 + len(simple)) + [ORANGE] * len(CORRUPTIONS)
    # a gap below the untouched pictures, and another above the corruptions
    places = [0.0, *(1.5 + row for row in range(len(simple)))]
    places += [2.0 + len(simple) + row for row in range(len(CORRUPTIONS))]
    with drawing((6.6, 0.2 * len(names) + 0.9)) as figure:
        axes = figure.add_subplot()
        axes.barh(places, [100 * share for share in shares], height=0.7, color=colours, zorder=2)
        for place, name in zip(places[-len(CORRUPTIONS) :], CORRUPTIONS, strict=True):
            ends = [100 * (found.accuracy(f"{name}_{end}") or 0.0) for end in (1, 5)]
            axes.plot(ends, [place, place], color=INK, linewidth=1.1, marker="|", zorder=3)
        axes.axvline(100 * found.clean, color=INK, linewidth=0.9, linestyle=(0, (2, 2)), zorder=1)
        _write(axes, places, names)
    return figure


def _write(axes: "Axes", places: list[float], names: list[str]) -> None:
    from imagier.figures import INK

    ticks: dict[str, Any] = {"labels": names, "color": INK}
    axes.set_yticks(places, **ticks)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(max(places) + 0.7, -0.7)
    axes.set_xlim(0, 100)
    axes.set_xlabel(t("testing.robustness_axis"))
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
