"""How wrong an answer is: the error that learning makes small.

With p the probabilities answered and e the true answer, one-hot as in the deck ('3' is e₃):

    cross-entropy   − log p of the true class
    squared         Σ (p − e)²
    absolute        Σ |p − e|

Smoothing gives a share of e to all classes alike, so that no answer is ever quite sure.

Source: the deck, chapter 4: "on prend la valeur absolue ou le carré de cet écart".
"""

from collections.abc import Callable
from typing import Final

import torch
from torch.nn import functional

__all__ = ["CTC", "LOSSES", "Loss", "absolute", "cross_entropy", "squared"]

CTC: Final = "ctc"  # of lines, whose examples compute it: - log p of the text over all alignments

Loss = Callable[[torch.Tensor, torch.Tensor, float], torch.Tensor]


def cross_entropy(
    logits: torch.Tensor, labels: torch.Tensor, smoothing: float = 0.0
) -> torch.Tensor:
    """Give − log p of the true class for each picture, in nats, (N,)."""
    return functional.cross_entropy(logits, labels, reduction="none", label_smoothing=smoothing)


def squared(logits: torch.Tensor, labels: torch.Tensor, smoothing: float = 0.0) -> torch.Tensor:
    """Give the squared distance between answer and truth for each picture, (N,)."""
    return (_gap(logits, labels, smoothing) ** 2).sum(dim=1)


def absolute(logits: torch.Tensor, labels: torch.Tensor, smoothing: float = 0.0) -> torch.Tensor:
    """Give the sum of the absolute gaps between answer and truth for each picture, (N,)."""
    return _gap(logits, labels, smoothing).abs().sum(dim=1)


LOSSES: dict[str, Loss] = {
    "cross-entropy": cross_entropy,
    "squared": squared,
    "absolute": absolute,
}


def _gap(logits: torch.Tensor, labels: torch.Tensor, smoothing: float) -> torch.Tensor:
    classes = logits.shape[1]
    truth = functional.one_hot(labels, classes) * (1 - smoothing) + smoothing / classes
    return logits.softmax(dim=1) - truth
