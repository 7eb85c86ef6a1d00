"""What `imagier neuron` answers without learning: one weighted sum, the activations, softmax."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from imagier.answers import AnswerFigure, AnswerTable, Shown, text_table
from imagier.errors import UsageError
from imagier.i18n import plain_number, significant, t
from imagier.neurons.activations import ACTIVATIONS, proportions, softmax
from imagier.neurons.examples import LabeledPoints
from imagier.neurons.perceptron import Neuron
from imagier.neurons.plots import DecisionBoundary, DecisionPlane, curves, decision_plane
from imagier.neurons.wording import all_keys, sum_in_words, vector

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["ActivationCurves", "NeuronSum", "SoftmaxShares"]

PLACES = (-4.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class NeuronSum(Shown):
    """The weighted sum of one neuron, and what each activation makes of it.

    Attributes:
        neuron: The neuron.
        inputs: What comes in; None where only its line is to be seen.
        activation: The only activation to apply; None for all of them.
        notes: What to know beside the answer.

    Raises:
        UsageError: `neuron_inputs` from each method, when there is not one input a weight.
    """

    neuron: Neuron
    inputs: tuple[float, ...] | None = None
    activation: str | None = None
    notes: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """Write the sum out, then each activation of it."""
        total = self._total()
        if self.inputs is None or total is None:
            yield t("neurons.line", bias=plain_number(self.neuron.bias), sum=self._formula())
            return
        words = sum_in_words(self.neuron.weights, self.inputs, self.neuron.bias)
        yield f"a = {words} = {plain_number(total)}"
        for name, value in self._outputs(total).items():
            yield f"{t(f'neurons.activation.{name}')}(a) = {plain_number(value, 6)}"

    def to_json(self) -> dict[str, Any]:
        """Give weights, inputs, sum and outputs."""
        total = self._total()
        facts = {
            "mode": "sum",
            "weights": list(self.neuron.weights),
            "bias": self.neuron.bias,
            "input": None if self.inputs is None else list(self.inputs),
            "sum": total,
            "outputs": None if total is None else self._outputs(total),
        }
        return all_keys(facts)

    def figures(self) -> Mapping[str, AnswerFigure]:
        """Draw the plane, with the line where the neuron changes its mind; of two inputs only."""
        if len(self.neuron.weights) != 2:
            return {}
        return {"figure": AnswerFigure(label=t("neurons.alt.plane"), draw=self._plane)}

    def tables(self) -> Mapping[str, AnswerTable]:
        """There is none."""
        return {}

    def _total(self) -> float | None:
        return None if self.inputs is None else float(self.neuron.weighted_sum(self.inputs))

    def _outputs(self, total: float) -> dict[str, float]:
        names = [self.activation] if self.activation else ACTIVATIONS
        return {name: float(ACTIVATIONS[name].value(total)) for name in names}

    def _formula(self) -> str:
        terms = [
            f"{plain_number(weight)}·u{number}"
            for number, weight in enumerate(self.neuron.weights, start=1)
        ]
        return " + ".join([*terms, plain_number(self.neuron.bias)]).replace("+ −", "− ")

    def _plane(self) -> "Figure":
        first, second = self.neuron.weights
        line = DecisionBoundary(weights=(first, second), bias=self.neuron.bias, name="a = 0")
        shown = DecisionPlane(
            examples=self._seen(),
            box=self._box(),
            answer=self.neuron.fires,
            title=f"a = {self._formula()}",
            boundaries=(line,),
        )
        return decision_plane(shown)

    def _seen(self) -> LabeledPoints:
        """Give the input as the one point to draw, or no point."""
        points = np.zeros((0, 2)) if self.inputs is None else np.array([self.inputs])
        return LabeledPoints(points=points, wanted=self.neuron.fires(points), names=("u1", "u2"))

    def _box(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Choose what is seen of the plane: the input, and the line where it is nearest to 0."""
        weights = np.asarray(self.neuron.weights)
        nearest = -self.neuron.bias / (float(weights @ weights) or 1.0) * weights
        corners = np.array([nearest - 1, nearest + 1, *self._seen().points])
        middle = (corners.min(axis=0) + corners.max(axis=0)) / 2
        reach = 0.65 * float(np.ptp(corners, axis=0).max())
        across, up = ((float(place - reach), float(place + reach)) for place in middle)
        return across, up


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ActivationCurves(Shown):
    """Activations and their derivatives, at a few places.

    Attributes:
        names: Keys of `ACTIVATIONS`.
        places: Where they are looked at.
        notes: What to know beside the answer.
    """

    names: tuple[str, ...] = tuple(ACTIVATIONS)
    places: tuple[float, ...] = PLACES
    notes: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """Write a table of values and derivatives, and a sentence about each."""
        words = [f"{title}(a)" for title in self._titles()]
        head = ["a", *(part for word in words for part in (word, t("neurons.derivative")))]
        rows = [[plain_number(number, 4) for number in row] for row in self._rows()]
        yield from text_table([head, *rows], left=())
        yield ""
        for name in self.names:
            yield t(f"neurons.about.{name}")

    def to_json(self) -> dict[str, Any]:
        """Give one object a place."""
        keys = ["a", *(key for name in self.names for key in (name, f"{name}_slope"))]
        curve = [dict(zip(keys, row, strict=True)) for row in self._rows()]
        return all_keys({"mode": "activation", "curve": curve})

    def figures(self) -> Mapping[str, AnswerFigure]:
        """Draw each activation with its derivative."""
        return {"figure": AnswerFigure(label=t("neurons.alt.curves"), draw=self._curves)}

    def tables(self) -> Mapping[str, AnswerTable]:
        """There is none."""
        return {}

    def _titles(self) -> list[str]:
        return [t(f"neurons.activation.{name}") for name in self.names]

    def _curves(self) -> "Figure":
        return curves(self.names, ("s(a)", t("neurons.plot.derivative")), self._titles())

    def _rows(self) -> list[list[float]]:
        rows = []
        for place in self.places:
            functions = [ACTIVATIONS[name] for name in self.names]
            pairs = [(float(f.value(place)), float(f.derivative(place))) for f in functions]
            rows.append([place, *(number for pair in pairs for number in pair)])
        return rows


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SoftmaxShares(Shown):
    """The shares that softmax makes of numbers, beside their proportions.

    Attributes:
        inputs: The numbers.
        notes: What to know beside the answer.
    """

    inputs: tuple[float, ...]
    notes: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """Write both, and what softmax does."""
        total = plain_number(sum(self.inputs))
        yield t("neurons.shares", numbers=vector(self.inputs), total=total)
        parts = self._proportions()
        if parts is None:
            yield t("neurons.no_proportions")
        else:
            yield t("neurons.proportions", shares=vector(parts, digits=4))
        yield t("neurons.softmax", shares="   ".join(map(significant, self._softmax())))
        yield t("neurons.about.softmax")

    def to_json(self) -> dict[str, Any]:
        """Give both as lists."""
        shares = {"proportions": self._proportions(), "softmax": self._softmax()}
        return all_keys({"mode": "softmax", "input": list(self.inputs), "shares": shares})

    def figures(self) -> Mapping[str, AnswerFigure]:
        """Softmax has no curve of its own: each share depends on all numbers."""
        return {}

    def tables(self) -> Mapping[str, AnswerTable]:
        """There is none."""
        return {}

    def _softmax(self) -> list[float]:
        shares: list[float] = softmax(self.inputs).tolist()
        return shares

    def _proportions(self) -> list[float] | None:
        try:
            parts: list[float] = proportions(self.inputs).tolist()
        except UsageError:
            return None
        return parts
