"""A number as people type it, in an option: 0.05, 0,05 and, where it is a share, 5% or 5 %."""

import math
from typing import Any

import click

__all__ = ["Decimal"]


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
        typed = value
        if isinstance(value, str):
            text = value.strip()
            is_percent = self.is_share and text.endswith("%")
            text = text.removesuffix("%").rstrip() if is_percent else text
            try:
                typed = float(text.replace(",", ".", 1))
            except ValueError:
                typed = math.nan
            if not math.isfinite(typed):
                self.fail(f"{value!r} is not a number.", param, ctx)
            if is_percent:
                typed = round(typed / 100, 12)
        return float(super().convert(typed, param, ctx))

    def hint(self, received: str) -> str:
        """Give the share that was meant by 97, and nothing for any other word."""
        try:
            number = float(received.replace(",", ".", 1))
        except ValueError:
            return ""
        return f"{number / 100:g}" if self.is_share and 1 < number <= 100 else ""
