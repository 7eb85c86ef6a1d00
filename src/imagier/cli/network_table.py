"""The layers of a network as a table to read: aligned columns, branches set in under a number."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagier.i18n import decimal, integer, t

if TYPE_CHECKING:
    from imagier.neurons import Layer, LayerCount, NetworkCount, Shape

__all__ = ["Row", "rows_of", "shown", "summary", "table"]

COLUMNS = ("layer", "output", "weights", "biases", "multiplications")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One layer, and where it stands.

    Attributes:
        layer: The layer.
        count: What it gives and costs.
        branch: Numbers of the branches it stands in, from 1, the outermost first.
        is_first: Whether its branch begins with it.
    """

    layer: "Layer"
    count: "LayerCount"
    branch: tuple[int, ...]
    is_first: bool


def rows_of(
    layers: "Sequence[Layer]", shape: "Shape", branch: tuple[int, ...] = ()
) -> Iterator[Row]:
    """Go through a network; the layers of branches come before the row that joins them."""
    from imagier.neurons import Branches, describe

    for index, layer in enumerate(layers):
        for number, chain in enumerate(layer.chains if isinstance(layer, Branches) else (), 1):
            yield from rows_of(chain, shape, (*branch, number))
        count = describe((layer,), shape)[-1]
        yield Row(layer=layer, count=count, branch=branch, is_first=index == 0)
        shape = count.output


def table(rows: Sequence[Row], sums: "NetworkCount") -> list[str]:
    """Write the layers as aligned columns: names to the left, numbers to the right."""
    cells = [[t(f"cli.network.column.{column}") for column in COLUMNS]]
    for row in rows:
        numbers = (row.count.weights, row.count.biases, row.count.multiplications)
        cells.append([_lead(row) + _name(row), shown(row.count.output), *map(integer, numbers)])
    totals = (sums.weights, sums.biases, sums.multiplications)
    cells.append([t("cli.network.total"), "", *map(integer, totals)])
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [_aligned(line, widths) for line in cells]
    rule = "─" * max(map(len, lines))
    return [lines[0], rule, *lines[1:-1], rule, lines[-1]]


def summary(sums: "NetworkCount") -> list[str]:
    """Say in sentences what the network weighs."""
    facts = {
        "weights": t("cli.network.n_weights", n=sums.weights, number=integer(sums.weights)),
        "biases": t("cli.network.n_biases", n=sums.biases, number=integer(sums.biases)),
        "parameters": integer(sums.parameters),
    }
    multiplications = integer(sums.multiplications)
    return [
        t("cli.network.parameters", **facts),
        t("cli.network.bytes", bytes=integer(sums.bytes), size=_size(sums.bytes)),
        t("cli.network.work", n=sums.multiplications, number=multiplications),
        t("cli.network.memory", size=_size(sums.memory)),
    ]


def shown(shape: "Shape") -> str:
    """Write a shape as people do: 28 × 28 × 1."""
    return " × ".join(map(integer, shape))


def _lead(row: Row) -> str:
    if not row.branch:
        return ""
    return "    " * (len(row.branch) - 1) + (f"  {row.branch[-1]} " if row.is_first else "    ")


def _name(row: Row) -> str:
    from imagier.neurons import AveragePool, Convolution, MaxPool

    name, layer = t(f"cli.network.layer.{row.count.name}"), row.layer
    match layer:
        case Convolution(kernel=size, stride=stride):
            usual = (1, 1)
        case MaxPool(size=size, stride=stride) | AveragePool(size=size, stride=stride):
            usual = size
        case _:
            return name
    name = f"{name} {shown(size)}"
    if stride != usual:
        name += t("cli.network.step", step=integer(stride[0]))
    groups = layer.groups if isinstance(layer, Convolution) else 1
    return name if groups == 1 else name + t("cli.network.groups", number=integer(groups))


def _aligned(cells: list[str], widths: list[int]) -> str:
    name, *numbers = cells
    padded = [cell.rjust(width) for cell, width in zip(numbers, widths[1:], strict=True)]
    return "  ".join([name.ljust(widths[0]), *padded])


def _size(count: int) -> str:
    """Write a number of bytes in the unit that suits it, by thousands."""
    power = min(max(int(math.log10(max(count, 1)) // 3), 0), 5)
    unit = t("cli.network.units").split()[power]
    return f"{decimal(count / 1000**power, 1 if power else 0)}\u00a0{unit}"
