"""The report of a test: what was found, as lines, JSON, figures and tables, and how it is made."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from imagier.answers import AnswerFigure, AnswerTable, Shown
from imagier.files import printable
from imagier.recognizer.history import REPORT_FORMAT, History
from imagier.testing.abstention import AbstentionRow, abstention_rows
from imagier.testing.advice import advice
from imagier.testing.calibration import calibration
from imagier.testing.class_report import class_json, class_table
from imagier.testing.confidence_report import abstention_table, calibration_table
from imagier.testing.confused_pairs import confused_pairs
from imagier.testing.cost_report import cost_json
from imagier.testing.evaluation import Evaluation
from imagier.testing.evaluation_log import set_hash
from imagier.testing.findings import PARTS, Findings
from imagier.testing.gallery import contact_sheet, worst_mistakes
from imagier.testing.membership import audit_membership
from imagier.testing.metrics import Integers, Score, class_rows, macro_f1
from imagier.testing.plots import report_figures
from imagier.testing.robustness_report import robustness_table
from imagier.testing.set_cautions import missing_names, overlap_sentence
from imagier.testing.set_coverage import count_coverage
from imagier.testing.strangers import count_others, count_strangers
from imagier.testing.terminal import terminal_lines

if TYPE_CHECKING:
    from imagier.datasets import Dataset, Split
    from imagier.recognizer import Recognizer

__all__ = ["Report", "make_report"]

CLOCK = ("data", "fit", "export", "test", "total")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Report(Shown, Findings):
    """What one test found, as an answer (`imagier.answers`) that every surface shows alike."""

    def __repr__(self) -> str:
        """Say in one line what it found; `print(report)` and `lines()` say it all."""
        low, high = self.test.interval
        return (
            f"Report({self.model!r}, accuracy={self.accuracy:.4f} [{low:.4f}, {high:.4f}], "
            f"n={self.test.n}, {len(self.classes)} classes)"
        )

    def __str__(self) -> str:
        """Give the report as it is printed, without bold letters."""
        return "\n".join(terminal_lines(self, styled=False))

    @property
    def notes(self) -> tuple[str, ...]:
        """Nothing: what makes the figure less than it seems stands among the lines."""
        return ()

    def lines(self) -> Iterator[str]:
        """Give the report for a terminal, what matters most in bold."""
        yield from terminal_lines(self, styled=True)

    def figures(self) -> Mapping[str, AnswerFigure]:
        """Give `loss` and `error` over the epochs, `robustness`, as far as known; `confusion`."""
        return report_figures(self)

    def tables(self) -> Mapping[str, AnswerTable]:
        """Give `parts`, `classes`, `confusion` and, where measured, `robustness`, as numbers."""
        scores = [(part, score) for part in PARTS if (score := self.scores.get(part))]
        spoilt = {"robustness": robustness_table(self.robustness)} if self.robustness else {}
        return {
            **spoilt,
            "parts": AnswerTable(
                columns=("part", "n", "correct", "accuracy", "low", "high", "loss"),
                rows=[
                    (part, one.n, one.correct, one.accuracy, *one.interval, one.loss)
                    for part, one in scores
                ],
            ),
            "classes": class_table(self.rows),
            "abstention": abstention_table(self.abstention),
            **({"calibration": calibration_table(self.calibration)} if self.calibration else {}),
            "confusion": AnswerTable(
                columns=("class", *self.classes),
                rows=[
                    (name, *row)
                    for name, row in zip(self.classes, self.counts.tolist(), strict=True)
                ],
            ),
        }

    def to_json(self) -> dict[str, Any]:
        """Give what `imagier test --json` prints."""
        rows = {row.name: class_json(row) for row in self.rows}
        return {
            **self.test.to_json(),
            "exact_interval": list(self.exact_interval),
            "baseline": self.baseline,
            "macro_f1": macro_f1(self.rows),
            "classes": rows,
            "missing": list(missing_names(self)),
            "confusion": {"labels": list(self.classes), "counts": self.counts.tolist()},
            "calibration": self.calibration and self.calibration.to_json(self.card.temperature),
            "abstention": _abstention_json(self.abstention),
            "sets": self.sets and self.sets.to_json(),
            "strangers": self.strangers and self.strangers.to_json(),
            "others": self.others and self.others.to_json(),
            "membership": self.membership and self.membership.to_json(),
            "robustness": self.robustness and self.robustness.to_json(),
            "cost": cost_json(self),
            "evaluations": self.evaluation_count,
            "models_tested": self.models_tested,
            "model": self.model,
            "source": self.source,
            "skipped": [one.to_json() for one in self.skipped],
            "leaked": self.leaked,
            "compared": self.compared,
            **self._overlap(),
            **self._acceptance(),
            "advice": advice(self).to_json(),
            "files": self.files and self.files.to_json(),
        }

    def train_json(self) -> dict[str, Any]:
        """Give what `imagier train --json` prints."""
        clock = {name: self.history.seconds.get(name) for name in CLOCK}
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
            **self._acceptance(),
            **self._overlap(),
            "seconds": clock,
            "cost": cost_json(self),
            "epochs": len(self.history.epochs),
            "history": [row.to_json() for row in self.history.epochs],
            "plan": dict(self.card.plan),
            "init": self.initial and self.initial.to_json(),
            "trials": [one.to_json() for one in self.history.trials],
            "budget": self.history.budget,
            "seed": self.card.seed,
            "notes": [*self.part_notes, *self.data_notes],
        }

    def stored_json(self) -> dict[str, Any]:
        """Give both shapes, as `report.json` in the model folder keeps them."""
        return {
            "format": REPORT_FORMAT,
            "set": self.fingerprint,
            "train": self.train_json(),
            "test": self.to_json(),
        }

    def _acceptance(self) -> dict[str, Any]:
        return {
            "accept": self.accept,
            "verdict": self.verdict,
            "further_pictures": self.further_pictures,
        }

    def _overlap(self) -> dict[str, Any]:
        return {"overlap": self.overlap, "warning": overlap_sentence(self)}

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
    history: History | None = None,
    pictures: bool = True,
    evaluation_count: int | None = None,
) -> Report:
    """Put together what a test found.

    Args:
        recognizer: Who was tested.
        dataset: The pictures it was tested on.
        evaluations: What it answered, under `test`, and under `train` and `validation` where the
            same dataset holds them; under `others` what it answered to pictures of anything else
            in the test part, which do not count in `test`.
        model: Name of the model, as the user knows it.
        split: How the dataset's parts were made.
        history: How the recogniser was learnt.
        pictures: Whether small copies of pictures may be kept.
        evaluation_count: Tests of this model on this set, this one included.
    """
    test = evaluations["test"]
    classes = tuple(printable(name) for name in recognizer.classes)
    history = history or History()
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
        pairs=confused_pairs(test, dataset, classes, pictures=pictures),
        contact_sheet=contact_sheet(test, dataset, classes) if pictures else (),
        skipped=(*dataset.skipped, *(split.skipped if split else ())),
        groups=None if split is None else int(np.unique(split.groups).size),
        tested_groups=_given_groups(dataset.groups, test.indices),
        leak_rate=None if split is None else split.leak_rate,
        part_notes=split.notes if split else (),
        data_notes=(*dataset.notes, *history.notes),
        history=history,
        fingerprint=set_hash(np.asarray(dataset.hashes)[test.indices], key=recognizer.card.key),
        evaluation_count=evaluation_count,
        calibration=(
            calibration(test.confidence, test.is_right, test.brier) if len(test.labels) else None
        ),
        abstention=abstention_rows(
            recognizer.card, test.confidence, test.is_right, test.is_stranger
        ),
        sets=count_coverage(recognizer.card, test),
        strangers=count_strangers(recognizer.card, test),
        others=(
            count_others(evaluations["others"], printable(recognizer.card.other))
            if "others" in evaluations and recognizer.card.other
            else None
        ),
        membership=(
            audit_membership(evaluations["train"].losses, test.losses)
            if "train" in evaluations
            else None
        ),
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


def _abstention_json(rows: Sequence[AbstentionRow]) -> dict[str, Any] | None:
    """Give the smallest error that can be promised, and all that were looked at."""
    if not rows:
        return None
    return rows[0].to_json() | {"levels": [row.to_json() for row in rows]}
