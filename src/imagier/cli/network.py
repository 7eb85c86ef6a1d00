"""`imagier network SPEC`: what a network weighs, layer by layer, before anything is learned."""

import math
from typing import TYPE_CHECKING

import click

from imagier.cli.framework import ImagierCommand, json_option, note, print_json, quiet_option
from imagier.errors import UsageError
from imagier.files import printable
from imagier.i18n import decimal, integer, t

if TYPE_CHECKING:
    from imagier.neurons import LayerCount, NetworkCount, Shape

__all__ = ["network"]

DECK_INPUT, DECK_CLASSES = "28x28x1", "10"
LARGEST_SIDE = 1_000_000_000
MOST_CLASSES = 1_000_000


@click.command("network", cls=ImagierCommand, help=t("cli.network.help"))
@click.argument("spec", metavar="SPEC")
@click.option(
    "--input",
    "size",
    metavar=t("cli.network.input_metavar"),
    default=DECK_INPUT,
    help=t("cli.network.input", default=DECK_INPUT),
)
@click.option(
    "--classes",
    metavar=t("cli.network.classes_metavar"),
    default=DECK_CLASSES,
    help=t("cli.network.classes", default=DECK_CLASSES),
)
@json_option
@quiet_option
def network(spec: str, size: str, classes: str, as_json: bool, quiet: bool) -> None:
    from imagier.neurons import canonical, describe, parse_spec, total

    shape = _read_input(size, quiet=quiet)
    outputs = _read_classes(classes)
    rows = describe(parse_spec(spec, input=shape, classes=outputs), shape)
    sums = total(rows)
    # flattening computes nothing, it only reads the numbers in another order: no row of its own
    rows = tuple(row for row in rows if row.name != "flatten")
    if as_json:
        facts = {"network": canonical(spec), "input": list(shape), "classes": outputs}
        print_json({**facts, **_to_json(rows, sums)})
        return
    click.echo(_title(canonical(spec), shape, outputs) + "\n")
    for line in (*_table(rows, sums), "", *_summary(sums)):
        click.echo(line)


def _read_input(text: str, *, quiet: bool) -> "tuple[int, int, int]":
    sides = text.lower().replace("×", "x").split("x")
    numbers = [_whole(side, LARGEST_SIDE) for side in sides]
    match numbers:
        case [int(count)]:
            return 1, count, 1
        case [int(height), int(width)]:
            note(t("cli.network.one_channel", size=_shown((height, width))), quiet=quiet)
            return height, width, 1
        case [int(height), int(width), int(channels)]:
            return height, width, channels
        case _:
            raise UsageError("network_input", received=_short(text), limit=integer(LARGEST_SIDE))


def _read_classes(text: str) -> int:
    number = _whole(text, MOST_CLASSES)
    if number is None:
        raise UsageError("network_classes", received=_short(text), limit=integer(MOST_CLASSES))
    return number


def _whole(text: str, limit: int) -> int | None:
    digits = text.strip()
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= len(str(limit))
    return int(digits) if is_number and 1 <= int(digits) <= limit else None


def _to_json(rows: "tuple[LayerCount, ...]", sums: "NetworkCount") -> dict[str, object]:
    layers = [
        {
            "name": row.name,
            "output": list(row.output),
            "weights": row.weights,
            "biases": row.biases,
            "multiplications": row.multiplications,
        }
        for row in rows
    ]
    return {
        "layers": layers,
        "weights": sums.weights,
        "biases": sums.biases,
        "parameters": sums.parameters,
        "bytes": sums.bytes,
        "multiplications": sums.multiplications,
        "activation_bytes": sums.memory,
    }


def _title(spec: str, shape: "Shape", classes: int) -> str:
    numbers = _shown(shape[1:2] if shape[0] == shape[2] == 1 else shape)
    count = t("cli.network.n_classes", n=classes, number=integer(classes))
    return t("cli.network.title", spec=spec, input=numbers, classes=count)


def _table(rows: "tuple[LayerCount, ...]", sums: "NetworkCount") -> list[str]:
    """Write the layers as aligned columns: names to the left, numbers to the right."""
    columns = ("layer", "output", "weights", "biases", "multiplications")
    cells = [[t(f"cli.network.column.{column}") for column in columns]]
    for row in rows:
        name = t(f"cli.network.layer.{row.name}")
        numbers = (row.weights, row.biases, row.multiplications)
        cells.append([name, _shown(row.output), *map(integer, numbers)])
    totals = (sums.weights, sums.biases, sums.multiplications)
    cells.append([t("cli.network.total"), "", *map(integer, totals)])
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [_aligned(line, widths) for line in cells]
    rule = "─" * max(map(len, lines))
    return [lines[0], rule, *lines[1:-1], rule, lines[-1]]


def _aligned(cells: list[str], widths: list[int]) -> str:
    name, *numbers = cells
    padded = [cell.rjust(width) for cell, width in zip(numbers, widths[1:], strict=True)]
    return "  ".join([name.ljust(widths[0]), *padded])


def _summary(sums: "NetworkCount") -> list[str]:
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


def _size(count: int) -> str:
    """Write a number of bytes in the unit that suits it, by thousands."""
    power = min(max(int(math.log10(max(count, 1)) // 3), 0), 5)
    unit = t("cli.network.units").split()[power]
    return f"{decimal(count / 1000**power, 1 if power else 0)}\u00a0{unit}"


def _shown(shape: "Shape") -> str:
    return " × ".join(map(integer, shape))


def _short(text: str) -> str:
    return printable(text if len(text) <= 60 else text[:59] + "…")
