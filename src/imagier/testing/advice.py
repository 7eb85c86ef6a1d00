"""What to do after a test: put the recogniser to work or not, and what would make it better.

The deck leaves two ways when the errors are too many: "enlarge the base or change the method"
(chapter 4). Which pictures to add, which names to look at again and what may be promised follow
from the counts alone, so that two people who read the same test are told the same.

- *Use*: yes, when the accuracy that was asked for is proven, or when at least half of the pictures
  are answered with at most 5 % of the answers wrong; no, when nothing shows that the recogniser
  beats always giving the same name. A figure that copies may have raised counts without them.
- *Steps*: names that are probably wrong, copies, names that are recognised less well than the rest
  by more than chance, pairs of names that make a quarter of all mistakes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from imagier.i18n import integer, percent, plain_percent, t
from imagier.testing.abstention import AbstentionRow, useful_row
from imagier.testing.findings import Findings
from imagier.testing.metrics import FEW, ClassRow
from imagier.testing.sentences import gap_kind, share, verdict_sentence
from imagier.testing.set_cautions import one_name

__all__ = ["Advice", "Step", "advice"]

Use = Literal["yes", "with_care", "no", "undecided"]

SMALL_ERROR = 0.05  # of the answers; where more may be wrong, a person looks at each
SURE = 0.95  # an answer as sure as this is wrong once in twenty: the name may be
MOST_NAMED, MOST_FILES = 5, 3
FREQUENT, A_QUARTER = 5, 0.25  # mistakes of one kind that are worth a step of their own
USES: dict[str, Use] = {"acceptable": "yes", "not_acceptable": "no", "not_proven": "undecided"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do.

    Attributes:
        code: `labels`, `copies`, `pictures`, `more`, `pair` or `learn`.
        sentence: What to do and why, in the user's language.
        anchor: The section of the page that shows why.
    """

    code: str
    sentence: str
    anchor: str

    def to_json(self) -> dict[str, Any]:
        """Give code and sentence as other programs read them."""
        return {"code": self.code, "sentence": self.sentence}


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What a test advises.

    Attributes:
        use: Whether to put the recogniser to work.
        sentence: The same in words, with what may be expected.
        steps: What would make it better, the first thing first.
    """

    use: Use
    sentence: str
    steps: tuple[Step, ...]

    def to_json(self) -> dict[str, Any]:
        """Give the advice as other programs read it."""
        return {
            "use": self.use,
            "sentence": self.sentence,
            "steps": [step.to_json() for step in self.steps],
        }


def advice(report: Findings) -> Advice:
    """Say what to do after a test.

    Args:
        report: What it found.
    """
    use, sentence = _use(report)
    return Advice(use=use, sentence=sentence, steps=tuple(_steps(report)))


def _use(report: Findings) -> tuple[Use, str]:
    n = report.test.n
    if report.overlap:
        return "undecided", t("testing.advice.overlap")
    if n < FEW:
        return "undecided", t("testing.advice.too_few", n=n, count=integer(n), few=FEW)
    if one_name(report):
        return "undecided", t("testing.advice.one_name")
    if report.interval[0] - (report.leak_rate or 0.0) <= report.baseline:
        return "no", t("testing.advice.no", name=report.most_frequent)
    if report.verdict is not None:
        return USES[report.verdict], verdict_sentence(report) or ""
    row = useful_row(report.abstention)
    if row is None or 2 * row.answered < row.n:
        return "with_care", _watched(report)
    return ("yes" if row.max_error <= SMALL_ERROR else "with_care"), _promise(row)


def _promise(row: AbstentionRow) -> str:
    """Say what may be promised, and what it leaves to a person."""
    left = row.n - row.answered
    kind = "yes" if row.max_error <= SMALL_ERROR else "with_care"
    return t(
        f"testing.advice.{kind}" + ("" if left else "_all"),
        option=f"{row.max_error:g}",
        error=plain_percent(row.max_error),
        answered=percent(row.answered / row.n),
        left=percent(left / row.n),
    )


def _watched(report: Findings) -> str:
    wrong = report.test.n - report.test.correct
    every = round(report.test.n / wrong) if wrong else 0
    kind = "watched" if wrong else "watched_none"
    return t(f"testing.advice.{kind}", every=integer(every), count=integer(report.test.n))


def _steps(report: Findings) -> Iterator[Step]:
    yield from _labels(report)
    if report.leak_rate:
        shown = share(report.leak_rate, report.test.n)
        yield _step("copies", "details", share=shown)
    weak = [row for row in report.rows if row.n and row.interval[1] < report.accuracy]
    weak.sort(key=lambda row: row.recall or 0.0)
    if weak:
        said = [f"{row.name} ({_recall(row)})" for row in weak[:MOST_NAMED]]
        shown = share(report.accuracy, report.test.n)
        yield _step("pictures", "classes", n=len(weak), names=_listed(said, weak), share=shown)
    kind = gap_kind(report)
    if kind == "unlearnt":
        yield _step("learn", "curve" if report.history.epochs else "errors")
    elif kind == "large" and not weak:
        yield _step("more", "errors")
    yield from _pair(report)


def _recall(row: ClassRow) -> str:
    """Write how often a name was recognised; few pictures give their count, not a share."""
    if row.few:
        return t("testing.of", some=integer(row.correct), all=integer(row.n))
    return share(row.recall or 0.0, row.n)


def _labels(report: Findings) -> Iterator[Step]:
    """Name the pictures whose given name is the likelier mistake."""
    surest = [one for one in report.mistakes if one.probability >= SURE]
    if surest:
        wrong = report.test.n - report.test.correct
        is_all = len(surest) < len(report.mistakes) or len(surest) == wrong
        said = _listed([one.name for one in surest[:MOST_FILES]], surest)
        yield _step(
            "labels" if is_all else "labels_many",
            "mistakes",
            n=len(surest),
            count=integer(len(surest)),
            sure=plain_percent(SURE),
            names=said,
        )


def _pair(report: Findings) -> Iterator[Step]:
    wrong = report.test.n - report.test.correct
    for pair in report.confusions(1):
        if pair.count >= max(FREQUENT, A_QUARTER * wrong):
            count, all_wrong = integer(pair.count), integer(wrong)
            names = {"given": pair.given, "answered": pair.answered}
            yield _step("pair", "confusion", count=count, all=all_wrong, **names)


def _step(key: str, anchor: str, **facts: Any) -> Step:
    sentence = t(f"testing.advice.step.{key}", **facts)
    return Step(code=key.partition("_")[0], sentence=sentence, anchor=anchor)


def _listed(said: list[str], all_of_them: list[Any]) -> str:
    return ", ".join(said) + ("…" if len(said) < len(all_of_them) else "")
