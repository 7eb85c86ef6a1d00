"""From measurements to a table: mean, spread, and whether the goal was reached."""

import itertools
import operator
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.rows import Contender, Row
from benchmarks.suite import Measurement

__all__ = ["COMPARISONS", "Side", "Summary", "summarise"]

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
OVER: dict[str, Callable[[list[float]], float]] = {
    "mean": statistics.fmean,
    "median": statistics.median,
    "max": max,
    "min": min,
}
COMPARE: dict[str, Callable[[float, float], float]] = {
    "": lambda own, _: own,
    "ratio": lambda own, peer: peer / own,
    "points": lambda own, peer: 100 * (own - peer),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one contender gave.

    Attributes:
        contender: What was measured.
        runs: The latest measurement of each seed that succeeded.
        errors: The last words of those that failed.
    """

    contender: Contender
    runs: tuple[Measurement, ...]
    errors: tuple[str, ...]

    @property
    def values(self) -> tuple[float, ...]:
        """Give the figure of each seed."""
        return self.of(self.contender.figure)

    @property
    def accuracy(self) -> float | None:
        """Give the mean accuracy; None where the measurement has none."""
        found = self.of("accuracy")
        return statistics.fmean(found) if found else None

    @property
    def gflops(self) -> float | None:
        """Give the mean pace of the machine around the runs; None in old files."""
        found = [
            one.conditions[name]
            for one in self.runs
            for name in ("gflops_before", "gflops_after")
            if name in one.conditions
        ]
        return statistics.fmean(found) if found else None

    def of(self, figure: str) -> tuple[float, ...]:
        """Give another figure of each seed, where it was measured."""
        found = (one.figures.get(figure) for one in self.runs)
        return tuple(float(value) for value in found if value is not None)

    def to_json(self) -> dict[str, Any]:
        """Give the side as other programs read it."""
        return {
            "command": self.contender.key,
            "figure": self.contender.figure,
            "values": list(self.values),
            "accuracy": self.accuracy,
            "gflops": self.gflops,
            "n": len(self.values),
            "errors": [_last_line(error) for error in self.errors],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One row of the table.

    Attributes:
        row: What was measured.
        own: Our side.
        peer: The other side, where there is one.
    """

    row: Row
    own: Side
    peer: Side | None

    @property
    def sides(self) -> tuple[Side, ...]:
        """Give both sides, or the only one."""
        return (self.own,) if self.peer is None else (self.own, self.peer)

    @property
    def errors(self) -> tuple[str, ...]:
        """Give the last line of each failed run."""
        return tuple(_last_line(error) for side in self.sides for error in side.errors)

    @property
    def failures(self) -> int:
        """Count the failed runs."""
        return len(self.errors)

    @property
    def value(self) -> float | None:
        """The figure that the goal speaks of; None when a side was not measured."""
        if not all(side.values for side in self.sides):
            return None
        return self._compare(*(OVER[self.row.over](list(side.values)) for side in self.sides))

    @property
    def spread(self) -> tuple[float, float] | None:
        """The lowest and highest figure that any pair of runs gives."""
        if self.value is None:
            return None
        pairs = itertools.product(*(side.values for side in self.sides))
        figures = [self._compare(*pair) for pair in pairs]
        return min(figures), max(figures)

    @property
    def is_complete(self) -> bool:
        """Tell whether every run of both sides is there and succeeded."""
        return all(len(side.values) == side.contender.seeds for side in self.sides)

    @property
    def is_equal(self) -> bool:
        """Tell whether we were accurate enough for a comparison to count."""
        least, reached = self.row.least_accuracy, self.own.accuracy
        return least is None or (reached is not None and reached >= least)

    @property
    def is_bound(self) -> bool:
        """Tell whether the ratio is only a lower bound: the peer never got so far."""
        return self.peer is not None and 0.0 in self.peer.of("reached")

    @property
    def is_reached(self) -> bool | None:
        """Whether the goal was reached; None when not measured, or when there is no goal."""
        return self._meets(self.row.goal)

    @property
    def is_wanted(self) -> bool | None:
        """Whether what we should like was reached; None as for the goal."""
        return self._meets(self.row.want)

    def to_json(self) -> dict[str, Any]:
        """Give the row as other programs read it."""
        lowest, highest = self.spread or (None, None)
        row = self.row
        return {
            "name": row.name,
            "goal": " ".join(filter(None, (row.over, row.figure, row.compare, row.goal))),
            "want": row.want or None,
            "value": self.value,
            "lowest": lowest,
            "highest": highest,
            "n": len(self.own.values),
            "failures": self.failures,
            "reached": self.is_reached,
            "wanted": self.is_wanted,
            "bound": self.is_bound,
            "own": self.own.to_json(),
            "peer": self.peer.to_json() if self.peer else None,
        }

    def _compare(self, own: float, peer: float = 0.0) -> float:
        return COMPARE[self.row.compare](own, peer)

    def _meets(self, goal: str) -> bool | None:
        if self.value is None or not goal:
            return None
        sign, number = goal.split()
        meets = COMPARISONS[sign](self.value, float(number))
        return meets and not self.failures and self.is_equal


def summarise(rows: Sequence[Row], measurements: Sequence[Measurement]) -> list[Summary]:
    """Gather the latest measurement of each row, side and seed."""
    summaries = []
    for row in rows:
        own, *others = (_side(one, measurements) for one in row.contenders)
        summaries.append(Summary(row=row, own=own, peer=others[0] if others else None))
    return summaries


def _side(contender: Contender, measurements: Sequence[Measurement]) -> Side:
    latest = {one.seed: one for one in measurements if one.belongs_to(contender)}
    runs = tuple(one for _, one in sorted(latest.items()) if not one.error)
    errors = tuple(one.error for _, one in sorted(latest.items()) if one.error)
    return Side(contender=contender, runs=runs, errors=errors)


def _last_line(error: str) -> str:
    lines = [line.strip() for line in error.splitlines() if line.strip()]
    return lines[-1] if lines else "?"
