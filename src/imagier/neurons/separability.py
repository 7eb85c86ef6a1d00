"""Separability: is there a straight line between the two classes? Else one neuron never is enough.

The question is decided, not tried out: a linear program looks for the weights that keep every
example as far on its side as possible. If the best distance is zero, no line separates them.

>>> from imagier.neurons.examples import GATES
>>> [name for name in GATES if separation(GATES[name]) is None]
['xor']
"""

import math
from dataclasses import dataclass

import numpy as np

from imagier.neurons.examples import LabeledPoints
from imagier.neurons.perceptron import Neuron

__all__ = ["Separation", "separation"]

SMALLEST = 1e-9  # of the longest example: nearer to the line is taken as on it


@dataclass(frozen=True, slots=True, kw_only=True)
class Separation:
    """A line between two classes.

    Attributes:
        neuron: The weights and the bias of the line.
        margin: Distance from the line to the nearest example, with 1 written behind each, γ.
        radius: Length of the longest example, with 1 written behind it, R.
    """

    neuron: Neuron
    margin: float
    radius: float

    @property
    def bound(self) -> int:
        """The most corrections that Rosenblatt's rule can take: (R / γ)², rounded down."""
        return math.floor((self.radius / self.margin) ** 2 * (1 + 1e-9))


def separation(examples: LabeledPoints) -> Separation | None:
    """Look for a line that separates the examples of 1 from those of 0.

    Args:
        examples: Points with two classes.

    Returns:
        A line with a wide margin (the widest in the sense of the linear program, whose bound holds
        though a smaller one may exist), or None when there is none.

    >>> from imagier.neurons.examples import GATES
    >>> line = separation(GATES["or"])
    >>> line is not None and line.neuron.fires(GATES["or"].points).tolist()
    [0.0, 1.0, 1.0, 1.0]
    """
    from scipy.optimize import linprog

    extended = np.column_stack([examples.points, np.ones(len(examples.points))])
    radius = float(np.linalg.norm(extended, axis=1).max())
    signs = 2 * examples.wanted - 1
    sided = extended * signs[:, np.newaxis] / radius
    # greatest t with sign · (w · u + b) ≥ t for all examples, weights kept between -1 and 1
    constraints = np.column_stack([-sided, np.ones(len(sided))])
    count = sided.shape[1]
    found = linprog(
        [*[0.0] * count, -1.0],
        A_ub=constraints,
        b_ub=np.zeros(len(sided)),
        bounds=[*[(-1, 1)] * count, (0, None)],
    )
    direction = found.x[:count]
    margin = float((sided @ direction).min() / (np.linalg.norm(direction) or 1.0))
    if margin <= SMALLEST:
        return None
    neuron = Neuron(weights=tuple(direction[:-1].tolist()), bias=float(direction[-1]))
    return Separation(neuron=neuron, margin=margin * radius, radius=radius)
