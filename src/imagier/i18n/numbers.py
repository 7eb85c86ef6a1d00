"""Numbers, shares and times as people write them, in the user's language.

>>> from imagier.i18n import use_language
>>> with use_language("en"):
...     integer(60_000), decimal(3.25, 2), percent(0.9837), duration(125)
('60,000', '3.25', '98.4%', '2 min 05 s')
>>> with use_language("fr"):
...     plain_number(-1234.5), scientific(3.2e-17, 2)
('−1\u202f234,5', '3,20 × 10⁻¹⁷')
"""

import math

from imagier.i18n.catalogues import language, t

__all__ = [
    "decimal",
    "decimal_mark",
    "duration",
    "integer",
    "percent",
    "plain_number",
    "plain_percent",
    "scientific",
    "significant",
    "storage",
    "superscript",
    "tick_number",
]

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LONGEST_TICK = 6  # decimals


def integer(value: int) -> str:
    """Write a whole number with its thousands apart: 60,000 or 60 000."""
    return f"{value:,}".replace(",", "\u202f" if language() == "fr" else ",")


def decimal(value: float, digits: int = 1) -> str:
    """Write a number with `digits` decimals, with the language's decimal mark."""
    text = f"{value:,.{digits}f}"
    return text.translate({44: "\u202f", 46: ","}) if language() == "fr" else text


def decimal_mark() -> str:
    """Give what stands before decimals in the user's language.

    >>> from imagier.i18n import use_language
    >>> with use_language("fr"):
    ...     decimal_mark()
    ','
    """
    return "," if language() == "fr" else "."


def percent(share: float, digits: int = 1) -> str:
    """Write a share between 0 and 1 as a percentage."""
    return decimal(100 * share, digits) + ("\u202f%" if language() == "fr" else "%")


def plain_percent(share: float, digits: int = 1) -> str:
    """Write a share as a percentage with the decimals it needs, at most `digits` of them.

    >>> plain_percent(0.2), plain_percent(0.005)
    ('20%', '0.5%')
    """
    return plain_number(100 * share, digits) + ("\u202f%" if language() == "fr" else "%")


def duration(seconds: float) -> str:
    """Write a length of time in its two largest units: 3.2 s, 2 min 05 s, 1 h 10 min."""
    if 0 < seconds < 0.05:
        return f"< {decimal(0.1, 1)} s"
    if seconds < 60:
        return f"{decimal(seconds, 1)} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"


def plain_number(value: float, digits: int = 3) -> str:
    """Write a number with the decimals it needs, at most `digits` of them.

    >>> plain_number(11.3), plain_number(-4.0), plain_number(1 / 3)
    ('11.3', '−4', '0.333')
    """
    rounded = round(value, digits) + 0.0  # no minus zero
    if rounded == int(rounded):
        text = integer(int(rounded))
    else:
        text = decimal(rounded, digits).rstrip("0")
        text = text.rstrip("," if language() == "fr" else ".")
    return text.replace("-", "−")


def storage(count: int) -> str:
    """Write a number of bytes in kilobytes, megabytes or gigabytes, by thousands.

    >>> storage(10_000_000_000), storage(2_500_000), storage(0)
    ('10 GB', '2.5 MB', '0 kB')
    """
    power = 1 if count < 1e6 else 2 if count < 1e9 else 3
    size = count / 1000**power
    unit = t("storage.units").split()[power - 1]
    return t("storage", size=decimal(size, 1 if power > 1 and size < 10 else 0), unit=unit)


def significant(
    value: float, digits: int = 4, *, padded: bool = False, powers: tuple[int, int] = (-4, 6)
) -> str:
    """Write a number with `digits` significant digits; very small and large ones with a power.

    Args:
        value: The number; one that is not finite is a dash.
        digits: How many digits say something.
        padded: Whether zeros at the end are written, so that columns stand under each other.
        powers: The first power of ten written out, and the first that no longer is.

    >>> significant(0.9933071), significant(3.0384e-07), significant(-1 / 3)
    ('0.9933', '3.038 × 10⁻⁷', '−0.3333')
    >>> significant(116.3, 5), significant(116.3, 5, padded=True), significant(float("nan"))
    ('116.3', '116.30', '–')
    """
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else "–"
    power = _power(value)
    if not powers[0] <= power < powers[1]:
        return scientific(value, digits - 1, padded=padded)
    decimals = max(0, digits - 1 - power)
    if padded:
        return decimal(value, decimals).replace("-", "−")
    return plain_number(value, decimals)


def scientific(value: float, digits: int, *, padded: bool = True) -> str:
    """Write a number as one digit, `digits` decimals and a power of ten: 3.04 × 10⁻⁷."""
    power = _power(value)
    mantissa = value / 10.0**power
    text = decimal(mantissa, digits) if padded else plain_number(mantissa, digits)
    return f"{text} × 10{superscript(power)}".replace("-", "−")


def tick_number(value: float, _: object = None) -> str:
    """Write a number on an axis, with no more digits than it has; made for matplotlib.

    >>> tick_number(0.125), tick_number(3.0), tick_number(2e9)
    ('0.125', '3', '2 × 10⁹')
    """
    if value and not 1e-4 <= abs(value) < 1e7:
        return scientific(value, _decimals(value / 10.0 ** _power(value)))
    digits = _decimals(value)
    return decimal(round(value, digits) + 0.0, digits).replace("-", "−")


def superscript(power: int) -> str:
    """Write a whole number as an exponent.

    >>> f"10{superscript(-12)}"
    '10⁻¹²'
    """
    return str(power).translate(_SUPERSCRIPTS)


def _power(value: float) -> int:
    return math.floor(math.log10(abs(value)))


def _decimals(value: float) -> int:
    """Count the decimals that a short number has, such as 3 for 0.125; at most 6."""
    near = 1e-9 * abs(value)
    return next((n for n in range(_LONGEST_TICK) if abs(round(value, n) - value) <= near), 6)
