"""One neuron: a weighted sum, a bias, and a decision; the truth tables it can learn, and XOR.

The deck's neuron has the weights 3.2 and 5.1 and the bias 3:

>>> neuron = Neuron(weights=(3.2, 5.1, 0, 0), bias=3)
>>> round(float(neuron.weighted_sum((1, 1, 0, 0))), 9)
11.3
>>> round(float(neuron.weighted_sum((1, -2, 0, 0))), 9)
-4.0
>>> from imagier.neurons.functions import relu
>>> float(relu(neuron.weighted_sum((1, -2, 0, 0))))
0.0

Where the sum is zero lies a straight line (with two inputs; a plane with three...), and on each
side of it the neuron decides otherwise. AND and OR have such a line. EXCLUSIVE OR has none:

    (0, 0) → 0 asks for b < 0;
    (1, 0) → 1 and (0, 1) → 1 ask for w₁ + b ≥ 0 and w₂ + b ≥ 0, hence w₁ + w₂ + 2b ≥ 0;
    (1, 1) → 0 asks for w₁ + w₂ + b < 0, hence w₁ + w₂ + 2b < b < 0: a contradiction.

Source: the deck, chapter 3; W. McCulloch and W. Pitts, 1943; M. Minsky and S. Papert,
"Perceptrons", 1969.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imagier.errors import UsageError
from imagier.neurons.functions import heaviside

__all__ = ["GATES", "Examples", "Neuron"]


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

        >>> Neuron(weights=(2, 1), bias=-3).fires(GATES["and"].points).tolist()
        [0.0, 0.0, 0.0, 1.0]
        """
        return heaviside(self.weighted_sum(inputs))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Examples:
    """Points with the answer wanted at each.

    Attributes:
        points: The inputs, (N, n).
        wanted: The answers, 0 or 1, (N,).
        names: Names of the inputs.
        classes: What 0 and 1 stand for.
    """

    points: NDArray[np.float64]
    wanted: NDArray[np.float64]
    names: tuple[str, ...]
    classes: tuple[str, str] = ("0", "1")


def _gate(*answers: int) -> Examples:
    """Write a truth table whose inputs count upwards: 00, 01, 10, 11."""
    inputs = len(answers).bit_length() - 1
    points = np.indices((2,) * inputs).reshape(inputs, -1).T.astype(np.float64)
    names = tuple(f"u{number}" for number in range(1, inputs + 1))
    return Examples(points=points, wanted=np.array(answers, np.float64), names=names)


GATES = {
    "not": _gate(1, 0),
    "and": _gate(0, 0, 0, 1),
    "or": _gate(0, 1, 1, 1),
    "xor": _gate(0, 1, 1, 0),
}
