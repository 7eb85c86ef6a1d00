"""What every way of learning offers: to run, to be exported, and to tell how it went."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.learning.resuming import Page
from imagier.learning.steps import Watch
from imagier.learning.task import Task
from imagier.recognizer import EpochRow, History, Recognizer, Trial
from imagier.training import Clock

__all__ = ["Learner"]


class Learner(ABC):
    """The learning of one network on one task.

    Args:
        task: What it learns from.
        network: Canonical name of the network.

    Attributes:
        rows: The learning curve so far.
        notes: What the user should know about the learning, as sentences.
        compared: The networks it was compared with, itself among them.
        seconds: How long it ran.
        interrupted: Whether the user stopped it; what was learnt until then is kept.
    """

    def __init__(self, task: Task, network: str) -> None:
        self.task = task
        self.network = network
        self.rows: list[EpochRow] = []
        self.notes: list[str] = []
        self.compared: tuple[Trial, ...] = ()
        self.seconds = 0.0
        self.interrupted = False

    @abstractmethod
    def run(self, clock: Clock | None, watch: Watch, page: Page) -> None:
        """Learn.

        Args:
            clock: The budget; None where epochs or a plan decide.
            watch: Called at each step.
            page: What an earlier run left, and where to keep what is learnt.
        """

    @abstractmethod
    def export(self) -> Recognizer:
        """Write what was learnt as a recogniser, checked against what learnt it."""

    @abstractmethod
    def tried(self) -> Trial:
        """Give its line in a comparison: what it weighs, the seconds it took, its figure."""

    @abstractmethod
    def known_answers(self, rows: NDArray[np.int64]) -> NDArray[np.float32] | None:
        """Give the probabilities of pictures it has looked at already, (N, K); None if it cannot.

        Args:
            rows: Training or validation pictures, never those of the test.
        """

    @abstractmethod
    def remarks(self) -> Iterator[str]:
        """Say what is worth knowing once all is learnt."""

    def history(self) -> History:
        """Tell how it went, for the report."""
        budget = self.task.wishes.seconds
        return History(
            epochs=tuple(self.rows),
            budget=None if budget is None else f"{budget:g}s",
            notes=(*self.notes, *self.remarks()),
            trials=self.compared,
        )

    def _score(self) -> dict[str, Any]:
        """Give the figures of the row that was kept."""
        best = self.best_row()
        return {
            "network": self.network,
            "seconds": round(self.seconds, 3),
            "accuracy": 1 - (best.validation_error or 0.0),
            "loss": best.validation_loss or 0.0,
            "pictures": len(self.task.parts.train),
        }

    def best_row(self) -> EpochRow:
        """Give the row whose weights were kept."""
        return next(row for row in self.rows if row.kept)
