"""What every way of learning offers: to fit, to be exported, and to tell how it went."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import final

import numpy as np
from numpy.typing import NDArray

from imagier.features.strangers import StrangerParts
from imagier.learning.data import PreparedData
from imagier.learning.progress import ProgressCallback, silent
from imagier.learning.run_store import RunRecord
from imagier.machine import Deadline
from imagier.recognizer import Recognizer
from imagier.recognizer.history import EpochRow, History, Trial

__all__ = ["Run", "TooShortError", "Trainer", "log_losses", "score"]

LEAST_PROBABILITY = 1e-12  # whose logarithm is still taken


class TooShortError(Exception):
    """The time is too short for the network: a plainer one learns more in it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Run:
    """What goes along with a trainer from its first step to its last.

    Attributes:
        deadline: The budget; None where epochs or a plan decide.
        progress: Called at each step.
        record: What an earlier run left, and where to keep what is learnt.
    """

    deadline: Deadline | None = None
    progress: ProgressCallback = silent
    record: RunRecord = field(default_factory=RunRecord)

    def alone(self) -> "Run":
        """Give the run of a part that neither keeps nor finds anything on the disk."""
        return replace(self, record=RunRecord())


class Trainer(ABC):
    """The learning of one network from one set of prepared pictures.

    Args:
        data: What it learns from.
        network: Canonical name of the network.
        run: Its deadline, who is told of it, what is kept on the way.

    Attributes:
        rows: The learning curve so far.
        notes: What the user should know about the learning, as sentences.
        manner: Those of the notes that only tell how it learnt.
        compared: The networks it was compared with, itself among them.
        seconds: How long it learnt.
        interrupted: Whether the user stopped it; what was learnt until then is kept.
    """

    def __init__(self, data: PreparedData, network: str, run: Run) -> None:
        self.data, self.network, self.run = data, network, run
        self.rows: list[EpochRow] = []
        self.notes: list[str] = []
        self.manner: list[str] = []
        self.compared: tuple[Trial, ...] = ()
        self.seconds = 0.0
        self.interrupted = False

    @property
    @abstractmethod
    def parameters(self) -> int:
        """How many numbers it learns."""

    @property
    @abstractmethod
    def learnt(self) -> NDArray[np.int64]:
        """The pictures that the kept model learnt from, as indices in order."""

    @abstractmethod
    def fit(self) -> None:
        """Learn.

        Raises:
            TooShortError: When a plainer network learns more in the time there is.
        """

    @abstractmethod
    def export(self) -> Recognizer:
        """Write what was learnt as a recogniser, checked against what learnt it."""

    @abstractmethod
    def known_probabilities(self, rows: NDArray[np.int64]) -> NDArray[np.float32] | None:
        """Give the probabilities of pictures whose features are known, (n, K); else None.

        Args:
            rows: Pictures of any part.
        """

    @abstractmethod
    def known_features(self, rows: NDArray[np.int64]) -> NDArray[np.floating] | None:
        """Give the features that the last layer reads where they are known, (n, D); else None."""

    @abstractmethod
    def stranger_parts(self, recognizer: Recognizer) -> StrangerParts:
        """Fit how strange a picture is, and tell it of the pictures that judged (`held_out`).

        Args:
            recognizer: As it was exported.
        """

    @abstractmethod
    def held_out(self) -> tuple[NDArray[np.int64], NDArray[np.float32] | None]:
        """Give the pictures that judged, and their probabilities by what had not learnt from them.

        Returns:
            Pictures as indices, (n,), and (n, K), or None where the recogniser itself learnt from
            none of them.
        """

    @abstractmethod
    def validation_score(self) -> tuple[float, float]:
        """Give accuracy and mean loss on the validation part, by what had not learnt from it."""

    @abstractmethod
    def remarks(self) -> Iterator[str]:
        """Say what is worth knowing once all is learnt."""

    @final
    def trial(self) -> Trial:
        """Give its line in a comparison: what it weighs, the seconds it took, its figure."""
        accuracy, loss = self.validation_score()
        return Trial(
            network=self.network,
            parameters=self.parameters,
            seconds=round(self.seconds, 3),
            accuracy=accuracy,
            loss=loss,
            pictures=len(self.learnt),
        )

    @final
    def history(self) -> History:
        """Tell how it went, for the report."""
        budget = self.data.options.seconds
        remarks = tuple(self.remarks())
        return History(
            epochs=tuple(self.rows),
            budget=None if budget is None else f"{budget:g}s",
            notes=(*self.notes, *remarks),
            manner=(*self.manner, *remarks),
            trials=self.compared,
        )

    @final
    def best_score(self) -> tuple[float, float]:
        """Give accuracy and mean loss of the row whose weights were kept."""
        best = self.best_row()
        return 1 - (best.validation_error or 0.0), best.validation_loss or 0.0

    @final
    def best_row(self) -> EpochRow:
        """Give the row whose weights were kept."""
        return next(row for row in self.rows if row.kept)


def score(probabilities: NDArray[np.float32], labels: NDArray[np.int64]) -> tuple[float, float]:
    """Give accuracy and mean log-loss of answers.

    Args:
        probabilities: One row a picture, (n, classes).
        labels: What the pictures are, (n,).

    >>> accuracy, loss = score(np.float32([[0.5, 0.5], [0, 1]]), np.array([0, 1]))
    >>> accuracy, round(loss, 3)
    (1.0, 0.347)
    """
    loss = float(log_losses(probabilities, labels).mean())
    return float((probabilities.argmax(axis=1) == labels).mean()), loss


def log_losses(
    probabilities: NDArray[np.float32], labels: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Give the log-loss of each answer, (n,); arguments as for `score`."""
    right = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    losses: NDArray[np.float64] = -np.log(np.maximum(right, LEAST_PROBABILITY))
    return losses
