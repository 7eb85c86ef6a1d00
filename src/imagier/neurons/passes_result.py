"""The passes of one point in words: each number forwards, each derivative beside a measured one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from imagier.answers import text_table
from imagier.i18n import plain_number, significant, t
from imagier.neurons.backpropagation import (
    DenseWeights,
    Pass,
    backward,
    forward,
    numeric_gradient,
    squared_error,
    squared_error_gradient,
)
from imagier.neurons.layers import Activation, Dense, Layer
from imagier.neurons.wording import sum_in_words

__all__ = ["PointPasses"]

MOST_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PointPasses:
    """What a network does with one point, forwards and, where its answer is known, backwards.

    Attributes:
        layers: The network.
        weights: One a dense layer.
        point: The inputs.
        wanted: The answer wanted there, if it is known.
    """

    layers: Sequence[Layer]
    weights: Sequence[DenseWeights]
    point: tuple[float, ...]
    wanted: float | None

    def lines(self) -> Iterator[str]:
        """Write out both passes."""
        passes = self._passes()
        yield t("neurons.forward")
        yield from self._forward(passes)
        if self.wanted is None:
            return
        answer = passes[-1].given
        error = squared_error(answer, [[self.wanted]])
        facts = {"answer": significant(answer.item()), "wanted": plain_number(self.wanted)}
        yield t("neurons.error", **facts, error=significant(error))
        yield ""
        yield t("neurons.backward")
        rows = list(self._gradient(self.wanted))
        head = [t(f"neurons.column.{word}") for word in ("weight", "value", "chain", "measured")]
        cells = [[name, *(significant(number) for number in row)] for name, *row in rows]
        yield from text_table([head, *cells[:MOST_SHOWN]], left=())
        if len(rows) > MOST_SHOWN:
            yield t("neurons.more_derivatives", n=len(rows) - MOST_SHOWN)

    def forward_json(self) -> list[dict[str, Any]]:
        """Give the numbers that each layer received and gave."""
        return [
            {
                "layer": _name(one.layer),
                "received": one.received[0].tolist(),
                "given": one.given[0].tolist(),
            }
            for one in self._passes()
        ]

    def gradient_json(self) -> list[dict[str, Any]] | None:
        """Give the gradient along each weight, twice; None where the answer is not known."""
        if self.wanted is None:
            return None
        keys = ("name", "value", "chain", "measured")
        return [dict(zip(keys, row, strict=True)) for row in self._gradient(self.wanted)]

    def _passes(self) -> tuple[Pass, ...]:
        return forward(self.layers, self.weights, np.array([self.point]))

    def _forward(self, passes: Sequence[Pass]) -> Iterator[str]:
        layer = 0
        for one in passes:
            if isinstance(one.layer, Dense):
                learned = self.weights[layer]
                layer += 1
                for place, total in enumerate(one.given[0], start=1):
                    row, bias = learned.matrix[place - 1], float(learned.biases[place - 1])
                    words = sum_in_words(row.tolist(), one.received[0].tolist(), bias)
                    yield f"  a{layer},{place} = {words} = {plain_number(float(total))}"
            elif isinstance(one.layer, Activation):
                name = t(f"neurons.activation.{one.layer.kind}")
                for place, value in enumerate(one.given[0], start=1):
                    number = significant(float(value))
                    yield f"  v{layer},{place} = {name}(a{layer},{place}) = {number}"

    def _gradient(self, wanted: float) -> Iterator[tuple[str, float, float, float]]:
        """Give each weight: its name, its value, ∂E/∂w by the chain rule, the same measured."""
        target, passes = np.array([[wanted]]), self._passes()
        chain = backward(passes, squared_error_gradient(passes[-1].given, target))
        measured = numeric_gradient(self.layers, self.weights, np.array([self.point]), target)
        for layer, ones in enumerate(zip(self.weights, chain, measured, strict=True), start=1):
            for row, column in np.ndindex(ones[0].matrix.shape):
                value, ours, theirs = (float(one.matrix[row, column]) for one in ones)
                yield f"w{layer},{row + 1}{column + 1}", value, ours, theirs
            for place in range(len(ones[0].biases)):
                value, ours, theirs = (float(one.biases[place]) for one in ones)
                yield f"b{layer},{place + 1}", value, ours, theirs


def _name(layer: Layer) -> str:
    return layer.kind if isinstance(layer, Activation) else type(layer).__name__.lower()
