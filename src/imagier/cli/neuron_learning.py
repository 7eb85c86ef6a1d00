"""`imagier neuron --learn`: one neuron learns by Rosenblatt's rule, or shows why it never will."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from imagier.cli.neuron_examples import NamedExamples
from imagier.cli.neuron_study import Study, aligned, drawn, sum_in_words, vector
from imagier.cli.numbers import plain_number
from imagier.i18n import integer, t
from imagier.neurons import Correction, Epoch, Neuron, Separation, rosenblatt, separation
from imagier.neurons.drawing import Border, Plane, plane

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["learn"]

EPOCHS = 1000
MOST_SHOWN, MOST_IN_JSON, MOST_FRAMES = 24, 1000, 40


def learn(
    named: NamedExamples,
    *,
    inputs: tuple[float, ...] | None,
    rate: float | None,
    epochs: int | None,
) -> Study:
    """Learn examples with one neuron.

    Args:
        named: The examples.
        inputs: A point to compute with what was learned; None for no such point.
        rate: By how much of the input each mistake moves the weights; None for 1.
        epochs: After how many rounds to give up; None for 1,000.

    Raises:
        UsageError: `learning_rate`; `neuron_inputs`, when the point has another dimension.
    """
    rounds = tuple(
        rosenblatt(named.examples, rate=1.0 if rate is None else rate, epochs=epochs or EPOCHS)
    )
    line = separation(named.examples)
    if inputs is not None:
        rounds[-1].neuron.weighted_sum(inputs)
    return _Lesson(named=named, rounds=rounds, line=line, inputs=inputs)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lesson:
    named: NamedExamples
    rounds: tuple[Epoch, ...]
    line: Separation | None
    inputs: tuple[float, ...] | None

    def lines(self) -> Iterator[str]:
        examples = self.named.examples
        yield t(
            "cli.neuron.title",
            name=self.named.name,
            examples=integer(len(examples.points)),
            n=examples.points.shape[1],
        )
        yield t("cli.neuron.rule")
        yield ""
        yield from aligned([self._head(), *self._rows()])
        yield ""
        yield from self._outcome()
        if self.inputs is not None:
            neuron = self.neuron
            words = sum_in_words(neuron.weights, self.inputs, neuron.bias)
            total = float(neuron.weighted_sum(self.inputs))
            answer = examples.classes[int(neuron.fires(self.inputs))]
            yield f"a = {words} = {plain_number(total)} → {answer}"

    def facts(self) -> dict[str, Any]:
        corrections = self._corrections()
        return {
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

    def draw(self, kind: str) -> bytes:
        """Draw the plane at the end, or (.gif) its line after each correction."""
        label = t("cli.neuron.alt.plane")
        if self.named.examples.points.shape[1] > 2:
            return drawn(self._error_chart(), kind, label=label)
        if kind != ".gif":
            return drawn(self._plane(self.neuron, self._last_title()), kind, label=label)
        from imagier.figures import gif

        return gif(self._frames(), seconds=0.7)

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

    def _corrections(self) -> list[tuple[int, Correction]]:
        return [(epoch.number, one) for epoch in self.rounds for one in epoch.corrections]

    def _head(self) -> list[str]:
        words = ("epoch", "example", "answer", "wanted", "weights", "bias")
        return [t(f"cli.neuron.column.{word}") for word in words]

    def _rows(self) -> Iterator[list[str]]:
        """Give a row for each correction; of many, the first and the last."""
        examples, all_of_them = self.named.examples, self._corrections()
        start = Neuron(weights=(0.0,) * examples.points.shape[1], bias=0.0)
        yield ["", "", "", "", vector(start.weights), "0"]
        for entry in _ends(all_of_them):
            if entry is None:
                yield ["…"] * 6
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
        yield t(f"cli.neuron.verdict.{self.verdict}", **facts, seen=last.seen_in or 0)
        if self.line is None:
            yield t("cli.neuron.not_separable")
            return
        if self.verdict == "learned":
            weights, bias = vector(self.neuron.weights), plain_number(self.neuron.bias)
            yield t("cli.neuron.found", weights=weights, bias=bias)
        radius, margin = plain_number(self.line.radius), plain_number(self.line.margin)
        bound = integer(self.line.bound)
        yield t("cli.neuron.bound", radius=radius, margin=margin, bound=bound)

    def _plane(self, neuron: Neuron, title: str) -> "Figure":
        borders: tuple[Border, ...] = ()
        if len(neuron.weights) == 2:
            first, second = neuron.weights
            borders = (Border(weights=(first, second), bias=neuron.bias, name="a = 0"),)
        examples = self.named.examples
        return plane(Plane(examples=examples, answer=neuron.fires, title=title, borders=borders))

    def _last_title(self) -> str:
        weights, bias = vector(self.neuron.weights), plain_number(self.neuron.bias)
        return t("cli.neuron.plot.title", name=self.named.name, weights=weights, bias=bias)

    def _frames(self) -> "Iterator[Figure]":
        corrections = self._corrections()
        step = math.ceil(len(corrections) / MOST_FRAMES) or 1
        for number, (_, one) in enumerate(corrections, start=1):
            if number % step == 0 or number == len(corrections):
                title = t(
                    "cli.neuron.plot.correction",
                    number=integer(number),
                    weights=vector(one.neuron.weights),
                    bias=plain_number(one.neuron.bias),
                )
                yield self._plane(one.neuron, title)

    def _error_chart(self) -> "Figure":
        from imagier.figures import Line, line_chart

        errors = [epoch.errors for epoch in self.rounds]
        word = t("cli.neuron.column.epoch")
        line = Line(label=t("cli.neuron.plot.errors"), values=errors)
        return line_chart([line], x_label=word, y_label="")


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
