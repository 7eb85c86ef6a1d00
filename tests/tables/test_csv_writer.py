"""The writer of CSV: what it writes is read back, and no spreadsheet runs it."""

import csv
import io
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.tables import csv_line, csv_text, original_cell, parse_table, read_number, safe_cell

FORMULAS = ("=", "+", "-", "@", "\t", "\r")
NO_FORMULA = re.compile(r"""[=+\-@] ?[\w ]+|[^\w"',;\t\r\n]+""")  # a sign with words, or only signs
TEXTS = st.text()  # any letters that UTF-8 can hold, controls included
RISKY = st.builds(str.__add__, st.sampled_from([*FORMULAS, "'", "''", "'="]), TEXTS)
CELLS = TEXTS | RISKY


def read(text, delimiter=","):
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))


@given(CELLS)
def test_a_safe_cell_is_none_that_is_run_and_can_be_undone(text):
    safe = safe_cell(text)
    assert not safe.startswith(FORMULAS) or NO_FORMULA.fullmatch(safe)
    assert original_cell(safe) == text


@given(st.text(alphabet=st.characters(codec=None)))
def test_any_name_of_a_file_can_be_written(text):
    safe_cell(text).encode("utf-8")
    csv_line([text]).encode("utf-8")


@given(
    st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=5),
    st.sampled_from([",", ";", "\t"]),
)
def test_what_is_written_is_read_back(rows, delimiter):
    text = csv_text(["first", "second"], rows, delimiter=delimiter)
    titles, *found = read(text, delimiter)
    assert titles == ["first", "second"]
    assert [[_undone(cell) for cell in row] for row in found] == rows


def _undone(cell):
    return cell if read_number(cell) is not None else original_cell(cell)


@given(st.floats() | st.integers() | st.booleans() | st.none())
def test_values_are_written_as_they_are(value):
    cell = read(csv_line([value, "end"]))[0][0]
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        assert cell == ""
    else:
        assert cell == (repr(value) if isinstance(value, float) else str(value))
        assert type(value) is bool or type(value)(cell) == value


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ('=HYPERLINK("http://x.example")', '"\'=HYPERLINK(""http://x.example"")"'),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-2+3", "'-2+3"),
        ("+33 1 23", "+33 1 23"),
        ("+33(1)23", "'+33(1)23"),
        ("-1+2", "'-1+2"),
        ("=A1:B2", "'=A1:B2"),
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("-", "-"),
        ("->", "->"),
        ("+/-", "+/-"),
        ("=", "="),
        ("@x", "@x"),
        ("- none of these", "- none of these"),
        ("=\x1b", r"'=\x1b"),
        ("＝1+2", "'＝1+2"),
        ("-1,5", '"-1,5"'),
        ("-3", "-3"),
        ("+1e3", "+1e3"),
        (-3, "-3"),
        ("'quoted'", "'quoted'"),
        ("'t Hooft", "'t Hooft"),
        ("'=1+2", "''=1+2"),
        ("''=1+2", "'''=1+2"),
        ("two\nlines", r"two\x0alines"),
        ("a\rb", r"a\x0db"),
        ("\tb", r"'\x09b"),
        ("a;b", '"a;b"'),
        ("x;=1+2", '"x;\'=1+2"'),
        (r"C:\new\x41.png", r"C:\new\x5cx41.png"),
        ("caf\udce9.jpg", r"caf\xe9.jpg"),
        ("half \ud83d", r"half \ud83d"),
        ("\x1b[31m\x9b\u202e", r"\x1b[31m\u009b\u202e"),
        ("👩‍🚀", "👩‍🚀"),
        ("=A1", "'=A1"),
    ],
)
def test_each_kind_of_cell(cell, written):
    assert csv_line(["a", cell]) == f"a,{written}\n"


@pytest.mark.parametrize(
    "label",
    ["+", "-", "=", "-1", "+1", "@x", "×", "=>", "++", "-- --", "'s", "@ home", "#1", "1/2"],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_name_that_computes_nothing_is_found_as_it_is(label, delimiter):
    line = csv_line(["a.png", label, "end"], delimiter=delimiter)
    assert read(line, delimiter) == [["a.png", label, "end"]]


def test_a_row_that_begins_with_a_sign_makes_no_formula_with_the_cells_behind():
    assert csv_line(["@x", "5+cmd|' /C calc'!A0", 1]) == '"@x","5+cmd|\' /C calc\'!A0",1\n'


def test_a_decimal_comma():
    assert csv_line(["cat", 0.5, 3, 1e-6], delimiter=";", decimal=",") == "cat;0,5;3;1e-06\n"


def test_a_table_that_was_written_is_a_table_again():
    text = csv_text(["x", "kind"], [[-1.5, "=a"], [2, "b"]])
    table = parse_table(text.encode(), name="t.csv")
    assert table.numbers("x") == [-1.5, 2]
    assert [original_cell(cell) for cell in table.column("kind")] == ["=a", "b"]
