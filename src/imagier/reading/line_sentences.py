"""What the figures of lines mean, in sentences: the same in the page, the terminal and the card.

What is said of any test (pictures learnt from, evaluations, verdicts) is worded by
`imagier.testing.sentences`; here stands what only lines have: characters, lengths, documents.
"""

from imagier.i18n import decimal, integer, percent, plain_percent, t
from imagier.reading.line_findings import LineFindings
from imagier.reading.line_metrics import CharacterConfusion
from imagier.reading.worst_lines import shown_character
from imagier.testing.abstention import useful_row
from imagier.testing.sentences import (
    LARGE_GAP,
    evaluation_caution,
    interval_text,
    leak_caution,
    leaked_caution,
    models_caution,
    share,
)
from imagier.testing.set_cautions import overlap_mark, overlap_sentence, too_few_caution

__all__ = [
    "baseline_sentence",
    "cautions",
    "confusion_cells",
    "confusion_count",
    "documents_sentence",
    "error_rate_sentence",
    "gap_kind",
    "gap_sentence",
    "headline",
    "headline_rest",
    "length_sentence",
    "promise_sentence",
    "refusal_sentence",
    "weak_place_sentence",
]

LEARNT_LITTLE = 0.1  # of the lines learnt from; a reader that knows no more has hardly begun
MOST_LETTERS = 40  # of a text within a sentence


def headline(report: LineFindings) -> str:
    """Say the figure, of how many lines, and between what bounds."""
    return f"{share(report.accuracy, report.test.n)} {headline_rest(report)}"


def headline_rest(report: LineFindings) -> str:
    """Say of what the figure is, and between what bounds it is to be read."""
    n, (low, high) = report.test.n, report.interval
    is_unseen = report.leaked is not None and not report.overlap
    key = "line_report.rest_unseen" if is_unseen else "line_report.rest"
    rest = t(key, n=n, count=integer(n), low=share(low, n), high=share(high, n))
    mark = overlap_mark(report)
    return f"{rest} {mark}" if mark else rest


def error_rate_sentence(report: LineFindings) -> str:
    """Say how many characters are wrong: taken for another, left out or added."""
    test, count = report.test, integer(report.test.characters)
    if not test.edits or test.cer is None:
        return t("line_report.cer_none", n=test.characters, count=count)
    facts = {"share": share(test.cer, test.characters), "edits": integer(test.edits)}
    if test.cer_interval is None:
        return t("line_report.cer", n=test.edits, count=count, **facts)
    bounds = interval_text(test.cer_interval, test.characters)
    return t("line_report.cer_within", n=test.edits, count=count, bounds=bounds, **facts)


def baseline_sentence(report: LineFindings) -> str | None:
    """Compare with always answering the most frequent text; nothing where it is not named."""
    if report.most_frequent is None:
        return None
    key = "beaten" if report.interval[0] > report.baseline else "not_beaten"
    value = share(report.baseline, report.test.n)
    text = _short(report.most_frequent)
    return t(f"line_report.baseline_{key}", text=text, share=value)


def confusion_cells(one: CharacterConfusion) -> tuple[str, str]:
    """Give what is written and what was read, nothing in words."""
    true = t("line_report.added") if one.true is None else shown_character(one.true)
    read = t("line_report.left_out") if one.read is None else shown_character(one.read)
    return true, read


def confusion_count(one: CharacterConfusion) -> str:
    """Say how many times, of how many that are written."""
    return t("testing.times", n=one.count, count=integer(one.count), of=integer(one.n))


def length_sentence(report: LineFindings) -> str:
    """Say how many of the wrong lines have too few characters, or too many."""
    lengths, wrong = report.metrics.lengths, report.test.n - report.test.correct
    if not lengths.short + lengths.long:
        return t("line_report.lengths_none")
    return t(
        "line_report.lengths",
        n=wrong,
        count=integer(wrong),
        short=integer(lengths.short),
        long=integer(lengths.long),
    )


def weak_place_sentence(report: LineFindings) -> str | None:
    """Say where in the line characters are taken for others more often than chance explains."""
    found = report.metrics.weak_place
    if found is None:
        return None
    return t(
        "line_report.weak_place",
        place=found.place,
        length=found.length,
        wrong=integer(found.wrong),
        of=integer(found.of),
    )


def documents_sentence(report: LineFindings) -> str | None:
    """Say how many documents are right, and how far the figure goes when they are drawn again."""
    found = report.documents
    if found is None:
        return None
    said = t(
        "line_report.documents_right",
        n=found.n,
        count=integer(found.n),
        right=integer(found.correct),
        share=share(found.accuracy, found.n),
        bounds=interval_text(found.interval, found.n),
    )
    if found.line_interval is None:
        return f"{said} {t('line_report.documents_few')}"
    bounds = interval_text(found.line_interval, found.n)
    return f"{said} {t('line_report.documents_drawn', bounds=bounds)}"


def refusal_sentence(report: LineFindings) -> str | None:
    """Say how many lines were refused, and whether rightly."""
    n, wrong = report.refusals.n, report.refusals.wrong
    if not n:
        return None
    return t("line_report.refused", n=n, count=integer(n), wrong=integer(wrong))


def promise_sentence(report: LineFindings) -> str:
    """Say what the smallest error costs that still leaves most lines answered."""
    row = useful_row(report.abstention)
    if row is None:
        return t("line_report.unproven")
    part = row.answered / row.n if row.n else 0.0
    return t(
        "line_report.promise",
        n=row.wrong,
        error=plain_percent(row.max_error),
        answered=percent(part),
        left=percent(1 - part),
        wrong=integer(row.wrong),
        count=integer(row.answered),
    )


def gap_kind(report: LineFindings) -> str | None:
    """Name the gap between learnt and unseen lines: `unlearnt`, `chance`, `slight`, `large`."""
    learnt, test = report.scores.get("train"), report.test
    if learnt is None or not test.n or report.overlap:
        return None
    if learnt.accuracy < LEARNT_LITTLE:
        return "unlearnt"
    if test.interval[1] >= learnt.interval[0]:
        return "chance"
    return "slight" if test.error - learnt.error < LARGE_GAP else "large"


def gap_sentence(report: LineFindings) -> str | None:
    """Say what the gap between learnt and unseen lines means; None where it is not known."""
    learnt, kind = report.scores.get("train"), gap_kind(report)
    if learnt is None or kind is None:
        return None
    test, gap = report.test, report.test.error - learnt.error
    return t(
        f"line_report.gap_{kind}",
        learnt=share(learnt.error, learnt.n),
        learnt_count=integer(learnt.n),
        test=share(test.error, test.n),
        test_count=integer(test.n),
        points=decimal(100 * gap),
    )


def cautions(report: LineFindings) -> tuple[str, ...]:
    """Say what makes the figure less than it seems, most serious first."""
    found = [
        leaked_caution(report),
        leak_caution(report),
        _drift_caution(report),
        None if report.documents else t("line_report.documents_unknown"),
        evaluation_caution(report),
        models_caution(report),
        too_few_caution(report),
    ]
    found = [overlap_sentence(report), *found] if report.overlap else found
    return tuple(sentence for sentence in found if sentence)


def _drift_caution(report: LineFindings) -> str | None:
    validation = report.scores.get("validation")
    if validation is None or report.interval[1] >= validation.interval[0]:
        return None
    here, there = report.test, validation
    return t(
        "testing.drift", test=share(here.error, here.n), validation=share(there.error, there.n)
    )


def _short(text: str) -> str:
    return text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…"
