"""The report as lines for a terminal: what fits on a screen, and is plain text in a file."""

import unicodedata
from collections.abc import Sequence

from imagier.i18n import integer, t
from imagier.testing.metrics import ClassRow
from imagier.testing.report import PARTS, Report
from imagier.testing.sentences import (
    cautions,
    gap_sentence,
    headline,
    share,
    spread,
    verdict_sentence,
    versus_baseline,
)

__all__ = ["terminal_lines"]

MOST_CLASSES = 20
WIDEST_NAME = 24
MOST_SKIPPED = 5
BOLD, FAINT, PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"


def terminal_lines(report: Report, *, styled: bool = False) -> list[str]:
    """Write the main figures, the errors side by side, the classes and the confusions.

    Args:
        report: What a test found.
        styled: Whether a terminal reads the lines: what matters most is then set in bold.
    """
    sections = [
        _figures(report, styled=styled),
        _parts(report),
        _classes(report),
        _confusions(report),
        _skipped(report),
        [
            _styled(f"· {sentence}", FAINT, styled)
            for sentence in (*cautions(report), *report.notes)
        ],
    ]
    lines: list[str] = []
    for section in sections:
        if section:
            lines += ["", *section] if lines else section
    return lines


def _figures(report: Report, *, styled: bool) -> list[str]:
    verdict = verdict_sentence(report)
    lines = [_styled(headline(report), BOLD, styled)]
    if verdict:
        lines.append(_styled(verdict, BOLD, styled))
    lines.append(versus_baseline(report))
    gap = gap_sentence(report)
    return [*lines, gap] if gap else lines


def _parts(report: Report) -> list[str]:
    head = [t(f"testing.column.{name}") for name in ("part", "pictures", "error", "interval")]
    rows = [head]
    for part in PARTS:
        score = report.scores.get(part)
        if score:
            low, high = score.interval
            interval = spread((1 - high, 1 - low), score.n)
            error = share(score.error, score.n)
            rows.append([t(f"testing.part.{part}"), integer(score.n), error, interval])
    return _table(rows)


def _classes(report: Report) -> list[str]:
    if len(report.rows) > MOST_CLASSES:
        return []
    names = ("class", "pictures", "recall", "precision", "confused_with")
    rows = [[t(f"testing.column.{name}") for name in names]]
    return _table(rows + [_class_cells(row) for row in report.rows])


def _class_cells(row: ClassRow) -> list[str]:
    confused = "" if row.confused_with is None else f"{row.confused_with} ({integer(row.confused)})"
    recall = "–" if row.recall is None else share(row.recall, row.n)
    precision = "–" if row.precision is None else share(row.precision, row.answers)
    count = integer(row.n) + (" *" if row.few else "  ")
    return [row.name, count, recall, precision, confused]


def _confusions(report: Report) -> list[str]:
    pairs = report.confused(5)
    if not pairs:
        return []
    rows = [
        [f"{pair.given} → {pair.answered}", t("testing.times", n=pair.count, of=integer(pair.n))]
        for pair in pairs
    ]
    return [t("testing.confusions_title"), *_table(rows)]


def _skipped(report: Report) -> list[str]:
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
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    lines = []
    for row in cells:
        first, *middle, last = row
        padded = [first + " " * (widths[0] - _width(first))]
        padded += [
            " " * (width - _width(cell)) + cell
            for cell, width in zip(middle, widths[1:-1], strict=True)
        ]
        lines.append(("  " + "   ".join([*padded, last])).rstrip())
    return lines


def _cut(text: str) -> str:
    while _width(text) > WIDEST_NAME + 12:
        text = text[:-2] + "…"
    return text


def _width(text: str) -> int:
    """Count the columns that a terminal gives to a text; Chinese characters and emoji take two."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    marks = sum(unicodedata.combining(letter) != 0 for letter in text)
    return len(text) + wide - marks


def _styled(text: str, style: str, styled: bool) -> str:
    return f"{style}{text}{PLAIN}" if styled else text
