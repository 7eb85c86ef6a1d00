"""What votes say, in words: how well annotators agree, what is settled, who errs on what."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from imagier.answers import text_table
from imagier.files import printable
from imagier.i18n import BOLD, PLAIN, decimal, integer, percent, plain_percent, t
from imagier.labelling.votes.agreement import Agreement
from imagier.labelling.votes.annotators import AnnotatorReport
from imagier.labelling.votes.settlement import Settlement, VoteOptions
from imagier.labelling.votes.truth import Hits, TruthComparison

if TYPE_CHECKING:
    from imagier.labelling.votes.results import ConfusedLabels

__all__ = [
    "agreement_lines",
    "annotator_lines",
    "confusion_lines",
    "control_lines",
    "settled_lines",
    "truth_lines",
]

_MOST_ANNOTATORS = 10
_MOST_NAMES = 8


def settled_lines(found: Settlement) -> Iterator[str]:
    """Say how many labels are settled, and by which rule."""
    n, settled = len(found.label), int(found.is_settled.sum())
    rule, options = "confidence", found.options
    share = options.confidence
    if options.majority is not None:
        rule, share = "majority", options.majority
    text = t(f"votes.settled.{rule}", n=settled, count=integer(settled), share=plain_percent(share))
    yield f"{BOLD}{text}{PLAIN}"
    if settled < n:
        yield t("votes.unsettled", n=n - settled, count=integer(n - settled))
    single = int((found.votes_per_item < found.options.least).sum())
    if single and found.options.least > 1:
        facts = {"count": integer(single), "least": integer(found.options.least)}
        yield t("votes.too_few", n=single, **facts)
    tied = int(found.is_tied.sum())
    if tied:
        yield t("votes.tied", n=tied, count=integer(tied))
    differ = int((found.majority != found.model.probabilities.argmax(axis=1)).sum())
    yield t("votes.differ", n=differ, count=integer(differ))


def agreement_lines(measured: Agreement | None) -> Iterator[str]:
    """Say how well annotators agree, and what that means."""
    if measured is None:
        yield t("votes.agreement.none")
        return
    yield t(
        "votes.agreement",
        observed=percent(measured.observed),
        expected=percent(measured.expected),
    )
    if measured.kappa is not None and measured.alpha is not None and measured.strength:
        yield t(
            "votes.agreement.kappa",
            kappa=_signed(measured.kappa),
            alpha=_signed(measured.alpha),
            strength=t(f"votes.strength.{measured.strength}"),
        )


def control_lines(found: Settlement, reports: Sequence[AnnotatorReport]) -> Iterator[str]:
    """Say who fails the control items, and how well they help."""
    if found.controls is None or found.control_hits is None:
        return
    n = int((found.known >= 0).sum())
    hits = Hits(right=found.control_hits, n=n)
    low, high = hits.interval
    yield t(
        "votes.controls",
        n=n,
        count=integer(n),
        right=integer(hits.right),
        low=percent(low),
        high=percent(high),
    )
    failed = [printable(one.name) for one in reports if one.failed]
    if failed:
        facts = {"count": integer(len(failed)), "names": _names(failed)}
        yield t(
            "votes.failed", n=len(failed), limit=plain_percent(found.options.pass_mark), **facts
        )
    else:
        yield t("votes.none_failed", limit=plain_percent(found.options.pass_mark))
    unseen = int((found.controls.n == 0).sum())
    if unseen:
        yield t("votes.no_control", n=unseen, count=integer(unseen))


def annotator_lines(reports: Sequence[AnnotatorReport]) -> Iterator[str]:
    """Give the table of annotators, the least accurate first."""
    has_controls = any(one.control_n is not None for one in reports)
    titles = ["annotator", "votes", "accuracy", *["controls"] * has_controls, "confusion"]
    rows = [[t(f"votes.column.{title}") for title in titles]]
    for one in reports[:_MOST_ANNOTATORS]:
        controls = f"{integer(one.control_right or 0)}/{integer(one.control_n or 0)}"
        rows.append(
            [
                printable(one.name)[:30],
                integer(one.votes),
                t("votes.out") if one.accuracy is None else percent(one.accuracy),
                *[controls] * has_controls,
                _error(one),
            ]
        )
    yield from text_table(rows, left=(0, -1))
    more = len(reports) - _MOST_ANNOTATORS
    if more > 0:
        yield t("votes.more_annotators", n=more, count=integer(more))
    silent = [printable(one.name) for one in reports if one.tells_nothing]
    if silent:
        yield t("votes.tell_nothing", n=len(silent), names=_names(silent))


def confusion_lines(confusions: "Sequence[ConfusedLabels]") -> Iterator[str]:
    """Name the labels that are most often mistaken for others, by all annotators together."""
    for one in confusions:
        facts = {"true": one.true, "given": one.given, "share": percent(one.share, 0)}
        yield "  " + t("votes.confusion", **facts)


def truth_lines(found: TruthComparison, options: VoteOptions) -> Iterator[str]:
    """Compare both ways with the truth; warn where probabilities promise too much."""
    yield t("votes.truth.title", n=found.majority.n, count=integer(found.majority.n))
    rows = [[t(f"votes.truth.{title}") for title in ("way", "right", "accuracy", "interval")]]
    for way in ("majority", "dawid_skene", "settled"):
        hits: Hits = getattr(found, way)
        low, high = map(percent, hits.interval)
        accuracy = "–" if hits.accuracy is None else percent(hits.accuracy)
        right = f"{integer(hits.right)}/{integer(hits.n)}"
        between = t("votes.truth.between", low=low, high=high)
        rows.append([t(f"votes.truth.{way}"), right, accuracy, between])
    yield from text_table(rows)
    comparison = found.comparison
    yield t(
        "votes.truth.mcnemar",
        first=integer(comparison.only_first),
        second=integer(comparison.only_second),
        p=_p_value(comparison.p_value),
    )
    settled = found.settled
    promised = options.confidence if options.majority is None else 0.0
    if settled.accuracy is not None and settled.interval[1] < promised:
        facts = {"share": plain_percent(promised), "accuracy": percent(settled.accuracy)}
        yield t("votes.truth.overconfident", **facts)
    for key in ("unknown", "unvoted"):
        n = getattr(found, key)
        if n:
            yield t(f"votes.truth.{key}", n=n, count=integer(n))


def _error(one: AnnotatorReport) -> str:
    if one.confusion is None:
        return ""
    true, given, share = one.confusion
    return t("votes.error", true=true, given=given, share=percent(share, 0))


def _p_value(p: float) -> str:
    return f"< {decimal(0.001, 3)}" if p < 0.001 else f"= {decimal(p, 3)}"


def _names(names: Sequence[str]) -> str:
    return ", ".join(name[:40] for name in names[:_MOST_NAMES]) + ", …" * (len(names) > _MOST_NAMES)


def _signed(value: float) -> str:
    return decimal(float(np.round(value, 2)) + 0.0, 2).replace("-", "−")
