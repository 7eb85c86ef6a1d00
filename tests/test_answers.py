"""Answers: tables for terminals with letters of any width, figures and tables as files."""

import io
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from rich.cells import cell_len

from imagier.answers import AnswerFigure, AnswerTable, finite, text_table
from imagier.errors import UsageError
from imagier.figures import drawing
from imagier.i18n import printable

WORDS = st.text(
    alphabet=st.sampled_from("ab 猫犬é\u0301\u200bｗ한🙂"), max_size=6
)  # narrow, wide, combining, of no width


def figure(text="0"):
    with drawing((1.5, 1.0)) as made:
        axes = made.add_subplot()
        axes.set_title(text)
        axes.plot([0, int(text)], [0, 1])
    return made


# Tables for a terminal


def test_wide_and_combining_letters_keep_columns_under_each_other():
    rows = [["name", "n"], ["猫", "1"], ["e\u0301te\u0301", "20"], ["한국", "3"]]
    lines = list(text_table(rows))
    assert lines == ["name   n", "猫     1", "e\u0301te\u0301   20", "한국   3"]
    assert {cell_len(line) for line in lines} == {8}


def test_columns_stand_where_they_are_told():
    rows = [["a", "b", "c"], ["long", "x", "end of it"]]
    assert list(text_table(rows, left=(0, -1))) == ["a     b  c", "long  x  end of it"]
    assert list(text_table(rows, left=(), gap=" | ")) == [
        "   a | b |         c",
        "long | x | end of it",
    ]


def test_the_rule_is_as_long_as_the_longest_line():
    rows = [["name", "n", ""], ["猫猫猫", "1", ""]]
    assert list(text_table(rows, rule=True)) == ["name    n", "─" * 9, "猫猫猫  1"]


def test_a_table_without_rows_has_no_lines():
    assert list(text_table([], rule=True)) == []
    assert list(text_table([["only", "titles"]], rule=True)) == ["only  titles", "─" * 12]


def test_rows_of_unequal_length_are_an_error():
    with pytest.raises(ValueError, match="zip"):
        list(text_table([["a", "b"], ["c"]]))


@given(st.lists(st.lists(WORDS, min_size=3, max_size=3), min_size=1, max_size=6))
def test_the_last_column_ends_where_it_is_widest(rows):
    lines = list(text_table(rows, left=()))
    rows = [[printable(cell) for cell in row] for row in rows]
    widths = [max(cell_len(row[place]) for row in rows) for place in range(3)]
    for line, row in zip(lines, rows, strict=True):
        assert cell_len(line) <= sum(widths) + 4
        if row[2] and row[2] == row[2].rstrip() and cell_len(row[2]):
            assert cell_len(line) == sum(widths) + 4
            assert line.endswith(row[2])


# Figures


def test_a_figure_is_drawn_when_its_content_is_asked_for():
    drawn = []

    def draw():
        drawn.append(1)
        return figure()

    answer = AnswerFigure(label="A line", draw=draw)
    assert drawn == []
    with Image.open(io.BytesIO(answer.content(".png"))) as picture:
        assert picture.format == "PNG"
    assert answer.content(".svg").decode().startswith('<svg role="img" aria-label="A line"')
    assert len(drawn) == 2
    assert answer.content(".png") == answer.content(".png")


def test_a_film_shows_its_frames():
    frames = [figure("1"), figure("2"), figure("3")]
    answer = AnswerFigure(label="", draw=figure, frames=lambda: iter(frames), seconds=0.2)
    with Image.open(io.BytesIO(answer.content(".gif"))) as film:
        assert (film.format, film.n_frames) == ("GIF", 3)
        assert film.info["duration"] == 200


def test_there_is_no_film_where_nothing_moves():
    with pytest.raises(UsageError) as error:
        AnswerFigure(label="", draw=figure).content(".gif")
    assert error.value.code == "nothing_moves"
    assert error.value.message
    assert error.value.next_step


# Tables as files, numbers for programs


def test_a_table_is_written_so_that_no_spreadsheet_runs_it():
    table = AnswerTable(columns=["=x(1)", "y"], rows=[["@a;b", -1.5], [None, math.nan]])
    assert table.csv() == "'=x(1),y\n\"'@a;b\",-1.5\n,\n"
    assert table.csv(delimiter=";") == "'=x(1);y\n\"'@a;b\";-1.5\n;\n"


@given(st.floats() | st.none())
def test_json_knows_finite_numbers_only(value):
    is_number = value is not None and math.isfinite(value)
    assert finite(value) == (value if is_number else None)
