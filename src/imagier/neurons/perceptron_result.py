"""What one neuron learned by Rosenblatt's rule, correction by correction, or why it never will."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from imagier.answers import AnswerFigure, AnswerTable, Shown, text_table
from imagier.figures import Line, line_chart
from imagier.i18n import integer, plain_number, t
from imagier.neurons.examples import NamedExamples
from imagier.neurons.perceptron import Correction, Neuron, PerceptronEpoch, rosenblatt
from imagier.neurons.plots import DecisionBoundary, DecisionPlane, decision_plane
from imagier.neurons.separability import Separation, separation
from imagier.neurons.wording import all_keys, sum_in_words, vector

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["PerceptronRun", "run_perceptron"]

MOST_SHOWN, MOST_IN_JSON, MOST_FRAMES = 24, 1000, 40
COLUMNS = ("epoch", "example", "answer", "wanted", "weights", "bias")


def run_perceptron(
    named: NamedExamples,
    *,
    inputs: tuple[float, ...] | None = None,
    learning_rate: float = 1.0,
    epochs: int = 1000,
) -> "PerceptronRun":
    """Learn examples with one neuron.

    Args:
        named: The examples.
        inputs: A point to compute with what was learned; None for no such point.
        learning_rate: By how much of the input each mistake moves the weights.
        epochs: After how many rounds to give up.

    Raises:
        UsageError: `learning_rate`; `neuron_inputs`, when the point has another dimension.

    >>> from imagier.neurons.examples import read_examples
    >>> run = run_perceptron(read_examples("or"))
    >>> run.verdict, run.neuron.bias
    ('learned', -1.0)
    """
    rounds = tuple(rosenblatt(named.examples, learning_rate=learning_rate, epochs=epochs))
    line = separation(named.examples)
    if inputs is not None:
        rounds[-1].neuron.weighted_sum(inputs)
    return PerceptronRun(named=named, rounds=rounds, line=line, inputs=inputs)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PerceptronRun(Shown):
    """How a neuron learned.

    Attributes:
        named: The examples.
        rounds: Each round through them.
        line: A line that separates the classes; None where there is none.
        inputs: A point to compute with the last weights.
        notes: What to know beside the answer.
    """

    named: NamedExamples
    rounds: tuple[PerceptronEpoch, ...]
    line: Separation | None
    inputs: tuple[float, ...] | None = None
    notes: tuple[str, ...] = ()

    @property
    def neuron(self) -> Neuron:
        """The neuron at the end."""
        return self.rounds[-1].neuron

    @property
    def verdict(self) -> str:
        """How it ended: learned, cycles, or unfinished."""
        if self.rounds[-1].errors == 0:
            return "learned"
        return "cycles" if self.rounds[-1].seen_in is not None else "unfinished"

    def lines(self) -> Iterator[str]:
        """Write the corrections as a table, then how it ended and why."""
        examples = self.named.examples
        count = integer(len(examples.points))
        yield t("neurons.title", name=self.named.name, examples=count, n=examples.points.shape[1])
        yield t("neurons.rule")
        yield ""
        head = [t(f"neurons.column.{word}") for word in COLUMNS]
        yield from text_table([head, *self._rows()], left=())
        yield ""
        yield from self._outcome()
        if self.inputs is not None:
            neuron = self.neuron
            words = sum_in_words(neuron.weights, self.inputs, neuron.bias)
            total = float(neuron.weighted_sum(self.inputs))
            answer = examples.classes[int(neuron.fires(self.inputs))]
            yield f"a = {words} = {plain_number(total)} → {answer}"

    def to_json(self) -> dict[str, Any]:
        """Give the last weights, the verdict, and the first 1,000 corrections."""
        corrections = self._corrections()
        facts = {
            "mode": "rule",
            "weights": list(self.neuron.weights),
            "bias": self.neuron.bias,
            "input": None if self.inputs is None else list(self.inputs),
            "sum": None if self.inputs is None else float(self.neuron.weighted_sum(self.inputs)),
            "examples": len(self.named.examples.points),
            "verdict": self.verdict,
            "separable": self.line is not None,
            "bound": self.line.bound if self.line else None,
            "epochs": len(self.rounds),
            "corrections": len(corrections),
            "steps": [_to_json(epoch, one) for epoch, one in corrections[:MOST_IN_JSON]],
        }
        return all_keys(facts)

    def figures(self) -> Mapping[str, AnswerFigure]:
        """Draw the plane at the end, as a film its line after each correction.

        With more than two inputs, the errors of each round are drawn.
        """
        label = t("neurons.alt.plane")
        if self.named.examples.points.shape[1] > 2:
            return {"figure": AnswerFigure(label=label, draw=self._error_chart)}
        figure = AnswerFigure(
            label=label,
            draw=lambda: self._plane(self.neuron, self._last_title()),
            frames=self._frames,
            seconds=0.7,
        )
        return {"figure": figure}

    def tables(self) -> Mapping[str, AnswerTable]:
        """There is none."""
        return {}

    def _corrections(self) -> list[tuple[int, Correction]]:
        return [(epoch.number, one) for epoch in self.rounds for one in epoch.corrections]

    def _rows(self) -> Iterator[list[str]]:
        """Give a row for each correction; of many, the first and the last."""
        examples = self.named.examples
        yield ["", "", "", "", vector((0.0,) * examples.points.shape[1]), "0"]
        for entry in _ends(self._corrections()):
            if entry is None:
                yield ["…"] * len(COLUMNS)
                continue
            epoch, one = entry
            yield [
                integer(epoch),
                vector(examples.points[one.example]),
                examples.classes[one.answer],
                examples.classes[one.wanted],
                vector(one.neuron.weights),
                plain_number(one.neuron.bias),
            ]

    def _outcome(self) -> Iterator[str]:
        count = len(self._corrections())
        facts = {"epochs": integer(len(self.rounds)), "n": count, "number": integer(count)}
        last = self.rounds[-1]
        yield t(f"neurons.verdict.{self.verdict}", **facts, seen=last.seen_in or 0)
        if self.line is None:
            yield t("neurons.not_separable")
            return
        if self.verdict == "learned":
            weights, bias = vector(self.neuron.weights), plain_number(self.neuron.bias)
            yield t("neurons.found", weights=weights, bias=bias)
        radius, margin = plain_number(self.line.radius), plain_number(self.line.margin)
        bound = integer(self.line.bound)
        yield t("neurons.bound", radius=radius, margin=margin, bound=bound)

    def _plane(self, neuron: Neuron, title: str) -> "Figure":
        lines: tuple[DecisionBoundary, ...] = ()
        if len(neuron.weights) == 2:
            first, second = neuron.weights
            lines = (DecisionBoundary(weights=(first, second), bias=neuron.bias, name="a = 0"),)
        examples = self.named.examples
        return decision_plane(
            DecisionPlane(examples=examples, answer=neuron.fires, title=title, boundaries=lines)
        )

    def _last_title(self) -> str:
        weights, bias = vector(self.neuron.weights), plain_number(self.neuron.bias)
        return t("neurons.plot.title", name=self.named.name, weights=weights, bias=bias)

    def _frames(self) -> "Iterator[Figure]":
        corrections = self._corrections()
        step = math.ceil(len(corrections) / MOST_FRAMES) or 1
        for number, (_, one) in enumerate(corrections, start=1):
            if number % step == 0 or number == len(corrections):
                title = t(
                    "neurons.plot.correction",
                    number=integer(number),
                    weights=vector(one.neuron.weights),
                    bias=plain_number(one.neuron.bias),
                )
                yield self._plane(one.neuron, title)

    def _error_chart(self) -> "Figure":
        errors = [epoch.errors for epoch in self.rounds]
        line = Line(label=t("neurons.plot.errors"), values=errors)
        return line_chart([line], x_label=t("neurons.column.epoch"), y_label="")


def _to_json(epoch: int, one: Correction) -> dict[str, Any]:
    return {
        "epoch": epoch,
        "example": one.example,
        "answer": one.answer,
        "wanted": one.wanted,
        "weights": list(one.neuron.weights),
        "bias": one.neuron.bias,
    }


def _ends(
    entries: Sequence[tuple[int, Correction]],
) -> Iterator[tuple[int, Correction] | None]:
    """Give all entries, or the first and the last with None between."""
    if len(entries) <= MOST_SHOWN:
        yield from entries
        return
    yield from entries[: MOST_SHOWN - 6]
    yield None
    yield from entries[-5:]
