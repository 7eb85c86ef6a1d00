"""Numbers and formulas as words of the command line: `3.2,5.1`, `3,2;5,1`, and -1,2 as first word.

Between numbers stands a comma, or a semicolon: then commas are decimal. Numbers that are measured
or learnt are plain (`read_numbers`); a place may be given by a formula, such as -pi/2
(`read_values`, `read_point`).
"""

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from imagier.cli.framework import ImagierCommand
from imagier.errors import UsageError
from imagier.files import printable
from imagier.tables import read_number

if TYPE_CHECKING:
    from imagier.formulas import Formula

__all__ = [
    "NumbersCommand",
    "read_formula",
    "read_numbers",
    "read_point",
    "read_values",
]

NEGATIVE = re.compile(r"[-−][\d.][-−+\d.,;/\s]*", re.ASCII)
MOST = 1000
LARGEST = 1e100  # what is computed with them stays a number


class NumbersCommand(ImagierCommand):
    """A command whose first word may begin with a minus sign and is no option all the same."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and NEGATIVE.fullmatch(args[0]):
            args = [*args[1:], "--", args[0]]
        return super().parse_args(ctx, args)


def read_numbers(text: str, *, name: str) -> tuple[float, ...]:
    """Read numbers between commas or spaces, or between semicolons with decimal commas.

    Args:
        text: What the user wrote.
        name: The option or argument, for the error.

    Raises:
        UsageError: `numbers`.

    >>> read_numbers("3.2,5.1", name="--input"), read_numbers("3,2; -5,1", name="--input")
    ((3.2, 5.1), (3.2, -5.1))
    """
    plain = text.strip()
    pieces = re.split(r"\s*;\s*|\s+" if ";" in plain else r"\s*,\s*|\s+", plain)
    numbers = tuple(number for number in map(read_number, pieces) if number is not None)
    is_sound = len(numbers) == len(pieces) <= MOST and max(map(abs, numbers)) < LARGEST
    if not is_sound:
        received = printable(text if len(text) <= 60 else text[:59] + "…")
        raise UsageError("numbers", name=name, received=received)
    return numbers


def read_point(text: str, names: Sequence[str], *, option: str) -> tuple[float, ...]:
    """Read one number for each variable, as `read_values` does.

    Where a single number is wanted a comma can only be decimal.

    Args:
        text: What was typed.
        names: The variables, in the order of the numbers.
        option: Where it was typed, for errors.

    Raises:
        UsageError: `point_length` or `point_number`; or what the formulas say.

    >>> read_point("4,2", ["x", "y"], option="--at"), read_point("0,5", ["t"], option="--at")
    ((4.0, 2.0), (0.5,))
    """
    numbers = read_values(text, option=option) if len(names) != 1 else (_value(text, option),)
    if len(numbers) != len(names):
        facts = {"names": ", ".join(names), "example": ",".join(map(str, range(1, len(names) + 1)))}
        raise UsageError("point_length", n=len(numbers), option=option, **facts)
    return numbers


def read_values(text: str, *, option: str) -> tuple[float, ...]:
    """Read numbers with commas or semicolons between; each may be a formula without names.

    Args:
        text: What was typed.
        option: Where it was typed, for errors.

    Raises:
        UsageError: `point_number`; or what the formulas say.

    >>> read_values("0,5; -4/3", option="--at")
    (0.5, -1.3333333333333333)
    """
    pieces = text.split(";") if ";" in text else text.split(",")
    return tuple(_value(piece, option) for piece in pieces)


def read_formula(text: str) -> "Formula":
    """Read a formula that has a variable.

    Raises:
        UsageError: `no_variable`; what `parse_formula` refuses.
    """
    from imagier.formulas import parse_formula

    formula = parse_formula(text)
    if not formula.variables:
        raise UsageError("no_variable", formula=printable(text))
    return formula


def _value(text: str, option: str) -> float:
    from imagier.formulas import parse_formula

    refusal = UsageError("point_number", option=option, received=printable(text.strip()))
    if not text.strip():
        raise refusal
    try:
        value = float(parse_formula(text.strip(), names=())())
    except UsageError as error:
        if error.code == "formula_unknown_name":
            raise refusal from error
        raise
    if not math.isfinite(value):
        raise refusal
    return value
