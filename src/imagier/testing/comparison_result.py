"""What `imagier compare` answers: each model, each pair, the pictures that they differ on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from imagier.answers import AnswerFigure, AnswerTable, Shown, text_table
from imagier.i18n import BOLD, FAINT, PLAIN, decimal, integer, percent, significant, t
from imagier.testing.comparison import Comparison
from imagier.testing.metrics import FEW, Score
from imagier.testing.sentences import interval_text, share
from imagier.testing.set_cautions import listed

if TYPE_CHECKING:
    from imagier.datasets import Skipped

__all__ = [
    "LEVEL",
    "ComparedModel",
    "DifferingPicture",
    "ModelComparison",
    "ModelPair",
    "p_equation",
    "points",
]

LEVEL = 0.05  # how often a difference is found between models that are equally good
LEAST_P = 0.001  # smaller ones are not told apart
MOST_SHOWN = 10
MOST_SKIPPED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedModel:
    """One model on the pictures.

    Attributes:
        name: What it is called.
        score: How well it names them.
        evaluation_count: Its tests on these pictures, this one included; None when unknown.
    """

    name: str
    score: Score
    evaluation_count: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPair:
    """Two of the models, by their places.

    Attributes:
        first: The place of one.
        second: The place of the other.
        comparison: The pictures that only one of them names right, with McNemar's p-value.
        p_corrected: This p-value, corrected for the number of pairs (Holm).
    """

    first: int
    second: int
    comparison: Comparison
    p_corrected: float

    @property
    def better(self) -> int | None:
        """The place of the one that is shown to be better; None where chance can explain it."""
        if self.p_corrected >= LEVEL:
            return None
        return self.second if self.comparison.gain > 0 else self.first


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferingPicture:
    """A picture to which the models answer differently.

    Attributes:
        name: The picture.
        label: Its true name.
        answers: What each model answered.
        probabilities: How sure each was, 0..1.
        content: The picture as a model saw it, PNG or JPEG; None beyond those that a page shows.
    """

    name: str
    label: str
    answers: tuple[str, ...]
    probabilities: tuple[float, ...]
    content: bytes | None = None

    @property
    def right(self) -> tuple[int, ...]:
        """The places of the models that name it right."""
        return tuple(place for place, one in enumerate(self.answers) if one == self.label)

    def to_json(self) -> dict[str, Any]:
        """Give the values as other programs read them."""
        return {
            "path": self.name,
            "label": self.label,
            "answers": list(self.answers),
            "probabilities": [round(one, 6) for one in self.probabilities],
        }


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ModelComparison(Shown):
    """Several models on the same pictures, as an answer (`imagier.answers`).

    Attributes:
        source: Name of the pictures.
        n: How many were named.
        classes: The names that the models give.
        models: The models, in the order given.
        pairs: All pairs of them.
        differing: The pictures that not all answer alike.
        left_out: Pictures of the source that one of the models learnt from.
        is_known: Whether each model says what it learnt from.
        skipped: Files that could not be used.
        counts: Pictures of each class.
        notes_of_data: What was noticed about the source.
    """

    source: str
    n: int
    classes: tuple[str, ...]
    models: tuple[ComparedModel, ...]
    pairs: tuple[ModelPair, ...]
    differing: tuple[DifferingPicture, ...]
    left_out: int
    is_known: bool
    skipped: "tuple[Skipped, ...]"
    counts: tuple[int, ...]
    notes_of_data: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """Nothing: what limits the comparison stands among the lines."""
        return ()

    def sentence(self, pair: ModelPair) -> str:
        """Say which of two models is better, by how much, or that chance can explain it."""
        low, high = pair.comparison.interval()
        gain, first, second = pair.comparison.gain, pair.first, pair.second
        if gain < 0:
            first, second, gain, low, high = second, first, -gain, -high, -low
        key = "differs" if pair.better is not None else "chance" if gain else "equal"
        return t(
            f"testing.compare.{key}",
            first=self.models[first].name,
            second=self.models[second].name,
            gain=points(gain),
            low=points(low),
            high=points(high),
            p=p_equation(pair.p_corrected),
        )

    def lines(self) -> Iterator[str]:
        """Give the comparison for a terminal, what matters most in bold."""
        head = t("testing.compare.head", n=self.n, count=integer(self.n), source=self.source)
        yield f"{BOLD}{head}{PLAIN}"
        for pair in self.pairs:
            yield self.sentence(pair)
        yield ""
        yield from _indented(self.model_rows(), left=(0, -1))
        yield ""
        yield from _indented(self.pair_rows())
        if correction := self.correction():
            yield f"{FAINT}{correction}{PLAIN}"
        yield ""
        yield from self._differing_lines()
        if self.skipped:
            yield ""
            yield t("testing.skipped_text", n=len(self.skipped), count=integer(len(self.skipped)))
            yield from (f"  {one.message}" for one in self.skipped[:MOST_SKIPPED])
        yield ""
        yield from (f"{FAINT}· {one}{PLAIN}" for one in self.cautions())

    def model_rows(self) -> list[list[str]]:
        """Give the titles and each model: right, error, interval."""
        return [_titles("model", "right", "error", "interval"), *self._model_cells()]

    def pair_rows(self) -> list[list[str]]:
        """Give the titles and each pair: what only one names right, the difference, its p."""
        names = ("pair", "only_first", "only_second", "difference", "interval", "p")
        return [_titles(*names), *map(self._pair_cells, self.pairs)]

    def correction(self) -> str:
        """Say how the p-values of several pairs were corrected; nothing for one."""
        n = len(self.pairs)
        return t("testing.compare.holm", count=integer(n)) if n > 1 else ""

    def differing_sentence(self) -> str:
        """Say how many pictures are not answered alike."""
        n = len(self.differing)
        if not n:
            return t("testing.compare.none_differ")
        return t("testing.compare.differing", n=n, count=integer(n), all=integer(self.n))

    def cautions(self) -> Iterator[str]:
        """Say what makes the comparison less than it seems."""
        if not self.is_known:
            yield t("testing.leaked_unknown")
        if self.left_out:
            yield t("testing.compare.left_out", n=self.left_out, count=integer(self.left_out))
        missing = [name for name, n in zip(self.classes, self.counts, strict=True) if not n]
        if missing:
            yield t("testing.missing_names", n=len(missing), names=listed(missing))
        if self.n < FEW:
            yield t("testing.too_few_pictures", n=self.n, count=integer(self.n), few=FEW)
        for one in self.models:
            count = one.evaluation_count
            if count is None:
                yield t("testing.compare.uncounted", model=one.name)
            else:
                yield t("testing.compare.evaluation", model=one.name, count=integer(count))
        yield from self.notes_of_data

    def to_json(self) -> dict[str, Any]:
        """Give what `imagier compare --json` prints."""
        return {
            "source": self.source,
            "n": self.n,
            "classes": {name: int(n) for name, n in zip(self.classes, self.counts, strict=True)},
            "models": [
                {"model": one.name, **one.score.to_json(), "evaluations": one.evaluation_count}
                for one in self.models
            ],
            "comparisons": [self._pair_json(pair) for pair in self.pairs],
            "differing": [one.to_json() for one in self.differing],
            "left_out": self.left_out,
            "skipped": [one.to_json() for one in self.skipped],
        }

    def figures(self) -> Mapping[str, AnswerFigure]:
        """Give none."""
        return {}

    def tables(self) -> Mapping[str, AnswerTable]:
        """Give `models`, `comparisons` and `differing`, as numbers."""
        names = [one.name for one in self.models]
        return {
            "models": AnswerTable(
                columns=("model", "n", "correct", "accuracy", "low", "high", "evaluations"),
                rows=[
                    (
                        *(one.name, one.score.n, one.score.correct, one.score.accuracy),
                        *(*one.score.interval, one.evaluation_count),
                    )
                    for one in self.models
                ],
            ),
            "comparisons": AnswerTable(
                columns=tuple(self._pair_json(self.pairs[0])),
                rows=[tuple(_flat(self._pair_json(pair))) for pair in self.pairs],
            ),
            "differing": AnswerTable(
                columns=("path", "label", *names, *(f"probability {name}" for name in names)),
                rows=[
                    (one.name, one.label, *one.answers, *one.probabilities)
                    for one in self.differing
                ],
            ),
        }

    def _pair_json(self, pair: ModelPair) -> dict[str, Any]:
        found = pair.comparison
        return {
            "first": self.models[pair.first].name,
            "second": self.models[pair.second].name,
            "only_first": found.only_first,
            "only_second": found.only_second,
            "difference": found.gain,
            "interval": list(found.interval()),
            "p_value": found.p_value,
            "p_corrected": pair.p_corrected,
            "better": None if pair.better is None else self.models[pair.better].name,
        }

    def _model_cells(self) -> Iterator[list[str]]:
        for one in self.models:
            score = one.score
            right = t("testing.of", some=integer(score.correct), all=integer(score.n))
            low, high = score.interval
            interval = interval_text((1 - high, 1 - low), score.n)
            yield [one.name, right, share(score.error, score.n), interval]

    def _pair_cells(self, pair: ModelPair) -> list[str]:
        found = pair.comparison
        low, high = found.interval()
        return [
            f"{self.models[pair.first].name} → {self.models[pair.second].name}",
            integer(found.only_first),
            integer(found.only_second),
            points(found.gain),
            t("testing.interval_text", low=points(low), high=points(high)),
            _p_value(pair.p_corrected),
        ]

    def _differing_lines(self) -> Iterator[str]:
        n = len(self.differing)
        yield self.differing_sentence()
        if not n:
            return
        rows = [[*_titles("file", "class"), *(one.name for one in self.models)]]
        for one in self.differing[:MOST_SHOWN]:
            answers = zip(one.answers, one.probabilities, strict=True)
            rows.append([one.name, one.label, *(f"{a} ({percent(p, 0)})" for a, p in answers)])
        yield from _indented(rows, left=range(len(rows[0])))
        if n > MOST_SHOWN:
            yield f"  … + {integer(n - MOST_SHOWN)}"


def _flat(row: Mapping[str, Any]) -> Iterator[Any]:
    for value in row.values():
        yield " ".join(map(str, value)) if isinstance(value, list) else value


def _titles(*names: str) -> list[str]:
    return [t(f"testing.column.{name}") for name in names]


def _indented(rows: list[list[str]], left: "range | tuple[int, ...]" = (0,)) -> Iterator[str]:
    return ("  " + line for line in text_table(rows, left=left, gap="   "))


def points(share_: float) -> str:
    """Write a difference of shares in points, with its sign."""
    text = decimal(abs(100 * share_), 1)
    return f"{'−' if share_ < 0 else '+'}{text}" if text.strip("0.,") else text


def p_equation(p: float) -> str:
    """Write a p-value, `p = 0.012`; very small ones are not told apart."""
    return f"p {_p_value(p)}" if p < LEAST_P else f"p = {_p_value(p)}"


def _p_value(p: float) -> str:
    return (
        significant(p, 2) if p >= LEAST_P else t("testing.compare.below", value=decimal(LEAST_P, 3))
    )
