"""What one network learns from: prepared pictures, their parts, and what the user asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.datasets import Dataset, Split
from imagier.learning.wishes import Wishes
from imagier.recognizer import ModelCard
from imagier.training import TrainingData

__all__ = ["TRAIN_SAMPLE", "Task"]

TRAIN_SAMPLE = 5_000  # pictures on which the learning error is measured once more at the end
MOST_GOLDEN = 10
FINISH_SECONDS = 5.0  # kept for export, report and files, beside the time to answer the test
VERSIONS = ("imagier", "torch", "onnx", "onnxruntime", "numpy", "pillow")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Task:
    """Pictures prepared for one kind of network.

    Attributes:
        dataset: The pictures.
        parts: How they are shared out.
        wishes: What the user asked.
        is_pilot: Whether nothing follows the learning: no export, no test, no report.
    """

    dataset: Dataset
    parts: Split
    wishes: Wishes
    is_pilot: bool = False

    @property
    def examples(self) -> TrainingData:
        """The pictures to learn from and those that judge; the test part is not among them."""
        return TrainingData(
            pixels=self.dataset.pixels,
            labels=self.dataset.labels,
            train=self.parts.train,
            validation=self.parts.validation,
        )

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of a prepared picture."""
        height, width, channels = self.dataset.pixels.shape[1:]
        return height, width, channels

    def reserve(self, seconds: float, *, answers_are_known: bool = False) -> float:
        """Give the seconds to keep for export, test and report.

        Args:
            seconds: The time that one answer takes.
            answers_are_known: Whether training and validation pictures need not be answered again.
        """
        if self.is_pilot:
            return 0.0
        sampled = min(TRAIN_SAMPLE, len(self.parts.train)) + len(self.parts.validation)
        answers = len(self.parts.test) + (0 if answers_are_known else sampled)
        return FINISH_SECONDS + answers * seconds

    def witnesses(self) -> NDArray[np.uint8]:
        """Give the pictures on which the exported model is compared: those of validation."""
        return self.dataset.pixels[self.parts.validation]

    def golden(self) -> NDArray[np.uint8]:
        """Give one validation picture of each class, at most ten; none where none may be kept."""
        rows = self.parts.validation
        _, first = np.unique(self.dataset.labels[rows], return_index=True)
        chosen = rows[np.sort(first)][: MOST_GOLDEN if self.wishes.pictures else 0]
        return self.dataset.pixels[chosen]

    def card(
        self, network: str, *, parameters: int, seed: int, plan: Mapping[str, Any]
    ) -> ModelCard:
        """Write what `model.json` will say."""
        return ModelCard(
            classes=self.dataset.classes,
            prepare=self.dataset.prepare,
            network=network,
            parameters=parameters,
            seed=seed,
            plan=plan,
            data={
                "name": self.dataset.name,
                "n": len(self.dataset),
                "fingerprint": self.dataset.fingerprint(),
            },
            versions={name: version(name) for name in VERSIONS},
            other=self.wishes.other,
        )
