"""What the figures mean, in sentences: the same ones in the page, the terminal and the model card.

A number without its n, or a difference that chance can explain, is how tests mislead. So each
sentence carries the counts, and what is said of a gap depends on the intervals, not on taste.
"""

from typing import Literal

from imagier.datasets.splitting.part_notes import few_pictures_note, unknown_groups_note
from imagier.i18n import decimal, integer, percent, t
from imagier.testing.findings import Findings
from imagier.testing.set_cautions import (
    missing_caution,
    one_name_sentence,
    overlap_mark,
    overlap_sentence,
    too_few_caution,
)
from imagier.testing.tested import Tested

__all__ = [
    "baseline_caution",
    "cautions",
    "cautions_on_page",
    "cautions_on_terminal",
    "evaluation_caution",
    "few_caution",
    "gap_kind",
    "gap_sentence",
    "headline",
    "headline_rest",
    "interval_text",
    "leak_caution",
    "leak_sentence",
    "leaked_caution",
    "models_caution",
    "share",
    "verdict_sentence",
    "versus_baseline",
]

LARGE_GAP = 0.02  # below two points, a gap that is more than chance is called slight
LEARNT_LITTLE = 0.1  # less than a tenth of the way from guessing to perfect
UNEVEN = 3  # the largest class has this many times the pictures of the smallest


def share(value: float, n: int) -> str:
    """Write a share of n pictures; never 100 % where one was wrong, nor 0 % where one was right."""
    digits = 2 if n >= 2000 else 1
    step = 10.0 ** -(digits + 2)
    inside = min(max(value, step), 1 - step) if 0 < value < 1 else value
    return percent(inside, digits)


def interval_text(interval: tuple[float, float], n: int) -> str:
    """Write an interval of shares: “95.9% to 99.3%”."""
    return t("testing.interval_text", low=share(interval[0], n), high=share(interval[1], n))


def headline(report: Findings) -> str:
    """Say the figure, of how many, and between what bounds."""
    return f"{share(report.accuracy, report.test.n)} {headline_rest(report)}"


def headline_rest(report: Findings) -> str:
    """Say of what the figure is, and between what bounds it is to be read."""
    n, (low, high) = report.test.n, report.interval
    is_unseen = report.leaked is not None and not report.overlap
    key = "testing.rest_unseen" if is_unseen else "testing.rest"
    rest = t(key, n=n, count=integer(n), low=share(low, n), high=share(high, n))
    mark = overlap_mark(report)
    return f"{rest} {mark}" if mark else rest


def versus_baseline(report: Findings) -> str:
    """Compare with a recogniser that always gives the most frequent name, if there are several."""
    alone = one_name_sentence(report)
    if alone:
        return alone
    key = "beaten" if report.interval[0] > report.baseline else "not_beaten"
    value = share(report.baseline, report.test.n)
    return t(f"testing.baseline_{key}", name=report.most_frequent, share=value)


def baseline_caution(report: Findings) -> str | None:
    """Compare in words where the bar of the page, which shows both, does not say enough."""
    is_beaten = report.interval[0] > report.baseline and not one_name_sentence(report)
    return None if is_beaten else versus_baseline(report)


def gap_sentence(report: Findings) -> str | None:
    """Say what the gap between learnt and unseen pictures means; None where it is not known."""
    learnt, kind = report.scores.get("train"), gap_kind(report)
    if learnt is None or kind is None:
        return None
    test = report.test
    gap = test.error - learnt.error
    return t(
        f"testing.gap_{kind}",
        learnt=share(learnt.error, learnt.n),
        learnt_count=integer(learnt.n),
        test=share(test.error, test.n),
        test_count=integer(test.n),
        points=decimal(100 * gap),
    )


def verdict_sentence(
    report: Tested, *, room: Literal["testing", "line_report"] = "testing"
) -> str | None:
    """Say whether the accuracy that was asked for is reached; None when nothing was asked.

    Args:
        report: What a test found.
        room: Whose words say how many more would decide: pictures named, or lines read.
    """
    if report.accept is None:
        return None
    n = report.test.n
    low, high = report.exact_interval
    facts = {"accept": share(report.accept, n), "low": share(low, n), "high": share(high, n)}
    if report.overlap:
        return t("testing.verdict_overlap", **facts)
    text = t(f"testing.verdict_{report.verdict}", **facts)
    if report.verdict != "not_proven":
        return text
    further = report.further_pictures
    end = "above" if report.test.accuracy > report.accept else "below"
    if further is None:
        return f"{text} {t('testing.further_none')}"
    return f"{text} {t(f'{room}.further_{end}', n=further, count=integer(_rounded(further)))}"


