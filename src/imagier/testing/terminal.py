"""The report as lines for a terminal: what fits on a screen, and is plain text in a file."""

from collections.abc import Sequence

from imagier.answers import text_table
from imagier.i18n import BOLD, FAINT, PLAIN, RED, integer, t
from imagier.testing.advice import advice
from imagier.testing.class_report import precision_cell, recall_cell
from imagier.testing.confidence_report import confidence_lines
from imagier.testing.cost_report import cost_sentences
from imagier.testing.findings import PARTS, Findings
from imagier.testing.membership import membership_sentence
from imagier.testing.metrics import ClassRow
from imagier.testing.robustness_report import robustness_lines
from imagier.testing.sentences import (
    cautions,
    first_evaluation,
    gap_sentence,
    headline,
    interval_text,
    leak_sentence,
    share,
    verdict_sentence,
    versus_baseline,
)
from imagier.testing.set_cautions import overlap_mark, overlap_sentence
from imagier.testing.strangers import others_sentence, stranger_sentence

__all__ = ["terminal_lines"]

MOST_CLASSES = 20
WIDEST_CELL = 36
MOST_SKIPPED = 5


def terminal_lines(report: Findings, *, styled: bool = False) -> list[str]:
    """Write the main figures, the errors side by side, the classes and the confusions.

    Args:
        report: What a test found.
        styled: Whether a terminal reads the lines: what matters most is then set in bold, and all
            of it in red where pictures that were learnt from are among the tested.
    """
    if report.overlap:
        lines = [overlap_sentence(report) or "", "", *_lines(report, styled=False)]
        return [_styled(line, RED, styled) if line else line for line in lines]
    return _lines(report, styled=styled)


def _lines(report: Findings, *, styled: bool) -> list[str]:
    said = [sentence for sentence in cautions(report) if sentence != overlap_sentence(report)]
    leak = leak_sentence(report) if report.leak_rate else None
    first = first_evaluation(report)
    said += [first] if first else []
    sections = [
        _figures(report, styled=styled),
        _parts(report),
        _classes(report),
        _confusions(report),
        list(confidence_lines(report.calibration, report.abstention)),
        [stranger_sentence(report.strangers)],
        [others_sentence(report.others)] if report.others else [],
        [membership_sentence(report.membership)] if report.membership else [],
        list(robustness_lines(report.robustness)) if report.robustness else [],
        list(cost_sentences(report)),
        _skipped(report),
        [
            _styled(f"· {sentence}", RED if sentence == leak else FAINT, styled)
            for sentence in (*said, *report.data_notes)
        ],
    ]
    lines: list[str] = []
    for section in sections:
        if section:
            lines += ["", *section] if lines else section
    return lines


def _figures(report: Findings, *, styled: bool) -> list[str]:
    verdict = verdict_sentence(report)
    lines = [_styled(headline(report), BOLD, styled)]
    found = advice(report)
    if verdict and verdict != found.sentence:
        lines.append(_styled(verdict, BOLD, styled))
    lines.append(_styled(found.sentence, BOLD, styled))
    lines += [f"{number}. {step.sentence}" for number, step in enumerate(found.steps, start=1)]
    lines.append(versus_baseline(report))
    gap = gap_sentence(report)
    return [*lines, gap] if gap else lines


def _parts(report: Findings) -> list[str]:
    head = [t(f"testing.column.{name}") for name in ("part", "pictures", "error", "interval")]
    rows = [head]
    for part in PARTS:
        score = report.scores.get(part)
        if score:
            low, high = score.interval
            interval = interval_text((1 - high, 1 - low), score.n)
            error = share(score.error, score.n)
            mark = f" {overlap_mark(report)}" if part == "test" and report.overlap else ""
            rows.append([t(f"testing.part.{part}") + mark, integer(score.n), error, interval])
    return _table(rows)


def _classes(report: Findings) -> list[str]:
    if len(report.rows) > MOST_CLASSES:
        return []
    names = ("class", "pictures", "recall", "precision", "confused_with")
    rows = [[t(f"testing.column.{name}") for name in names]]
    return _table(rows + [_class_cells(row) for row in report.rows])


def _class_cells(row: ClassRow) -> list[str]:
    confused = "" if row.confused_with is None else f"{row.confused_with} ({integer(row.confused)})"
    return [row.name, integer(row.n), recall_cell(row), precision_cell(row), confused]


def _confusions(report: Findings) -> list[str]:
    pairs = report.confusions(5)
    if not pairs:
        return []
    rows = [
        [
            f"{pair.given} → {pair.answered}",
            t("testing.times", n=pair.count, count=integer(pair.count), of=integer(pair.n)),
        ]
        for pair in pairs
    ]
    return [t("testing.confusions_title"), *_table(rows)]


def _skipped(report: Findings) -> list[str]:
    n = len(report.skipped)
    if not n:
        return []
    lines = [t("testing.skipped_text", n=n, count=integer(n))]
    lines += [f"  {one.message}" for one in report.skipped[:MOST_SKIPPED]]
    more = n - MOST_SKIPPED
    return [*lines, f"  … + {integer(more)}"] if more > 0 else lines


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Line up columns: the first and the last to the left, numbers to the right."""
    cells = [[_cut(cell) for cell in row] for row in rows]
    return ["  " + line for line in text_table(cells, left=(0, -1), gap="   ")]


def _cut(text: str) -> str:
    from rich.cells import cell_len

    while cell_len(text) > WIDEST_CELL:
        text = text[:-2] + "…"
    return text


def _styled(text: str, style: str, styled: bool) -> str:
    return f"{style}{text}{PLAIN}" if styled else text
