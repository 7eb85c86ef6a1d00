"""Tables as an attacker would name pictures: read by the wrong program, in the wrong way.

A spreadsheet that cuts lines at other signs than the writer did finds no formula; a terminal that
shows a table is not ordered about; and all that was written can be read back.
"""

import ast
import csv
import io
import itertools
import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from imagier.cli import imagier
from imagier.cli.running import run
from imagier.datasets.splitting.split_file import read_split_file, split_text
from imagier.files import json_line
from imagier.recognizer import Prediction
from imagier.recognizer.results import csv_file, jsonl_file, prediction_columns
from imagier.tables import csv_line, csv_text, original_cell, read_number, safe_cell, unescape

SOURCES = sorted((Path(__file__).parents[2] / "src").rglob("*.py"))
FORMULAS = tuple("=+-@\t\r\n＝＋－＠")
DELIMITERS = (",", ";", "\t")
CUTS = [set(cut) for size in (1, 2, 3) for cut in itertools.combinations(DELIMITERS, size)]
OBEYED = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
WORDS, ONLY_SIGNS = r"[=+\-@＝＋－＠] ?[\w ]+", r"[^\w\"',;\t\r\n]+"
NUMBERS_BEHIND = r"[\d.,;\teE+\-− ]*"
HASH = "0123456789abcdef" * 2

SHARP = st.sampled_from(list("=+-@'\",;\t\r\n\\ 15x|!A＝－\x1b\x9b\u202e\udce9"))
TEXTS = st.text(SHARP | st.characters(codec=None), max_size=12)
NUMBERS = st.sampled_from(["-3", "+1e3", "-1,5", "3,5", "−2", "7"]) | st.integers() | st.floats()
CELLS = TEXTS | NUMBERS | st.none()
ROWS = st.lists(CELLS, min_size=1, max_size=5)


def fields(line, cut, *, quotes):
    """Read a line as a spreadsheet does that cuts it at any of these signs.

    A quotation mark counts at the beginning of a field only; what follows the closing one is taken
    as it is. Without `quotes` it is a letter like others.
    """
    found, place = [], 0
    while place <= len(line):
        text = ""
        if quotes and line[place : place + 1] == '"':
            place += 1
            while place < len(line) and (line[place] != '"' or line[place : place + 2] == '""'):
                text += line[place]
                place += 1 + (line[place] == '"')
            place += 1
        while place < len(line) and line[place] not in cut:
            text += line[place]
            place += 1
        found.append(text)
        place += 1
    return found


def is_formula(field):
    """Tell whether a field is run: a sign in front of more than numbers, words, literal texts.

    A sign with words calls and fetches nothing, signs alone have nothing to compute.
    """
    field = field.lstrip("\t")  # the delimiter before it, where the first cell is empty
    if not field.startswith(FORMULAS):
        return False
    bare = re.sub(r'"(?:[^"]|"")*("|$)', "", field)
    return not re.fullmatch(rf"(?:[+-]|{WORDS}|{ONLY_SIGNS}){NUMBERS_BEHIND}", bare)


# No formula, whoever reads


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("x;=1+2", '"x;\'=1+2"'),
        ("x;-2+3+cmd|' /C calc'!A0", None),
        ("x\t=1+2", r"x\x09=1+2"),
        ("x\n=1+2", r"x\x0a=1+2"),
        ('x;"=1+2"', None),
        ('x;""=1+2', None),
        ('"=1+2"', None),
        ("x;=1;=2,=3", None),
        ("x;'=1", None),
        ("x;＝1+2", None),
    ],
)
@pytest.mark.parametrize("before", ["a", "3", "-3", "", None, 'b;"', ";"])
def test_no_name_becomes_a_formula(name, cell, before):
    for delimiter in DELIMITERS:
        line = csv_line([before, name, "end"], delimiter=delimiter).removesuffix("\n")
        for cut, quotes in itertools.product(CUTS, (True, False)):
            assert [field for field in fields(line, cut, quotes=quotes) if is_formula(field)] == []
        for other in DELIMITERS:
            for row in csv.reader([line], delimiter=other):
                assert not any(map(is_formula, row))
    if cell is not None and before == "a":
        assert csv_line(["a", name]) == f"a,{cell}\n"


@given(ROWS, st.sampled_from(DELIMITERS))
def test_no_row_holds_a_formula_wherever_it_is_cut(row, delimiter):
    line = csv_line(row, delimiter=delimiter)
    assert line.count("\n") == 1
    line = line.removesuffix("\n")
    for cut, quotes in itertools.product(CUTS, (True, False)):
        assert [field for field in fields(line, cut, quotes=quotes) if is_formula(field)] == []
    for other in DELIMITERS:
        for found in csv.reader([line], delimiter=other):
            assert not any(map(is_formula, found))


def test_a_number_and_the_text_behind_it_make_no_formula():
    """Cut at semicolons, `-3,5+cmd|...` would be one: with a decimal comma, as in French."""
    line = csv_line([-3, "5+cmd|' /C calc'!A0"])
    assert line == "-3,\"5+cmd|' /C calc'!A0\"\n"
    assert csv_line([-3, 5, None]) == "-3,5,\n"