def cautions(report: Findings) -> tuple[str, ...]:
    """Say what makes the figure less than it seems, most serious first.

    What was found while the parts were made comes last, in the words of the room that made them.
    """
    found = [
        overlap_sentence(report),
        leaked_caution(report),
        leak_caution(report),
        _drift_caution(report),
        _group_caution(report),
        evaluation_caution(report),
        models_caution(report),
        missing_caution(report),
        _uneven_caution(report),
        too_few_caution(report),
        few_caution(report),
        *(note for note in report.part_notes if note != few_pictures_note(report.test.n)),
    ]
    return tuple(sentence for sentence in found if sentence)


def cautions_on_page(report: Findings) -> tuple[str, ...]:
    """Give the cautions that neither the page's head nor the advice has said already."""
    said = {overlap_sentence(report), too_few_caution(report)}
    if too_few_caution(report):  # then each name has few
        said.add(few_caution(report))
    return tuple(sentence for sentence in cautions(report) if sentence not in said)


def cautions_on_terminal(report: Findings) -> tuple[str, ...]:
    """Give those of them that hold for this test; what holds for nearly all is on the page."""
    usual = {few_caution(report), unknown_groups_note(), t("testing.groups_unknown")}
    return tuple(sentence for sentence in cautions_on_page(report) if sentence not in usual)


def few_caution(report: Findings) -> str | None:
    """Say how many names have too few test pictures for figures of their own."""
    n = sum(row.few for row in report.rows)
    return (
        t("testing.few_classes", n=n, few=integer(n), all=integer(len(report.rows))) if n else None
    )


def leak_sentence(report: Tested) -> str:
    """Say how many test pictures have a relative among those learnt from."""
    if report.leak_rate is None:
        return t("testing.leak_unknown")
    if report.leak_rate == 0:
        return t("testing.leak_none")
    return t("testing.leak_some", share=share(report.leak_rate, report.test.n))


def leaked_caution(report: Tested) -> str | None:
    """Say what became of pictures that the model learnt from, if there were some."""
    if report.leaked is None:
        return t("testing.leaked_unknown")
    if report.leaked == 0:
        return None if report.compared != "pixels" else t("testing.leaked_pixels")
    return t("testing.leaked_some", n=report.leaked, count=integer(report.leaked))


def leak_caution(report: Tested) -> str | None:
    """Say how many test pictures have a relative among those learnt from, if some have."""
    return leak_sentence(report) if report.leak_rate else None


def evaluation_caution(report: Tested) -> str | None:
    """Say that this is not the first evaluation, or that it could not be counted."""
    if report.evaluation_count is None:
        return t("testing.evaluation_unknown")
    return (
        t("testing.evaluation_again", count=integer(report.evaluation_count))
        if report.evaluation_count > 1
        else None
    )


def models_caution(report: Tested) -> str | None:
    """Say that several models were tested on these pictures."""
    n = report.models_tested or 0
    return t("testing.models_tested", n=n, count=integer(n)) if n > 1 else None


def gap_kind(report: Findings) -> str | None:
    """Name the gap between learnt and unseen pictures; None where it is not known.

    `unlearnt` where even what was shown is hardly known, `chance` where the intervals meet, else
    `slight` or `large`.
    """
    learnt, test = report.scores.get("train"), report.test
    if learnt is None or not test.n or report.overlap:
        return None
    chance = 1 / len(report.classes)
    if learnt.balanced_accuracy < chance + LEARNT_LITTLE * (1 - chance):
        return "unlearnt"
    if test.interval[1] >= learnt.interval[0]:
        return "chance"
    return "slight" if test.error - learnt.error < LARGE_GAP else "large"


def _drift_caution(report: Findings) -> str | None:
    validation = report.scores.get("validation")
    if validation is None or report.interval[1] >= validation.interval[0]:
        return None
    here, there = report.test, validation
    return t(
        "testing.drift", test=share(here.error, here.n), validation=share(there.error, there.n)
    )


def _group_caution(report: Findings) -> str | None:
    if report.tested_groups is None:
        was_told = report.groups is not None  # by the room that made the parts
        return None if was_told else t("testing.groups_unknown")
    if report.tested_groups >= report.test.n:
        return None
    count = integer(report.tested_groups)
    return t("testing.groups_known", n=report.tested_groups, groups=count)


def _uneven_caution(report: Findings) -> str | None:
    there = [row for row in report.rows if row.n]
    if not there:
        return None
    few, many = min(there, key=lambda row: row.n), max(there, key=lambda row: row.n)
    if many.n < UNEVEN * few.n:
        return None
    return t(
        "testing.uneven",
        few=few.name,
        few_count=integer(few.n),
        many=many.name,
        many_count=integer(many.n),
        balanced=share(report.test.balanced_accuracy, report.test.n),
    )


def _rounded(number: int) -> int:
    """Keep two digits, upwards: 662 becomes 670."""
    step = int(10 ** max(0, len(str(number)) - 2))
    return -(-number // step) * step
