"""`imagier network SPEC`: what a network weighs, layer by layer, before anything is learned."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from imagier.cli.framework import ImagierCommand, json_option, note, print_json, quiet_option
from imagier.cli.network_table import Row, rows_of, shown, summary, table
from imagier.errors import UsageError
from imagier.files import printable
from imagier.i18n import integer, t

if TYPE_CHECKING:
    from imagier.neurons import NetworkCount

__all__ = ["network"]

DECK_INPUT, DECK_CLASSES = (28, 28, 1), 10
LARGEST_SIDE = 1_000_000_000
MOST_CLASSES = 1_000_000


@click.command("network", cls=ImagierCommand, help=t("cli.network.help"))
@click.argument("spec", metavar="SPEC")
@click.option(
    "--input",
    "size",
    metavar=t("cli.network.input_metavar"),
    default=None,
    help=t("cli.network.input", default="x".join(map(str, DECK_INPUT))),
)
@click.option(
    "--classes",
    metavar=t("cli.network.classes_metavar"),
    default=None,
    help=t("cli.network.classes", default=DECK_CLASSES),
)
@json_option
@quiet_option
def network(spec: str, size: str | None, classes: str | None, as_json: bool, quiet: bool) -> None:
    from imagier.neurons import canonical, describe, parse_spec, total

    name = canonical(spec)
    shape, outputs = _own(name)
    shape = shape if size is None else _read_input(size, quiet=quiet)
    outputs = outputs if classes is None else _read_classes(classes)
    layers = parse_spec(name, input=shape, classes=outputs)
    sums = total(describe(layers, shape))
    # flattening computes nothing, it only reads the numbers in another order: no row of its own
    rows = [row for row in rows_of(layers, shape) if row.count.name != "flatten"]
    others = _other_variants(name, shape, outputs)
    if as_json:
        facts = {"network": name, "input": list(shape), "classes": outputs}
        print_json({**facts, **_to_json(rows, sums), "variants": others})
        return
    count = t("cli.network.n_classes", n=outputs, number=integer(outputs))
    numbers = shown(shape[1:2] if shape[0] == shape[2] == 1 else shape)
    click.echo(t("cli.network.title", spec=name, input=numbers, classes=count) + "\n")
    for line in (*table(rows, sums), "", *summary(sums), *_told(others)):
        click.echo(line)


def _own(spec: str) -> "tuple[tuple[int, int, int], int]":
    """Give the pictures and classes that a network was made for, else those of the deck."""
    from imagier.neurons import CLASSICS

    classic = CLASSICS.get(spec.split(":", maxsplit=1)[0])
    return (classic.input, classic.classes) if classic else (DECK_INPUT, DECK_CLASSES)


def _other_variants(spec: str, shape: "tuple[int, int, int]", classes: int) -> dict[str, int]:
    """Count the parameters of the other drawings of the same network."""
    from imagier.neurons import CLASSICS, describe, total

    family = spec.split(":", maxsplit=1)[0]
    drawings = CLASSICS[family].variants if family in CLASSICS else {}
    return {
        f"{family}:{variant}": total(describe(draw(shape, classes), shape)).parameters
        for variant, draw in drawings.items()
        if variant and f"{family}:{variant}" != spec
    }


def _told(others: dict[str, int]) -> list[str]:
    return [
        t("cli.network.other_variant", spec=spec, n=count, number=integer(count))
        for spec, count in others.items()
    ]


def _read_input(text: str, *, quiet: bool) -> "tuple[int, int, int]":
    sides = text.lower().replace("×", "x").split("x")
    numbers = [_whole(side, LARGEST_SIDE) for side in sides]
    match numbers:
        case [int(count)]:
            return 1, count, 1
        case [int(height), int(width)]:
            note(t("cli.network.one_channel", size=shown((height, width))), quiet=quiet)
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


def _to_json(rows: Sequence[Row], sums: "NetworkCount") -> dict[str, object]:
    layers = [
        {
            "name": row.count.name,
            "output": list(row.count.output),
            "weights": row.count.weights,
            "biases": row.count.biases,
            "multiplications": row.count.multiplications,
            **({"branch": list(row.branch)} if row.branch else {}),
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


def _short(text: str) -> str:
    return printable(text if len(text) <= 60 else text[:59] + "…")
