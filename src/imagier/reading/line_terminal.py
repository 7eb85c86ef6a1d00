"""The test of a reader as lines for a terminal: what fits on a screen.

Said here: the figure, what to do, the parts, the characters that are misread, how sure the answers
are, the worst lines, and what is the matter with this test. The rest stands on the page.
"""

from collections.abc import Iterator, Sequence

from imagier.answers import text_table
from imagier.i18n import BOLD, FAINT, PLAIN, RED, integer, t
from imagier.reading.line_advice import line_advice
from imagier.reading.line_findings import LineFindings
from imagier.reading.line_sentences import (
    baseline_sentence,
    cautions,
    confusion_cells,
    confusion_count,
    documents_sentence,
    error_rate_sentence,
    headline,
    length_sentence,
    promise_sentence,
    refusal_sentence,
    weak_place_sentence,
)
from imagier.testing.confidence_report import calibration_sentence
from imagier.testing.findings import PARTS
from imagier.testing.sentences import interval_text, share, verdict_sentence
from imagier.testing.set_cautions import overlap_sentence, too_few_caution

__all__ = ["line_terminal_lines"]

MOST_CONFUSIONS, MOST_WORST, MOST_SKIPPED = 6, 6, 5
WIDEST = 36


def line_terminal_lines(report: LineFindings, *, styled: bool = False) -> list[str]:
    """Write the main figures, what to do, the parts, the mistakes, and what limits the test.

    Args:
        report: What a test found.
        styled: Whether a terminal reads the lines: what matters most is then set in bold, and in
            red where lines that were learnt from are among the tested.
    """
    sections = [
        list(_figures(report, styled=styled)),
        _parts(report),
        list(_mistakes(report)),
        list(_sureness(report)),
        list(_worst(report)),
        list(_skipped(report)),
        [_styled(f"· {one}", FAINT, styled) for one in (*_cautions(report), *_remarks(report))],
    ]
    lines: list[str] = []
    for section in sections:
        if section:
            lines += ["", *section] if lines else section
    if report.overlap:
        plain = [overlap_sentence(report) or "", "", *lines]
        return [_styled(line.replace(BOLD, "").replace(PLAIN, ""), RED, styled) for line in plain]
    return lines


def _figures(report: LineFindings, *, styled: bool) -> Iterator[str]:
    yield _styled(headline(report), BOLD, styled)
    found = line_advice(report)
    verdict = verdict_sentence(report, room="line_report")
    if verdict and verdict != found.sentence:
        yield _styled(verdict, BOLD, styled)
    yield _styled(found.sentence, BOLD, styled)
    for number, step in enumerate(found.steps, start=1):
        yield f"{number}. {step.sentence}"
    yield error_rate_sentence(report)
    for sentence in (baseline_sentence(report), documents_sentence(report)):
        if sentence:
            yield sentence


def _parts(report: LineFindings) -> list[str]:
    columns = ("testing.column.part", "line_report.lines", "testing.column.error")
    rows = [[*map(t, columns), t("testing.column.interval"), t("line_report.cer_short")]]
    for part in PARTS:
        score = report.scores.get(part)
        if score:
            low, high = score.interval
            rate = "–" if score.cer is None else share(score.cer, score.characters)
            bounds = interval_text((1 - high, 1 - low), score.n)
            error = share(score.error, score.n)
            rows.append([t(f"testing.part.{part}"), integer(score.n), error, bounds, rate])
    return _table(rows)


def _mistakes(report: LineFindings) -> Iterator[str]:
    found = report.metrics.confusions[:MOST_CONFUSIONS]
    if not found:
        return
    yield t("line_report.confused")
    yield from _table([[" → ".join(confusion_cells(one)), confusion_count(one)] for one in found])
    yield length_sentence(report)
    if place := weak_place_sentence(report):
        yield place


def _sureness(report: LineFindings) -> Iterator[str]:
    if report.calibration and report.calibration.n and not too_few_caution(report):
        yield calibration_sentence(report.calibration)
    if report.verdict is not None and report.abstention:  # else the advice has said it
        yield promise_sentence(report)
    if refused := refusal_sentence(report):
        yield refused


def _worst(report: LineFindings) -> Iterator[str]:
    if not report.worst:
        return
    yield t("line_report.worst")
    rows = [
        [one.path, one.text, one.read or t("line_report.nothing"), share(one.probability, 1)]
        for one in report.worst[:MOST_WORST]
    ]
    head = ("testing.column.file", "line_report.written", "line_report.read", "line_report.sure")
    yield from _table([[*map(t, head)], *rows], left=(0, 1, 2))


def _skipped(report: LineFindings) -> Iterator[str]:
    n = len(report.skipped)
    if n:
        yield t("testing.skipped_text", n=n, count=integer(n))
        yield from (f"  {one.message}" for one in report.skipped[:MOST_SKIPPED])
        if n > MOST_SKIPPED:
            yield f"  … + {integer(n - MOST_SKIPPED)}"


def _cautions(report: LineFindings) -> list[str]:
    """Leave out what holds for nearly all tests, what the advice says, and what stands above."""
    said = {overlap_sentence(report), too_few_caution(report), t("line_report.documents_unknown")}
    return [sentence for sentence in cautions(report) if sentence not in said]


def _remarks(report: LineFindings) -> list[str]:
    return [note for note in report.data_notes if note not in report.history.manner]


def _table(rows: Sequence[Sequence[str]], left: Sequence[int] = (0,)) -> list[str]:
    cells = [
        [cell if len(cell) <= WIDEST else cell[: WIDEST - 1] + "…" for cell in row] for row in rows
    ]
    return ["  " + line for line in text_table(cells, left=left, gap="   ")]


def _cut(text: str) -> str:
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


def _styled(text: str, style: str, styled: bool) -> str:
    return f"{style}{text}{PLAIN}" if styled and text else text
