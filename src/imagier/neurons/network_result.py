"""What a network weighs, layer by layer, before anything is learned: a table to read."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from imagier.answers import AnswerFigure, AnswerTable, Shown, text_table
from imagier.i18n import decimal, integer, t
from imagier.neurons.classics import CLASSICS
from imagier.neurons.counts import LayerCount, NetworkCount, describe, total
from imagier.neurons.layers import (
    AveragePool,
    Branches,
    Convolution,
    Layer,
    MaxPool,
    Shape,
)
from imagier.neurons.line_network import LINE_HEIGHT
from imagier.neurons.spec import canonical, parse_spec

__all__ = ["LayerRow", "NetworkResult", "count_network"]

COLUMNS = ("layer", "output", "weights", "biases", "multiplications")
DECK_INPUT, DECK_CLASSES = (28, 28, 1), 10
LINES_INPUT, LINES_CLASSES = (LINE_HEIGHT, 160, 1), 11  # amounts: ten digits and the blank


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerRow:
    """One layer, and where it stands.

    Attributes:
        layer: The layer.
        count: What it gives and costs.
        branch: Numbers of the branches it stands in, from 1, the outermost first.
        is_first: Whether its branch begins with it.
    """

    layer: Layer
    count: LayerCount
    branch: tuple[int, ...]
    is_first: bool


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class NetworkResult(Shown):
    """The layers of a network and their counts.

    Attributes:
        network: Its name.
        input: Height, width and channels of the pictures.
        classes: How many classes it tells apart.
        rows: Its layers; flattening computes nothing and has no row.
        sums: What all of them hold and cost.
        variants: Parameters of the other drawings of the same network, by their names.
        notes: What to know beside the answer.
    """

    network: str
    input: tuple[int, int, int]
    classes: int
    rows: tuple[LayerRow, ...]
    sums: NetworkCount
    variants: Mapping[str, int]
    notes: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """Write a table of the layers, then what they weigh in sentences."""
        is_list = self.input[0] == self.input[2] == 1
        numbers = _in_words(self.input[1:2] if is_list else self.input)
        count = t("neurons.network.n_classes", n=self.classes, number=integer(self.classes))
        yield t("neurons.network.title", spec=self.network, input=numbers, classes=count)
        yield ""
        yield from self._table()
        yield ""
        yield from self._summary()
        for spec, parameters in self.variants.items():
            facts = {"n": parameters, "number": integer(parameters)}
            yield t("neurons.network.other_variant", spec=spec, **facts)

    def to_json(self) -> dict[str, Any]:
        """Give the layers and the sums."""
        return {
            "network": self.network,
            "input": list(self.input),
            "classes": self.classes,
            "layers": [_to_json(row) for row in self.rows],
            "weights": self.sums.weights,
            "biases": self.sums.biases,
            "parameters": self.sums.parameters,
            "bytes": self.sums.bytes,
            "multiplications": self.sums.multiplications,
            "activation_bytes": self.sums.memory,
            "variants": dict(self.variants),
        }

    def figures(self) -> Mapping[str, AnswerFigure]:
        """There is none."""
        return {}

    def tables(self) -> Mapping[str, AnswerTable]:
        """Give the layers as a table, without their branches."""
        rows = [
            (row.count.name, " × ".join(map(str, row.count.output)), *_numbers(row.count))
            for row in self.rows
        ]
        return {"table": AnswerTable(columns=COLUMNS, rows=rows)}

    def _table(self) -> Iterator[str]:
        """Line the layers up: names to the left, numbers to the right, a rule over the sums."""
        cells = [[t(f"neurons.network.column.{column}") for column in COLUMNS]]
        for row in self.rows:
            output = _in_words(row.count.output)
            cells.append([_lead(row) + _name(row), output, *map(integer, _numbers(row.count))])
        cells.append([t("neurons.network.total"), "", *map(integer, _numbers(self.sums))])
        head, rule, *rows, last = text_table(cells, rule=True)
        yield from (head, rule, *rows, rule, last)

    def _summary(self) -> Iterator[str]:
        sums = self.sums
        weights, biases = integer(sums.weights), integer(sums.biases)
        yield t(
            "neurons.network.parameters",
            weights=t("neurons.network.n_weights", n=sums.weights, number=weights),
            biases=t("neurons.network.n_biases", n=sums.biases, number=biases),
            parameters=integer(sums.parameters),
        )
        yield t("neurons.network.bytes", bytes=integer(sums.bytes), size=_size(sums.bytes))
        multiplications = integer(sums.multiplications)
        yield t("neurons.network.work", n=sums.multiplications, number=multiplications)
        yield t("neurons.network.memory", size=_size(sums.memory))


def count_network(
    spec: str,
    *,
    input: tuple[int, int, int] | None = None,  # noqa: A002 - the field's own word
    classes: int | None = None,
) -> NetworkResult:
    """Count the layers of a network without building it.

    Args:
        spec: Such as `dense:8,8`.
        input: Height, width and channels of the pictures; None for those it was made for, else
            those of the deck.
        classes: How many classes to tell apart; None likewise.

    Raises:
        UsageError: What `parse_spec` refuses.

    >>> count_network("dense:8,8").sums.parameters
    6442
    """
    name = canonical(spec)
    own, own_classes = _own_input(name)
    shape = own if input is None else input
    outputs = own_classes if classes is None else classes
    layers = parse_spec(name, input=shape, classes=outputs)
    rows = tuple(row for row in _rows(layers, shape) if row.count.name != "flatten")
    return NetworkResult(
        network=name,
        input=shape,
        classes=outputs,
        rows=rows,
        sums=total(describe(layers, shape)),
        variants=_other_variants(name, shape, outputs),
    )


def _own_input(spec: str) -> tuple[tuple[int, int, int], int]:
    """Give the pictures and the classes that a network was made for, else those of the deck."""
    family = spec.split(":", maxsplit=1)[0]
    if family == "reader":
        return LINES_INPUT, LINES_CLASSES
    classic = CLASSICS.get(family)
    return (classic.input, classic.classes) if classic else (DECK_INPUT, DECK_CLASSES)


def _in_words(shape: Shape) -> str:
    """Write a shape as people do: 28 × 28 × 1."""
    return " × ".join(map(integer, shape))


def _rows(
    layers: Iterable[Layer], shape: Shape, branch: tuple[int, ...] = ()
) -> Iterator[LayerRow]:
    """Go through a network; the layers of branches come before the row that joins them."""
    for index, layer in enumerate(layers):
        for number, chain in enumerate(layer.chains if isinstance(layer, Branches) else (), 1):
            yield from _rows(chain, shape, (*branch, number))
        count = describe((layer,), shape)[-1]
        yield LayerRow(layer=layer, count=count, branch=branch, is_first=index == 0)
        shape = count.output


def _other_variants(spec: str, shape: tuple[int, int, int], classes: int) -> dict[str, int]:
    family = spec.split(":", maxsplit=1)[0]
    drawings = CLASSICS[family].variants if family in CLASSICS else {}
    return {
        f"{family}:{variant}": total(describe(draw(shape, classes), shape)).parameters
        for variant, draw in drawings.items()
        if variant and f"{family}:{variant}" != spec
    }


def _numbers(count: LayerCount | NetworkCount) -> tuple[int, int, int]:
    return count.weights, count.biases, count.multiplications


def _to_json(row: LayerRow) -> dict[str, Any]:
    return {
        "name": row.count.name,
        "output": list(row.count.output),
        "weights": row.count.weights,
        "biases": row.count.biases,
        "multiplications": row.count.multiplications,
        **({"branch": list(row.branch)} if row.branch else {}),
    }


def _lead(row: LayerRow) -> str:
    """Set the layers of a branch in, its number before the first."""
    if not row.branch:
        return ""
    return "    " * (len(row.branch) - 1) + (f"  {row.branch[-1]} " if row.is_first else "    ")


def _name(row: LayerRow) -> str:
    name, layer = t(f"neurons.network.layer.{row.count.name}"), row.layer
    match layer:
        case Convolution(kernel=size, stride=stride):
            usual = (1, 1)
        case MaxPool(size=size, stride=stride) | AveragePool(size=size, stride=stride):
            usual = size
        case _:
            return name
    name = f"{name} {_in_words(size)}"
    if stride != usual:
        name += t("neurons.network.step", step=integer(stride[0]))
    groups = layer.groups if isinstance(layer, Convolution) else 1
    return name if groups == 1 else name + t("neurons.network.groups", number=integer(groups))


def _size(count: int) -> str:
    """Write a number of bytes in the unit that suits it, by thousands."""
    power = min(max(int(math.log10(max(count, 1)) // 3), 0), 5)
    unit = t("neurons.network.units").split()[power]
    return f"{decimal(count / 1000**power, 1 if power else 0)}\u00a0{unit}"
