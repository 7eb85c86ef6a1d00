"""The table of a suite as Markdown."""

from collections.abc import Iterator, Sequence

from benchmarks.rows import Row
from benchmarks.summary import Side, Summary
from imagier.i18n import decimal, percent

__all__ = ["table_lines"]

HEADS = ("measurement", "goal", "measured", "lowest – highest", "runs", "reached", "remarks")
FIGURES = {
    "accuracy": "accuracy",
    "process_seconds": "seconds of the process",
    "data_seconds": "seconds of the data phase",
    "seconds_without_torch": "seconds without torch's import",
    "extra_megabytes": "MB more",
    "ratio": "ratio of seconds",
    "points": "difference in points of accuracy",
    "share": "share",
    "peak_gigabytes": "GB",
    "different": "number of runs that differ",
    "seconds_ratio": "ratio of seconds",
    "error_ratio": "ratio of squared errors",
    "worst_error_ratio": "ratio of squared errors",
    "learnt_accuracy": "accuracy",
    "wrong": "rows wrong and files that differ",
    "of_slower_stage": "ratio of paces",
    "ray_of_local": "ratio of paces",
    "answered_at_0.001": "share answered",
    "answered_at_0.01": "share answered",
    "p50_ratio": "ratio of medians",
    "p99_ratio": "ratio of 99th percentiles",
    "foreseen_share": "share answered as foreseen",
    "goodput_share": "share of what is possible",
    "growth_mb": "MB more",
}
OVER = {"mean": "mean", "median": "median", "max": "highest", "min": "lowest"}
LONGEST = 160  # characters of an error
STEADY = 0.05  # difference of pace beyond which two sides did not have the same machine


def table_lines(summaries: Sequence[Summary]) -> list[str]:
    """Write the table, one line a row."""
    lines = [_line(HEADS), "|" + " --- |" * len(HEADS)]
    return lines + [_line(_cells(summary)) for summary in summaries]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "¦") for cell in cells) + " |"


def _cells(summary: Summary) -> list[str]:
    row = summary.row
    value, spread = summary.value, summary.spread
    shown, between = "—", "—"
    if value is not None and spread is not None:
        shown = _figure(row, value)
        shown = f"at least {shown}" if summary.is_bound else shown
        between = " – ".join(_figure(row, one) for one in spread)
    runs = " + ".join(str(len(side.values)) for side in summary.sides)
    remarks = " · ".join(_remarks(summary)) or "—"
    return [row.name, _goal(row), shown, between, runs, _verdict(summary), remarks]


def _goal(row: Row) -> str:
    """Write what is asked: mean accuracy ≥ 99.6 % (wanted: ≥ 99.7 %)."""
    what = f"{OVER[row.over]} {FIGURES[row.compare or row.figure]}"
    if not row.goal:
        return f"{what} (no goal)"
    goal = f"{what} {_comparison(row, row.goal)}"
    return f"{goal} (wanted: {_comparison(row, row.want)})" if row.want else goal


def _comparison(row: Row, goal: str) -> str:
    sign, number = goal.split()
    return f"{sign.replace('>=', '≥').replace('<=', '≤')} {_figure(row, float(number))}"


def _figure(row: Row, value: float) -> str:
    """Write a figure as its kind is read: a percentage, or a number of fitting length."""
    is_share = row.figure.endswith(("share", "accuracy"))
    if (is_share or row.figure.startswith("answered")) and not row.compare:
        return percent(value, 2)
    if row.figure.endswith("error_ratio"):
        return decimal(value, 4)
    if value == int(value):
        return decimal(value, 0)
    return decimal(value, 1 if abs(value) >= 100 else 2)


def _verdict(summary: Summary) -> str:
    if summary.value is None:
        return "failed" if summary.failures else "not measured"
    if summary.is_reached is None:
        return "reported"
    if summary.is_wanted:
        return "yes, and what was wanted"
    return "yes" if summary.is_reached else "no"


def _remarks(summary: Summary) -> Iterator[str]:
    own, peer = summary.own, summary.peer
    if peer is not None and summary.value is not None:
        yield f"ours {_side(own)}, theirs {_side(peer)}"
        if own.gflops and peer.gflops and abs(own.gflops / peer.gflops - 1) > STEADY:
            paces = f"{decimal(own.gflops, 0)} GFLOP/s around ours, {decimal(peer.gflops, 0)}"
            yield f"the machine did not keep its pace: {paces} around theirs"
    if not summary.is_equal and summary.value is not None:
        least = percent(summary.row.least_accuracy or 0.0, 2)
        yield f"does not count: our accuracy is below {least}"
    if summary.is_bound:
        yield "the other never reached the threshold: all its epochs were counted"
    if summary.value is not None and not summary.is_complete:
        yield "some runs are missing"
    for error in dict.fromkeys(summary.errors):
        yield f"failed: {error[:LONGEST]}"


def _side(side: Side) -> str:
    """Write one side of a comparison: its mean figure, and its accuracy beside it."""
    accuracy = percent(side.accuracy, 2) if side.accuracy is not None else "—"
    if side.contender.figure == "accuracy":
        return accuracy
    seconds = decimal(sum(side.values) / len(side.values), 1)
    return f"{seconds} s at {accuracy}"
