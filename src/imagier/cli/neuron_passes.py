"""A network's passes in words: each number forwards, each slope backwards beside a measured one."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from imagier.cli.neuron_study import aligned, sum_in_words
from imagier.cli.numbers import plain_number, significant
from imagier.i18n import t
from imagier.neurons import (
    Activation,
    Dense,
    DenseWeights,
    Layer,
    Pass,
    backward,
    forward,
    numeric_slopes,
    squared_error,
    squared_slope,
)

__all__ = ["in_words", "to_json"]

Point = tuple[float, ...]
MOST_SLOPES = 60


def in_words(
    layers: Sequence[Layer], weights: Sequence[DenseWeights], inputs: Point, wanted: float | None
) -> Iterator[str]:
    """Write the forward pass of one point, and, where its answer is known, the backward pass.

    Args:
        layers: The network.
        weights: One a dense layer.
        inputs: The point.
        wanted: The answer wanted there, if it is known.
    """
    passes = forward(layers, weights, np.array([inputs]))
    yield t("cli.neuron.forward")
    yield from _forward(passes, list(weights))
    if wanted is None:
        return
    answer = passes[-1].given
    error = squared_error(answer, [[wanted]])
    facts = {"answer": significant(answer.item()), "wanted": plain_number(wanted)}
    yield t("cli.neuron.error", **facts, error=significant(error))
    yield ""
    yield t("cli.neuron.backward")
    rows = list(_slopes(layers, weights, inputs, wanted))
    head = [t(f"cli.neuron.column.{word}") for word in ("weight", "value", "chain", "measured")]
    cells = [[name, *(significant(number) for number in row)] for name, *row in rows]
    yield from aligned([head, *cells[:MOST_SLOPES]])
    if len(rows) > MOST_SLOPES:
        yield t("cli.neuron.more_slopes", n=len(rows) - MOST_SLOPES)


def to_json(
    layers: Sequence[Layer],
    weights: Sequence[DenseWeights],
    inputs: Point | None,
    wanted: float | None,
) -> tuple[list[dict[str, Any]] | None, list[dict[str, Any]] | None]:
    """Give both passes as figures; None for what was not asked or is not known."""
    if inputs is None:
        return None, None
    passes = [
        {
            "layer": _name(one.layer),
            "received": one.received[0].tolist(),
            "given": one.given[0].tolist(),
        }
        for one in forward(layers, weights, np.array([inputs]))
    ]
    if wanted is None:
        return passes, None
    keys = ("name", "value", "chain", "measured")
    slopes = [dict(zip(keys, row, strict=True)) for row in _slopes(layers, weights, inputs, wanted)]
    return passes, slopes


def _forward(passes: Sequence[Pass], weights: list[DenseWeights]) -> Iterator[str]:
    layer = 0
    for one in passes:
        if isinstance(one.layer, Dense):
            layer += 1
            learned = weights.pop(0)
            for place, total in enumerate(one.given[0], start=1):
                row, bias = learned.matrix[place - 1], float(learned.biases[place - 1])
                words = sum_in_words(row.tolist(), one.received[0].tolist(), bias)
                yield f"  a{layer},{place} = {words} = {plain_number(float(total))}"
        elif isinstance(one.layer, Activation):
            bend = t(f"cli.neuron.bend.{one.layer.kind}")
            for place, value in enumerate(one.given[0], start=1):
                number = significant(float(value))
                yield f"  v{layer},{place} = {bend}(a{layer},{place}) = {number}"


def _slopes(
    layers: Sequence[Layer], weights: Sequence[DenseWeights], inputs: Point, wanted: float
) -> Iterator[tuple[str, float, float, float]]:
    """Give each weight: its name, its value, its slope by the chain rule, the same measured."""
    point, target = np.array([inputs]), np.array([[wanted]])
    passes = forward(layers, weights, point)
    chain = backward(passes, weights, squared_slope(passes[-1].given, target))
    measured = numeric_slopes(layers, weights, point, target)
    for layer, ones in enumerate(zip(weights, chain, measured, strict=True), start=1):
        for index in np.ndindex(ones[0].matrix.shape):
            name = f"w{layer},{index[0] + 1}{index[1] + 1}"
            value, slope, other = (float(one.matrix[index]) for one in ones)
            yield name, value, slope, other
        for place in range(len(ones[0].biases)):
            value, slope, other = (float(one.biases[place]) for one in ones)
            yield f"b{layer},{place + 1}", value, slope, other


def _name(layer: Layer) -> str:
    return layer.kind if isinstance(layer, Activation) else type(layer).__name__.lower()
