"""The sections of a reader's page, in their order.

A section is a template `NAME.html.j2`, here or among those of `imagier.testing`, which the page
shows under the anchor `NAME` with the title `line_report.NAME`, and a function that prepares what
only this template needs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from imagier.i18n import integer, t
from imagier.reading.line_findings import LineFindings
from imagier.reading.line_metrics import CharacterConfusion
from imagier.reading.line_plots import line_figures
from imagier.reading.line_sentences import (
    confusion_cells,
    documents_sentence,
    length_sentence,
    promise_sentence,
    refusal_sentence,
    weak_place_sentence,
)
from imagier.testing.confidence_report import abstention_cells, calibration_sentence
from imagier.testing.cost_report import cost_facts, cost_sentences
from imagier.testing.findings import PARTS
from imagier.testing.metrics import FEW
from imagier.testing.plan_words import plan_facts
from imagier.testing.plots import CURVES
from imagier.testing.sections import ENDS, MOST_SKIPPED, svg_of
from imagier.testing.sentences import share
from imagier.testing.set_cautions import too_few_caution

__all__ = ["LINE_SECTIONS", "LineSection"]

Facts = Mapping[str, Any]

MOST_CONFUSIONS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSection:
    """A section of the page.

    Attributes:
        name: Its anchor, and its title `line_report.NAME`.
        template: Its file.
        facts: Prepares what its template reads as `facts`; None leaves the section out.
    """

    name: str
    template: str
    facts: Callable[[LineFindings], Facts | None]


def _confidence(report: LineFindings) -> Facts:
    drawn = line_figures(report)
    is_told = report.calibration is not None and report.calibration.n
    few = too_few_caution(report)
    return {
        "sentence": promise_sentence(report),
        "cells": [abstention_cells(row) for row in report.abstention],
        "answered": svg_of(drawn["answered"]) if "answered" in drawn else None,
        "refused": refusal_sentence(report),
        "calibration": calibration_sentence(report.calibration)
        if report.calibration and is_told and not few
        else None,
        "diagram": svg_of(drawn["reliability"]) if is_told and not few else None,
    }


def _characters(report: LineFindings) -> Facts:
    found = report.metrics.confusions
    rest = found[MOST_CONFUSIONS:]
    return {
        "few": FEW,
        "rows": [
            (*confusion_cells(one), integer(one.count), integer(one.n), _share(one))
            for one in found[:MOST_CONFUSIONS]
        ],
        "more": t(
            "line_report.confused_more",
            n=len(rest),
            count=integer(len(rest)),
            times=integer(sum(one.count for one in rest)),
        )
        if rest
        else None,
        "lengths": [
            (f"{difference:+d}".replace("-", "−"), integer(count))
            for difference, count in report.metrics.lengths.by_difference.items()
        ],
        "length": length_sentence(report),
        "place": weak_place_sentence(report),
    }


def _share(one: CharacterConfusion) -> str | None:
    return None if one.n < FEW else share(one.count / one.n, one.n)


def _parts(report: LineFindings) -> Facts | None:
    parts = [(part, score) for part in PARTS if (score := report.scores.get(part))]
    if len(parts) < 2:
        return None
    largest = max(1 - score.interval[0] for _, score in parts)
    return {"parts": parts, "end": next(end for end in ENDS if largest <= end)}


def _documents(report: LineFindings) -> Facts | None:
    sentence = documents_sentence(report)
    return {"sentence": sentence} if sentence else None


def _curve(report: LineFindings) -> Facts | None:
    drawn = line_figures(report)
    curves = [(t(f"testing.curve_{one}"), svg_of(drawn[one])) for one in CURVES if one in drawn]
    return {"curves": curves} if curves else None


def _skipped(report: LineFindings) -> Facts | None:
    if not report.skipped:
        return None
    more = len(report.skipped) - MOST_SKIPPED
    return {"rows": [one.to_json() for one in report.skipped[:MOST_SKIPPED]], "more": more}


def _details(report: LineFindings) -> Facts:
    return {
        "plan": list(plan_facts(report.card.plan, report.card.classes)),
        "cost": list(cost_facts(report, "lines")),
        "cost_sentences": list(cost_sentences(report, "lines")),
    }


LINE_SECTIONS = (
    LineSection(name="confidence", template="line_confidence.html.j2", facts=_confidence),
    LineSection(name="characters", template="line_characters.html.j2", facts=_characters),
    LineSection(
        name="worst",
        template="line_worst.html.j2",
        facts=lambda report: {} if report.worst else None,
    ),
    LineSection(name="parts", template="line_parts.html.j2", facts=_parts),
    LineSection(name="documents", template="line_documents.html.j2", facts=_documents),
    LineSection(name="curve", template="line_curve.html.j2", facts=_curve),
    LineSection(name="skipped", template="skipped.html.j2", facts=_skipped),
    LineSection(name="details", template="line_details.html.j2", facts=_details),
)
