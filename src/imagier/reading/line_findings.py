"""What a test of a reader found, as one value.

It holds what `imagier.testing.findings` holds for pictures with names, for lines with texts: the
share read right from end to end with its interval, what always giving the most frequent text would
score, which characters are misread, and how much is left when the reader may refuse.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from imagier.binomial import clopper_pearson
from imagier.cost import Cost
from imagier.reading.documents import Documents
from imagier.reading.line_evaluation import LineEvaluation
from imagier.reading.line_metrics import LineMetrics, LineScore
from imagier.reading.worst_lines import ShownLine
from imagier.recognizer.history import History
from imagier.testing.abstention import AbstentionRow
from imagier.testing.calibration import Calibration
from imagier.testing.intervals import Verdict, further_pictures, verdict
from imagier.testing.metrics import FEW

if TYPE_CHECKING:
    from imagier.datasets import Skipped
    from imagier.recognizer import FolderChanges, ModelCard
    from imagier.testing.leakage import Compared

__all__ = ["CharacterRow", "LineFindings", "Refusals"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterRow:
    """One character that the reader knows.

    Attributes:
        character: The character.
        tested: How often it is written on the test lines.
        wrong: How often it was then taken for another, or left out.
        learnt: How often it was written on the lines learnt from; None where that is not known.
    """

    character: str
    tested: int
    wrong: int
    learnt: int | None

    @property
    def few(self) -> bool:
        """Whether it is written too seldom to say how often it is read right."""
        return self.tested < FEW


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals:
    """Lines that the reader would rather not say, or that a rule refused.

    Attributes:
        n: How many of the test lines.
        wrong: How many of these would have been wrong.
    """

    n: int
    wrong: int

    def to_json(self) -> dict[str, Any]:
        """Give the counts as other programs read them."""
        return {"n": self.n, "wrong": self.wrong}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LineFindings:
    """What one test of a reader found. All names in it can be printed on one line.

    Attributes:
        model: Name of the model.
        source: Name of the lines it was tested on.
        card: What the model says about itself.
        sizes: Lines in `train`, `validation`, `test`, and in `composed` those made to measure, as
            far as known.
        scores: The figures of the parts that were read.
        metrics: All that was counted on the test lines.
        evaluation: The test lines, without their pictures; None in a report without names.
        most_frequent: The most frequent text of the test lines; None in a report without names.
        most_frequent_count: How many lines have it.
        documents: What the lines' documents say; None where no document has two lines.
        refusals: Lines that the reader would rather not say.
        characters: The characters that it knows, in their order, and others that are written.
        rule: A format that all test texts have, as `--format` takes it; None where there is none.
        rule_broken: Wrong answers that have another format.
        calibration: How well probabilities agree with what came true; None without lines.
        abstention: What allowed errors leave answered, the smallest first.
        sure_mistakes: Lines read wrong that the reader was more than 95 % sure of, not refused.
        worst: Lines read wrong, the surest first.
        examples: A few lines read right.
        skipped: Lines that were left out because they could not be used.
        data_notes: What was noticed about the data and the learning, as sentences.
        history: How the reader was learnt.
        fingerprint: Names the set that was tested.
        leak_rate: Share of test lines with a relative in training or validation.
        leaked: Lines left out because the model learnt from them; None when it cannot be known.
        overlap: Lines that the model learnt from and that were tested all the same.
        compared: How lines learnt from were looked for.
        evaluation_count: Tests of this model on this set, this one included; None when it cannot be
            known.
        models_tested: Different models tested on this set on this machine, this one included; None
            when it cannot be known.
        accept: The accuracy that was asked for.
        prediction_cost: What reading 1,000 prepared lines costs; None where not measured.
        files: What was changed in the model's folder since it was written; None where it is not
            compared.
    """

    model: str
    source: str
    card: "ModelCard"
    sizes: Mapping[str, int | None]
    scores: Mapping[str, LineScore | None]
    metrics: LineMetrics
    evaluation: LineEvaluation | None
    most_frequent: str | None
    most_frequent_count: int
    documents: Documents | None
    refusals: Refusals
    characters: tuple[CharacterRow, ...]
    rule: str | None
    rule_broken: int
    calibration: Calibration | None
    abstention: tuple[AbstentionRow, ...]
    sure_mistakes: int
    worst: tuple[ShownLine, ...]
    examples: tuple[ShownLine, ...]
    skipped: tuple["Skipped", ...] = ()
    data_notes: tuple[str, ...] = ()
    history: History
    fingerprint: str = ""
    leak_rate: float | None = None
    leaked: int | None = 0
    overlap: int = 0
    compared: "Compared | None" = None
    evaluation_count: int | None = None
    models_tested: int | None = None
    accept: float | None = None
    prediction_cost: Cost | None = None
    files: "FolderChanges | None" = None

    @property
    def test(self) -> LineScore:
        """The figures of the test lines."""
        return self.metrics.score

    @property
    def accuracy(self) -> float:
        """Share of the test lines read right from end to end, 0..1."""
        return self.test.accuracy

    @property
    def interval(self) -> tuple[float, float]:
        """Shares that agree with it, Wilson, 95 %."""
        return self.test.interval

    @property
    def baseline(self) -> float:
        """Accuracy of always answering the most frequent text of the test lines."""
        return self.most_frequent_count / self.test.n if self.test.n else 0.0

    @property
    def exact_interval(self) -> tuple[float, float]:
        """Shares that agree with the accuracy, Clopper–Pearson, 95 %: what the verdict rests on."""
        return clopper_pearson(self.test.correct, self.test.n)

    @property
    def verdict(self) -> Verdict | None:
        """Whether `accept` was reached; lines that were learnt from prove nothing."""
        if self.accept is None:
            return None
        found = verdict(self.test.correct, self.test.n, self.accept)
        return "not_proven" if self.overlap and found == "acceptable" else found

    @property
    def further_pictures(self) -> int | None:
        """How many more lines, read right as often, would decide about `accept`; None for none."""
        if self.accept is None or self.overlap:
            return None
        return further_pictures(self.test.correct, self.test.n, self.accept)
