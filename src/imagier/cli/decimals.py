"""A number as people type it, in an option: 0.05, 0,05 and, where it is a share, 5% or 5 %."""

import math
from typing import Any

import click

__all__ = ["AnyDecimal", "Decimal"]


class Decimal(click.FloatRange):
    """A number in a range, with a decimal point or comma.

    Args:
        is_share: Whether it is a share, which may be typed in percent.
        bounds: Those of `click.FloatRange`.

    >>> Decimal().convert("0,5", None, None), Decimal(is_share=True).convert("97 %", None, None)
    (0.5, 0.97)
    """

    def __init__(self, *bounds: Any, is_share: bool = False, **more: Any) -> None:
        super().__init__(*bounds, **more)
        self.is_share = is_share

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Read it.

        Raises:
            click.BadParameter: It is no number, or out of the range.
        """
        number = _read(value, is_share=self.is_share)
        if number is None or not math.isfinite(number):
            self.fail(f"{value!r} is not a number.", param, ctx)
        return float(super().convert(number, param, ctx))

    def hint(self, received: str) -> str:
        """Give the share that was meant by 97, and nothing for any other word."""
        try:
            number = float(received.replace(",", ".", 1))
        except ValueError:
            return ""
        return f"{number / 100:g}" if self.is_share and 1 < number <= 100 else ""


class AnyDecimal(click.ParamType[float]):
    """A number of any size, with a decimal point or comma; its bounds are looked at below.

    Args:
        is_share: Whether it is a share, which may be typed in percent.
    """

    name = "float"

    def __init__(self, *, is_share: bool = False) -> None:
        self.is_share = is_share

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Read it.

        Raises:
            click.BadParameter: It is no number.
        """
        number = _read(value, is_share=self.is_share)
        if number is None:
            self.fail(f"{value!r} is not a number.", param, ctx)
        return number


def _read(value: Any, *, is_share: bool) -> float | None:
    """Read a number as it was typed; None where it is none."""
    text = str(value).strip()
    is_percent = is_share and text.endswith("%")
    text = text.removesuffix("%").rstrip() if is_percent else text
    try:
        number = float(text.replace(",", ".", 1))
    except ValueError:
        return None
    return round(number / 100, 12) if is_percent else number
