"""How a recogniser was learnt: what its learners record, and what its folder remembers of it.

The model folder keeps the numbers in `report.json`: the learning curve, the times, and the figures
of the pictures learnt from and of those used for choosing. A later test on other pictures is set
beside them. There are numbers here only; what they mean is said by `imagier.testing`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from imagier.cost import Cost, stored_cost
from imagier.errors import Refused
from imagier.files import read_object

__all__ = [
    "MAX_REPORT",
    "REPORT_FORMAT",
    "EpochRow",
    "History",
    "StoredHistory",
    "StoredScore",
    "Trial",
    "read_history",
]

MAX_REPORT: Final = 16 * 2**20  # bytes of `report.json` that are read back: some 2,000 classes
REPORT_FORMAT: Final = 2  # version of the format of `report.json`
NUMBERS = ("train_loss", "train_error", "validation_loss", "validation_error")


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochRow:
    """One epoch of learning: losses in nats, errors as shares; None where not measured."""

    epoch: int
    train_loss: float | None = None
    train_error: float | None = None
    validation_loss: float | None = None
    validation_error: float | None = None
    kept: bool = False

    def to_json(self) -> dict[str, Any]:
        """Give the row as other programs read it."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One network of a comparison.

    Attributes:
        network: Its specification.
        parameters: How many numbers it learns.
        seconds: How long its learning took, or its pilot.
        accuracy: Share of the validation pictures named right, 0..1.
        loss: Mean loss on them.
        pictures: How many pictures it learnt from: fewer than there are in a pilot.
    """

    network: str
    parameters: int
    seconds: float
    accuracy: float
    loss: float
    pictures: int

    def to_json(self) -> dict[str, Any]:
        """Give the line as other programs read it."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """How the recogniser was learnt, as far as the report tells it.

    Attributes:
        epochs: The learning curve.
        seconds: Time of `data`, `fit`, `export`, `test`, `total`.
        budget: What the user allowed, such as `60s`.
        notes: Sentences worth reading, such as the rule for the weights of rare classes.
        manner: Those of the notes that only tell how it was learnt, not that something happened.
        trials: The networks that were compared before or in this learning.
        cost: Time, memory and energy of the learning with its test; None where not known.
    """

    epochs: tuple[EpochRow, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    budget: str | None = None
    notes: tuple[str, ...] = ()
    manner: tuple[str, ...] = ()
    trials: tuple[Trial, ...] = ()
    cost: Cost | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredScore:
    """The figures of one part as they were measured when the model was made.

    Attributes:
        n: Pictures of the part.
        accuracy: Share of them named right, 0..1.
        balanced_accuracy: Mean of the shares of each class.
        loss: Mean loss, in nats.
    """

    n: int
    accuracy: float
    balanced_accuracy: float
    loss: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredHistory:
    """The learning phase of a model, as its `report.json` tells it.

    Attributes:
        sizes: Pictures learnt from (`train`) and used for choosing (`validation`).
        scores: The figures of the same two parts, where they were measured.
        history: The learning curve, the times and the budget.
        fingerprint: Names the set that was tested when the model was made.
    """

    sizes: Mapping[str, int | None]
    scores: Mapping[str, StoredScore | None]
    history: History
    fingerprint: str


def read_history(artifacts: Mapping[str, bytes]) -> StoredHistory | None:
    """Read a model folder's `report.json`; None when there is none that can be read.

    Args:
        artifacts: The model folder's other files.
    """
    content = artifacts.get("report.json")
    if content is None:
        return None
    try:
        data = read_object(content, most=MAX_REPORT)
        if data["format"] != REPORT_FORMAT:
            return None
        return _stored(data["train"], str(data["set"]))
    except (Refused, ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return None  # the caller says so: the figures beside the test are missing, not the test


def _stored(data: dict[str, Any], fingerprint: str) -> StoredHistory:
    seconds = {str(name): float(value) for name, value in data["seconds"].items() if value}
    epochs = tuple(_epoch(row) for row in data["history"])
    budget = None if data["budget"] is None else str(data["budget"])
    return StoredHistory(
        sizes={part: _whole(data["split"][part]) for part in ("train", "validation")},
        scores={"train": _score(data["learning"]), "validation": _score(data["validation"])},
        history=History(epochs=epochs, seconds=seconds, budget=budget, cost=_cost(data)),
        fingerprint=fingerprint,
    )


def _cost(data: dict[str, Any]) -> Cost | None:
    cost = data.get("cost")
    return stored_cost(cost["learning"]) if isinstance(cost, dict) and "learning" in cost else None


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)


def _score(data: dict[str, Any] | None) -> StoredScore | None:
    if data is None or "cer" in data:  # lines of characters have figures of their own
        return None
    names = ("accuracy", "balanced_accuracy", "loss")
    score = StoredScore(n=int(data["n"]), **{name: float(data[name]) for name in names})
    shares = (score.accuracy, score.balanced_accuracy)
    if score.n < 0 or not math.isfinite(score.loss) or not all(0 <= one <= 1 for one in shares):
        raise ValueError
    return score


def _epoch(row: dict[str, Any]) -> EpochRow:
    numbers = {name: None if row[name] is None else float(row[name]) for name in NUMBERS}
    return EpochRow(epoch=int(row["epoch"]), kept=bool(row["kept"]), **numbers)
