"""What a network with hidden layers learned: what takes more than one neuron, every number told."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from imagier.answers import AnswerFigure, AnswerTable, Shown, text_table
from imagier.errors import UsageError
from imagier.figures import Line, line_chart
from imagier.i18n import integer, plain_number, t
from imagier.neurons.backpropagation import DenseWeights
from imagier.neurons.counts import NetworkCount, describe, total
from imagier.neurons.examples import NamedExamples
from imagier.neurons.mlp import (
    LEARNING_RATES,
    STEPS,
    DescentStep,
    TrainedMlp,
    predict,
    standardised,
    train_mlp,
)
from imagier.neurons.passes_result import PointPasses
from imagier.neurons.plots import DecisionBoundary, DecisionPlane, decision_plane
from imagier.neurons.wording import all_keys, vector

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["MlpRun", "run_mlp"]

MOST_ANSWERS, MOST_WRITTEN = 16, 16


def run_mlp(
    named: NamedExamples,
    *,
    hidden: Sequence[int],
    inputs: tuple[float, ...] | None = None,
    activation: str = "sigmoid",
    learning_rate: float | None = None,
    epochs: int = STEPS,
    seed: int = 0,
) -> "MlpRun":
    """Learn examples with a network that has hidden layers.

    Args:
        named: The examples; the inputs of a file are standardised first.
        hidden: Neurons of each hidden layer.
        inputs: A point whose passes are written out; None for none.
        activation: That of the hidden neurons: sigmoid, relu or tanh.
        learning_rate: How far a step goes; None for one that suits the activation.
        epochs: Steps from each initialisation.
        seed: The first initialisation.

    Raises:
        UsageError: `neuron_hidden_step`, `neuron_inputs`, `learning_rate` or `learning_diverged`.
    """
    if activation not in LEARNING_RATES:
        raise UsageError("neuron_hidden_step", activation=activation)
    notes: tuple[str, ...] = ()
    if named.is_table:
        named = replace(named, examples=standardised(named.examples))
        notes = (t("neurons.scaled"),)
    dimension = named.examples.points.shape[1]
    if inputs is not None and len(inputs) != dimension:
        raise UsageError("neuron_inputs", n=dimension, received=len(inputs))
    trained = train_mlp(
        named.examples,
        hidden=hidden,
        activation=activation,
        learning_rate=learning_rate,
        steps=epochs,
        seed=seed,
    )
    return MlpRun(
        named=named,
        hidden=tuple(hidden),
        activation=activation,
        trained=trained,
        inputs=inputs,
        notes=notes,
    )


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MlpRun(Shown):
    """How a network with hidden layers learned.

    Attributes:
        named: The examples, as they were learned.
        hidden: Neurons of each hidden layer.
        activation: That of the hidden neurons.
        trained: The network and its best descent.
        inputs: A point whose passes are written out.
        notes: What was done to the examples first.
    """

    named: NamedExamples
    hidden: tuple[int, ...]
    activation: str
    trained: TrainedMlp
    inputs: tuple[float, ...] | None = None
    notes: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """How it ended: learned, or unfinished."""
        count = len(self.named.examples.points)
        return "learned" if self.trained.history[-1].right == count else "unfinished"

    def lines(self) -> Iterator[str]:
        """Write the network, its descent, its weights, its answers, and the passes of a point."""
        points, last = self.named.examples.points, self.trained.history[-1]
        facts = {"name": self.named.name, "examples": integer(len(points)), "n": points.shape[1]}
        yield t("neurons.title", **facts)
        yield self._described()
        yield ""
        yield from self._descent()
        yield ""
        steps = integer(last.number)
        yield t(f"neurons.mlp.{self.verdict}", steps=steps, seed=self.trained.seed)
        if max(*self.hidden, points.shape[1]) <= MOST_WRITTEN:
            yield from self._weights()
        if len(points) <= MOST_ANSWERS:
            yield ""
            yield from self._answers()
        if passes := self._passes():
            yield ""
            yield from passes.lines()

    def to_json(self) -> dict[str, Any]:
        """Give the network with its weights and answers, and the passes of a point."""
        last, passes = self.trained.history[-1], self._passes()
        facts = {
            "mode": "network",
            "input": None if self.inputs is None else list(self.inputs),
            "examples": len(self.named.examples.points),
            "verdict": self.verdict,
            "epochs": last.number,
            "network": {
                "hidden": list(self.hidden),
                "activation": self.activation,
                "parameters": self._count().parameters,
                "seed": self.trained.seed,
                "error": last.error,
                "right": last.right,
                "answers": [float(answer) for answer in self._predict(last)],
                "weights": [one.matrix.tolist() for one in last.weights],
                "biases": [one.biases.tolist() for one in last.weights],
            },
            "passes": passes.forward_json() if passes else None,
            "gradient": passes.gradient_json() if passes else None,
        }
        return all_keys(facts)

    def figures(self) -> Mapping[str, AnswerFigure]:
        """Draw the plane at the end, as a film at moments of the descent.

        With more than two inputs, the error of each moment is drawn.
        """
        label = t("neurons.alt.plane")
        if self.named.examples.points.shape[1] > 2:
            return {"figure": AnswerFigure(label=label, draw=self._error_chart)}
        figure = AnswerFigure(
            label=label,
            draw=lambda: self._plane(self.trained.history[-1]),
            frames=lambda: map(self._plane, self.trained.history),
            seconds=0.8,
        )
        return {"figure": figure}

    def tables(self) -> Mapping[str, AnswerTable]:
        """There is none."""
        return {}

    def _count(self) -> NetworkCount:
        return total(describe(self.trained.layers, self.named.examples.points.shape[1:]))

    def _described(self) -> str:
        sums = self._count()
        name = t(f"neurons.activation.{self.activation}")
        return t(
            "neurons.mlp.described",
            inputs=self.named.examples.points.shape[1],
            hidden=" → ".join(f"{width} ({name})" for width in self.hidden),
            weights=integer(sums.weights),
            biases=integer(sums.biases),
            n=sums.parameters,
            parameters=integer(sums.parameters),
        )

    def _descent(self) -> Iterator[str]:
        count = integer(len(self.named.examples.points))
        head = [t(f"neurons.column.{word}") for word in ("step", "error", "right")]
        rows = [
            [
                integer(moment.number),
                plain_number(moment.error, 5),
                t("neurons.right", right=integer(moment.right), all=count),
            ]
            for moment in self.trained.history
        ]
        yield from text_table([head, *rows], left=())

    def _weights(self) -> Iterator[str]:
        for number, one in enumerate(self.trained.weights, start=1):
            for place, (row, bias) in enumerate(zip(one.matrix, one.biases, strict=True), start=1):
                facts = {"layer": number, "neuron": place}
                shown = {"weights": vector(row), "bias": plain_number(float(bias))}
                yield t("neurons.mlp.weights", **facts, **shown)

    def _answers(self) -> Iterator[str]:
        examples = self.named.examples
        answers = self._predict(self.trained.history[-1])
        head = [t(f"neurons.column.{word}") for word in ("example", "wanted", "answer")]
        rows = [
            [vector(point), examples.classes[int(wanted)], plain_number(float(answer))]
            for point, wanted, answer in zip(examples.points, examples.wanted, answers, strict=True)
        ]
        yield from text_table([head, *rows], left=())

    def _predict(self, moment: DescentStep) -> NDArray[np.float64]:
        return predict(self.trained.layers, moment.weights, self.named.examples.points)

    def _passes(self) -> PointPasses | None:
        if self.inputs is None:
            return None
        examples = self.named.examples
        same = (examples.points == np.asarray(self.inputs)).all(axis=1)
        return PointPasses(
            layers=self.trained.layers,
            weights=self.trained.weights,
            point=self.inputs,
            wanted=float(examples.wanted[same][0]) if same.any() else None,
        )

    def _plane(self, moment: DescentStep) -> "Figure":
        error = plain_number(moment.error, 4)
        shown = DecisionPlane(
            examples=self.named.examples,
            answer=lambda points: predict(self.trained.layers, moment.weights, points),
            title=t("neurons.plot.step", step=integer(moment.number), error=error),
            boundaries=tuple(_boundaries(moment.weights[0])),
        )
        return decision_plane(shown)

    def _error_chart(self) -> "Figure":
        errors = [moment.error for moment in self.trained.history]
        line = Line(label=t("neurons.column.error"), values=errors)
        return line_chart([line], x_label=t("neurons.plot.moment"), y_label="")


def _boundaries(first: DenseWeights) -> Iterator[DecisionBoundary]:
    """Draw the lines of the hidden neurons of the first layer, where there are two inputs."""
    if first.matrix.shape[1] != 2 or len(first.matrix) > 8:
        return
    for number, (row, bias) in enumerate(zip(first.matrix, first.biases, strict=True), start=1):
        name = t("neurons.plot.hidden", number=number) if len(first.matrix) <= 4 else ""
        weights = (float(row[0]), float(row[1]))
        yield DecisionBoundary(weights=weights, bias=float(bias), name=name)
