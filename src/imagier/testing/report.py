"""What a test found, as one value: from it come the page, the terminal's lines and the JSON.

The deck asks of the test phase one thing: "if this number is unacceptable, enlarge the base or
change the method" (chapter 4). A report holds what that decision needs: the number with its
interval, what a recogniser that always gives the same answer would score, the errors on what was
learnt from beside the errors on what was not, who is taken for whom, and how the parts were made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from imagier.files import printable
from imagier.recognizer.history import Course
from imagier.testing.evaluating import Evaluation
from imagier.testing.gallery import Mistake, Style, contact_sheet, worst_mistakes
from imagier.testing.intervals import Verdict, verdict
from imagier.testing.looks import set_hash
from imagier.testing.metrics import (
    ClassRow,
    Confused,
    Integers,
    Score,
    class_rows,
    majority,
    top_confusions,
)

if TYPE_CHECKING:
    from imagier.datasets import Dataset, Skipped, Split
    from imagier.recognizer import ModelCard, Recognizer

__all__ = ["FORMAT", "PARTS", "Report", "make_report"]

FORMAT = 1
PARTS = ("train", "validation", "test")
CLOCK = ("data", "fit", "export", "test", "total")
LATER = ("calibration", "abstention", "robustness")  # keys that are null until they are measured


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Report:
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
        styles: The contact sheet.
        skipped: Pictures that were left out because they could not be used.
        groups: Groups over all parts; None where the parts were not made by groups.
        tested_groups: Given groups (writers, bursts) in the test part; None where none are given.
        leak_rate: Share of test pictures with a relative in training or validation.
        part_notes: What limits the parts, as sentences.
        notes: What was noticed about the data and the learning, as sentences.
        course: How the recogniser was learnt.
        fingerprint: Names the set that was tested.
        seen: Pictures left out because the model learnt from them; None when it cannot be known.
        look: Which test of this model on this set it is; None when it cannot be known.
        accept: The accuracy that was asked for.
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
    styles: tuple[Style, ...]
    skipped: tuple["Skipped", ...]
    groups: int | None
    tested_groups: int | None
    leak_rate: float | None
    part_notes: tuple[str, ...]
    notes: tuple[str, ...]
    course: Course
    fingerprint: str
    seen: int | None = 0
    look: int | None = None
    accept: float | None = None

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
        """Whether `accept` was reached; None when nothing was asked for."""
        return None if self.accept is None else verdict(self.interval, self.accept)

    def confused(self, limit: int = 10) -> tuple[Confused, ...]:
        """Give the most frequent confusions."""
        return top_confusions(self.counts, self.classes, limit)

    def train_json(self) -> dict[str, Any]:
        """Give what `imagier train --json` prints."""
        clock = {name: self.course.seconds.get(name) for name in CLOCK}
        return {
            "model": self.model,
            "network": self.card.network,
            "parameters": self.card.parameters,
            "classes": list(self.classes),
            "split": dict(self.sizes),
            "leak_rate": self.leak_rate,
            "skipped": [one.to_json() for one in self.skipped],
            "test": self._score_json("test"),
            "validation": self._score_json("validation"),
            "learning": self._score_json("train"),
            "seconds": clock,
            "epochs": len(self.course.epochs),
            "history": [row.to_json() for row in self.course.epochs],
            "plan": dict(self.card.plan),
            "tried": [one.to_json() for one in self.course.tried],
            "budget": self.course.budget,
            "seed": self.card.seed,
            "notes": [*self.part_notes, *self.notes],
        }

    def test_json(self) -> dict[str, Any]:
        """Give what `imagier test --json` prints."""
        rows = {row.name: _row_json(row) for row in self.rows}
        return {
            **self.test.to_json(),
            "baseline": self.baseline,
            "classes": rows,
            "confusion": {"labels": list(self.classes), "counts": self.counts.tolist()},
            **dict.fromkeys(LATER),
            "look": self.look,
            "model": self.model,
            "source": self.source,
            "skipped": [one.to_json() for one in self.skipped],
            "seen": self.seen,
            "accept": self.accept,
            "verdict": self.verdict,
        }

    def to_json(self) -> dict[str, Any]:
        """Give both shapes, as `report.json` in the model folder keeps them."""
        return {
            "format": FORMAT,
            "set": self.fingerprint,
            "train": self.train_json(),
            "test": self.test_json(),
        }

    def _score_json(self, part: str) -> dict[str, Any] | None:
        score = self.scores.get(part)
        if score is None:
            return None
        return score.to_json() | ({"baseline": self.baseline} if part == "test" else {})


def make_report(
    recognizer: "Recognizer",
    dataset: "Dataset",
    evaluations: Mapping[str, Evaluation],
    *,
    model: str,
    split: "Split | None" = None,
    course: Course | None = None,
    pictures: bool = True,
    look: int | None = None,
) -> Report:
    """Put together what a test found.

    Args:
        recognizer: Who was tested.
        dataset: The pictures it was tested on.
        evaluations: What it answered, under `test`, and under `train` and `validation` where the
            same dataset holds them.
        model: Name of the model, as the user knows it.
        split: How the dataset's parts were made.
        course: How the recogniser was learnt.
        pictures: Whether small copies of pictures may be kept.
        look: Which test of this model on this set it is.
    """
    test = evaluations["test"]
    classes = tuple(printable(name) for name in recognizer.classes)
    course = course or Course()
    return Report(
        model=printable(model),
        source=printable(dataset.name),
        card=recognizer.card,
        classes=classes,
        sizes=_sizes(evaluations, split),
        scores={part: _score(evaluations, part) for part in PARTS},
        counts=test.counts,
        rows=class_rows(test.counts, classes),
        mistakes=worst_mistakes(test, dataset, classes, pictures=pictures),
        styles=contact_sheet(test, dataset, classes) if pictures else (),
        skipped=(*dataset.skipped, *(split.skipped if split else ())),
        groups=None if split is None else int(np.unique(split.groups).size),
        tested_groups=_given_groups(dataset.groups, test.indices),
        leak_rate=None if split is None else split.leak_rate,
        part_notes=split.notes if split else (),
        notes=(*dataset.notes, *course.notes),
        course=course,
        fingerprint=set_hash(np.asarray(dataset.hashes)[test.indices]),
        look=look,
    )


def _sizes(evaluations: Mapping[str, Evaluation], split: "Split | None") -> dict[str, int | None]:
    """Count the parts as they were made; of a large one perhaps only a sample was evaluated."""
    if split:
        return {part: len(getattr(split, part)) for part in PARTS}
    return {part: score.n if (score := _score(evaluations, part)) else None for part in PARTS}


def _score(evaluations: Mapping[str, Evaluation], part: str) -> Score | None:
    score = evaluations[part].score if part in evaluations else None
    return score if score and (score.n or part == "test") else None


def _given_groups(groups: Sequence[str], indices: Integers) -> int | None:
    given = {groups[index] for index in indices} if groups else set()
    return len(given) if given - {""} else None


def _row_json(row: ClassRow) -> dict[str, Any]:
    return {
        "n": row.n,
        "precision": row.precision,
        "recall": row.recall,
        "interval": list(row.interval),
    }
