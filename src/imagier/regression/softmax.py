"""Labels instead of numbers: softmax regression, the bridge from chapter 1 to chapter 4.

"Il existe des problèmes semblables où y est une étiquette, une catégorie…" (deck, chapter 1). Each
class c gets a line of its own, z_c = a_c · x + b_c, and softmax turns these numbers into
probabilities that add up to 1:

    p_c = exp(z_c) / Σ exp(z)

A known label is (0, …, 1, …, 0); the error compares it with p. Squares would do, but the sum of
-ln(probability given to the true label), the cross-entropy, has one single minimum and is what
chapter 4 uses too: with 784 pixels as x and ten digits as y, this *is* the network `linear`.

When a line parts the classes without a mistake, ever larger coefficients would be ever better: a
small price on their squares (½ |a|², columns in units of their standard deviation) keeps them
finite. That price pulls them towards 0, so no interval is given for them.

>>> labels = fit_labels(np.array([[0.0], [1], [2], [3]]), ("no", "no", "yes", "yes"), ("x",))
>>> labels.predict(np.array([[0.0], [1.5], [9]])).round(2).tolist()
[[0.86, 0.14], [0.5, 0.5], [0.0, 1.0]]

Source: the deck, chapters 1 and 4; J. S. Bridle, 1990.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagier.errors import DataError
from imagier.regression.family import Numbers
from imagier.regression.model_selection import folds

__all__ = ["SoftmaxFit", "fit_labels", "hits_when_left_out", "softmax"]

_MOST_CLASSES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftmaxFit:
    """The lines that were found, one for each class.

    Attributes:
        classes: The labels in alphabetical order, K of them.
        names: The names of the variables, m.
        weights: The coefficients: the constants first, then one row a variable, (m + 1, K). Only
            their differences matter, so each row adds up to 0.
        x: What was learned from, (n, m).
        truth: The place of each point's label among the classes, (n,).
    """

    classes: tuple[str, ...]
    names: tuple[str, ...]
    weights: Numbers
    x: Numbers
    truth: NDArray[np.intp]

    def predict(self, x: Numbers) -> Numbers:
        """Give the probability of each class, (n, K)."""
        return softmax(self.weights[0] + x @ self.weights[1:])

    @property
    def accuracy(self) -> float:
        """The share of right answers on the points learned from: flattering."""
        return float((self.predict(self.x).argmax(axis=1) == self.truth).mean())

    @property
    def cross_entropy(self) -> float:
        """The mean of -ln(probability given to the true label)."""
        given = self.predict(self.x)[np.arange(len(self.truth)), self.truth]
        return float(-np.log(given.clip(1e-300)).mean())

    @property
    def baseline(self) -> float:
        """The share of the most frequent label: what answering always the same would reach."""
        return float(np.bincount(self.truth).max()) / len(self.truth)


def fit_labels(
    x: Numbers, labels: Sequence[str], names: tuple[str, ...], *, l2: float = 1.0
) -> SoftmaxFit:
    """Find the coefficients that make the cross-entropy smallest.

    Args:
        x: The points, (n, m).
        labels: The label of each, n of them.
        names: The names of the variables, m.
        l2: The price of large coefficients: by what half their squares are multiplied.

    Raises:
        DataError: `fit_one_label`, `fit_many_labels`.
    """
    classes, truth = np.unique(np.asarray(labels), return_inverse=True)
    if len(classes) < 2:
        raise DataError("fit_one_label", label=str(classes[0]))
    if len(classes) > _MOST_CLASSES:
        raise DataError("fit_many_labels", count=len(classes), most=_MOST_CLASSES)
    mean, std = x.mean(axis=0), x.std(axis=0)
    std[std == 0] = 1.0
    inside = _search((x - mean) / std, np.eye(len(classes))[truth], l2)
    coefficients = inside[1:] / std[:, None]
    weights = np.vstack([inside[0] - mean @ coefficients, coefficients])
    return SoftmaxFit(
        classes=tuple(map(str, classes)),
        names=names,
        weights=weights - weights.mean(axis=1, keepdims=True),
        x=x,
        truth=truth,
    )


def hits_when_left_out(fit: SoftmaxFit, *, seed: int = 0) -> int:
    """Count the right answers for points that were left out (cross-validation)."""
    hits = 0
    labels = np.array(fit.classes)[fit.truth]
    for part in folds(len(labels), seed):
        rest = np.setdiff1d(np.arange(len(labels)), part)
        if len(set(labels[rest])) > 1:
            other = fit_labels(fit.x[rest], labels[rest].tolist(), fit.names)
            answers = np.array(other.classes)[other.predict(fit.x[part]).argmax(axis=1)]
            hits += int((answers == labels[part]).sum())
        else:
            hits += int((labels[part] == labels[rest][0]).sum())
    return hits


def softmax(z: Numbers) -> Numbers:
    """Turn any numbers into probabilities, row by row, without overflow.

    >>> softmax(np.array([[5.0, 10, 15, 20]])).round(4).tolist()
    [[0.0, 0.0, 0.0067, 0.9933]]
    """
    grown = np.exp(z - z.max(axis=1, keepdims=True))
    result: Numbers = grown / grown.sum(axis=1, keepdims=True)
    return result


def _search(u: Numbers, known: Numbers, l2: float) -> Numbers:
    """Go down the cross-entropy, (m + 1, K): its gradient is (p - known) · u."""
    from scipy.optimize import minimize

    points = np.column_stack([np.ones(len(u)), u])
    shape = points.shape[1], known.shape[1]

    def error(flat: Numbers) -> tuple[float, Numbers]:
        weights = flat.reshape(shape)
        z = points @ weights
        top = z.max(axis=1, keepdims=True)
        total = (np.log(np.exp(z - top).sum(axis=1)) + top[:, 0] - (z * known).sum(axis=1)).sum()
        paid = np.vstack([np.zeros((1, shape[1])), weights[1:]])
        gradient = points.T @ (softmax(z) - known) + l2 * paid
        return float(total + l2 / 2 * np.sum(paid**2)), gradient.ravel()

    options = {"maxiter": 5000, "gtol": 1e-9, "ftol": 1e-16, "maxcor": 30}
    end = minimize(error, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B", options=options)
    result: Numbers = end.x.reshape(shape)
    return result
