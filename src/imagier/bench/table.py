"""From measurements to a table: mean, spread, and whether the goal was reached."""

import operator
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from imagier.bench.rows import Row
from imagier.bench.running import Measurement
from imagier.i18n import t

__all__ = ["Summary", "summarise", "table_lines"]

COMPARISONS: dict[str, Callable[[float, float], bool]] = {">=": operator.ge, "<=": operator.le}
OVER: dict[str, Callable[[list[float]], float]] = {
    "mean": statistics.fmean,
    "median": statistics.median,
    "max": max,
    "min": min,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One row of the table.

    Attributes:
        row: What was measured.
        values: The figure of each seed.
        failures: How many runs failed.
    """

    row: Row
    values: tuple[float, ...]
    failures: int

    @property
    def value(self) -> float | None:
        """The figure that the goal speaks of; None when nothing was measured."""
        return OVER[self.row.over](list(self.values)) if self.values else None

    @property
    def is_reached(self) -> bool | None:
        """Whether the goal was reached; None when nothing was measured."""
        if self.value is None:
            return None
        sign, goal = self.row.goal.split()
        return not self.failures and COMPARISONS[sign](self.value, float(goal))

    def to_json(self) -> dict[str, Any]:
        """Give the row as other programs read it."""
        return {
            "name": self.row.name,
            "goal": f"{self.row.over} {self.row.figure} {self.row.goal}",
            "value": self.value,
            "lowest": min(self.values, default=None),
            "highest": max(self.values, default=None),
            "n": len(self.values),
            "failures": self.failures,
            "reached": self.is_reached,
        }


def summarise(rows: Sequence[Row], measurements: Sequence[Measurement]) -> list[Summary]:
    """Gather the latest measurement of each row and seed."""
    summaries = []
    for row in rows:
        latest = {one.seed: one for one in measurements if one.belongs_to(row)}
        values = [one.figures[row.figure] for one in latest.values() if row.figure in one.figures]
        failures = sum(bool(one.error) for one in latest.values())
        summaries.append(Summary(row=row, values=tuple(values), failures=failures))
    return summaries


def table_lines(summaries: Sequence[Summary]) -> list[str]:
    """Write the table as Markdown, one line a row."""
    heads = ("row", "goal", "value", "spread", "n", "reached")
    lines = ["| " + " | ".join(t(f"bench.head.{head}") for head in heads) + " |"]
    lines.append("|" + " --- |" * len(heads))
    return lines + ["| " + " | ".join(_cells(summary)) + " |" for summary in summaries]


def _cells(summary: Summary) -> list[str]:
    row = summary.row
    goal = f"{row.over} {row.figure} {row.goal}"
    if summary.value is None:
        return [row.name, goal, "—", "—", "0", t("bench.not_measured")]
    spread = f"{min(summary.values):.4g} – {max(summary.values):.4g}"
    verdict = t("bench.reached" if summary.is_reached else "bench.missed")
    return [row.name, goal, f"{summary.value:.4g}", spread, str(len(summary.values)), verdict]
