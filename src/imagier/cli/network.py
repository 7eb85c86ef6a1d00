"""`imagier network SPEC`: what a network weighs, layer by layer, before anything is learned."""

import click

from imagier.cli.framework import ImagierCommand, json_option, note, quiet_option, show
from imagier.errors import UsageError
from imagier.files import printable
from imagier.i18n import integer, t

__all__ = ["network"]

LARGEST_SIDE = 1_000_000_000
MOST_CLASSES = 1_000_000


@click.command("network", cls=ImagierCommand, help=t("cli.network.help"))
@click.argument("spec", metavar="SPEC")
@click.option(
    "--input",
    "size",
    metavar=t("cli.network.input_metavar"),
    default=None,
    help=t("cli.network.input", default="28x28x1"),
)
@click.option(
    "--classes",
    metavar=t("cli.network.classes_metavar"),
    default=None,
    help=t("cli.network.classes", default=10),
)
@json_option
@quiet_option
def network(spec: str, size: str | None, classes: str | None, as_json: bool, quiet: bool) -> None:
    from imagier.neurons import canonical, count_network

    name = canonical(spec)
    shape = None if size is None else _read_input(size, quiet=quiet)
    outputs = None if classes is None else _read_classes(classes)
    show(count_network(name, input=shape, classes=outputs), as_json=as_json, quiet=quiet)


def _read_input(text: str, *, quiet: bool) -> tuple[int, int, int]:
    sides = text.lower().replace("×", "x").split("x")
    numbers = [_whole(side, LARGEST_SIDE) for side in sides]
    match numbers:
        case [int(count)]:
            return 1, count, 1
        case [int(height), int(width)]:
            size = f"{integer(height)} × {integer(width)}"
            note(t("cli.network.one_channel", size=size), quiet=quiet)
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


def _short(text: str) -> str:
    return printable(text if len(text) <= 60 else text[:59] + "…")
