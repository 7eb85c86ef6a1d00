"""Check digits, against their definitions computed from whole numbers, and known numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.errors import UsageError
from imagier.reading.check_digits import CHECKS, accepts, check_rule

DIGITS = st.text("0123456789", min_size=2, max_size=20)
SIGNS = st.text("0123456789ABXZ", min_size=5, max_size=20)


def luhn(text):
    total = 0
    for place, sign in enumerate(reversed(text)):
        value = int(sign) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def mod10(text):
    return sum(int(sign) * (1, 3)[place % 2] for place, sign in enumerate(reversed(text))) % 10 == 0


def mod11(text):
    values = [10 if sign == "X" else int(sign) for sign in text]
    return sum(value * 2**place for place, value in enumerate(reversed(values))) % 11 == 1


def mod97(text):
    return int("".join(str(int(sign, 36)) for sign in text)) % 97 == 1


@given(DIGITS)
def test_the_checks_are_their_definitions(text):
    assert accepts(check_rule("luhn"), text) == luhn(text)
    assert accepts(check_rule("mod10"), text) == mod10(text)
    assert accepts(check_rule("mod11"), text) == mod11(text)
    assert accepts(check_rule("mod11"), text + "X") == mod11(text + "X")


@given(SIGNS)
def test_letters_count_from_ten(text):
    assert accepts(check_rule("mod97"), text) == mod97(text)
    account = f"FR{int(text[0], 36) % 10}4{text}"
    assert accepts(check_rule("iban"), account) == mod97(account[4:] + account[:4])


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("luhn", "4539 1488 0343 6467"),
        ("luhn", "79927398713"),
        ("luhn", "732 829 320 00074"),  # a SIRET
        ("mod10", "4006381333931"),
        ("mod10", "73513537"),
        ("mod11", "0000-0002-1825-0097"),  # an ORCID
        ("mod11", "0000-0002-1694-233X"),
        ("mod97", "3214282912345698765432161182"),
        ("iban", "GB82 WEST 1234 5698 7654 32"),
        ("iban", "FR14 2004 1010 0505 0001 3M02 606"),
    ],
)
def test_known_numbers_are_right_and_slips_are_seen(name, number):
    rule = check_rule(name)
    assert accepts(rule, number)
    for place, sign in enumerate(number):
        if sign.isdigit():
            slip = number[:place] + str((int(sign) + 1) % 10) + number[place + 1 :]
            assert not accepts(rule, slip), slip


@pytest.mark.parametrize("name", CHECKS)
def test_what_is_no_number_is_not_right(name):
    rule = check_rule(name)
    for text in ("", "0", " ", "€", "12€", "٣٣", "é1"):
        assert not accepts(rule, text)


@pytest.mark.parametrize("text", ["X0", "0X0", "00X1"])
def test_an_x_stands_last(text):
    assert not accepts(check_rule("mod11"), text)


def test_an_unknown_check_is_refused():
    with pytest.raises(UsageError) as caught:
        check_rule("lunh")
    assert caught.value.code == "check_unknown"
    assert "luhn" in str(caught.value)
