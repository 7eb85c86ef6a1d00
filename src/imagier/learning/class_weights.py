"""What an error on each class counts while learning: rare classes are not to be forgotten."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from imagier.i18n import decimal, t
from imagier.learning.options import ClassWeight

__all__ = ["are_unequal", "class_weights", "weight_notes"]

UNBALANCED = 2.0  # times as many pictures as the smallest class has, from which classes are weighed


def weight_notes(weights: Sequence[float]) -> Iterator[str]:
    """Say that errors on rare classes counted more, where they did."""
    if len(set(weights)) > 1:
        least, most = decimal(min(weights), 2), decimal(max(weights), 2)
        yield t("learning.note.weights", least=least, most=most)


def class_weights(
    labels: NDArray[np.int64], classes: int, rule: ClassWeight = "sqrt"
) -> tuple[float, ...]:
    """Weigh the classes so that rare ones are not forgotten.

    `none`: every picture counts the same. `balanced`: every class does, an error on class c counts
    n / (K n_c). `sqrt` lies between: where the largest class has at least twice the pictures of the
    smallest, an error counts √(n / (K n_c)); else 1. The mean over the pictures is 1.

    Args:
        labels: Classes of the pictures learnt from, (N,).
        classes: How many classes there are, K.
        rule: Which of the three.

    >>> class_weights(np.array([0, 0, 0, 1, 1, 1, 1]), 2)
    (1.0, 1.0)
    >>> [round(weight, 2) for weight in class_weights(np.repeat([0, 1], [90, 10]), 2)]
    [0.83, 2.5]
    >>> [round(weight, 2) for weight in class_weights(np.repeat([0, 1], [90, 10]), 2, "balanced")]
    [0.56, 5.0]
    """
    counts = np.bincount(labels, minlength=classes).astype(np.float64)
    is_equal = rule == "sqrt" and not are_unequal(counts)
    if is_equal or rule == "none":
        return (1.0,) * classes
    weights = counts.sum() / (classes * np.maximum(counts, 1))
    if rule == "sqrt":
        weights = np.sqrt(weights)
    weights /= (weights * counts).sum() / counts.sum()
    return tuple(float(weight) for weight in weights)


def are_unequal(counts: NDArray[np.number]) -> bool:
    """Tell whether the largest class has at least twice the pictures of the smallest, (K,)."""
    present = counts[counts > 0]
    return bool(present.max() >= UNBALANCED * present.min())
