"""How a recogniser was learnt, as far as its report tells it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Course", "EpochRow", "Tried"]


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
class Tried:
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
class Course:
    """How the recogniser was learnt, as far as the report tells it.

    Attributes:
        epochs: The learning curve.
        seconds: Time of `data`, `fit`, `export`, `test`, `total`.
        budget: What the user allowed, such as `60s`.
        notes: Sentences worth reading, such as the rule for the weights of rare classes.
        tried: The networks that were compared before or in this learning.
    """

    epochs: tuple[EpochRow, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    budget: str | None = None
    notes: tuple[str, ...] = ()
    tried: tuple[Tried, ...] = ()
