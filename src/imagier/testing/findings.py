"""What a test found, as one value.

The deck asks of the test phase one thing: "if this number is unacceptable, enlarge the base or
change the method" (chapter 4). The findings hold what that decision needs: the number with its
interval, what a recogniser that always gives the same answer would score, the errors on what was
learnt from beside the errors on what was not, who is taken for whom, and how the parts were made.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from imagier.binomial import clopper_pearson
from imagier.cost import Cost
from imagier.recognizer.history import History
from imagier.testing.abstention import AbstentionRow
from imagier.testing.calibration import Calibration
from imagier.testing.confused_pairs import ConfusedPair
from imagier.testing.gallery import ClassPictures, Mistake
from imagier.testing.intervals import Verdict, further_pictures, verdict
from imagier.testing.membership import Membership
from imagier.testing.metrics import (
    ClassRow,
    Confusion,
    Integers,
    Score,
    majority,
    top_confusions,
)
from imagier.testing.set_coverage import SetCoverage
from imagier.testing.strangers import Others, Strangers

if TYPE_CHECKING:
    from imagier.datasets import Skipped
    from imagier.recognizer import FolderChanges, ModelCard
    from imagier.testing.initial_comparison import InitialComparison
    from imagier.testing.leakage import Compared
    from imagier.testing.robustness import Robustness

__all__ = ["PARTS", "CurveUnit", "Findings"]

CurveUnit = Literal["epoch", "strength"]

PARTS = ("train", "validation", "test")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Findings:
    """What one test found. All names in it can be printed on one line.

    Attributes:
        model: Name of the model.
        source: Name of the pictures it was tested on.
        card: What the model says about itself.
        classes: The names it can give.
        sizes: Pictures in `train`, `validation`, `test`, as far as known.
        scores: The figures of the same three parts.
        counts: Confusion matrix of the test part, (K, K).
        rows: The same, class by class.
        mistakes: Pictures named wrong, the surest first.
        pairs: Names that were taken for others, with some of the pictures, the most frequent first.
        contact_sheet: The contact sheet.
        skipped: Pictures that were left out because they could not be used.
        groups: Groups over all parts; None where the parts were not made by groups.
        tested_groups: Given groups (writers, bursts) in the test part; None where none are given.
        leak_rate: Share of test pictures with a relative in training or validation.
        part_notes: What limits the parts, as sentences.
        data_notes: What was noticed about the data and the learning, as sentences.
        history: How the recogniser was learnt.
        fingerprint: Names the set that was tested.
        leaked: Pictures left out because the model learnt from them; None when it cannot be known.
        overlap: Pictures that the model learnt from and that were tested all the same.
        compared: How pictures learnt from were looked for; None where they are too small for
            copies, or where the parts were drawn from one source.
        evaluation_count: Tests of this model on this set, this one included; None when it cannot be
            known.
        models_tested: Different models tested on this set on this machine, this one included; None
            when it cannot be known.
        accept: The accuracy that was asked for.
        calibration: How well probabilities agree with what came true; None without test pictures.
        abstention: What allowed errors leave answered, the smallest first.
        sets: How often a set of names holds the true one; None where the model gives no sets.
        strangers: How many test pictures were taken for strangers; None where it cannot tell.
        others: What became of test pictures of anything else; None where no such class was learnt.
        membership: Whether the pictures learnt from give themselves away; None where they were not
            asked beside the test pictures.
        initial: This model beside the one it went on from; None where it began from nothing, or
            they cannot be compared.
        robustness: The same pictures spoilt in many ways; None when that was not measured.
        prediction_cost: What 1,000 predictions cost; None where that was not measured.
        files: What was changed in the model's folder since it was written; None where it is not
            compared.
    """

    model: str
    source: str
    card: "ModelCard"
    classes: tuple[str, ...]
    sizes: Mapping[str, int | None]
    scores: Mapping[str, Score | None]
    counts: Integers
    rows: tuple[ClassRow, ...]
    mistakes: tuple[Mistake, ...]
    pairs: tuple[ConfusedPair, ...]
    contact_sheet: tuple[ClassPictures, ...]
    skipped: tuple["Skipped", ...]
    groups: int | None
    tested_groups: int | None
    leak_rate: float | None
    part_notes: tuple[str, ...]
    data_notes: tuple[str, ...]
    history: History
    fingerprint: str
    leaked: int | None = 0
    overlap: int = 0
    compared: "Compared | None" = None
    evaluation_count: int | None = None
    models_tested: int | None = None
    accept: float | None = None
    calibration: Calibration | None = None
    abstention: tuple[AbstentionRow, ...] = ()
    sets: SetCoverage | None = None
    strangers: Strangers | None = None
    others: Others | None = None
    membership: Membership | None = None
    initial: "InitialComparison | None" = None
    robustness: "Robustness | None" = None
    prediction_cost: Cost | None = None
    files: "FolderChanges | None" = None

    @property
    def curve_unit(self) -> CurveUnit:
        """What the learning curve counts: epochs, or the strengths of a last layer without any."""
        return "strength" if "epochs" not in self.card.plan and self.card.plan else "epoch"

    @property
    def test(self) -> Score:
        """The figures of the test part."""
        score = self.scores["test"]
        assert score is not None  # noqa: S101 - make_report never leaves it out
        return score

    @property
    def accuracy(self) -> float:
        """Share of the test pictures named right, 0..1."""
        return self.test.accuracy

    @property
    def interval(self) -> tuple[float, float]:
        """Shares that agree with it, Wilson, 95 %."""
        return self.test.interval

    @property
    def baseline(self) -> float:
        """Accuracy of always answering the most frequent class of the test part."""
        return majority(self.counts)[1]

    @property
    def most_frequent(self) -> str:
        """The most frequent class of the test part."""
        return self.classes[majority(self.counts)[0]]

    @property
    def verdict(self) -> Verdict | None:
        """Whether `accept` was reached; None when nothing was asked for.

        Pictures that were learnt from prove nothing.
        """
        if self.accept is None:
            return None
        found = verdict(self.test.correct, self.test.n, self.accept)
        return "not_proven" if self.overlap and found == "acceptable" else found

    @property
    def exact_interval(self) -> tuple[float, float]:
        """Shares that agree with the accuracy, Clopper–Pearson, 95 %: what the verdict rests on."""
        return clopper_pearson(self.test.correct, self.test.n)

    @property
    def further_pictures(self) -> int | None:
        """How many more pictures, named right as often, would decide about `accept`.

        None where nothing was asked for, where no reasonable number would, and for pictures that
        were learnt from, of which no number would.
        """
        if self.accept is None or self.overlap:
            return None
        return further_pictures(self.test.correct, self.test.n, self.accept)

    def confusions(self, limit: int = 10) -> tuple[Confusion, ...]:
        """Give the most frequent confusions."""
        return top_confusions(self.counts, self.classes, limit)
