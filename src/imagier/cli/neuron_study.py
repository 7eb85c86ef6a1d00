"""Every answer of `imagier neuron`: lines to read, facts for programs, something to draw."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from imagier.cli.numbers import plain_number
from imagier.errors import UsageError
from imagier.files import printable
from imagier.i18n import language

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Study", "aligned", "drawn", "sum_in_words", "to_json", "vector"]

# all keys, in the order in which they are answered; each study fills its own
KEYS = (
    "mode",
    "weights",
    "bias",
    "input",
    "sum",
    "outputs",
    "shares",
    "curve",
    "examples",
    "verdict",
    "separable",
    "bound",
    "epochs",
    "corrections",
    "steps",
    "network",
    "passes",
    "slopes",
    "plot",
)


class Study(Protocol):
    """One answer."""

    def lines(self) -> Iterator[str]:
        """Say it in the user's language."""

    def facts(self) -> dict[str, Any]:
        """Give the figures of it, by the names of `KEYS`."""

    def draw(self, kind: str) -> bytes:
        """Give the picture of it, as a file of this kind."""


def to_json(study: Study, *, plot: str | None) -> dict[str, Any]:
    """Give all keys, those without a value as null."""
    facts = study.facts() | {"plot": None if plot is None else printable(plot)}
    return {key: facts.get(key) for key in KEYS}


def drawn(figure: "Figure", kind: str, *, label: str) -> bytes:
    """Write a figure as PNG or SVG.

    Raises:
        UsageError: `neuron_gif`: nothing moves in a single figure.
    """
    from imagier.figures import png, svg

    if kind == ".gif":
        raise UsageError("neuron_gif")
    return svg(figure, label=label).encode() if kind == ".svg" else png(figure)


def sum_in_words(weights: Sequence[float], inputs: Sequence[float], bias: float) -> str:
    """Write a weighted sum out: 3.2·1 + 5.1·1 + 3."""
    terms = [
        f"{_signed(weight)}·{_signed(number)}"
        for weight, number in zip(weights, inputs, strict=True)
    ]
    if len(terms) > 12:
        terms = [*terms[:6], "…", *terms[-2:]]
    return " + ".join([*terms, _signed(bias)])


def vector(numbers: Iterable[float], *, digits: int = 3) -> str:
    """Write a point: (3.2, 5.1), with semicolons where the comma is a decimal mark."""
    texts = [plain_number(float(number), digits) for number in numbers]
    is_plain = language() == "en" or not any("," in text for text in texts)
    return f"({(', ' if is_plain else '; ').join(texts)})"


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Write a table whose columns stand under one another, to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _signed(number: float) -> str:
    text = plain_number(number)
    return f"({text})" if number < 0 else text
