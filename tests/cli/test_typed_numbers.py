"""Numbers as words of the command line, in the ways that people write them."""

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.cli import imagier
from imagier.cli.decimals import Decimal
from imagier.cli.numbers import read_formula, read_numbers, read_point, read_values
from imagier.cli.running import run
from imagier.errors import UsageError
from imagier.i18n import use_language

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


SHARE = Decimal(0, 1, min_open=True, max_open=True, is_share=True)


@pytest.mark.parametrize("text", ["0.05", "0,05", "5%", "5 %", "5\u202f%", " 5,0% ", "5e-2"])
def test_a_share_as_people_type_it(text):
    assert SHARE.convert(text, None, None) == 0.05


@pytest.mark.parametrize("text", ["0", "1", "5", "100%", "nan", "inf", "x", "", "%", "0,0,5"])
def test_what_is_no_share(text):
    with pytest.raises(click.BadParameter):
        SHARE.convert(text, None, None)


def test_a_number_that_is_no_share_has_no_percent():
    assert Decimal(min=0).convert("0,001", None, None) == 0.001
    with pytest.raises(click.BadParameter):
        Decimal(min=0).convert("5%", None, None)
    assert [SHARE.hint(word) for word in ("97", "97.0", "0.5", "300", "x")] == [
        "0.97", "0.97", "", "", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("predict m x --max-error 5", "a number is expected, greater than 0, less than 1. Did"),
        ("train x --accept 97", "greater than 0, 1 or less. Did you mean “0.97”?"),
        ("train x --learning-rate 0", "a number is expected, greater than 0."),
        ("test m x --accept 97", "Type for example `--accept 0.97`."),
        ("descend x^2 --start 1 --rate 1,2,3", "a number is expected."),
        ("check x --max-leak 2", "from 0 to 1. Did you mean “0.02”?"),
    ],
)
def test_a_number_out_of_its_bounds(command, told, capsys):
    with use_language("en"):
        assert run(imagier, command.split()) == 2
    assert told in capsys.readouterr().err
