"""Back-propagation by hand: a network forwards with every number, backwards by the chain rule.

Forwards, each layer hands on what it computes, and keeps how to come back: from dE/dy, the
gradient of the error along what it gave, to dE/dx, that along what it received. Backwards, the
gradient goes home by the same road; on its way each dense layer learns that of its own weights.

    dense        y = W x + b     dE/dx = Wᵀ · dE/dy     dE/dW = dE/dy · xᵀ     dE/db = dE/dy
    activation   y = s(x)        dE/dx = s'(x) · dE/dy

Nothing else is in back-propagation. With a single input and two neurons in a row, in numbers:

>>> from imagier.neurons.layers import Activation, Dense
>>> layers = (Dense(inputs=1, outputs=1), Activation(kind="relu"), Dense(inputs=1, outputs=1))
>>> weights = (DenseWeights.of([[2.0]], [1.0]), DenseWeights.of([[3.0]], [0.5]))
>>> passes = forward(layers, weights, [[4.0]])
>>> [one.given.item() for one in passes]
[9.0, 9.0, 27.5]
>>> gradient = backward(passes, squared_error_gradient(passes[-1].given, [[20.0]]))
>>> [(one.matrix.item(), one.biases.item()) for one in gradient]
[(90.0, 22.5), (67.5, 7.5)]

The first: E = ½ (27.5 - 20)², dE/dy = 7.5, times 3 on the way back, times the input 4: 90.

Source: the deck, chapters 3 and 9; D. Rumelhart, G. Hinton, R. Williams, "Learning representations
by back-propagating errors", Nature, 1986.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imagier.errors import UsageError
from imagier.neurons.activations import ACTIVATIONS, softmax, softmax_backward
from imagier.neurons.layers import Activation, Dense, Flatten, Layer, Softmax

__all__ = [
    "DenseWeights",
    "Pass",
    "backward",
    "forward",
    "numeric_gradient",
    "squared_error",
    "squared_error_gradient",
]

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DenseWeights:
    """The weights and biases of one dense layer, or the gradient of the error along them.

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


# from dE/dy to dE/dx, and where the layer has weights to their gradient
_Backward = Callable[[Numbers], tuple[Numbers, DenseWeights | None]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pass:
    """What one layer was given and gave, and the way back through it.

    Attributes:
        layer: The layer.
        received: What came in, one row an example, (N, inputs).
        given: What went out, (N, outputs).
        backward: Turns the gradient along what went out, (N, outputs), into that along what came
            in, (N, inputs), and that along the layer's weights, None where it has none.
    """

    layer: Layer
    received: Numbers
    given: Numbers
    backward: _Backward


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
        given, back = _carry(layer, learned, numbers)
        passes.append(Pass(layer=layer, received=numbers, given=given, backward=back))
        numbers = given
    return tuple(passes)


def backward(passes: Sequence[Pass], gradient: ArrayLike) -> tuple[DenseWeights, ...]:
    """Bring the gradient of the error home by the chain rule.

    Args:
        passes: What `forward` kept.
        gradient: dE/d(answer), (N, outputs).

    Returns:
        dE/dw and dE/db of each dense layer, added up over the examples.
    """
    back = np.asarray(gradient, np.float64)
    found = []
    for one in reversed(passes):
        back, of_weights = one.backward(back)
        if of_weights is not None:
            found.append(of_weights)
    return tuple(reversed(found))


def squared_error(answer: ArrayLike, wanted: ArrayLike) -> float:
    """Measure the error E = ½ Σ (answer - wanted)², over all examples and outputs."""
    difference = np.asarray(answer, np.float64) - np.asarray(wanted, np.float64)
    return 0.5 * float((difference**2).sum())


def squared_error_gradient(answer: ArrayLike, wanted: ArrayLike) -> Numbers:
    """Give the gradient of `squared_error` along the answer: answer - wanted."""
    return np.asarray(answer, np.float64) - np.asarray(wanted, np.float64)


def numeric_gradient(
    layers: Sequence[Layer],
    weights: Sequence[DenseWeights],
    inputs: ArrayLike,
    wanted: ArrayLike,
    *,
    step: float = 1e-5,
) -> tuple[DenseWeights, ...]:
    """Measure the same gradient by moving each weight a little, as chapter 9 does.

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

    gradient = []
    for place, one in enumerate(weights):
        measured = DenseWeights(matrix=np.zeros_like(one.matrix), biases=np.zeros_like(one.biases))
        for name in ("matrix", "biases"):
            for index in np.ndindex(getattr(one, name).shape):
                up, down = (
                    error([*weights[:place], moved, *weights[place + 1 :]])
                    for moved in _moved(one, name, index, step)
                )
                getattr(measured, name)[index] = (up - down) / (2 * step)
        gradient.append(measured)
    return tuple(gradient)


def _carry(layer: Layer, learned: Iterator[DenseWeights], x: Numbers) -> tuple[Numbers, _Backward]:
    """Give what leaves a layer, and beside each operation its derivative: the way back."""
    match layer:
        case Dense():
            one = next(learned)
            return x @ one.matrix.T + one.biases, lambda dy: (
                dy @ one.matrix,
                DenseWeights(matrix=dy.T @ x, biases=dy.sum(axis=0)),
            )
        case Activation(kind=kind) if kind in ACTIVATIONS:
            function = ACTIVATIONS[kind]
            return function.value(x), lambda dy: (dy * function.derivative(x), None)
        case Softmax():
            shares = softmax(x)
            return shares, lambda dy: (softmax_backward(shares, dy), None)
        case Flatten():
            in_order = x.transpose(0, 3, 1, 2) if x.ndim == 4 else x
            # it is the first layer: nothing before it learns
            return in_order.reshape(len(x), -1), lambda dy: (dy, None)
        case _:
            raise UsageError("not_by_hand", layer=type(layer).__name__)


def _moved(
    one: DenseWeights, name: str, index: tuple[int, ...], step: float
) -> Iterator[DenseWeights]:
    """Give the weights with one number moved up, then down."""
    for move in (step, -step):
        parts = {"matrix": one.matrix.copy(), "biases": one.biases.copy()}
        parts[name][index] += move
        yield DenseWeights(**parts)
