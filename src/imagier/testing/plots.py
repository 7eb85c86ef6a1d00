"""The figures of a report: the learning curves, and who is taken for whom."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from imagier import figures
from imagier.answers import AnswerFigure
from imagier.i18n import integer, t
from imagier.recognizer.history import EpochRow
from imagier.testing.confidence_report import reliability_figure
from imagier.testing.findings import CurveUnit, Findings
from imagier.testing.robustness_report import robustness_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["CURVES", "curve_figures", "report_figures"]

CURVES = ("loss", "error")


def report_figures(report: Findings) -> dict[str, AnswerFigure]:
    """Give `loss`, `error`, `reliability`, `robustness`, as far as known, and `confusion`."""
    found = curve_figures(report.history.epochs, report.curve_unit)
    if report.calibration:
        found["reliability"] = reliability_figure(report.calibration)
    if report.robustness:
        found["robustness"] = robustness_figure(report.robustness)
    found["confusion"] = AnswerFigure(
        label=t("testing.heat_alt", count=integer(len(report.classes))),
        draw=partial(_heat_map, report),
    )
    return found


def curve_figures(
    rows: tuple[EpochRow, ...], unit: CurveUnit, *, error_axis: str | None = None
) -> dict[str, AnswerFigure]:
    """Give `loss` and `error` over the epochs, as far as they were measured.

    Args:
        rows: The learning curve.
        unit: What it counts.
        error_axis: What the errors are, for another axis than that of pictures named wrong.
    """
    found = {}
    for quantity in CURVES:
        if lines := _lines(rows, quantity):
            axis = t(f"testing.curve_{quantity}_axis")
            if quantity == "error" and error_axis is not None:
                axis = error_axis
            n = len(rows)
            found[quantity] = AnswerFigure(
                label=t(f"testing.curve_{quantity}_alt.{unit}", n=n, count=integer(n)),
                draw=partial(_curve, rows, lines, axis, unit),
            )
    return found


def _lines(rows: tuple[EpochRow, ...], quantity: str) -> list[figures.Line]:
    """Give a line for the pictures learnt from and one for the others, where they are known."""
    scale = 100 if quantity == "error" else 1
    lines = []
    for style, part in enumerate(("train", "validation")):
        values = [getattr(row, f"{part}_{quantity}") for row in rows]
        if any(value is not None for value in values):
            numbers = [np.nan if value is None else scale * value for value in values]
            name = t(f"testing.part.{part}")
            lines.append(figures.Line(label=name, values=numbers, style=style))
    return lines


def _curve(
    rows: tuple[EpochRow, ...], lines: list[figures.Line], axis: str, unit: CurveUnit
) -> "Figure":
    kept = [place for place, row in enumerate(rows, start=1) if row.kept]
    return figures.line_chart(
        lines,
        x_label=t(f"testing.{unit}"),
        y_label=axis,
        mark=(kept[-1], t("testing.kept")) if kept else None,
    )


def _heat_map(report: Findings) -> "Figure":
    given = np.maximum(report.counts.sum(axis=1, keepdims=True), 1)
    return figures.heat_map(
        report.counts / given,
        names=report.classes,
        x_label=t("testing.answered_name"),
        y_label=t("testing.given_name"),
    )
