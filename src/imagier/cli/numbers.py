"""Numbers as words of the command line: `3.2,5.1`, `3,2;5,1`, `-1,2` even as the first word."""

import math
import re

import click

from imagier.cli.framework import ImagierCommand
from imagier.errors import UsageError
from imagier.files import printable
from imagier.i18n import decimal, integer, language

__all__ = ["NumbersCommand", "plain_number", "read_numbers", "significant"]

NEGATIVE = re.compile(r"[-−][\d.][-−+\d.,;/\s]*", re.ASCII)
NUMBER = re.compile(r"[+-]?(\d{1,15}(\.\d{0,15})?|\.\d{1,15})(e[+-]?\d{1,2})?", re.ASCII | re.I)
MOST = 1000
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class NumbersCommand(ImagierCommand):
    """A command whose first word may begin with a minus sign and is no option all the same."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and NEGATIVE.fullmatch(args[0]):
            args = [*args[1:], "--", args[0]]
        return super().parse_args(ctx, args)


def read_numbers(text: str, *, name: str) -> tuple[float, ...]:
    """Read numbers between commas, or between semicolons with decimal commas.

    Args:
        text: What the user wrote.
        name: The option or argument, for the error.

    Raises:
        UsageError: `numbers`.

    >>> read_numbers("3.2,5.1", name="--input"), read_numbers("3,2; -5,1", name="--input")
    ((3.2, 5.1), (3.2, -5.1))
    """
    plain = text.strip().replace("−", "-")
    with_points = plain.replace(",", ".") if ";" in plain else plain
    cells = re.split(r"\s*[;,]\s*|\s+", with_points)
    words = [cell.strip() for cell in cells]
    if len(words) > MOST or not all(NUMBER.fullmatch(word) for word in words):
        received = printable(text if len(text) <= 60 else text[:59] + "…")
        raise UsageError("numbers", name=name, received=received)
    return tuple(float(word) for word in words)


def plain_number(value: float, digits: int = 3) -> str:
    """Write a number with the digits it needs, at most so many after the decimal mark.

    >>> plain_number(11.3), plain_number(-4.0), plain_number(1 / 3)
    ('11.3', '−4', '0.333')
    """
    rounded = round(value, digits)
    if rounded == int(rounded):
        text = integer(int(rounded))
    else:
        text = decimal(rounded, digits).rstrip("0")
        text = text.rstrip("," if language() == "fr" else ".")
    return text.replace("-", "−")


def significant(value: float, digits: int = 4) -> str:
    """Write a number with so many digits that mean something, tiny and huge ones with a power.

    >>> significant(0.9933071), significant(3.0384e-07), significant(-1 / 3)
    ('0.9933', '3.038 × 10⁻⁷', '−0.3333')
    """
    if value == 0 or not math.isfinite(value):
        return plain_number(value) if value == 0 else str(value)
    power = math.floor(math.log10(abs(value)))
    if -4 <= power < 6:
        return plain_number(value, max(0, digits - 1 - power))
    return f"{plain_number(value / 10.0**power, digits - 1)} × 10{str(power).translate(RAISED)}"
