"""The numbers along the axes of this chapter's figures, with the language's decimal mark."""

import math
from typing import TYPE_CHECKING

from imagier.i18n import decimal

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["own_marks", "power_of_ten", "short"]

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def own_marks(axes: "Axes") -> None:
    """Write the numbers of both axes with the language's decimal mark, and no more decimals."""
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _: short(value))


def short(value: float) -> str:
    """Write a number with four digits or fewer.

    >>> short(24.5), short(0.0001234), short(-3.0), short(1e9)
    ('24.5', '1.234·10⁻⁴', '-3', '10⁹')
    """
    size = abs(value)
    if size and not 1e-3 <= size < 1e5:
        return _with_power(value)
    decimals = max(0, 3 - math.floor(math.log10(size))) if size else 0
    text = f"{round(value, decimals):.{decimals}f}"
    kept = len(text.rstrip("0").partition(".")[2]) if "." in text else 0
    return decimal(value, kept)


def power_of_ten(value: float) -> str:
    """Write a power of ten: 10⁻⁸.

    >>> power_of_ten(1e-8)
    '10⁻⁸'
    """
    return "10" + str(round(math.log10(value))).translate(_RAISED)


def _with_power(value: float) -> str:
    head, _, power = f"{value:.3e}".partition("e")
    raised = power_of_ten(10.0 ** int(power))
    head = head.rstrip("0").rstrip(".")
    digits = len(head.partition(".")[2])
    return raised if head == "1" else f"{decimal(float(head), digits)}·{raised}"
