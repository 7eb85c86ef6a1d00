"""What to do after the test of a reader: put it to work or not, and what would make it better.

Whether to use it follows the rules of `imagier.testing.advice`: yes where an error of at most 5 %
can be promised and at least half of the lines are then answered; no where nothing shows that it
beats always giving the same text. The steps are those of lines: texts that are probably wrong,
characters that make up a good part of the mistakes, lengths, a format that all texts have.
"""

from collections.abc import Iterator
from typing import Any

from imagier.i18n import integer, percent, plain_percent, t
from imagier.reading.line_findings import LineFindings
from imagier.reading.line_metrics import CharacterConfusion
from imagier.reading.line_sentences import confusion_cells, gap_kind
from imagier.testing.abstention import AbstentionRow, useful_row
from imagier.testing.advice import SMALL_ERROR, SURE, USES, Advice, Step, Use
from imagier.testing.metrics import FEW
from imagier.testing.sentences import verdict_sentence

__all__ = ["line_advice"]

FREQUENT, A_TENTH = 5, 0.1  # mistakes of one kind that are worth a word
MOST_NAMED = 3


def line_advice(report: LineFindings) -> Advice:
    """Say what to do after a test.

    Args:
        report: What it found.
    """
    use, sentence = _use(report)
    return Advice(use=use, sentence=sentence, steps=tuple(_steps(report)))


def _use(report: LineFindings) -> tuple[Use, str]:
    n = report.test.n
    if report.overlap:
        return "undecided", t("testing.advice.overlap")
    if n < FEW:
        return "undecided", t("testing.advice.too_few", n=n, count=integer(n), few=FEW)
    if report.interval[0] - (report.leak_rate or 0.0) <= report.baseline:
        return "no", t("line_report.advice.no")
    if report.verdict is not None:
        return USES[report.verdict], verdict_sentence(report, room="line_report") or ""
    row = useful_row(report.abstention)
    if row is None or 2 * row.answered < row.n:
        return "with_care", _watched(report)
    return ("yes" if row.max_error <= SMALL_ERROR else "with_care"), _promise(row)


def _promise(row: AbstentionRow) -> str:
    """Say what may be promised, and what it leaves to a person."""
    left = row.n - row.answered
    kind = "yes" if row.max_error <= SMALL_ERROR else "with_care"
    return t(
        f"line_report.advice.{kind}" + ("" if left else "_all"),
        option=f"{row.max_error:g}",
        error=plain_percent(row.max_error),
        answered=percent(row.answered / row.n),
        left=percent(left / row.n),
    )


def _watched(report: LineFindings) -> str:
    wrong = report.test.n - report.test.correct
    every = round(report.test.n / wrong) if wrong else 0
    kind = "watched" if wrong else "watched_none"
    return t(f"line_report.advice.{kind}", every=integer(every), count=integer(report.test.n))


def _steps(report: LineFindings) -> Iterator[Step]:
    yield from _texts(report)
    yield from _rule(report)
    yield from _characters(report)
    yield from _lengths(report)
    yield from _more(report)


def _texts(report: LineFindings) -> Iterator[Step]:
    """Name the lines whose given text is the likelier mistake."""
    n = report.sure_mistakes
    if n and report.worst:
        named = report.worst[: min(n, MOST_NAMED)]
        yield _step(
            "texts",
            "worst",
            n=n,
            count=integer(n),
            sure=plain_percent(SURE),
            names=", ".join(one.path for one in named) + ("…" if n > len(named) else ""),
        )


def _rule(report: LineFindings) -> Iterator[Step]:
    """Point to a format that would have refused wrong answers."""
    if report.rule is not None and report.rule_broken:
        wrong = integer(report.test.n - report.test.correct)
        broken = report.rule_broken
        yield _step(
            "format", "worst", n=broken, count=integer(broken), wrong=wrong, rule=report.rule
        )


def _characters(report: LineFindings) -> Iterator[Step]:
    """Name the mistakes that make up a tenth of all characters read wrong."""
    least = max(FREQUENT, A_TENTH * report.test.edits)
    frequent = [one for one in report.metrics.confusions if one.count >= least][:MOST_NAMED]
    if frequent:
        count = sum(one.count for one in frequent)
        yield _step(
            "characters",
            "characters",
            n=len(frequent),
            pairs=", ".join(map(_pair, frequent)),
            count=integer(count),
            all=integer(report.test.edits),
        )


def _pair(one: CharacterConfusion) -> str:
    true, read = confusion_cells(one)
    return f"{true} → {read} ({integer(one.count)})"


def _lengths(report: LineFindings) -> Iterator[Step]:
    """Where most wrong lines have another length, something is cut off or runs together."""
    lengths, wrong = report.metrics.lengths, report.test.n - report.test.correct
    several = lengths.short + lengths.long
    if several >= FREQUENT and 2 * several >= wrong:
        kind = "short" if lengths.short >= lengths.long else "long"
        yield _step(f"length_{kind}", "characters", count=integer(several), wrong=integer(wrong))


def _more(report: LineFindings) -> Iterator[Step]:
    kind = gap_kind(report)
    if kind == "unlearnt":
        yield _step("learn", "curve" if report.history.epochs else "parts")
    elif kind == "large":
        yield _step("more", "parts")
    elif report.test.n >= FEW and not report.abstention:
        yield _step("judges", "confidence")


def _step(key: str, anchor: str, **facts: Any) -> Step:
    sentence = t(f"line_report.advice.step.{key}", **facts)
    return Step(code=key.partition("_")[0], sentence=sentence, anchor=anchor)
