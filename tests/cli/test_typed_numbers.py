"""Numbers as words of the command line, in the ways that people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.cli.numbers import read_formula, read_numbers, read_point, read_values
from imagier.errors import UsageError

NUMBERS = st.lists(st.floats(-1e90, 1e90), min_size=2, max_size=8)


@given(NUMBERS)
def test_every_number_is_read_as_it_was_written(numbers):
    texts = [repr(number) for number in numbers]
    expected = tuple(numbers)
    assert read_numbers(",".join(texts), name="--input") == expected
    assert read_numbers(" ".join(texts), name="--input") == expected
    french = "; ".join(text.replace(".", ",").replace("-", "−") for text in texts)
    assert read_numbers(french, name="--input") == expected
    assert read_values(",".join(texts), option="--at") == expected


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("3.2,5.1", (3.2, 5.1)),
        ("3,2;5,1", (3.2, 5.1)),
        ("3,2 ; -5,1", (3.2, -5.1)),
        ("−1  +2\t.5", (-1, 2, 0.5)),
        (" 1e3, 2. ", (1000, 2)),
        ("0.12345678901234567", (0.12345678901234567,)),
    ],
)
def test_many_ways_to_write_numbers(text, numbers):
    assert read_numbers(text, name="--input") == numbers


@pytest.mark.parametrize(
    "text", ["", ",", "1,,2", "1,", "a", "1,nan", "inf", "1e100", "1;2;", "1/2", "1" + ",1" * 1000]
)
def test_what_is_no_list_of_numbers(text):
    with pytest.raises(UsageError) as error:
        read_numbers(text, name="--input")
    assert error.value.code == "numbers"


@pytest.mark.parametrize(
    ("text", "names", "point"),
    [
        ("4,2", "xy", (4, 2)),
        ("0,5; -4/3", "xy", (0.5, -4 / 3)),
        ("0,5", "t", (0.5,)),
        ("2^3,sqrt(4)", "xy", (8, 2)),
    ],
)
def test_places(text, names, point):
    assert read_point(text, list(names), option="--at") == pytest.approx(point)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: read_point("1", ["x", "y"], option="--at"), "point_length"),
        (lambda: read_point("1,x", ["x", "y"], option="--at"), "point_number"),
        (lambda: read_point("1,1/0", ["x", "y"], option="--at"), "point_number"),
        (lambda: read_values("1;;2", option="--within"), "point_number"),
        (lambda: read_formula("2*pi"), "no_variable"),
        (lambda: read_formula("2*"), "formula_syntax"),
    ],
)
def test_what_is_refused(call, code):
    with pytest.raises(UsageError) as error:
        call()
    assert error.value.code == code
