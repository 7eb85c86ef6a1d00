"""Numbers of any size as people write them, in the user's language.

>>> from imagier.i18n import use_language
>>> with use_language("en"):
...     [written(number) for number in (116.30882, 0.0061734, 3.2e-17, 187798294.25, 0)]
['116.31', '0.0061734', '3.2000 × 10⁻¹⁷', '187,798,294', '0']
>>> with use_language("fr"):
...     written(-1234.5), equation("y", {"intercept": 116.3, "x": -2.0})
('−1\u202f234,5', 'y = 116,30 − 2,0000 · x')
"""

import math
from collections.abc import Mapping

from imagier.i18n import decimal

__all__ = ["equation", "tick", "written"]

_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def written(value: float, digits: int = 5) -> str:
    """Write a number with some significant digits; powers of ten where it is very small or large.

    What has no value, such as a logarithm of 0, is a dash.

    Args:
        value: The number.
        digits: How many digits say something.
    """
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else "–"
    if -5 <= _power(value) < 12:
        return decimal(value, max(digits - 1 - _power(value), 0)).replace("-", "−")
    return _scientific(value, digits - 1)


def equation(target: str, coefficients: Mapping[str, float]) -> str:
    """Write a sum of products, signs between: `price = 12.0 + 3.1 · surface − 7.5 · far`."""
    text = f"{target} ="
    for place, (name, value) in enumerate(coefficients.items()):
        factor = "" if name == "intercept" else f" · {name.replace('*', ' · ')}"
        sign = ("−" if value < 0 else "+") if place else ("−" if value < 0 else "")
        text += f" {sign}{' ' if place else ''}{written(abs(value))}{factor}"
    return text


def tick(value: float, _: object = None) -> str:
    """Write a number on an axis, with no more digits than it has."""
    if value and not 1e-4 <= abs(value) < 1e7:
        return _scientific(value, _decimals(value / 10.0 ** _power(value)))
    digits = _decimals(value)
    return decimal(round(value, digits) + 0.0, digits).replace("-", "−")


def _scientific(value: float, digits: int) -> str:
    exponent = str(_power(value)).translate(_SUPERSCRIPTS)
    return f"{decimal(value / 10.0 ** _power(value), digits)} × 10{exponent}".replace("-", "−")


def _power(value: float) -> int:
    return math.floor(math.log10(abs(value)))


def _decimals(value: float) -> int:
    """Count the decimals that a short number has, such as 3 for 0.125; at most 6."""
    return next((n for n in range(6) if abs(round(value, n) - value) <= 1e-9 * abs(value)), 6)
