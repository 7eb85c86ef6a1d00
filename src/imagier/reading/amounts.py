"""Amounts of money as people write them, and the number that they mean.

A comma or a point stands before two decimals; spaces, points, commas or apostrophes part thousands,
one kind of them in an amount; a currency may stand before the number, after it, or, as on French
price tags, in place of the comma. As decimals are always two and thousands always three digits,
there is one reading of each amount:

>>> for text in ("12,50 €", "EUR 12.50", "1 234,50", "1.234,50", "1,234", "12 € 50", "12,5"):
...     print(read_amount(text))
Amount(value='12.50', currency='EUR')
Amount(value='12.50', currency='EUR')
Amount(value='1234.50', currency=None)
Amount(value='1234.50', currency=None)
Amount(value='1234', currency=None)
Amount(value='12.50', currency='EUR')
None
"""

import re
from dataclasses import dataclass

from imagier.reading.format_pattern import FormatPattern

__all__ = ["AMOUNT_PATTERN", "FR_AMOUNT_PATTERN", "Amount", "read_amount"]

_SPACE = "[ \u00a0\u202f]"
_CURRENCIES = {
    "€": "EUR",
    "EUR": "EUR",
    "euros": "EUR",  # before its own beginning
    "euro": "EUR",
    "$": "USD",
    "USD": "USD",
    "£": "GBP",
    "GBP": "GBP",
    "CHF": "CHF",
    "CAD": "CAD",
    "¥": "JPY",
    "JPY": "JPY",
}
_CURRENCY = "(" + "|".join(re.escape(name) for name in _CURRENCIES) + ")"
_SPACED = rf"[0-9]{{1,3}}({_SPACE}[0-9]{{3}})+"
_POINTED = r"[0-9]{1,3}(\.[0-9]{3})+"
_NUMBER = "|".join(
    (
        rf"([0-9]+|{_SPACED}|[0-9]{{1,3}}(['’][0-9]{{3}})+)([.,][0-9]{{2}})?",
        rf"{_POINTED}(,[0-9]{{2}})?",
        r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]{2})?",
    )
)
_PRICE_TAG = rf"([0-9]+|{_SPACED}){_SPACE}?€{_SPACE}?[0-9]{{2}}"
AMOUNT_PATTERN = rf"({_CURRENCY}{_SPACE}?)?({_NUMBER})|({_NUMBER}){_SPACE}?{_CURRENCY}|{_PRICE_TAG}"
FR_AMOUNT_PATTERN = (
    rf"([0-9]+|{_SPACED}|{_POINTED})(,[0-9]{{2}})?({_SPACE}?(€|EUR|euros?))?|{_PRICE_TAG}"
)
_FITTING = FormatPattern.parse(AMOUNT_PATTERN)
_DECIMALS = re.compile(r"[.,]([0-9]{2})$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """An amount of money.

    Attributes:
        value: The number, with a point before its decimals and nothing between thousands.
        currency: Its code of three letters (ISO 4217); None where none is written.
    """

    value: str
    currency: str | None


def read_amount(text: str) -> Amount | None:
    """Tell the number that an amount means; None for a text that is no amount."""
    if not _FITTING.accepts(text):
        return None
    found = re.search(_CURRENCY, text)
    currency = _CURRENCIES[found[0]] if found else None
    if found and found.end() < len(text) and found.start():  # 12 € 50
        whole, decimals = text[: found.start()], text[found.end() :].strip()
    else:
        number = re.sub(_CURRENCY, "", text).strip()
        ends = _DECIMALS.search(number)
        whole, decimals = (number[: ends.start()], ends[1]) if ends else (number, "")
    digits = re.sub(r"[^0-9]", "", whole).lstrip("0") or "0"
    return Amount(value=f"{digits}.{decimals}" if decimals else digits, currency=currency)
