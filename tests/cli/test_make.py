"""`imagier make`: each kind is made, answers in JSON, and refuses what makes no sense."""

import csv
import json
import zipfile

import numpy as np
import pytest
from PIL import Image

from benchmarks.sheet_photos import fill_sheet, photograph
from imagier.datasets.synthetic import Glyphs, standard_fonts
from imagier.datasets.synthetic.sheets import SheetLayout, draw_sheet

COMMAND = "make"


@pytest.fixture
def make(command):
    return command


@pytest.fixture
def refused(refusal):
    def call(*words, code):
        given, error = refusal(*words)
        assert given == code, error
        return error

    return call


@pytest.mark.parametrize(
    ("words", "n", "tables"),
    [
        (("digits", "--count", "20"), 20, {"labels.csv"}),
        (("letters", "--count", "30", "--characters", "abc", "--size", "16"), 30, {"labels.csv"}),
        (("lines", "--count", "4", "--length", "3-5"), 4, {"labels.csv"}),
        (("lines", "--count", "4", "--format", r"\d{5}"), 4, {"labels.csv"}),
        (("lines", "--count", "4", "--amounts", "--style", "cheques"), 4, {"labels.csv"}),
        (("lines", "--count", "4", "--from", "digits"), 4, {"labels.csv"}),
        (("captchas", "--count", "3"), 3, {"labels.csv"}),
        (("captchas", "--count", "3", "--kind", "sum", "--width", "120"), 3, {"labels.csv"}),
        (("captchas", "--count", "2", "--kind", "grid"), 2, {"labels.csv", "cells.csv"}),
        (("shapes", "--count", "6"), 6, {"labels.csv", "shapes.csv"}),
        (("shapes", "--count", "6", "--shapes", "1-3"), 6, {"labels.csv", "shapes.csv"}),
    ],
)
def test_each_kind_is_made_in_a_folder_of_its_name(facts, words, n, tables, tmp_path):
    answer = facts(*words)
    folder = tmp_path / f"made-{words[0]}"
    assert answer["out"] == folder.name
    assert answer["n"] == n == len(list(folder.rglob("*.png")))
    assert {path.name for path in folder.glob("*.csv")} == set(answer["tables"]) == tables
    assert json.loads((folder / "recipe.json").read_text("utf-8"))["made_by"] == "imagier make"


def test_a_zip_where_the_name_says_so(facts, tmp_path):
    assert facts("digits", "--count", "10", "--out", "d.zip")["bytes"] > 0
    with zipfile.ZipFile(tmp_path / "d.zip") as archive:
        assert len(archive.namelist()) == 12


def test_lines_are_made_of_the_texts_of_a_file(facts, tmp_path):
    (tmp_path / "texts.txt").write_text("\ufeff12,50 €\n\nPARIS\n", "utf-8")
    facts("lines", "--texts", "texts.txt", "--count", "12")
    with (tmp_path / "made-lines" / "labels.csv").open(encoding="utf-8") as file:
        assert {row["text"] for row in csv.DictReader(file)} == {"12,50 €", "PARIS"}


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (("digits", "--count", "0"), 2, "usage"),
        (("digits", "--fonts", "No Such Font"), 5, "fonts_missing"),
        (("letters", "--characters", "a漢"), 4, "font_lacks"),
        (("letters", "--characters", "漢", "--fonts", "DejaVu*"), 4, "font_lacks"),
        (("letters", "--characters", " "), 2, "text_characters"),
        (("lines", "--length", "0"), 2, "make_range"),
        (("lines", "--length", "5-3"), 2, "make_range"),
        (("lines", "--length", "99"), 2, "make_range"),
        (("lines", "--fonts", "DejaVu Sans", "--from", "digits"), 2, "make_one_of"),
        (("lines", "--from", "digits", "--characters", "12x"), 4, "glyphs_lack"),
        (("lines", "--texts", "nothing.txt"), 4, "texts_unreadable"),
        (("lines", "--texts", "t.txt", "--length", "3"), 2, "make_one_of"),
        (("captchas", "--kind", "grid", "--characters", "abc"), 2, "make_kind_option"),
        (("captchas", "--kind", "sum", "--engine", "captcha"), 2, "make_kind_option"),
        (("shapes", "--shapes", "0-4"), 2, "make_range"),
        (("digits", "--out", "taken"), 2, "output_exists"),
        (("digits", "--out", "taken", "--force"), 2, "make_not_made"),
        (("sheet", "--out", "sheet.jpg"), 2, "output_kind"),
        (("sheet", "--characters", "ab", "--classes", "a,b"), 2, "make_one_of"),
        (("sheet", "--writers", "2", "--out", "s.png"), 2, "sheet_pages"),
        (("sheet", "--classes", ",".join(f"c{n}" for n in range(121))), 2, "sheet_names"),
        (("from-sheets", "photos", "--out", "taken"), 2, "output_exists"),
    ],
)
def test_what_makes_no_sense_is_refused(refused, words, code, error, tmp_path):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine.txt").write_text("mine")
    assert refused(*words, code=code)["code"] == error
    assert [path.name for path in tmp_path.iterdir() if path.name != "taken"] == []


