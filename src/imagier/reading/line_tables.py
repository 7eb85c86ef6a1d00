"""The tables of a reader's test: parts, characters, lengths, what is answered, every line."""

from collections.abc import Iterator, Mapping

from imagier.answers import AnswerTable
from imagier.reading.line_evaluation import LineEvaluation
from imagier.reading.line_findings import LineFindings
from imagier.testing.confidence_report import abstention_table, calibration_table
from imagier.testing.findings import PARTS

__all__ = ["line_tables"]


def line_tables(report: LineFindings) -> Mapping[str, AnswerTable]:
    """Give the tables by name; `lines` only where the report names its lines.

    Args:
        report: What a test found.
    """
    scores = [(part, score) for part in PARTS if (score := report.scores.get(part))]
    found = {
        "parts": AnswerTable(
            columns=("part", "n", "correct", "accuracy", "low", "high", "cer"),
            rows=[
                (part, one.n, one.correct, one.accuracy, *one.interval, one.cer)
                for part, one in scores
            ],
        ),
        "confused": AnswerTable(
            columns=("written", "read", "times", "of"),
            rows=[(one.true, one.read, one.count, one.n) for one in report.metrics.confusions],
        ),
        "lengths": AnswerTable(
            columns=("difference", "lines"),
            rows=list(report.metrics.lengths.by_difference.items()),
        ),
        "characters": AnswerTable(
            columns=("character", "tested", "wrong", "learnt"),
            rows=[(one.character, one.tested, one.wrong, one.learnt) for one in report.characters],
        ),
        "abstention": abstention_table(report.abstention),
    }
    if report.calibration:
        found["calibration"] = calibration_table(report.calibration)
    if report.evaluation is not None:
        found["lines"] = AnswerTable(
            columns=("path", "text", "read", "probability", "rejected", "edits"),
            rows=list(_lines(report.evaluation, report)),
        )
    return found


def _lines(evaluation: LineEvaluation, report: LineFindings) -> Iterator[tuple[object, ...]]:
    edits = report.metrics.distances.tolist()
    for row, path in enumerate(evaluation.paths):
        yield (
            path,
            evaluation.true[row],
            evaluation.read[row],
            float(evaluation.probability[row]),
            bool(evaluation.is_rejected[row]),
            edits[row],
        )
