"""The activation of a neuron: Heaviside, sigmoid, ReLU, tanh, each beside its own derivative.

Heaviside's step came first: a neuron fires (1) or does not (0). It was left above all because its
derivative is zero wherever it exists: chapter 9 multiplies by that zero, and nothing is learned.

>>> [float(ACTIVATIONS[name].value(-4.0)) for name in ("heaviside", "relu")]
[0.0, 0.0]
>>> round(float(ACTIVATIONS["sigmoid"].value(0.0)), 3)
0.5
>>> float(ACTIVATIONS["sigmoid"].derivative(0.0))
0.25

Softmax turns many numbers into shares that add up to 1. The deck writes proportions in its place,
5/50, 10/50, 15/50, 20/50; softmax divides exponentials, and answers quite another thing:

>>> proportions((5, 10, 15, 20)).tolist()
[0.1, 0.2, 0.3, 0.4]
>>> " ".join(f"{share:.4g}" for share in softmax((5, 10, 15, 20)))
'3.038e-07 4.509e-05 0.006693 0.9933'

Source: the deck, chapter 3.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imagier.errors import UsageError

__all__ = [
    "ACTIVATIONS",
    "ActivationFunction",
    "heaviside",
    "proportions",
    "relu",
    "sigmoid",
    "softmax",
    "softmax_backward",
    "tanh",
]

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationFunction:
    """An activation and its derivative, both number by number.

    Attributes:
        value: s(a).
        derivative: s'(a); where there is a corner, that on its left.
    """

    value: Callable[[ArrayLike], Numbers]
    derivative: Callable[[ArrayLike], Numbers]


def heaviside(a: ArrayLike) -> Numbers:
    """Give 1 where a is positive or zero, else 0.

    >>> heaviside((-4, 0, 11.3)).tolist()
    [0.0, 1.0, 1.0]
    """
    return (np.asarray(a) >= 0).astype(np.float64)


def _heaviside_derivative(a: ArrayLike) -> Numbers:
    return np.zeros(np.shape(a))


def sigmoid(a: ArrayLike) -> Numbers:
    """Bend a into 0..1, smoothly: 1 / (1 + exp(-a)).

    It is computed as (1 + tanh(a / 2)) / 2, the same function, which no number makes overflow.

    >>> sigmoid((-1000, 0, 1000)).tolist()
    [0.0, 0.5, 1.0]
    """
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(a, np.float64)))


def _sigmoid_derivative(a: ArrayLike) -> Numbers:
    return sigmoid(a) * sigmoid(-np.asarray(a, np.float64))


def relu(a: ArrayLike) -> Numbers:
    """Replace what is negative by zero: max(0, a).

    >>> relu((-4, 11.3)).tolist()
    [0.0, 11.3]
    """
    return np.maximum(np.asarray(a, np.float64), 0.0)


def _relu_derivative(a: ArrayLike) -> Numbers:
    return (np.asarray(a) > 0).astype(np.float64)


def tanh(a: ArrayLike) -> Numbers:
    """Bend a into -1..1: a sigmoid stretched to both sides of zero."""
    return np.tanh(np.asarray(a, np.float64))


def _tanh_derivative(a: ArrayLike) -> Numbers:
    return 1 - tanh(a) ** 2


ACTIVATIONS = {
    "heaviside": ActivationFunction(value=heaviside, derivative=_heaviside_derivative),
    "sigmoid": ActivationFunction(value=sigmoid, derivative=_sigmoid_derivative),
    "relu": ActivationFunction(value=relu, derivative=_relu_derivative),
    "tanh": ActivationFunction(value=tanh, derivative=_tanh_derivative),
}


def softmax(a: ArrayLike) -> Numbers:
    """Turn any numbers into positive shares that add up to 1: exp(aᵢ) / Σ exp(aⱼ).

    Args:
        a: The numbers, (K,) or (N, K); each row has its own shares.

    The greatest number is taken off first: the shares stay the same and nothing overflows.

    >>> softmax((1000, 1000)).tolist()
    [0.5, 0.5]
    """
    numbers = np.asarray(a, np.float64)
    powers = np.exp(numbers - numbers.max(axis=-1, keepdims=True))
    shares: Numbers = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def softmax_backward(shares: Numbers, gradient: Numbers) -> Numbers:
    """Bring a gradient back through softmax: from dE/d(shares) to dE/d(numbers).

    Each share depends on all numbers: dE/daᵢ = pᵢ (dE/dpᵢ - Σ pⱼ dE/dpⱼ).

    Args:
        shares: What softmax gave, (..., K).
        gradient: dE/d(shares), (..., K).
    """
    weighted = (shares * gradient).sum(axis=-1, keepdims=True)
    result: Numbers = shares * (gradient - weighted)
    return result


def proportions(numbers: ArrayLike) -> Numbers:
    """Divide numbers by their sum: shares too, as long as none is negative.

    Raises:
        UsageError: `no_proportions`, when a number is negative or all are zero.
    """
    parts = np.asarray(numbers, np.float64)
    if parts.min() < 0 or parts.sum() <= 0:
        raise UsageError("no_proportions")
    shares: Numbers = parts / parts.sum()
    return shares
