"""Points as they are typed, `4,2` or `0,5; -4/3`, and tables of numbers as they are printed."""

from collections.abc import Sequence

from imagier.errors import UsageError
from imagier.files import printable
from imagier.formulas import parse_formula

__all__ = ["aligned", "known", "read_numbers", "read_point"]


def read_point(text: str, names: Sequence[str], *, option: str) -> tuple[float, ...]:
    """Read one number for each variable; each may be a formula without names, such as `-pi/2`.

    Between numbers stands a comma, or a semicolon: then commas are decimal. Where a single number
    is wanted a comma can only be decimal.

    Args:
        text: What was typed.
        names: The variables, in the order of the numbers.
        option: Where it was typed, for errors.

    Raises:
        UsageError: `point_length` or `point_number`; or what the formulas say.

    >>> read_point("4,2", ["x", "y"], option="--at"), read_point("0,5", ["t"], option="--at")
    ((4.0, 2.0), (0.5,))
    >>> read_point("0,5; -4/3", ["x", "y"], option="--at")
    (0.5, -1.3333333333333333)
    """
    numbers = read_numbers(text, option=option) if len(names) != 1 else (_number(text, option),)
    if len(numbers) != len(names):
        facts = {"names": ", ".join(names), "example": ",".join(map(str, range(1, len(names) + 1)))}
        raise UsageError("point_length", n=len(numbers), option=option, **facts)
    return numbers


def read_numbers(text: str, *, option: str) -> tuple[float, ...]:
    """Read numbers with commas, or semicolons, between them."""
    pieces = text.split(";") if ";" in text else text.split(",")
    return tuple(_number(piece, option) for piece in pieces)


def known(value: float | None) -> float | None:
    """Give a number to JSON, which knows neither infinity nor what is not a number."""
    return value if value is not None and abs(value) < float("inf") else None


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Write a table as lines: the first column to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            [row[0].ljust(widths[0])]
            + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        ).rstrip()
        for row in rows
    ]


def _number(text: str, option: str) -> float:
    refusal = UsageError("point_number", option=option, received=printable(text.strip()))
    if not text.strip():
        raise refusal
    try:
        value = float(parse_formula(text.strip(), names=())())
    except UsageError as error:
        if error.code == "formula_unknown_name":
            raise refusal from error
        raise
    if known(value) is None:
        raise refusal
    return value
