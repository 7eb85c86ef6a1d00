"""The sections of the report's page, in their order.

A section is a template `NAME.html.j2`, which the page shows under the anchor `NAME` with the title
`testing.NAME`, and a function that prepares what only this template needs. To add one: write both,
and put it in `SECTIONS`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from imagier.answers import AnswerFigure
from imagier.i18n import t
from imagier.testing.class_report import precision_cell, recall_cell
from imagier.testing.confidence_report import (
    abstention_cells,
    abstention_sentence,
    calibration_sentence,
)
from imagier.testing.cost_report import cost_facts, cost_sentences
from imagier.testing.findings import PARTS, Findings
from imagier.testing.initial_comparison import initial_sentence
from imagier.testing.membership import membership_sentence
from imagier.testing.metrics import FEW
from imagier.testing.plan_words import plan_facts
from imagier.testing.plots import CURVES, report_figures
from imagier.testing.robustness_report import condition_name, robustness_sentence
from imagier.testing.set_coverage import coverage_sentence
from imagier.testing.strangers import others_sentence, stranger_sentence

__all__ = ["SECTIONS", "Section", "svg_of"]

Facts = Mapping[str, Any]

WHOLE_MATRIX = 10  # up to so many classes the confusion matrix is shown with its counts
MOST_SKIPPED = 200
ENDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)  # errors where the bars may end


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A section of the page.

    Attributes:
        name: Its template, its anchor, and its title `testing.NAME`.
        facts: Prepares what its template reads as `facts`; None leaves the section out.
    """

    name: str
    facts: Callable[[Findings], Facts | None]


def svg_of(figure: AnswerFigure) -> str:
    """Draw a figure to stand in a page."""
    return figure.content(".svg").decode()


def _errors(report: Findings) -> Facts | None:
    parts = [(part, score) for part in PARTS if (score := report.scores.get(part))]
    if len(parts) < 2:
        return None
    largest = max(1 - score.interval[0] for _, score in parts)
    return {"parts": parts, "end": next(end for end in ENDS if largest <= end)}


def _confusion(report: Findings) -> Facts:
    is_large = len(report.classes) > WHOLE_MATRIX
    shown = {pair.cell for pair in report.pairs}
    return {
        "heat_map": svg_of(report_figures(report)["confusion"]) if is_large else None,
        "linked": shown,
        "sheets": {style.index for style in report.contact_sheet},
        "pairs": report.pairs[: 20 if is_large else 6],
    }


def _curve(report: Findings) -> Facts | None:
    drawn = report_figures(report)
    curves = [(t(f"testing.curve_{one}"), svg_of(drawn[one])) for one in CURVES if one in drawn]
    return {"curves": curves} if curves else None


def _confidence(report: Findings) -> Facts:
    reliability = report_figures(report).get("reliability")
    return {
        "sentence": abstention_sentence(report.abstention),
        "cells": [abstention_cells(row) for row in report.abstention],
        "calibration": report.calibration and calibration_sentence(report.calibration),
        "remarks": _remarks(report),
        "diagram": svg_of(reliability) if reliability else None,
    }


def _remarks(report: Findings) -> list[str]:
    """Say what sets of names are worth, what becomes of strangers, what a model gives away."""
    remarks = [coverage_sentence(report.sets)] if report.sets else []
    remarks.append(stranger_sentence(report.strangers))
    if report.others:
        remarks.append(others_sentence(report.others))
    if report.initial:
        remarks.append(initial_sentence(report.initial))
    if report.membership:
        remarks.append(membership_sentence(report.membership))
    return remarks


def _robustness(report: Findings) -> Facts | None:
    if not report.robustness:
        return None
    return {
        "sentence": robustness_sentence(report.robustness),
        "bars": svg_of(report_figures(report)["robustness"]),
        "condition_name": condition_name,
    }


def _skipped(report: Findings) -> Facts | None:
    if not report.skipped:
        return None
    more = len(report.skipped) - MOST_SKIPPED
    return {"rows": [one.to_json() for one in report.skipped[:MOST_SKIPPED]], "more": more}


SECTIONS = (
    Section(name="errors", facts=_errors),
    Section(name="confusion", facts=_confusion),
    Section(name="mistakes", facts=lambda report: {} if report.mistakes else None),
    Section(name="pairs", facts=lambda report: {} if report.pairs else None),
    Section(
        name="classes",
        facts=lambda _: {"few": FEW, "recall_cell": recall_cell, "precision_cell": precision_cell},
    ),
    Section(name="confidence", facts=_confidence),
    Section(name="robustness", facts=_robustness),
    Section(name="styles", facts=lambda report: {} if report.contact_sheet else None),
    Section(name="curve", facts=_curve),
    Section(name="skipped", facts=_skipped),
    Section(
        name="details",
        facts=lambda report: {
            "plan": list(plan_facts(report.card.plan, report.classes)),
            "cost": list(cost_facts(report)),
            "cost_sentences": list(cost_sentences(report)),
        },
    ),
)
