"""The report as lines for a terminal: what fits on a screen, and is plain text in a file.

Said here: the figure, what to do, the parts, the names, how sure the answers are, and what is the
matter with this test. What it cost, what the model gives away and how it learnt stand on the page.
"""

from collections.abc import Iterator, Sequence

from imagier.answers import text_table
from imagier.i18n import BOLD, FAINT, PLAIN, RED, integer, t
from imagier.testing.advice import advice
from imagier.testing.class_report import precision_cell, recall_cell
from imagier.testing.confidence_report import abstention_sentence, calibration_sentence
from imagier.testing.findings import PARTS, Findings
from imagier.testing.initial_comparison import initial_sentence
from imagier.testing.metrics import ClassRow
from imagier.testing.robustness_report import robustness_lines
from imagier.testing.sentences import (
    cautions_on_terminal,
    headline,
    interval_text,
    leak_sentence,
    share,
    verdict_sentence,
    versus_baseline,
)
from imagier.testing.set_cautions import overlap_mark, overlap_sentence, too_few_caution
from imagier.testing.strangers import others_sentence, refuses_too_many, stranger_sentence

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
    leak = leak_sentence(report) if report.leak_rate else None
    notes = [note for note in report.data_notes if note not in report.history.manner]
    sections = [
        _figures(report, styled=styled),
        _parts(report),
        _classes(report),
        _confusions(report),
        list(_sureness(report)),
        list(robustness_lines(report.robustness)) if report.robustness else [],
        _skipped(report),
        [
            _styled(f"· {sentence}", RED if sentence == leak else FAINT, styled)
            for sentence in (*cautions_on_terminal(report), *notes)
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
    return [*lines, versus_baseline(report)]


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
    are_few = all(row.few and row.few_answers for row in report.rows)
    names = ("class", "named_right") if are_few else ("class", "pictures", "recall", "precision")
    rows = [[t(f"testing.column.{name}") for name in names]]
    return _table(rows + [_class_cells(row, are_few=are_few) for row in report.rows], left=(0,))


def _class_cells(row: ClassRow, *, are_few: bool) -> list[str]:
    if are_few:  # counts alone, where no share would say anything
        return [row.name, t("testing.of", some=integer(row.correct), all=integer(row.n))]
    return [row.name, integer(row.n), recall_cell(row), precision_cell(row)]


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


def _sureness(report: Findings) -> Iterator[str]:
    """Say what its probabilities are good for, and what was asked about anything else."""
    if report.initial:
        yield initial_sentence(report.initial)
    found = report.calibration
    if found is not None and found.n and not too_few_caution(report):
        yield calibration_sentence(found)
    if report.verdict is not None and report.abstention:  # else the advice has said it
        yield abstention_sentence(report.abstention)
    if report.others:
        yield others_sentence(report.others)
    if refuses_too_many(report.strangers):
        yield stranger_sentence(report.strangers)


def _skipped(report: Findings) -> list[str]:
    n = len(report.skipped)
    if not n:
        return []
    lines = [t("testing.skipped_text", n=n, count=integer(n))]
    lines += [f"  {one.message}" for one in report.skipped[:MOST_SKIPPED]]
    more = n - MOST_SKIPPED
    return [*lines, f"  … + {integer(more)}"] if more > 0 else lines


def _table(rows: Sequence[Sequence[str]], left: Sequence[int] = (0, -1)) -> list[str]:
    """Line up columns: words to the left, numbers to the right."""
    cells = [[_cut(cell) for cell in row] for row in rows]
    return ["  " + line for line in text_table(cells, left=left, gap="   ")]


def _cut(text: str) -> str:
    from rich.cells import cell_len

    while cell_len(text) > WIDEST_CELL:
        text = text[:-2] + "…"
    return text


def _styled(text: str, style: str, styled: bool) -> str:
    return f"{style}{text}{PLAIN}" if styled else text
