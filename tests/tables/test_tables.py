"""Tables as people save them: separators, decimal commas, letters, and cells that are wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.errors import DataError, UsageError
from imagier.i18n import use_language
from imagier.tables import content as content_module
from imagier.tables import parse_table, read_number, read_table


def table(text, **settings):
    content = text.encode() if isinstance(text, str) else text
    return parse_table(content, name="t.csv", **settings)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3.5", 3.5),
        ("3,5", 3.5),
        ("-2", -2.0),
        ("−2", -2.0),
        ("+7", 7.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e-3", 0.001),
        ("1\u202f234\u202f567,5", 1234567.5),
        ("1 234", 1234.0),
        ("12 34", None),
        ("1,234,567", None),
        ("1.234,5", None),
        ("", None),
        ("nan", None),
        ("inf", None),
        ("1e999", None),
        ("0x10", None),
        ("1_000", None),
        ("12 m²", None),
        ("٣", 3.0),
    ],
)
def test_numbers_as_people_write_them(text, number):
    assert read_number(text) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_is_read_again(number):
    assert read_number(repr(number)) == number
    assert read_number(repr(number).replace(".", ",")) == number


@pytest.mark.parametrize(
    "content",
    [
        b"surface,price\n54.5,163\n71,204\n",
        b"surface;price\n54,5;163\n71;204\n",
        b"surface\tprice\r\n54,5\t163\r\n71\t204\r\n",
        b'surface,price\n"54,5",163\n\n,\n71,204\n',
        "\ufeffsurface,price\n54.5,163\n71,204".encode(),
        "surface;price\n54,5;163\n71;204\n".encode("utf-16"),
    ],
    ids=["commas", "semicolons", "tabs", "quotes and empty rows", "BOM", "UTF-16"],
)
def test_the_same_points_in_six_files(content):
    found = table(content)
    assert found.titles == ("surface", "price")
    assert found.numbers("surface") == [54.5, 71]
    assert found.numbers("price") == [163, 204]


def test_what_was_understood_is_said():
    notes = " ".join(table("a;b\n1,5;2\n3;4\n").notes)
    assert "semicolons" in notes
    assert "1,5 is 1.5" in notes
    assert table("a,b\n1.5,2\n").notes == ()
    assert "c1, c2" in " ".join(table("1,2\n3,4\n").notes)
    with use_language("fr"):
        assert "points-virgules" in " ".join(table("a;b\n1,5;2\n3;4\n").notes)


def test_letters_of_older_windows_are_read():
    found = table("pièces;prix\n1;2\n2;4\n".encode("cp1252"))
    assert found.titles == ("pièces", "prix")
    assert "Windows" in found.notes[0]


# Titles, or none


@pytest.mark.parametrize(
    ("text", "titles", "count"),
    [
        ("a,b\n1,2\n", ("a", "b"), 1),
        ("a,\n1,2\n", ("a", "c2"), 1),
        ("1,2\n3,4\n", ("c1", "c2"), 2),
        ("2020,price\n1,2\n", ("2020", "price"), 1),
        ('"a;b",c\n1,2\n', ("a;b", "c"), 1),
        ("a\r1\r2\r", ("a",), 2),
    ],
)
def test_the_first_row_holds_titles_unless_it_holds_numbers(text, titles, count):
    found = table(text)
    assert (found.titles, len(found.rows)) == (titles, count)


def test_a_label_in_the_last_column_tells_nothing_about_titles():
    found = table("1,2,cat\n3,4,dog\n", letter="u", is_labelled=True)
    assert found.titles == ("u1", "u2", "u3")
    assert found.numbers("u2") == [2, 4]
    assert table("x,y,kind\n3,4,dog\n", is_labelled=True).titles == ("x", "y", "kind")
    assert table("1,2,cat\n3,4,dog\n").titles == ("1", "2", "cat")


# What is wrong is named


@pytest.mark.parametrize(
    ("text", "code", "row", "column"),
    [
        ("a,b\n1,2\n3,\n5,6\n", "table_cell_empty", 3, "b"),
        ("a,b\n1,2\n3,NaN\n", "table_cell_empty", 3, "b"),
        ("a,b\n\n1,2\n1,-inf\n", "table_cell_empty", 4, "b"),
        ('a,b\n"1\n0",2\n3,x\n', "table_cell_text", 3, "b"),
        ("a;b\n1;2\n3;1.234,5\n", "table_cell_text", 3, "b"),
        ("1,2\n3,x\n", "table_cell_text", 2, "c2"),
        ("a,b\n1,1e6\n", "table_cell_text", 2, "b"),
    ],
)
def test_a_bad_cell_is_named_by_row_and_column(text, code, row, column):
    with pytest.raises(DataError) as error:
        table(text).numbers(column, largest=1e6)
    assert error.value.code == code
    assert (error.value.facts["row"], error.value.facts["column"]) == (row, column)
    assert f"row {row}, column “{column}”" in error.value.message


def test_a_column_that_is_not_there():
    with pytest.raises(UsageError) as error:
        table("surface,price\n1,2\n").numbers("prise")
    assert error.value.code == "table_unknown_column"
    assert "Did you mean “price”?" in error.value.message


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "table_no_rows"),
        (" \n,,\n", "table_no_rows"),
        ("a,b\n", "table_no_rows"),
        ("a,b\n1,2,3\n", "table_ragged"),
        ("a,b\n1\n", "table_ragged"),
        ("a,a\n1,2\n", "table_column_twice"),
        ('a,b\n1,"2\n', "table_damaged"),
        ("x" * 200_000 + ",b\n1,2\n", "table_damaged"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "table_encoding"),
        (b"\xff\xfe\x00\xd8", "table_encoding"),
        (b"a,b\n1,\x81\n", "table_encoding"),
    ],
)
def test_what_is_no_table(content, code):
    with pytest.raises(DataError) as error:
        table(content)
    assert error.value.code == code
    assert error.value.message
    assert error.value.next_step


def test_the_place_of_damage_is_named():
    with pytest.raises(DataError, match=r"line 3"):
        table('a,b\n1,2\n3,"4\n5,6\n')


def test_too_many_rows():
    found = table("a\n1\n2\n")
    found.check_length(2)
    with pytest.raises(DataError, match="more than 1 rows"):
        found.check_length(1)


def test_files_that_cannot_be_read(tmp_path, monkeypatch):
    def code(path):
        with pytest.raises(DataError) as error:
            read_table(path)
        return error.value.code

    assert code(tmp_path / "nothing.csv") == "table_not_file"
    assert code(tmp_path) == "table_not_file"
    path = tmp_path / "t.csv"
    path.write_text("a\n1\n", "ascii")
    assert read_table(path).numbers("a") == [1]
    monkeypatch.setattr(content_module, "MAX_BYTES", 3)
    assert code(path) == "table_too_large"