@given(ROWS, st.sampled_from(DELIMITERS))
def test_who_cuts_as_the_writer_did_finds_the_cells(row, delimiter):
    line = csv_line(row, delimiter=delimiter)
    for cut in CUTS:
        if delimiter in cut and not any(_is_bare_number(cell, cut) for cell in row):
            assert [original_cell(cell) for cell in fields(line[:-1], cut, quotes=True)] == [
                _as_text(cell) for cell in row
            ]


def _is_bare_number(cell, cut):
    """Numbers alone are not protected from signs that are not the table's own."""
    return isinstance(cell, str) and read_number(cell) is not None and bool(set(cell) & cut)


def _as_text(cell):
    return original_cell(next(csv.reader([csv_line([cell, "end"])]))[0])


# Nothing for a terminal to obey, and all of it back


@given(TEXTS)
def test_a_cell_can_be_undone(text):
    assert original_cell(safe_cell(text)) == text
    assert not OBEYED.search(safe_cell(text))
    assert "\n" not in safe_cell(text)


@given(TEXTS, TEXTS)
def test_two_texts_are_never_written_alike(one, other):
    assert one == other or safe_cell(one) != safe_cell(other)


@given(st.lists(ROWS, max_size=4), st.sampled_from(DELIMITERS))
def test_no_table_holds_what_a_terminal_obeys(rows, delimiter):
    text = csv_text(["a", "\x1b[2J"], rows, delimiter=delimiter)
    assert not OBEYED.search(text.replace(delimiter, ""))
    text.encode("utf-8")


@given(st.lists(TEXTS.filter(bool), unique=True, max_size=5))
def test_the_names_of_a_split_file_are_found_again(tmp_path, names):
    file = tmp_path / "split.csv"
    text = split_text((name, HASH, name, "train") for name in names)
    assert not OBEYED.search(text)
    file.write_text(text, "utf-8", newline="")
    assert read_split_file(file).by_row == {(name, HASH): "train" for name in names}


def test_windows_paths_stay_readable():
    for path in (r"C:\photos\new\test.png", r"\\server\share\up.png", "C:\\"):
        assert csv_line([path]) == f"{path}\n"
        assert original_cell(path) == path


def test_what_was_shown_is_escaped_once():
    assert csv_line([unescape(r"caf\xe9\u202e.png")]) == "caf\\xe9\\u202e.png\n"
    assert csv_line([r"caf\xe9.png"]) == "caf\\x5cxe9.png\n"


# The commands that write tables


@pytest.fixture
def evil_pictures(tmp_path):
    """Pictures whose names are formulas and orders."""
    folder = tmp_path / "evil"
    folder.mkdir()
    names = ["x;=1+2.png", "=1+2.png", "a\x1b[31m.png", "b\n=1+2.png", "c\u202egnp.png", "-3"]
    for number, name in enumerate(names):
        Image.fromarray(np.full((8, 8), 20 * number, np.uint8)).save(folder / name, "PNG")
    return folder


def check(text):
    assert not OBEYED.search(text)
    for line in text.splitlines():
        for cut, quotes in itertools.product(CUTS, (True, False)):
            assert not any(map(is_formula, fields(line, cut, quotes=quotes)))


@pytest.mark.parametrize(
    "label", ["cat;=1+2", "=1+2", "\x1b[31mred", "a\nb", "\x9b31m", "=", "@x", "-1", "->"]
)
def test_the_answers_of_predict(tmp_path, label, evil_pictures):
    table, lines = tmp_path / "t.csv", tmp_path / "t.jsonl"
    with csv_file(table, prediction_columns(choices=1)) as write, jsonl_file(lines) as write_line:
        for path in sorted(map(str, evil_pictures.iterdir())):
            answer = Prediction(path=path, label=label, probability=0.5, top=((label, 0.5),))
            write(answer)
            write_line(answer)
    text = table.read_text("utf-8")
    check(text)
    assert not OBEYED.search(lines.read_text("utf-8"))
    _, *rows = csv.reader(io.StringIO(text, newline=""))
    assert [original_cell(row[0]) for row in rows] == sorted(map(str, evil_pictures.iterdir()))
    assert {original_cell(row[2]) for row in rows} == {label}


def test_the_table_of_palettes(tmp_path, evil_pictures):
    words = ["palette", str(evil_pictures), "-k", "2", "--table", str(tmp_path / "t.csv")]
    assert run(imagier, [*words, "--quiet"]) in (0, 3)
    text = (tmp_path / "t.csv").read_text("utf-8")
    assert "x;'=1+2.png" in text
    check(text)


def test_json_for_programs_is_json_still():
    value = {"path": "a\x1b\x9b\u202e\udce9é👩‍🚀", "n": 1}
    line = json_line(value)
    assert not OBEYED.search(line)
    assert "é👩‍🚀" in line
    assert json.loads(line) == value
    assert json.loads(json_line(value, only_ascii=True)) == value


# One writer


def test_no_other_writer_of_tables_stands_in_the_source():
    others = {"writer", "DictWriter", "savetxt", "to_csv", "write_csv"}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in others:
                base = getattr(node.value, "id", "")
                assert base not in {"csv", "np", "numpy", "pandas", "pd", "frame"}, path
            if isinstance(node, ast.ImportFrom) and node.module == "csv":
                assert not others & {alias.name for alias in node.names}, path
