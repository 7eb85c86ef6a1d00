"""`imagier neuron --learn xor --hidden 2`: what takes more than one neuron, with every number."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from imagier.cli.framework import note
from imagier.cli.neuron_examples import NamedExamples
from imagier.cli.neuron_passes import in_words as passes_in_words
from imagier.cli.neuron_passes import to_json as passes_to_json
from imagier.cli.neuron_study import Study, aligned, drawn, vector
from imagier.cli.numbers import plain_number
from imagier.errors import UsageError
from imagier.files import printable
from imagier.i18n import integer, t
from imagier.neurons import (
    DenseWeights,
    DescentStep,
    Layer,
    answers,
    descend,
    describe,
    hidden_network,
    total,
)
from imagier.neurons.drawing import Border, Plane, plane

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from imagier.neurons.backpropagation import Bend

__all__ = ["learn"]

RATES = {"sigmoid": 2.0, "tanh": 0.5, "relu": 0.2}
STEPS = 2000
SMALL, STARTS_SMALL, STARTS_LARGE = 16, 10, 3
MOST_LAYERS, WIDEST = 4, 64
MOST_WRITTEN = 16
SHOWN = (
    0,
    1,
    2,
    5,
    10,
    20,
    35,
    50,
    75,
    100,
    150,
    200,
    300,
    500,
    750,
    1000,
    1500,
    2000,
    5000,
    10_000,
)


def learn(
    named: NamedExamples,
    hidden: str,
    *,
    inputs: tuple[float, ...] | None,
    activation: str | None,
    rate: float | None,
    epochs: int | None,
    seed: int,
    quiet: bool,
) -> Study:
    """Learn examples with a network that has hidden layers.

    From some beginnings the descent ends in a hollow that is not the lowest: then it begins again
    from the next seed, and the answer says from which one it succeeded.

    Args:
        named: The examples; a table from a file is brought to mean 0 and spread 1 first.
        hidden: Neurons of each hidden layer, such as "2" or "4,4".
        inputs: A point whose passes are written out; None for none.
        activation: The bend of the hidden neurons; None for the sigmoid.
        rate: How far a step goes; None for a rate that suits the bend.
        epochs: Steps of each beginning; None for 2,000.
        seed: The first beginning.
        quiet: Whether to keep notes to oneself.

    Raises:
        UsageError: `neuron_hidden`, `neuron_hidden_step`, `neuron_inputs`, `learning_rate` or
            `learning_diverged`.
    """
    bend = activation or "sigmoid"
    if bend not in RATES:
        raise UsageError("neuron_hidden_step", activation=bend)
    if named.is_table:
        named = _scaled(named)
        note(t("cli.neuron.scaled"), quiet=quiet)
    points = named.examples.points
    if inputs is not None and len(inputs) != points.shape[1]:
        raise UsageError("neuron_inputs", n=points.shape[1], received=len(inputs))
    widths = _widths(hidden)
    layers = hidden_network(inputs=points.shape[1], hidden=widths, activation=cast("Bend", bend))
    rate, steps = RATES[bend] if rate is None else rate, epochs or STEPS
    count = STARTS_SMALL if len(points) <= SMALL else STARTS_LARGE
    best: tuple[DescentStep, ...] = ()
    for start in range(seed, seed + count):
        moments = _moments(layers, named, seed=start, rate=rate, steps=steps)
        if not best or moments[-1].right > best[-1].right:
            best, kept = moments, start
        if best[-1].right == len(points):
            break
    return _Lesson(
        named=named, widths=widths, bend=bend, layers=layers, moments=best, seed=kept, inputs=inputs
    )


def _widths(text: str) -> tuple[int, ...]:
    words = [word.strip() for word in text.split(",")]
    is_right = len(words) <= MOST_LAYERS and all(
        re.fullmatch("[0-9]{1,3}", word) and 1 <= int(word) <= WIDEST for word in words
    )
    if not is_right:
        received = printable(text[:40])
        raise UsageError("neuron_hidden", received=received, widest=WIDEST, deepest=MOST_LAYERS)
    return tuple(map(int, words))


def _scaled(named: NamedExamples) -> NamedExamples:
    points = named.examples.points
    spread = points.std(axis=0)
    scaled = (points - points.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return replace(named, examples=replace(named.examples, points=scaled))


def _moments(
    layers: Sequence[Layer], named: NamedExamples, *, seed: int, rate: float, steps: int
) -> tuple[DescentStep, ...]:
    """Learn, and keep a few moments: the beginning, some on the way, the end.

    It ends early once all answers are right and the error is below one in a thousand.
    """
    kept, last = [], None
    for last in descend(layers, named.examples, seed=seed, rate=rate, steps=steps):
        is_learned = last.right == len(named.examples.points) and last.error < 1e-3
        if last.number in SHOWN and not is_learned:
            kept.append(last)
        if is_learned:
            break
    if last is not None and (not kept or kept[-1].number != last.number):
        kept.append(last)
    return tuple(kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lesson:
    named: NamedExamples
    widths: tuple[int, ...]
    bend: str
    layers: tuple[Layer, ...]
    moments: tuple[DescentStep, ...]
    seed: int
    inputs: tuple[float, ...] | None

    def lines(self) -> Iterator[str]:
        examples = self.named.examples
        count = len(examples.points)
        facts = {"name": self.named.name, "examples": integer(count), "n": examples.points.shape[1]}
        yield t("cli.neuron.title", **facts)
        yield self._described()
        yield ""
        yield from self._table()
        yield ""
        verdict, last = self.verdict, self.moments[-1]
        yield t(f"cli.neuron.network.{verdict}", steps=integer(last.number), seed=self.seed)
        if max(self.widths) <= MOST_WRITTEN and examples.points.shape[1] <= MOST_WRITTEN:
            yield from self._weights()
        yield from self._answers()
        if self.inputs is not None:
            yield ""
            yield from passes_in_words(self.layers, last.weights, self.inputs, self._wanted())

    def facts(self) -> dict[str, Any]:
        last = self.moments[-1]
        sums = total(describe(self.layers, self.named.examples.points.shape[1:]))
        passes, slopes = passes_to_json(self.layers, last.weights, self.inputs, self._wanted())
        return {
            "mode": "network",
            "input": None if self.inputs is None else list(self.inputs),
            "examples": len(self.named.examples.points),
            "verdict": self.verdict,
            "epochs": last.number,
            "network": {
                "hidden": list(self.widths),
                "activation": self.bend,
                "parameters": sums.parameters,
                "seed": self.seed,
                "error": last.error,
                "right": last.right,
                "answers": [float(answer) for answer in self._all_answers()],
                "weights": [one.matrix.tolist() for one in last.weights],
                "biases": [one.biases.tolist() for one in last.weights],
            },
            "passes": passes,
            "slopes": slopes,
        }

    def draw(self, kind: str) -> bytes:
        """Draw the plane at the end, or (.gif) at moments of the learning."""
        label = t("cli.neuron.alt.plane")
        if self.named.examples.points.shape[1] > 2:
            return drawn(self._error_chart(), kind, label=label)
        if kind != ".gif":
            return drawn(self._plane(self.moments[-1]), kind, label=label)
        from imagier.figures import gif

        return gif((self._plane(moment) for moment in self.moments), seconds=0.8)

    @property
    def verdict(self) -> str:
        """How it ended: learned, or unfinished."""
        count = len(self.named.examples.points)
        return "learned" if self.moments[-1].right == count else "unfinished"

    def _described(self) -> str:
        sums = total(describe(self.layers, self.named.examples.points.shape[1:]))
        bend = t(f"cli.neuron.bend.{self.bend}")
        hidden = " → ".join(f"{width} ({bend})" for width in self.widths)
        return t(
            "cli.neuron.network.described",
            inputs=self.named.examples.points.shape[1],
            hidden=hidden,
            weights=integer(sums.weights),
            biases=integer(sums.biases),
            n=sums.parameters,
            parameters=integer(sums.parameters),
        )

    def _table(self) -> Iterator[str]:
        count = integer(len(self.named.examples.points))
        head = [t(f"cli.neuron.column.{word}") for word in ("step", "error", "right")]
        rows = [
            [
                integer(moment.number),
                plain_number(moment.error, 5),
                t("cli.neuron.right", right=integer(moment.right), all=count),
            ]
            for moment in self.moments
        ]
        yield from aligned([head, *rows])

    def _weights(self) -> Iterator[str]:
        for number, one in enumerate(self.moments[-1].weights, start=1):
            for place, (row, bias) in enumerate(zip(one.matrix, one.biases, strict=True), start=1):
                facts = {"layer": number, "neuron": place}
                shown = {"weights": vector(row), "bias": plain_number(float(bias))}
                yield t("cli.neuron.network.weights", **facts, **shown)

    def _answers(self) -> Iterator[str]:
        examples = self.named.examples
        if len(examples.points) > SMALL:
            return
        yield ""
        words = ("example", "wanted", "answer")
        rows = [
            [vector(point), examples.classes[int(wanted)], plain_number(float(answer))]
            for point, wanted, answer in zip(
                examples.points, examples.wanted, self._all_answers(), strict=True
            )
        ]
        yield from aligned([[t(f"cli.neuron.column.{word}") for word in words], *rows])

    def _all_answers(self) -> NDArray[np.float64]:
        return answers(self.layers, self.moments[-1].weights, self.named.examples.points)

    def _wanted(self) -> float | None:
        """Find the answer wanted at the point that is written out; None where nobody knows it."""
        if self.inputs is None:
            return None
        examples = self.named.examples
        same = (examples.points == np.asarray(self.inputs)).all(axis=1)
        return float(examples.wanted[same][0]) if same.any() else None

    def _plane(self, moment: DescentStep) -> "Figure":
        shown = Plane(
            examples=self.named.examples,
            answer=lambda points: answers(self.layers, moment.weights, points),
            title=t(
                "cli.neuron.plot.step",
                step=integer(moment.number),
                error=plain_number(moment.error, 4),
            ),
            borders=tuple(_borders(moment.weights[0])),
        )
        return plane(shown)

    def _error_chart(self) -> "Figure":
        from imagier.figures import Line, line_chart

        errors = [moment.error for moment in self.moments]
        line = Line(label=t("cli.neuron.column.error"), values=errors)
        return line_chart([line], x_label=t("cli.neuron.plot.moment"), y_label="")


def _borders(first: DenseWeights) -> Iterator[Border]:
    """Draw the lines of the hidden neurons of the first layer, where there are two inputs."""
    if first.matrix.shape[1] != 2 or len(first.matrix) > 8:
        return
    for number, (row, bias) in enumerate(zip(first.matrix, first.biases, strict=True), start=1):
        name = t("cli.neuron.plot.hidden", number=number) if len(first.matrix) <= 4 else ""
        yield Border(weights=(float(row[0]), float(row[1])), bias=float(bias), name=name)
