"""How sure, and when it would rather not say: the same for the terminal, the page and the files."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from imagier.answers import AnswerFigure, AnswerTable
from imagier.i18n import decimal, integer, percent, plain_percent, t
from imagier.testing.abstention import AbstentionRow, useful_row
from imagier.testing.calibration import Calibration

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "abstention_cells",
    "abstention_sentence",
    "abstention_table",
    "calibration_sentence",
    "calibration_table",
    "reliability_figure",
]

FEWEST = 20  # pictures of a bin, below which its bar is drawn pale


def calibration_sentence(found: Calibration) -> str:
    """Say how far the probabilities are off, beside what chance alone would give."""
    key = "calibrated" if found.ece <= 2 * found.floor + 0.005 else "off"
    return t(
        f"testing.calibration_{key}",
        n=round(100 * found.ece, 1),
        points=decimal(100 * found.ece, 1),
        count=integer(found.n),
        floor=decimal(100 * found.floor, 1),
    )


def abstention_sentence(rows: Sequence[AbstentionRow]) -> str:
    """Say what the smallest error costs that still leaves most pictures answered."""
    row = useful_row(rows)
    if row is None:
        return t("testing.abstention_unproven")
    share = row.answered / row.n if row.n else 0.0
    return t(
        "testing.abstention_summary",
        error=plain_percent(row.max_error),
        answered=percent(share),
        left=percent(1 - share),
        wrong=integer(row.wrong),
        n=row.wrong,
        count=integer(row.answered),
    )


def abstention_cells(row: AbstentionRow) -> list[str]:
    """Give a row's cells: what was allowed, answered, left to a person, wrong."""
    share = row.answered / row.n if row.n else 0.0
    wrong = "–" if row.error is None else f"{percent(row.error)} ({integer(row.wrong)})"
    return [plain_percent(row.max_error), percent(share), percent(1 - share), wrong]


def abstention_table(rows: Sequence[AbstentionRow]) -> AnswerTable:
    """Give the rows as numbers."""
    return AnswerTable(
        columns=("max_error", "threshold", "n", "answered", "wrong"),
        rows=[(row.max_error, row.threshold, row.n, row.answered, row.wrong) for row in rows],
    )


def calibration_table(found: Calibration) -> AnswerTable:
    """Give the bins of the reliability diagram as numbers."""
    return AnswerTable(
        columns=("low", "high", "n", "confidence", "accuracy"),
        rows=[(one.low, one.high, one.n, one.confidence, one.accuracy) for one in found.bins],
    )


def reliability_figure(found: Calibration, *, right_axis: str | None = None) -> AnswerFigure:
    """Draw what was right against how sure the answer was, a bar a bin, its pictures counted.

    Args:
        found: What was measured.
        right_axis: What the heights are, for another axis than that of pictures named right.
    """
    axis = right_axis or t("testing.reliability_right")
    return AnswerFigure(label=calibration_sentence(found), draw=lambda: _diagram(found, axis))


def _diagram(found: Calibration, right_axis: str) -> "Figure":
    from imagier.figures import BLUE, INK, drawing

    bins = [one for one in found.bins if one.n]
    middles = [50 * (one.low + one.high) for one in bins]
    with drawing((4.4, 3.6)) as figure:
        axes = figure.add_subplot()
        axes.plot([0, 100], [0, 100], color=INK, linewidth=0.9, linestyle=(0, (2, 2)), zorder=1)
        for middle, one in zip(middles, bins, strict=True):
            height = 100 * (one.accuracy or 0.0)
            axes.bar(
                middle,
                height,
                width=90 / len(found.bins),
                color=BLUE,
                alpha=1.0 if one.n >= FEWEST else 0.35,
                zorder=2,
            )
            axes.annotate(
                integer(one.n),
                (middle, height),
                textcoords="offset points",
                xytext=(0, 2),
                ha="center",
                fontsize=6,
                color=INK,
            )
        axes.set_xlim(0, 100)
        axes.set_ylim(0, 108)
        axes.set_xlabel(t("testing.reliability_sure"))
        axes.set_ylabel(right_axis)
    return figure
