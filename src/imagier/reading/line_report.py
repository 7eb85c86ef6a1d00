"""The report of a reader's test, as lines, JSON, figures and tables, and how it is made."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from imagier.answers import AnswerFigure, AnswerTable, Shown
from imagier.files import printable
from imagier.reading.documents import count_documents
from imagier.reading.line_advice import line_advice
from imagier.reading.line_evaluation import LineEvaluation
from imagier.reading.line_findings import CharacterRow, LineFindings, Refusals
from imagier.reading.line_metrics import (
    LineMetrics,
    LineScore,
    character_counts,
    measure_lines,
)
from imagier.reading.line_plots import line_figures
from imagier.reading.line_tables import line_tables
from imagier.reading.line_terminal import line_terminal_lines
from imagier.reading.worst_lines import right_lines, worst_lines
from imagier.recognizer.history import REPORT_FORMAT, History
from imagier.testing.abstention import AbstentionRow, abstention_rows
from imagier.testing.advice import SURE
from imagier.testing.calibration import Calibration, calibration
from imagier.testing.cost_report import cost_json
from imagier.testing.findings import PARTS
from imagier.testing.set_cautions import overlap_sentence

if TYPE_CHECKING:
    from imagier.recognizer import ModelCard

__all__ = ["LineReport", "make_line_report"]

CLOCK = ("data", "fit", "export", "test", "total")
MOST_CONFUSED = 100  # in JSON
RULES = (r"\d", r"\w")  # what a format of one length may consist of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class LineReport(Shown, LineFindings):
    """What one test of a reader found, as an answer (`imagier.answers`)."""

    def __repr__(self) -> str:
        """Say in one line what it found; `print(report)` and `lines()` say it all."""
        low, high = self.interval
        return (
            f"LineReport({self.model!r}, accuracy={self.accuracy:.4f} [{low:.4f}, {high:.4f}], "
            f"n={self.test.n})"
        )

    def __str__(self) -> str:
        """Give the report as it is printed, without bold letters."""
        return "\n".join(line_terminal_lines(self, styled=False))

    @property
    def notes(self) -> tuple[str, ...]:
        """Nothing: what makes the figure less than it seems stands among the lines."""
        return ()

    def lines(self) -> Iterator[str]:
        """Give the report for a terminal, what matters most in bold."""
        yield from line_terminal_lines(self, styled=True)

    def figures(self) -> Mapping[str, AnswerFigure]:
        """Give `answered`, `reliability`, and `loss` and `error` over the epochs, where known."""
        return line_figures(self)

    def tables(self) -> Mapping[str, AnswerTable]:
        """Give `parts`, `confused`, `lengths`, `characters`, `abstention` and `lines`."""
        return line_tables(self)

    def to_json(self) -> dict[str, Any]:
        """Give what `imagier test --json` prints for a reader."""
        confused = self.metrics.confusions[:MOST_CONFUSED]
        place = self.metrics.weak_place
        return {
            "model": self.model,
            "source": self.source,
            "network": self.card.network,
            **self.test.to_json(),
            "exact_interval": list(self.exact_interval),
            "baseline": self.baseline,
            "baseline_text": self.most_frequent,
            "length_errors": self.metrics.lengths.to_json(),
            "confused": [[one.true, one.read, one.count] for one in confused],
            "weak_place": place and place.to_json(),
            "documents": self.documents and self.documents.to_json(),
            "rejected": self.refusals.to_json(),
            "calibration": self.calibration and self.calibration.to_json(self.card.temperature),
            "abstention": _abstention_json(self.abstention),
            "split": dict(self.sizes),
            "worst": [one.to_json() for one in self.worst],
            "cost": cost_json(self),
            "evaluations": self.evaluation_count,
            "models_tested": self.models_tested,
            "skipped": [one.to_json() for one in self.skipped],
            "leaked": self.leaked,
            "compared": self.compared,
            **self._overlap(),
            **self._acceptance(),
            "advice": line_advice(self).to_json(),
            "files": self.files and self.files.to_json(),
        }

    def train_json(self) -> dict[str, Any]:
        """Give what `imagier train --json` prints for a reader."""
        test = self.test.to_json() | {"baseline": self.baseline}
        return {
            "model": self.model,
            "network": self.card.network,
            "parameters": self.card.parameters,
            "classes": [printable(name) for name in self.card.classes],
            "split": dict(self.sizes),
            "leak_rate": self.leak_rate,
            "skipped": [one.to_json() for one in self.skipped],
            "test": test,
            "validation": _score_json(self.scores.get("validation")),
            "learning": _score_json(self.scores.get("train")),
            **self._acceptance(),
            **self._overlap(),
            "seconds": {name: self.history.seconds.get(name) for name in CLOCK},
            "cost": cost_json(self),
            "epochs": len(self.history.epochs),
            "history": [row.to_json() for row in self.history.epochs],
            "plan": dict(self.card.plan),
            "trials": [one.to_json() for one in self.history.trials],
            "budget": self.history.budget,
            "seed": self.card.seed,
            "notes": list(self.data_notes),
        }

    def stored_json(self) -> dict[str, Any]:
        """Give both shapes, as `report.json` in the model folder keeps them."""
        return {
            "format": REPORT_FORMAT,
            "set": self.fingerprint,
            "train": self.train_json(),
            "test": self.to_json(),
        }

    def _acceptance(self) -> dict[str, Any]:
        return {
            "accept": self.accept,
            "verdict": self.verdict,
            "further_pictures": self.further_pictures,
        }

    def _overlap(self) -> dict[str, Any]:
        return {"overlap": self.overlap, "warning": overlap_sentence(self)}


def make_line_report(  # noqa: PLR0913 - it puts together all that is known of a test
    card: "ModelCard",
    evaluations: Mapping[str, LineEvaluation],
    *,
    model: str,
    source: str,
    history: History | None = None,
    sizes: Mapping[str, int | None] | None = None,
    learnt: Mapping[str, int] | None = None,
    evaluation_count: int | None = None,
    notes: Sequence[str] = (),
) -> LineReport:
    """Put together what the test of a reader found.

    Other facts (`accept`, `skipped`, `leaked`, `prediction_cost`...) are fields of the report, set
    by `dataclasses.replace`.

    Args:
        card: What the reader says about itself: its classes are the blank and its characters, and
            its thresholds were tried on lines that it had not learnt from.
        evaluations: What it answered, under `test`, and under `train` and `validation` where the
            same was asked of them.
        model: Name of the model, as the user knows it.
        source: Name of the lines it was tested on.
        history: How it was learnt.
        sizes: Lines in `train`, `validation`, `test`, and in `composed` those made to measure; by
            default those that were read.
        learnt: How often each character is written on the lines learnt from, where that is known.
        evaluation_count: Tests of this model on this set, this one included.
        notes: What was noticed about the data, as sentences; those of the history follow.
    """
    read = {part: one.normal() for part, one in evaluations.items()}
    test, history = read["test"], history or History()
    metrics = {part: measure_lines(one.true, one.read, one.documents) for part, one in read.items()}
    scores = {part: metrics[part].score if part in metrics else None for part in PARTS}
    text, count = _most_frequent(test.true)
    rule = _common_format(test.true)
    full_scale = card.prepare.full_scale
    return LineReport(
        model=printable(model),
        source=printable(source),
        card=card,
        sizes=sizes or {part: one.n if one else None for part, one in scores.items()},
        scores=scores,
        metrics=metrics["test"],
        evaluation=replace(test, pictures=None),
        most_frequent=printable(text),
        most_frequent_count=count,
        documents=count_documents(test.documents, test.is_right),
        refusals=Refusals(
            n=int(test.is_rejected.sum()), wrong=int((test.is_rejected & ~test.is_right).sum())
        ),
        characters=_characters(card, metrics["test"], test.true, learnt),
        rule=rule,
        rule_broken=sum(not re.fullmatch(rule, one) for one in test.read) if rule else 0,
        calibration=_calibration(test),
        abstention=abstention_rows(card, test.probability, test.is_right, test.is_rejected),
        sure_mistakes=int((~test.is_right & ~test.is_rejected & (test.probability >= SURE)).sum()),
        worst=worst_lines(test, full_scale=full_scale),
        examples=() if test.pictures is None else right_lines(test, full_scale=full_scale),
        data_notes=(*notes, *history.notes),
        history=history,
        evaluation_count=evaluation_count,
    )


def _most_frequent(texts: Sequence[str]) -> tuple[str, int]:
    """Give the most frequent text, of several the first in alphabetical order."""
    counts = Counter(texts)
    return min(counts.items(), key=lambda item: (-item[1], item[0]), default=("", 0))


def _common_format(texts: Sequence[str]) -> str | None:
    """Find the format that all texts have: so many digits, or so many letters and digits."""
    lengths = set(map(len, texts))
    if len(lengths) != 1 or 0 in lengths:
        return None
    (length,) = lengths
    rules = (f"{kind}{{{length}}}" for kind in RULES)
    return next((rule for rule in rules if all(re.fullmatch(rule, one) for one in texts)), None)


def _characters(
    card: "ModelCard",
    metrics: LineMetrics,
    texts: Sequence[str],
    learnt: Mapping[str, int] | None,
) -> tuple[CharacterRow, ...]:
    """Count each character that the reader knows, the blank left out, and strange ones after."""
    tested = character_counts(texts)
    wrong: Counter[str] = Counter()
    for one in metrics.confusions:
        wrong[one.true or ""] += one.count
    known = card.classes[1:]
    return tuple(
        CharacterRow(
            character=character,
            tested=tested[character],
            wrong=wrong[character],
            learnt=None if learnt is None else learnt.get(character, 0),
        )
        for character in (*known, *sorted(set(tested) - set(known)))
    )


def _calibration(test: LineEvaluation) -> Calibration | None:
    """Compare how sure each text was with whether it was right: two outcomes, right and wrong."""
    if not len(test.true):
        return None
    brier = np.square(test.probability.astype(np.float64) - test.is_right) * 2
    return calibration(test.probability, test.is_right, brier)


def _score_json(score: LineScore | None) -> dict[str, Any] | None:
    return score.to_json() if score else None


def _abstention_json(rows: Sequence[AbstentionRow]) -> dict[str, Any] | None:
    """Give the smallest error that can be promised, and all that were looked at."""
    if not rows:
        return None
    return rows[0].to_json() | {"levels": [row.to_json() for row in rows]}
