"""Numbers as people write them, in both languages: each kind, and what holds for all of them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.i18n import (
    LANGUAGES,
    decimal,
    duration,
    integer,
    percent,
    plain_number,
    scientific,
    significant,
    superscript,
    tick_number,
    use_language,
)
from imagier.tables import read_number

THIN = "\u202f"


@pytest.mark.parametrize(
    ("write", "english", "french"),
    [
        (lambda: integer(1_234_567), "1,234,567", f"1{THIN}234{THIN}567"),
        (lambda: integer(-999), "-999", "-999"),
        (lambda: decimal(1234.5, 2), "1,234.50", f"1{THIN}234,50"),
        (lambda: percent(0.9837), "98.4%", f"98,4{THIN}%"),
        (lambda: percent(0.5, 0), "50%", f"50{THIN}%"),
        (lambda: duration(3.25), "3.2 s", "3,2 s"),
        (lambda: duration(125), "2 min 05 s", "2 min 05 s"),
        (lambda: duration(4200), "1 h 10 min", "1 h 10 min"),
        (lambda: plain_number(0.5), "0.5", "0,5"),
        (lambda: plain_number(-1234.5678), "−1,234.568", f"−1{THIN}234,568"),
        (lambda: plain_number(-0.0001), "0", "0"),
        (lambda: plain_number(1e6, 0), "1,000,000", f"1{THIN}000{THIN}000"),
        (lambda: significant(0.0), "0", "0"),
        (lambda: significant(-0.0), "0", "0"),
        (lambda: significant(math.inf), "–", "–"),
        (lambda: significant(116.3), "116.3", "116,3"),
        (lambda: significant(1e-4), "0.0001", "0,0001"),
        (lambda: significant(9e-5), "9 × 10⁻⁵", "9 × 10⁻⁵"),
        (lambda: significant(-2.5e6), "−2.5 × 10⁶", "−2,5 × 10⁶"),
        (lambda: significant(2.5e6, powers=(-4, 7)), "2,500,000", f"2{THIN}500{THIN}000"),
        (lambda: significant(0.0061734, 5, padded=True), "0.0061734", "0,0061734"),
        (lambda: significant(116.3, 5, padded=True), "116.30", "116,30"),
        (lambda: significant(3.2e-17, 5, padded=True), "3.2000 × 10⁻¹⁷", "3,2000 × 10⁻¹⁷"),
        (lambda: scientific(-1250.0, 2), "−1.25 × 10³", "−1,25 × 10³"),
        (lambda: superscript(-1203), "⁻¹²⁰³", "⁻¹²⁰³"),
        (lambda: tick_number(-10.0), "−10", "−10"),
        (lambda: tick_number(2000.0), "2,000", f"2{THIN}000"),
        (lambda: tick_number(0.25), "0.25", "0,25"),
        (lambda: tick_number(1.25e12), "1.25 × 10¹²", "1,25 × 10¹²"),
        (lambda: tick_number(-2e-7), "−2 × 10⁻⁷", "−2 × 10⁻⁷"),
        (lambda: tick_number(-1e-17 + 0.0), "−1 × 10⁻¹⁷", "−1 × 10⁻¹⁷"),
        (lambda: tick_number(0.0, 3), "0", "0"),
    ],
)
def test_numbers_in_both_languages(write, english, french):
    with use_language("en"):
        assert write() == english
    with use_language("fr"):
        assert write() == french


def read_again(text):
    """Read what was written for people, powers of ten too."""
    head, _, power = text.partition(" × 10")
    digits = power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    number = read_number(head.replace(",", "") if "." in head or THIN not in head else head)
    return number * 10.0 ** int(digits or 0)


@given(st.floats(1e-30, 1e30), st.integers(1, 12), st.booleans(), st.booleans())
def test_significant_digits_say_as_much_as_they_promise(size, digits, padded, is_negative):
    value = -size if is_negative else size
    with use_language("en"):
        text = significant(value, digits, padded=padded)
        assert read_again(text) == pytest.approx(value, rel=0.51 * 10.0 ** (1 - digits))
        assert text.startswith("−") == is_negative
        assert "-" not in text


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_both_languages_write_the_same_digits(value):
    texts = {}
    for language in LANGUAGES:
        with use_language(language):
            texts[language] = (plain_number(value), significant(value), tick_number(value))
    marks = str.maketrans({",": THIN, ".": ","})
    assert tuple(text.translate(marks) for text in texts["en"]) == texts["fr"]


@given(st.floats(-1e9, 1e9))
def test_no_zero_has_a_sign(value):
    with use_language("en"):
        for text in (plain_number(value, 2), tick_number(round(value, 3))):
            assert text.strip("−0.") or not text.startswith("−")
