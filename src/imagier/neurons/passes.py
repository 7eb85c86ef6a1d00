"""A network by hand: forwards with every intermediate number, backwards by the chain rule.

Forwards, each layer hands on what it computes; every number on the way is kept. Backwards, the
error's slope comes home by the same road: a layer that gave y = f(x) turns dE/dy into dE/dx.

    dense      y = W x + b       dE/dW = dE/dy · xᵀ      dE/db = dE/dy      dE/dx = Wᵀ · dE/dy
    bend       y = s(x)          dE/dx = s'(x) · dE/dy

Nothing else is in back-propagation. With a single input and two neurons in a row, in numbers:

>>> from imagier.neurons.layers import Activation, Dense
>>> layers = (Dense(inputs=1, outputs=1), Activation(kind="relu"), Dense(inputs=1, outputs=1))
>>> weights = (DenseWeights.of([[2.0]], [1.0]), DenseWeights.of([[3.0]], [0.5]))
>>> passes = forward(layers, weights, [[4.0]])
>>> [one.given.item() for one in passes]
[9.0, 9.0, 27.5]
>>> slopes = backward(passes, weights, squared_slope(passes[-1].given, [[20.0]]))
>>> [(slope.matrix.item(), slope.biases.item()) for slope in slopes]
[(90.0, 22.5), (67.5, 7.5)]

The first: E = ½ (27.5 - 20)², dE/dy = 7.5, times 3 on the way back, times the input 4: 90.

Source: the deck, chapters 3 and 9; D. Rumelhart, G. Hinton, R. Williams, "Learning representations
by back-propagating errors", Nature, 1986.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imagier.errors import UsageError
from imagier.neurons.functions import FUNCTIONS, softmax, softmax_pullback
from imagier.neurons.layers import Activation, Dense, Flatten, Layer, Softmax

__all__ = [
    "DenseWeights",
    "Pass",
    "backward",
    "forward",
    "numeric_slopes",
    "squared_error",
    "squared_slope",
]

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DenseWeights:
    """The weights and biases of one dense layer, or the slopes of the error along them.

    Attributes:
        matrix: A row for each neuron, a column for each input, (outputs, inputs).
        biases: One for each neuron, (outputs,).
    """

    matrix: Numbers
    biases: Numbers

    @classmethod
    def of(cls, matrix: ArrayLike, biases: ArrayLike) -> "DenseWeights":
        """Take anything that NumPy can make numbers of."""
        return cls(matrix=np.asarray(matrix, np.float64), biases=np.asarray(biases, np.float64))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pass:
    """What one layer was given and gave.

    Attributes:
        layer: The layer.
        received: What came in, one row an example, (N, inputs).
        given: What went out, (N, outputs).
    """

    layer: Layer
    received: Numbers
    given: Numbers


def forward(
    layers: Iterable[Layer], weights: Sequence[DenseWeights], inputs: ArrayLike
) -> tuple[Pass, ...]:
    """Carry numbers through a network and keep all of them.

    Args:
        layers: Dense layers, activations, softmax, flattening.
        weights: One a dense layer, in their order.
        inputs: One row an example, (N, n), or pictures, (N, H, W, C).

    Returns:
        What happened in each layer; the answer is `given` of the last.

    Raises:
        UsageError: `not_by_hand`, for layers of another kind.
    """
    numbers = np.asarray(inputs, np.float64)
    learned = iter(weights)
    passes = []
    for layer in layers:
        given = _given(layer, learned, numbers)
        passes.append(Pass(layer=layer, received=numbers, given=given))
        numbers = given
    return tuple(passes)


def backward(
    passes: Sequence[Pass], weights: Sequence[DenseWeights], slope: ArrayLike
) -> tuple[DenseWeights, ...]:
    """Bring the slope of the error home by the chain rule.

    Args:
        passes: What `forward` kept.
        weights: The same weights.
        slope: dE/d(answer), (N, outputs).

    Returns:
        dE/dw and dE/db of each dense layer, added up over the examples.
    """
    back = np.asarray(slope, np.float64)
    remaining = list(weights)
    slopes: list[DenseWeights] = []
    for one in reversed(passes):
        if isinstance(one.layer, Dense):
            slopes.append(DenseWeights(matrix=back.T @ one.received, biases=back.sum(axis=0)))
        back = _back(one, remaining, back)
    return tuple(reversed(slopes))


def squared_error(answer: ArrayLike, wanted: ArrayLike) -> float:
    """Measure the error E = ½ Σ (answer - wanted)², over all examples and outputs."""
    difference = np.asarray(answer, np.float64) - np.asarray(wanted, np.float64)
    return 0.5 * float((difference**2).sum())


def squared_slope(answer: ArrayLike, wanted: ArrayLike) -> Numbers:
    """Give the slope of `squared_error` along the answer: answer - wanted."""
    return np.asarray(answer, np.float64) - np.asarray(wanted, np.float64)


def numeric_slopes(
    layers: Sequence[Layer],
    weights: Sequence[DenseWeights],
    inputs: ArrayLike,
    wanted: ArrayLike,
    *,
    step: float = 1e-5,
) -> tuple[DenseWeights, ...]:
    """Measure the same slopes by moving each weight a little, as chapter 9 does.

    (E(w + h) - E(w - h)) / 2h, one weight after the other: two passes a weight, where the chain
    rule needs one pass forwards and one backwards for all of them.

    Args:
        layers: The network.
        weights: One a dense layer.
        inputs: One row an example.
        wanted: The answers wanted, (N, outputs).
        step: h.
    """

    def error(changed: Sequence[DenseWeights]) -> float:
        return squared_error(forward(layers, changed, inputs)[-1].given, wanted)

    slopes = []
    for place, one in enumerate(weights):
        measured = DenseWeights(matrix=np.zeros_like(one.matrix), biases=np.zeros_like(one.biases))
        for name in ("matrix", "biases"):
            for index in np.ndindex(getattr(one, name).shape):
                up, down = (
                    error([*weights[:place], moved, *weights[place + 1 :]])
                    for moved in _moved(one, name, index, step)
                )
                getattr(measured, name)[index] = (up - down) / (2 * step)
        slopes.append(measured)
    return tuple(slopes)


def _given(layer: Layer, learned: Iterator[DenseWeights], numbers: Numbers) -> Numbers:
    match layer:
        case Dense():
            one = next(learned)
            return numbers @ one.matrix.T + one.biases
        case Activation(kind=kind) if kind in FUNCTIONS:
            return FUNCTIONS[kind].value(numbers)
        case Softmax():
            return softmax(numbers)
        case Flatten():
            in_order = numbers.transpose(0, 3, 1, 2) if numbers.ndim == 4 else numbers
            return in_order.reshape(len(numbers), -1)
        case _:
            raise UsageError("not_by_hand", layer=type(layer).__name__)


def _back(one: Pass, remaining: list[DenseWeights], back: Numbers) -> Numbers:
    """Turn the slope along what a layer gave into the slope along what it received."""
    match one.layer:
        case Dense():
            return back @ remaining.pop().matrix
        case Activation(kind=kind):
            return back * FUNCTIONS[kind].slope(one.received)
        case Softmax():
            return softmax_pullback(one.given, back)
        case _:
            return back  # flattening is the first layer: nothing before it learns


def _moved(
    one: DenseWeights, name: str, index: tuple[int, ...], step: float
) -> Iterator[DenseWeights]:
    """Give the weights with one number moved up, then down."""
    for move in (step, -step):
        parts = {"matrix": one.matrix.copy(), "biases": one.biases.copy()}
        parts[name][index] += move
        yield DenseWeights(**parts)
