"""Points as they are typed, `4,2` or `0,5; -4/3`, and numbers as they are shown."""

from collections.abc import Iterable, Sequence

from imagier.errors import UsageError
from imagier.files import printable
from imagier.formulas import parse_formula
from imagier.i18n import language

__all__ = ["aligned", "known", "listed", "read_numbers", "read_point", "shown"]


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


def shown(value: float, digits: int = 10) -> str:
    """Write a number with its significant digits and the language's decimal mark.

    >>> shown(21.0), shown(1e-8), shown(-0.0)
    ('21', '1e-8', '0')
    """
    text = f"{value + 0.0:.{digits}g}"
    head, _, power = text.partition("e")
    if language() == "fr":
        head = head.replace(".", ",")
    return f"{head}e{int(power)}" if power else head


def listed(values: Iterable[float], digits: int = 10) -> str:
    """Write a point: (4, 2), or (0,5 ; 2) where the comma is a decimal mark."""
    separator = "\u202f; " if language() == "fr" else ", "
    texts = [shown(value, digits) for value in values]
    return texts[0] if len(texts) == 1 else f"({separator.join(texts)})"


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
