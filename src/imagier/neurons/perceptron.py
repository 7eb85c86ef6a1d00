"""The perceptron: one neuron, and the first rule by which a machine learned (Rosenblatt, 1958).

A neuron weighs its inputs, adds a bias and decides. The deck's neuron has the weights 3.2 and 5.1
and the bias 3:

>>> neuron = Neuron(weights=(3.2, 5.1, 0, 0), bias=3)
>>> round(float(neuron.weighted_sum((1, 1, 0, 0))), 9)
11.3
>>> round(float(neuron.weighted_sum((1, -2, 0, 0))), 9)
-4.0
>>> from imagier.neurons.activations import relu
>>> float(relu(neuron.weighted_sum((1, -2, 0, 0))))
0.0

Where the sum is zero lies a straight line (with two inputs; a plane with three...), and on each
side of it the neuron decides otherwise. AND and OR have such a line. EXCLUSIVE OR has none:

    (0, 0) → 0 asks for b < 0;
    (1, 0) → 1 and (0, 1) → 1 ask for w₁ + b ≥ 0 and w₂ + b ≥ 0, hence w₁ + w₂ + 2b ≥ 0;
    (1, 1) → 0 asks for w₁ + w₂ + b < 0, hence w₁ + w₂ + 2b < b < 0: a contradiction.

Rosenblatt's rule shows the examples one after the other. Where the neuron answers rightly, it
changes nothing. Where it is wrong, it moves weights and bias by the input that it got wrong,
upwards if it should have fired:

    w ← w + r · (wanted - answer) · u          b ← b + r · (wanted - answer)

>>> from imagier.neurons.examples import GATES
>>> *_, last = rosenblatt(GATES["and"])
>>> last.number, last.errors, last.neuron
(6, 0, Neuron(weights=(2.0, 1.0), bias=-3.0))

Does it end? If some line separates the two classes, yes: after at most (R / γ)² corrections, where
R is the length of the longest example (1 written behind each, for the bias) and γ the distance from
the line to the nearest one, measured there too. Each correction brings w nearer to the separating
direction w*: w · w* grows by γ or more, while ‖w‖² grows by R² or less, since it only moves when
it is wrong. After k corrections kγ ≤ w · w* ≤ ‖w‖ ≤ R√k, hence k ≤ (R / γ)².

>>> from imagier.neurons.separability import separation
>>> line = separation(GATES["and"])
>>> line is not None and sum(epoch.errors for epoch in rosenblatt(GATES["and"])) <= line.bound
True

If no line separates them, as for EXCLUSIVE OR, it never ends: it comes back to weights it has had.

>>> *_, last = rosenblatt(GATES["xor"])
>>> last.errors, last.seen_in
(4, 2)

Source: the deck, chapter 3; W. McCulloch and W. Pitts, 1943; F. Rosenblatt, "The perceptron",
Psychological Review, 1958; A. Novikoff, "On convergence proofs on perceptrons", 1962; M. Minsky and
S. Papert, "Perceptrons", 1969.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imagier.errors import UsageError
from imagier.neurons.activations import heaviside
from imagier.neurons.examples import LabeledPoints

__all__ = ["Correction", "Neuron", "PerceptronEpoch", "rosenblatt"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Neuron:
    """A neuron that weighs its inputs and fires when the sum is positive or zero.

    Attributes:
        weights: One for each input, (n,).
        bias: Added to the weighted inputs.
    """

    weights: tuple[float, ...]
    bias: float

    def weighted_sum(self, inputs: ArrayLike) -> NDArray[np.float64]:
        """Compute a = w₁u₁ + w₂u₂ + … + b.

        Args:
            inputs: One point, (n,), or many, (N, n).

        Raises:
            UsageError: `neuron_inputs`, when there is not one input a weight.
        """
        points = np.asarray(inputs, np.float64)
        if points.shape[-1:] != (len(self.weights),):
            received = points.shape[-1] if points.ndim else 1
            raise UsageError("neuron_inputs", n=len(self.weights), received=received)
        total: NDArray[np.float64] = points @ np.asarray(self.weights, np.float64) + self.bias
        return total

    def fires(self, inputs: ArrayLike) -> NDArray[np.float64]:
        """Decide: 1 where the weighted sum is positive or zero, else 0.

        >>> from imagier.neurons.examples import GATES
        >>> Neuron(weights=(2, 1), bias=-3).fires(GATES["and"].points).tolist()
        [0.0, 0.0, 0.0, 1.0]
        """
        return heaviside(self.weighted_sum(inputs))


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One mistake and what it changed.

    Attributes:
        example: Which example, from 0.
        answer: What the neuron answered, 0 or 1.
        wanted: What it should have answered.
        neuron: The neuron after the correction.
    """

    example: int
    answer: int
    wanted: int
    neuron: Neuron


@dataclass(frozen=True, slots=True, kw_only=True)
class PerceptronEpoch:
    """One round through all examples.

    Attributes:
        number: Which round, from 1.
        corrections: The mistakes, in their order.
        neuron: The neuron at the end of the round.
        seen_in: The earlier round, 0 for the start, that ended with exactly this neuron: the rule
            then turns in circles. None while the neuron is new.
    """

    number: int
    corrections: tuple[Correction, ...]
    neuron: Neuron
    seen_in: int | None = None

    @property
    def errors(self) -> int:
        """How many examples it got wrong."""
        return len(self.corrections)


def rosenblatt(
    examples: LabeledPoints, *, learning_rate: float = 1.0, epochs: int = 1000
) -> Iterator[PerceptronEpoch]:
    """Learn by Rosenblatt's rule, from weights that are all zero.

    Args:
        examples: What to learn.
        learning_rate: By how much of the input each mistake moves the weights, r.
        epochs: After how many rounds to give up.

    Yields:
        Each round. The last one has no error, or a neuron that was there before, or is the last
        that was allowed.

    Raises:
        UsageError: `learning_rate`, when the rate is not above zero.
    """
    if not 0 < learning_rate < float("inf"):
        raise UsageError("learning_rate", received=learning_rate)
    neuron = Neuron(weights=(0.0,) * examples.points.shape[1], bias=0.0)
    ends = {neuron: 0}
    for number in range(1, epochs + 1):
        corrections = tuple(_round(examples, neuron, learning_rate))
        neuron = corrections[-1].neuron if corrections else neuron
        seen_in = ends.get(neuron) if corrections else None
        yield PerceptronEpoch(
            number=number, corrections=corrections, neuron=neuron, seen_in=seen_in
        )
        if not corrections or seen_in is not None:
            return
        ends[neuron] = number


def _round(examples: LabeledPoints, neuron: Neuron, learning_rate: float) -> Iterator[Correction]:
    for number, (point, wanted) in enumerate(zip(examples.points, examples.wanted, strict=True)):
        answer = float(neuron.fires(point))
        if answer == wanted:
            continue
        step = learning_rate * (wanted - answer)
        weights = np.asarray(neuron.weights) + step * point
        neuron = Neuron(weights=tuple(weights.tolist()), bias=float(neuron.bias + step))
        yield Correction(example=number, answer=int(answer), wanted=int(wanted), neuron=neuron)
