"""What a model folder remembers of its own learning: the scores to set a later test beside.

`imagier test` on other pictures shows the errors on them next to those on the pictures learnt from
and on the pictures used for choosing, as they were measured when the model was made.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from imagier.recognizer.history import Course, EpochRow
from imagier.testing.intervals import wilson
from imagier.testing.metrics import Score
from imagier.testing.report import FORMAT

__all__ = ["Past", "read_past"]

NUMBERS = ("train_loss", "train_error", "validation_loss", "validation_error")


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The learning phase of a model, as its `report.json` tells it.

    Attributes:
        sizes: Pictures learnt from (`train`) and used for choosing (`validation`).
        scores: The figures of the same two parts, where they were measured.
        course: The learning curve, the times and the budget.
        fingerprint: Names the set that was looked at when the model was made.
    """

    sizes: Mapping[str, int | None] = field(default_factory=dict)
    scores: Mapping[str, Score | None] = field(default_factory=dict)
    course: Course = field(default_factory=Course)
    fingerprint: str = ""


def read_past(companions: Mapping[str, bytes]) -> Past | None:
    """Read a model folder's `report.json`; None when there is none that can be read.

    Args:
        companions: The model folder's other files.
    """
    content = companions.get("report.json")
    if content is None:
        return None
    try:
        data = json.loads(content)
        if data["format"] != FORMAT:
            return None
        return _past(data["train"], str(data["set"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None  # the caller says so: the figures beside the test are missing, not the test


def _past(data: dict[str, Any], fingerprint: str) -> Past:
    sizes = {part: _number(data["split"][part]) for part in ("train", "validation")}
    scores = {"train": _score(data["learning"]), "validation": _score(data["validation"])}
    seconds = {str(name): float(value) for name, value in data["seconds"].items() if value}
    epochs = tuple(_epoch(row) for row in data["history"])
    budget = None if data["budget"] is None else str(data["budget"])
    course = Course(epochs=epochs, seconds=seconds, budget=budget)
    return Past(sizes=sizes, scores=scores, course=course, fingerprint=fingerprint)


def _number(value: Any) -> int | None:
    return None if value is None else int(value)


def _score(data: dict[str, Any] | None) -> Score | None:
    if data is None:
        return None
    n = int(data["n"])
    correct = round(float(data["accuracy"]) * n)
    return Score(
        n=n,
        correct=correct,
        interval=wilson(correct, n),
        balanced_accuracy=float(data["balanced_accuracy"]),
        loss=float(data["loss"]),
    )


def _epoch(row: dict[str, Any]) -> EpochRow:
    numbers = {name: None if row[name] is None else float(row[name]) for name in NUMBERS}
    return EpochRow(epoch=int(row["epoch"]), kept=bool(row["kept"]), **numbers)
