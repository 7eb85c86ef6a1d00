"""The multilayer perceptron: hidden layers, learned by going against the gradient of the error.

>>> from imagier.neurons.examples import GATES
>>> layers = hidden_network(inputs=2, hidden=(2,), activation="sigmoid")
>>> *_, last = descend(layers, GATES["xor"], seed=0, steps=2000)
>>> predict(layers, last.weights, GATES["xor"].points).round().tolist()
[0.0, 1.0, 1.0, 0.0]

What one neuron cannot do, two hidden ones and a third can: each hidden neuron draws a line, and the
last one fires between the two. From some initialisations the descent ends in a local minimum where
not all is right; `train_mlp` then begins again from the next seed.

Source: the deck, chapters 3, 4 and 9.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from imagier.errors import UsageError
from imagier.neurons.backpropagation import (
    DenseWeights,
    backward,
    forward,
    squared_error,
    squared_error_gradient,
)
from imagier.neurons.examples import LabeledPoints
from imagier.neurons.layers import Activation, Dense, Layer

__all__ = [
    "DescentStep",
    "TrainedMlp",
    "descend",
    "first_weights",
    "hidden_network",
    "predict",
    "standardised",
    "train_mlp",
]

HiddenActivation = Literal["sigmoid", "relu", "tanh"]

LEARNING_RATES: dict[HiddenActivation, float] = {"sigmoid": 2.0, "tanh": 0.5, "relu": 0.2}
STEPS = 2000
LEARNED = 1e-3  # mean squared error below which nothing more is to be gained
FEW_EXAMPLES, STARTS_WITH_FEW, STARTS_WITH_MANY = 16, 10, 3
KEPT = {0, 1, 2, 5, 10, 20, 35, 50, 75, 100, 150, 200, 300, 500, 750}
KEPT |= {1000, 1500, 2000, 5000, 10_000}


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainedMlp:
    """A network after its best descent.

    Attributes:
        layers: The network.
        history: Some moments of the descent, its start and its end among them.
        seed: The seed of the first weights that it came from.
    """

    layers: tuple[Layer, ...]
    history: tuple[DescentStep, ...]
    seed: int

    @property
    def weights(self) -> tuple[DenseWeights, ...]:
        """The weights at the end."""
        return self.history[-1].weights


def train_mlp(
    examples: LabeledPoints,
    *,
    hidden: Sequence[int],
    activation: HiddenActivation = "sigmoid",
    learning_rate: float | None = None,
    steps: int = STEPS,
    seed: int = 0,
) -> TrainedMlp:
    """Learn examples with a network that has hidden layers, from several initialisations.

    It begins again from the next seed until all examples are answered rightly: ten times at most
    with up to 16 examples, three times with more. The best descent is given.

    Args:
        examples: What to learn.
        hidden: Neurons of each hidden layer.
        activation: That of the hidden neurons.
        learning_rate: How far a step goes; None for one that suits the activation.
        steps: The most steps of each descent.
        seed: The first seed.

    Raises:
        UsageError: `learning_rate` or `learning_diverged`.

    >>> from imagier.neurons.examples import GATES
    >>> found = train_mlp(GATES["xor"], hidden=(2,))
    >>> found.seed, found.history[-1].right
    (0, 4)
    """
    count = len(examples.points)
    layers = hidden_network(inputs=examples.points.shape[1], hidden=hidden, activation=activation)
    rate = LEARNING_RATES[activation] if learning_rate is None else learning_rate
    starts = STARTS_WITH_FEW if count <= FEW_EXAMPLES else STARTS_WITH_MANY
    best: TrainedMlp | None = None
    for start in range(seed, seed + starts):
        history = _history(layers, examples, seed=start, learning_rate=rate, steps=steps)
        if best is None or history[-1].right > best.history[-1].right:
            best = TrainedMlp(layers=layers, history=history, seed=start)
        if best.history[-1].right == count:
            break
    assert best is not None  # noqa: S101 - there is at least one start
    return best


def standardised(examples: LabeledPoints) -> LabeledPoints:
    """Bring each input to mean 0 and standard deviation 1; one that never changes stays 0."""
    points = examples.points
    std = points.std(axis=0)
    return replace(examples, points=(points - points.mean(axis=0)) / np.where(std > 0, std, 1.0))


def hidden_network(
    *, inputs: int, hidden: Sequence[int], activation: HiddenActivation
) -> tuple[Layer, ...]:
    """Describe a network with hidden layers and one output neuron that answers from 0 to 1.

    Args:
        inputs: How many numbers come in.
        hidden: Neurons of each hidden layer.
        activation: That of the hidden neurons; the last one always has a sigmoid.
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
    examples: LabeledPoints,
    *,
    seed: int,
    learning_rate: float = 2.0,
    momentum: float = 0.9,
    steps: int = STEPS,
) -> Iterator[DescentStep]:
    """Learn: each step goes against the gradient of the mean squared error, with some momentum.

    Args:
        layers: The network, as `hidden_network` gives it.
        examples: What to learn.
        seed: Decides the first weights.
        learning_rate: How far a step goes along the gradient.
        momentum: How much of the last step goes on.
        steps: How many steps to make.

    Yields:
        The start, then the state after each step.

    Raises:
        UsageError: `learning_rate`, when it is not above zero; `learning_diverged`.
    """
    if not 0 < learning_rate < float("inf"):
        raise UsageError("learning_rate", received=learning_rate)
    weights = first_weights(layers, seed=seed)
    moves = tuple(_times(0.0, one) for one in weights)
    wanted = examples.wanted[:, np.newaxis]
    for number in range(steps + 1):
        passes = forward(layers, weights, examples.points)
        answer = passes[-1].given
        right = int(((answer >= 0.5) == (wanted >= 0.5)).sum())
        error = 2 * squared_error(answer, wanted) / len(wanted)
        if not np.isfinite(error):
            raise UsageError("learning_diverged", step=number, rate=learning_rate)
        yield DescentStep(number=number, error=error, right=right, weights=weights)
        gradient = backward(passes, squared_error_gradient(answer, wanted) / len(wanted))
        moves = tuple(
            _sum(_times(momentum, move), _times(-learning_rate, one))
            for move, one in zip(moves, gradient, strict=True)
        )
        weights = tuple(_sum(one, move) for one, move in zip(weights, moves, strict=True))


def predict(
    layers: Sequence[Layer], weights: Sequence[DenseWeights], points: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give the network's answer at each point, (N,)."""
    return forward(layers, weights, points)[-1].given[:, 0]


def _history(
    layers: Sequence[Layer],
    examples: LabeledPoints,
    *,
    seed: int,
    learning_rate: float,
    steps: int,
) -> tuple[DescentStep, ...]:
    """Learn, and keep a few moments: the start, some on the way, the end.

    It ends early once all answers are right and the error is below one in a thousand.
    """
    kept: list[DescentStep] = []
    for moment in descend(layers, examples, seed=seed, learning_rate=learning_rate, steps=steps):
        is_learned = moment.right == len(examples.points) and moment.error < LEARNED
        if is_learned or moment.number in KEPT or moment.number == steps:
            kept.append(moment)
        if is_learned:
            break
    return tuple(kept)


def _times(factor: float, one: DenseWeights) -> DenseWeights:
    return DenseWeights(matrix=factor * one.matrix, biases=factor * one.biases)


def _sum(one: DenseWeights, other: DenseWeights) -> DenseWeights:
    return DenseWeights(matrix=one.matrix + other.matrix, biases=one.biases + other.biases)
