"""Learning by back-propagation: go down the slope that the backward pass found, and again.

>>> from imagier.neurons.perceptron import GATES
>>> layers = hidden_network(inputs=2, hidden=(2,), activation="sigmoid")
>>> *_, last = descend(layers, GATES["xor"], seed=0, steps=2000)
>>> answers(layers, last.weights, GATES["xor"].points).round().tolist()
[0.0, 1.0, 1.0, 0.0]

What one neuron cannot do, two hidden ones and a third can: each hidden neuron draws a line, and the
last one fires between the two.

Source: the deck, chapters 3, 4 and 9.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from imagier.errors import UsageError
from imagier.neurons.layers import Activation, Dense, Layer
from imagier.neurons.passes import (
    DenseWeights,
    backward,
    forward,
    squared_error,
    squared_slope,
)
from imagier.neurons.perceptron import Examples

__all__ = ["DescentStep", "answers", "descend", "first_weights", "hidden_network"]

Bend = Literal["sigmoid", "relu", "tanh"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DescentStep:
    """A moment of the learning.

    Attributes:
        number: How many steps were made.
        error: The mean squared error over the examples, here.
        right: How many examples are answered on the right side of one half.
        weights: The weights, here.
    """

    number: int
    error: float
    right: int
    weights: tuple[DenseWeights, ...]


def hidden_network(*, inputs: int, hidden: Sequence[int], activation: Bend) -> tuple[Layer, ...]:
    """Describe a network with hidden layers and one output neuron that answers from 0 to 1.

    Args:
        inputs: How many numbers come in.
        hidden: Neurons of each hidden layer.
        activation: The bend of the hidden neurons; the last one always has a sigmoid.
    """
    layers: list[Layer] = []
    for width in hidden:
        layers += [Dense(inputs=inputs, outputs=width), Activation(kind=activation)]
        inputs = width
    return (*layers, Dense(inputs=inputs, outputs=1), Activation(kind="sigmoid"))


def first_weights(layers: Sequence[Layer], *, seed: int) -> tuple[DenseWeights, ...]:
    """Draw weights to begin with: evenly between ±√(6 / (inputs + outputs)), biases at random too.

    With all weights equal, all hidden neurons would learn the same thing.
    """
    generator = np.random.default_rng(seed)
    weights = []
    for layer in layers:
        if isinstance(layer, Dense):
            reach = float(np.sqrt(6 / (layer.inputs + layer.outputs)))
            matrix = generator.uniform(-reach, reach, (layer.outputs, layer.inputs))
            biases = generator.uniform(-reach, reach, layer.outputs)
            weights.append(DenseWeights(matrix=matrix, biases=biases))
    return tuple(weights)


def descend(
    layers: Sequence[Layer],
    examples: Examples,
    *,
    seed: int,
    rate: float = 2.0,
    momentum: float = 0.9,
    steps: int = 2000,
) -> Iterator[DescentStep]:
    """Learn: each step goes against the slope of the mean squared error, with some momentum.

    Args:
        layers: The network, as `hidden_network` gives it.
        examples: What to learn.
        seed: Decides the first weights.
        rate: How far a step goes along the slope.
        momentum: How much of the last step goes on.
        steps: How many steps to make.

    Yields:
        The beginning, then the state after each step.

    Raises:
        UsageError: `learning_rate`, when the rate is not above zero; `learning_diverged`.
    """
    if not 0 < rate < float("inf"):
        raise UsageError("learning_rate", received=rate)
    weights = first_weights(layers, seed=seed)
    moves = tuple(_times(0.0, one) for one in weights)
    wanted = examples.wanted[:, np.newaxis]
    for number in range(steps + 1):
        passes = forward(layers, weights, examples.points)
        answer = passes[-1].given
        right = int(((answer >= 0.5) == (wanted >= 0.5)).sum())
        error = 2 * squared_error(answer, wanted) / len(wanted)
        if not np.isfinite(error):
            raise UsageError("learning_diverged", step=number, rate=rate)
        yield DescentStep(number=number, error=error, right=right, weights=weights)
        slopes = backward(passes, weights, squared_slope(answer, wanted) / len(wanted))
        moves = tuple(
            _sum(_times(momentum, move), _times(-rate, slope))
            for move, slope in zip(moves, slopes, strict=True)
        )
        weights = tuple(_sum(one, move) for one, move in zip(weights, moves, strict=True))


def answers(
    layers: Sequence[Layer], weights: Sequence[DenseWeights], points: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give the network's answer at each point, (N,)."""
    return forward(layers, weights, points)[-1].given[:, 0]


def _times(factor: float, one: DenseWeights) -> DenseWeights:
    return DenseWeights(matrix=factor * one.matrix, biases=factor * one.biases)


def _sum(one: DenseWeights, other: DenseWeights) -> DenseWeights:
    return DenseWeights(matrix=one.matrix + other.matrix, biases=one.biases + other.biases)
