"""How wrong an answer is: the error that learning makes small.

With p the probabilities answered and e the true answer, one-hot as in the deck ('3' is e₃):

    cross-entropy   − log p of the true class
    squared         Σ (p − e)²
    absolute        Σ |p − e|

Smoothing gives a share of e to all classes alike, so that no answer is ever quite sure.

Source: the deck, chapter 4: "on prend la valeur absolue ou le carré de cet écart".
"""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

__all__ = ["LOSSES", "Loss", "absolute", "class_weights", "cross_entropy", "squared"]

Loss = Callable[[torch.Tensor, torch.Tensor, float], torch.Tensor]
UNBALANCED = 2.0  # from this ratio between the largest and smallest class, classes are weighted


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


def class_weights(labels: NDArray[np.int64], classes: int) -> tuple[float, ...]:
    """Weigh the classes so that rare ones are not forgotten.

    The rule: where the largest class has at least twice the pictures of the smallest, an error on
    class c counts √(n / (K n_c)), scaled so that the mean over the pictures is 1; else 1. The
    square root lies between "every picture counts the same" and "every class counts the same".

    Args:
        labels: Classes of the training pictures, (N,).
        classes: How many classes there are, K.

    >>> class_weights(np.array([0, 0, 0, 1, 1, 1, 1]), 2)
    (1.0, 1.0)
    >>> [round(weight, 2) for weight in class_weights(np.repeat([0, 1], [90, 10]), 2)]
    [0.83, 2.5]
    """
    counts = np.bincount(labels, minlength=classes).astype(np.float64)
    present = counts[counts > 0]
    if present.max() < UNBALANCED * present.min():
        return (1.0,) * classes
    weights = np.sqrt(counts.sum() / (classes * np.maximum(counts, 1)))
    weights /= (weights * counts).sum() / counts.sum()
    return tuple(float(weight) for weight in weights)


def _gap(logits: torch.Tensor, labels: torch.Tensor, smoothing: float) -> torch.Tensor:
    classes = logits.shape[1]
    truth = functional.one_hot(labels, classes) * (1 - smoothing) + smoothing / classes
    return logits.softmax(dim=1) - truth
