"""`imagier neuron --activation`: the bends, with their slopes; softmax beside the proportions."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from imagier.cli.neuron_study import Study, aligned, drawn, vector
from imagier.cli.numbers import plain_number, significant
from imagier.errors import UsageError
from imagier.i18n import t
from imagier.neurons import FUNCTIONS, proportions, softmax
from imagier.neurons.drawing import curves

__all__ = ["show"]

PLACES = (-4.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 4.0)


def show(bend: str | None, inputs: tuple[float, ...] | None) -> Study:
    """Show one bend, or all of them.

    Args:
        bend: Its name; None for all.
        inputs: Where to look; None for a few places around zero.

    Raises:
        UsageError: `neuron_softmax_input`, when softmax has nothing to share out.
    """
    if bend != "softmax":
        return _Curves(names=(bend,) if bend else tuple(FUNCTIONS), places=inputs or PLACES)
    if inputs is None:
        raise UsageError("neuron_softmax_input")
    return _Shares(inputs=inputs)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Curves:
    names: tuple[str, ...]
    places: tuple[float, ...]

    def lines(self) -> Iterator[str]:
        titles = [t(f"cli.neuron.bend.{name}") for name in self.names]
        head = ["a", *(part for title in titles for part in (f"{title}(a)", t("cli.neuron.slope")))]
        yield from aligned([head, *([plain_number(n, 4) for n in row] for row in self._table())])
        yield ""
        for name in self.names:
            yield t(f"cli.neuron.about.{name}")

    def facts(self) -> dict[str, Any]:
        keys = ["a", *(key for name in self.names for key in (name, f"{name}_slope"))]
        return {
            "mode": "activation",
            "curve": [dict(zip(keys, row, strict=True)) for row in self._table()],
        }

    def draw(self, kind: str) -> bytes:
        titles = [t(f"cli.neuron.bend.{name}") for name in self.names]
        labels = ("s(a)", t("cli.neuron.slope_word"))
        return drawn(curves(self.names, labels, titles), kind, label=t("cli.neuron.alt.curves"))

    def _table(self) -> list[list[float]]:
        rows = []
        for place in self.places:
            functions = [FUNCTIONS[name] for name in self.names]
            pairs = [(float(f.value(place)), float(f.slope(place))) for f in functions]
            rows.append([place, *(number for pair in pairs for number in pair)])
        return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shares:
    inputs: tuple[float, ...]

    def lines(self) -> Iterator[str]:
        total = plain_number(sum(self.inputs))
        yield t("cli.neuron.shares", numbers=vector(self.inputs), total=total)
        parts = self._proportions()
        if parts is None:
            yield t("cli.neuron.no_proportions")
        else:
            yield t("cli.neuron.proportions", shares=vector(parts, digits=4))
        yield t("cli.neuron.softmax", shares="   ".join(map(significant, self._softmax())))
        yield t("cli.neuron.about.softmax")

    def facts(self) -> dict[str, Any]:
        shares = {"proportions": self._proportions(), "softmax": self._softmax()}
        return {"mode": "softmax", "input": list(self.inputs), "shares": shares}

    def draw(self, kind: str) -> bytes:
        raise UsageError("neuron_softmax_plot")

    def _softmax(self) -> list[float]:
        shares: list[float] = softmax(self.inputs).tolist()
        return shares

    def _proportions(self) -> list[float] | None:
        try:
            parts: list[float] = proportions(self.inputs).tolist()
        except UsageError:
            return None
        return parts
