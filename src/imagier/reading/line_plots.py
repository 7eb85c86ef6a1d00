"""The figures of a reader's test: what is answered at which promised error, and how it learnt."""

from functools import partial
from typing import TYPE_CHECKING

from imagier.answers import AnswerFigure
from imagier.i18n import percent, plain_percent, t
from imagier.reading.line_findings import LineFindings
from imagier.reading.line_sentences import promise_sentence
from imagier.testing.confidence_report import reliability_figure
from imagier.testing.plots import curve_figures

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from imagier.testing.abstention import AbstentionRow

__all__ = ["line_figures"]


def line_figures(report: LineFindings) -> dict[str, AnswerFigure]:
    """Give `answered`, `reliability`, and `loss` and `error` over the epochs, as far as known."""
    found = {}
    if report.abstention:
        found["answered"] = AnswerFigure(
            label=promise_sentence(report), draw=partial(_answered, report.abstention)
        )
    if report.calibration and report.calibration.n:
        found["reliability"] = reliability_figure(
            report.calibration, right_axis=t("line_report.right_axis")
        )
    return found | curve_figures(
        report.history.epochs, "epoch", error_axis=t("line_report.error_axis")
    )


def _answered(rows: "tuple[AbstentionRow, ...]") -> "Figure":
    """Draw the share that is answered over the promised error, each with its error here."""
    from imagier.figures import BLUE, INK, drawing

    places = range(len(rows))
    shares = [100 * row.answered / row.n if row.n else 0.0 for row in rows]
    with drawing((4.6, 3.2)) as figure:
        axes = figure.add_subplot()
        axes.plot(places, shares, color=BLUE, marker="o", markersize=4.5, linewidth=1.8)
        for place, height in zip(places, shares, strict=True):
            axes.annotate(
                percent(height / 100),
                (place, height),
                textcoords="offset points",
                xytext=(0, 7),
                ha="center",
                fontsize=7.5,
                color=INK,
            )
        axes.set_xticks(places, [_tick(row) for row in rows])
        axes.set_xlim(-0.5, len(rows) - 0.5)
        axes.set_ylim(0, 112)
        axes.set_yticks(range(0, 101, 20))
        axes.set_xlabel(t("line_report.allowed_axis"))
        axes.set_ylabel(t("line_report.answered_axis"))
    return figure


def _tick(row: "AbstentionRow") -> str:
    here = "–" if row.error is None else percent(row.error)
    return f"{plain_percent(row.max_error)}\n({here})"
