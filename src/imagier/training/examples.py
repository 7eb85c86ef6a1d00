"""What is learnt from, as the loop sees it: batches to show, batches to judge, and their error.

The loop knows neither pictures nor lines of characters. It asks for a batch by rows, hands it to
the network, and asks how wrong the outputs are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from imagier.training.augmentation import changed_pictures, is_changing
from imagier.training.losses import LOSSES
from imagier.training.plan import Plan

__all__ = ["Batch", "BatchScore", "Examples", "TrainingData"]

Rows: TypeAlias = NDArray[np.int64]
Batch: TypeAlias = tuple[torch.Tensor, Any]  # inputs of the network, and what is true of them


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BatchScore:
    """How wrong the outputs of a batch are.

    Attributes:
        error: What learning makes small, one number with its gradient.
        loss: The losses added up, without smoothing and weights, so that learning and validation
            compare.
        right: How many were answered right.
    """

    error: torch.Tensor
    loss: float
    right: int


class Examples(Protocol):
    """Examples to learn from and those that judge each epoch."""

    @property
    def train(self) -> Rows:
        """The rows to learn from."""

    @property
    def validation(self) -> Rows:
        """The rows that judge."""

    def look(self, network: nn.Module, plan: Plan, done: int) -> None:
        """See the network before the epoch after `done` others, where what is shown hangs on it."""

    def state(self) -> Mapping[str, torch.Tensor]:
        """Give what was kept of such looks, for a checkpoint."""

    def load_state(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Go back to where a state was given."""

    def shown(self, rows: Rows, plan: Plan, done: int) -> Batch:
        """Give a batch to learn from, as the epoch after `done` others shows it."""

    def judged(self, rows: Rows, plan: Plan) -> Batch:
        """Give a batch that judges, as it is."""

    def score(self, outputs: torch.Tensor, truth: Any, plan: Plan) -> BatchScore:
        """Tell how wrong outputs are."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingData:
    """The pictures to learn from and those that judge each epoch.

    Attributes:
        pixels: All prepared pictures, uint8 (N, H, W, C).
        labels: Their classes, (N,).
        train: Indices of the training pictures.
        validation: Indices of the validation pictures.
    """

    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]
    train: Rows
    validation: Rows

    def look(self, network: nn.Module, plan: Plan, done: int) -> None:
        """Nothing of what is shown hangs on the network."""

    def state(self) -> Mapping[str, torch.Tensor]:
        """Nothing is kept."""
        return {}

    def load_state(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Nothing was kept."""

    def shown(self, rows: Rows, plan: Plan, done: int) -> Batch:
        """Gather pictures to learn from, as this epoch shows them, and their labels."""
        if not is_changing(plan):
            return self.judged(rows, plan)
        labels = torch.from_numpy(np.take(self.labels, rows))
        return changed_pictures(self.pixels, rows, plan, done), labels

    def judged(self, rows: Rows, plan: Plan) -> Batch:  # noqa: ARG002 - no plan changes them
        """Gather pictures and labels; the copy is the batch's own, so the set may be read-only."""
        pixels = torch.from_numpy(np.take(self.pixels, rows, axis=0))
        return pixels, torch.from_numpy(np.take(self.labels, rows))

    def score(self, outputs: torch.Tensor, truth: torch.Tensor, plan: Plan) -> BatchScore:
        """Compare logits, (B, K), with labels, (B,)."""
        losses = LOSSES[plan.loss](outputs, truth, plan.label_smoothing)
        weights = torch.tensor(plan.class_weights, dtype=torch.float32)
        answered = outputs.detach()
        plain = losses.detach()
        if plan.label_smoothing:
            plain = LOSSES[plan.loss](answered, truth, 0.0)
        return BatchScore(
            error=(losses * weights[truth]).mean(),
            loss=float(plain.sum()),
            right=int((answered.argmax(dim=1) == truth).sum()),
        )
