"""The table of a suite as Markdown, in the user's language."""

from collections.abc import Iterator, Sequence

from imagier.bench.rows import Row
from imagier.bench.table import Side, Summary
from imagier.i18n import decimal, percent, t

__all__ = ["row_title", "table_lines"]

HEADS = ("row", "goal", "value", "spread", "n", "reached", "remarks")
LONGEST = 160  # characters of an error
STEADY = 0.05  # difference of pace beyond which two sides did not have the same machine


def table_lines(summaries: Sequence[Summary]) -> list[str]:
    """Write the table, one line a row."""
    lines = [_line([t(f"bench.head.{head}") for head in HEADS])]
    lines.append("|" + " --- |" * len(HEADS))
    return lines + [_line(_cells(summary)) for summary in summaries]


def row_title(row: Row) -> str:
    """Give the name of a row in the user's language."""
    return t(f"bench.row.{row.key}")


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "¦") for cell in cells) + " |"


def _cells(summary: Summary) -> list[str]:
    row = summary.row
    value, spread = summary.value, summary.spread
    shown, between = "—", "—"
    if value is not None and spread is not None:
        shown = _figure(row, value)
        shown = t("bench.at_least", value=shown) if summary.is_bound else shown
        between = " – ".join(_figure(row, one) for one in spread)
    runs = " + ".join(str(len(side.values)) for side in summary.sides)
    remarks = " · ".join(_remarks(summary)) or "—"
    return [row_title(row), _goal(row), shown, between, runs, _verdict(summary), remarks]


def _goal(row: Row) -> str:
    """Write what is asked: mean accuracy ≥ 99.6 % (wanted: ≥ 99.7 %)."""
    what = t(f"bench.over.{row.over}", figure=t(f"bench.figure.{row.compare or row.figure}"))
    if not row.goal:
        return t("bench.only_reported", what=what)
    goal = f"{what} {_comparison(row, row.goal)}"
    return t("bench.wanted", goal=goal, want=_comparison(row, row.want)) if row.want else goal


def _comparison(row: Row, goal: str) -> str:
    sign, number = goal.split()
    return f"{sign.replace('>=', '≥').replace('<=', '≤')} {_figure(row, float(number))}"


def _figure(row: Row, value: float) -> str:
    """Write a figure as its kind is read: a percentage, or a number of fitting length."""
    if row.figure in ("accuracy", "share") and not row.compare:
        return percent(value, 2)
    if row.figure.endswith("error_ratio"):
        return decimal(value, 4)
    if value == int(value):
        return decimal(value, 0)
    return decimal(value, 1 if abs(value) >= 100 else 2)


def _verdict(summary: Summary) -> str:
    if summary.value is None:
        return t("bench.failed" if summary.failures else "bench.not_measured")
    if summary.is_reached is None:
        return t("bench.reported")
    if summary.is_wanted:
        return t("bench.reached_wanted")
    return t("bench.reached" if summary.is_reached else "bench.missed")


def _remarks(summary: Summary) -> Iterator[str]:
    own, peer = summary.own, summary.peer
    if peer is not None and summary.value is not None:
        yield t("bench.remark.sides", own=_side(own), peer=_side(peer))
        if own.gflops and peer.gflops and abs(own.gflops / peer.gflops - 1) > STEADY:
            paces = {"own": decimal(own.gflops, 0), "peer": decimal(peer.gflops, 0)}
            yield t("bench.remark.unsteady", **paces)
    if not summary.is_equal and summary.value is not None:
        yield t("bench.remark.unequal", least=percent(summary.row.least_accuracy or 0.0, 2))
    if summary.is_bound:
        yield t("bench.remark.bound")
    if summary.value is not None and not summary.is_complete:
        yield t("bench.remark.incomplete")
    for error in dict.fromkeys(summary.errors):
        yield t("bench.remark.error", error=error[:LONGEST])


def _side(side: Side) -> str:
    """Write one side of a comparison: its mean figure, and its accuracy beside it."""
    accuracy = percent(side.accuracy, 2) if side.accuracy is not None else "—"
    if side.contender.figure == "accuracy":
        return accuracy
    seconds = decimal(sum(side.values) / len(side.values), 1)
    return t("bench.remark.seconds", seconds=seconds, accuracy=accuracy)
