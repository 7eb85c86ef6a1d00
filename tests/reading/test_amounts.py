"""Amounts: every way of writing a number gives the number again."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.reading import read_amount
from imagier.reading.amounts import AMOUNT_PATTERN, FR_AMOUNT_PATTERN
from imagier.reading.format_pattern import FormatPattern

CURRENCIES = {"": None, "€": "EUR", "EUR": "EUR", "euros": "EUR", "euro": "EUR"}
CURRENCIES |= {"$": "USD", "£": "GBP", "CHF": "CHF", "¥": "JPY", "CAD": "CAD"}
CENTS = st.none() | st.integers(0, 99)


@given(
    whole=st.integers(0, 10**10),
    cents=CENTS,
    marks=st.sampled_from([("", ","), ("", "."), (" ", ","), ("\u202f", ","), ("\u00a0", ".")])
    | st.sampled_from([(".", ","), (",", "."), ("'", "."), ("’", ",")]),
    currency=st.sampled_from(list(CURRENCIES)),
    space=st.sampled_from(["", " ", "\u00a0", "\u202f"]),
    is_before=st.booleans(),
)
def test_a_number_is_read_however_it_is_written(whole, cents, marks, currency, space, is_before):
    thousands, decimal = marks
    text = f"{whole:,}".replace(",", thousands)
    text += "" if cents is None else f"{decimal}{cents:02d}"
    if currency:
        text = currency + space + text if is_before else text + space + currency
    amount = read_amount(text)
    assert amount.value == (f"{whole}" if cents is None else f"{whole}.{cents:02d}")
    assert amount.currency == CURRENCIES[currency]
    assert re.fullmatch(AMOUNT_PATTERN, text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("12 € 50", "12.50"), ("12€50", "12.50"), ("007", "7"), ("0,05", "0.05"), ("00,50", "0.50")],
)
def test_other_ways_of_writing(text, value):
    assert read_amount(text).value == value


NONE = ["", "€", "12,5", "12,505 €5", "1 23", "1.23,45", "1,234,56", "12 50", "€ 12 €", "-12,00"]
NONE += ["12,50 kg", "1.234.50", "1,234.5", "1 234.567", ",50", "12,", "1.234 567,00", "12$50"]


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_amount(text):
    assert read_amount(text) is None


def test_every_french_amount_is_an_amount():
    french, generator = FormatPattern.parse(FR_AMOUNT_PATTERN), np.random.default_rng(0)
    for _ in range(300):
        text = french.sample(generator)
        assert read_amount(text) is not None, text
    assert french.accepts("1\u202f234,50 €")
    assert not french.accepts("1,234.50 $")
    assert not french.accepts("12.50")


def test_every_drawn_amount_has_a_value():
    amounts, generator = FormatPattern.parse(AMOUNT_PATTERN), np.random.default_rng(0)
    for _ in range(300):
        text = amounts.sample(generator)
        assert re.fullmatch(r"\d+(\.\d\d)?", read_amount(text).value), text