def test_a_word_that_is_no_kind_gets_the_nearest_one(refused):
    error = refused("shape", code=2)
    assert error["code"] == "unknown_subcommand"
    assert "shapes" in error["message"]


def test_fonts_of_a_pattern_that_lack_characters_are_left_out(facts):
    answer = facts("letters", "--characters", "aب", "--fonts", "DejaVu*", "--count", "4")
    assert "DejaVu Sans" in answer["fonts"]
    assert "DejaVu Serif" not in answer["fonts"]
    assert "lack some of the characters" in answer["notes"][0]


def test_captchas_of_the_package_are_the_same_for_the_same_seed(facts, tmp_path):
    pytest.importorskip("captcha", reason="the package is an extra: imagier[synthetic]")
    for name in ("a", "b"):
        facts("captchas", "--engine", "captcha", "--count", "3", "--out", name)
    first, second = (sorted((tmp_path / name).rglob("*.png")) for name in ("a", "b"))
    assert [one.read_bytes() for one in first] == [one.read_bytes() for one in second]


def test_without_the_package_the_line_to_type_is_given(refused, monkeypatch):
    import importlib.util

    from imagier.datasets.synthetic import package_captchas

    package_captchas._module.cache_clear()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    error = refused("captchas", "--engine", "captcha", code=5)
    assert error["code"] == "captcha_not_installed"
    assert "imagier[synthetic]" in error["next"]


def test_a_sheet_is_printed_filled_photographed_and_read(facts, make, tmp_path):
    assert facts("sheet", "--rows", "2")["cells"] == 20
    assert (tmp_path / "sheet.pdf").read_bytes().startswith(b"%PDF")
    glyphs = Glyphs.of_fonts([standard_fonts()[0].path], "0123456789")
    layout = SheetLayout(names=tuple("0123456789"), rows=2, writer=7)
    rng = np.random.default_rng(0)
    page, written = fill_sheet(draw_sheet(layout), layout, glyphs, rng)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "1.jpg").write_bytes(photograph(page, rng)[1])
    Image.new("RGB", (200, 300), "white").save(tmp_path / "photos" / "2.png")
    answer = facts("from-sheets", "photos")
    assert answer["n"] == len(written)
    assert answer["writers"] == {"07": len(written)}
    assert [one["status"] for one in answer["sheets"]] == ["ok", "error"]
    assert answer["sheets"][1]["error"]["code"] == "sheet_corners"
    code, out, _ = make("from-sheets", "photos", "--force", "--strict")
    assert code == 3
    assert f"{len(written)} pictures" in out
    code, out, _ = make("from-sheets", "photos/2.png", "--out", "none")
    assert code == 3
    assert not (tmp_path / "none").exists()


def test_the_list_of_kinds_is_shown(make):
    code, out, _ = make()
    assert code == 0
    assert all(name in out for name in ("digits", "from-sheets"))
