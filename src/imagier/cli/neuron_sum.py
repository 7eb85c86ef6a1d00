"""`imagier neuron WEIGHTS`: the weighted sum of one neuron, and what each bend makes of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from imagier.cli.neuron_study import Study, drawn, sum_in_words
from imagier.cli.numbers import plain_number
from imagier.errors import UsageError
from imagier.i18n import t
from imagier.neurons import FUNCTIONS, Examples, Neuron
from imagier.neurons.drawing import Border, Plane, plane

__all__ = ["compute"]


def compute(
    weights: tuple[float, ...], bias: float, *, inputs: tuple[float, ...] | None, bend: str | None
) -> Study:
    """Compute one neuron.

    Args:
        weights: One for each input.
        bias: What is added.
        inputs: What comes in; None where only its line is to be drawn.
        bend: The activation that comes first; None for all of them.

    Raises:
        UsageError: `neuron_inputs`, when there is not one input a weight.
    """
    neuron = Neuron(weights=weights, bias=bias)
    total = None if inputs is None else float(neuron.weighted_sum(inputs))
    return _Sum(neuron=neuron, inputs=inputs, total=total, bend=bend)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sum:
    neuron: Neuron
    inputs: tuple[float, ...] | None
    total: float | None
    bend: str | None

    def lines(self) -> Iterator[str]:
        if self.inputs is None or self.total is None:
            yield t("cli.neuron.line", bias=plain_number(self.neuron.bias), sum=self._formula())
            return
        words = sum_in_words(self.neuron.weights, self.inputs, self.neuron.bias)
        yield f"a = {words} = {plain_number(self.total)}"
        for name, value in self._outputs().items():
            yield f"{t(f'cli.neuron.bend.{name}')}(a) = {plain_number(value, 6)}"

    def facts(self) -> dict[str, Any]:
        return {
            "mode": "sum",
            "weights": list(self.neuron.weights),
            "bias": self.neuron.bias,
            "input": None if self.inputs is None else list(self.inputs),
            "sum": self.total,
            "outputs": None if self.total is None else self._outputs(),
        }

    def draw(self, kind: str) -> bytes:
        """Draw the plane of two inputs, with the line where the neuron changes its mind."""
        if len(self.neuron.weights) != 2:
            raise UsageError("neuron_plane", n=len(self.neuron.weights))
        first, second = self.neuron.weights
        border = Border(weights=(first, second), bias=self.neuron.bias, name="a = 0")
        shown = Plane(
            examples=self._seen(),
            box=self._box(),
            answer=self.neuron.fires,
            title=f"a = {self._formula()}",
            borders=(border,),
        )
        return drawn(plane(shown), kind, label=t("cli.neuron.alt.plane"))

    def _outputs(self) -> dict[str, float]:
        names = [self.bend] if self.bend else FUNCTIONS
        return {name: float(FUNCTIONS[name].value(self.total or 0.0)) for name in names}

    def _formula(self) -> str:
        terms = [
            f"{plain_number(weight)}·u{number}"
            for number, weight in enumerate(self.neuron.weights, start=1)
        ]
        return " + ".join([*terms, plain_number(self.neuron.bias)]).replace("+ −", "− ")

    def _seen(self) -> Examples:
        """Give the input as the one point to draw, or no point."""
        points = np.zeros((0, 2)) if self.inputs is None else np.array([self.inputs])
        return Examples(points=points, wanted=self.neuron.fires(points), names=("u1", "u2"))

    def _box(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Choose what is seen of the plane: the input, and the line where it is nearest to 0."""
        weights = np.asarray(self.neuron.weights)
        nearest = -self.neuron.bias / (float(weights @ weights) or 1.0) * weights
        corners = np.array([nearest - 1, nearest + 1, *self._seen().points])
        middle = (corners.min(axis=0) + corners.max(axis=0)) / 2
        reach = 0.65 * float(np.ptp(corners, axis=0).max())
        across, up = ((float(place - reach), float(place + reach)) for place in middle)
        return across, up
