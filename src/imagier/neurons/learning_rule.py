"""Rosenblatt's rule: the first way in which a machine learned from its mistakes (1958).

Show the examples one after the other. Where the neuron answers rightly, change nothing. Where it
is wrong, move weights and bias by the input that it got wrong, upwards if it should have fired:

    w ← w + r · (wanted - answer) · u          b ← b + r · (wanted - answer)

>>> from imagier.neurons.perceptron import GATES
>>> *_, last = rosenblatt(GATES["and"])
>>> last.number, last.errors, last.neuron
(6, 0, Neuron(weights=(2.0, 1.0), bias=-3.0))

Does it end? If some line separates the two classes, yes: after at most (R / γ)² corrections, where
R is the length of the longest example (1 written behind each, for the bias) and γ the distance from
the line to the nearest one, measured there too. Each correction brings w nearer to the separating
direction w*: w · w* grows by γ or more, while ‖w‖² grows by R² or less, since it only moves when
it is wrong. After k corrections kγ ≤ w · w* ≤ ‖w‖ ≤ R√k, hence k ≤ (R / γ)².

>>> from imagier.neurons.separating import separation
>>> line = separation(GATES["and"])
>>> line is not None and sum(epoch.errors for epoch in rosenblatt(GATES["and"])) <= line.bound
True

If no line separates them, as for EXCLUSIVE OR, it never ends: it comes back to weights it has had.

>>> *_, last = rosenblatt(GATES["xor"])
>>> last.errors, last.seen_in
(4, 2)

Source: the deck, chapter 3; F. Rosenblatt, "The perceptron", Psychological Review, 1958;
A. Novikoff, "On convergence proofs on perceptrons", 1962.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from imagier.errors import UsageError
from imagier.neurons.perceptron import Examples, Neuron

__all__ = ["Correction", "Epoch", "rosenblatt"]


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
class Epoch:
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


def rosenblatt(examples: Examples, *, rate: float = 1.0, epochs: int = 1000) -> Iterator[Epoch]:
    """Learn by Rosenblatt's rule, from weights that are all zero.

    Args:
        examples: What to learn.
        rate: By how much of the input each mistake moves the weights, r.
        epochs: After how many rounds to give up.

    Yields:
        Each round. The last one has no error, or a neuron that was there before, or is the last
        that was allowed.

    Raises:
        UsageError: `learning_rate`, when the rate is not above zero.
    """
    if not 0 < rate < float("inf"):
        raise UsageError("learning_rate", received=rate)
    neuron = Neuron(weights=(0.0,) * examples.points.shape[1], bias=0.0)
    ends = {neuron: 0}
    for number in range(1, epochs + 1):
        corrections = tuple(_round(examples, neuron, rate))
        neuron = corrections[-1].neuron if corrections else neuron
        seen_in = ends.get(neuron) if corrections else None
        yield Epoch(number=number, corrections=corrections, neuron=neuron, seen_in=seen_in)
        if not corrections or seen_in is not None:
            return
        ends[neuron] = number


def _round(examples: Examples, neuron: Neuron, rate: float) -> Iterator[Correction]:
    for number, (point, wanted) in enumerate(zip(examples.points, examples.wanted, strict=True)):
        answer = float(neuron.fires(point))
        if answer == wanted:
            continue
        step = rate * (wanted - answer)
        weights = np.asarray(neuron.weights) + step * point
        neuron = Neuron(weights=tuple(weights.tolist()), bias=float(neuron.bias + step))
        yield Correction(example=number, answer=int(answer), wanted=int(wanted), neuron=neuron)
