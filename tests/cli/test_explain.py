"""`imagier explain` as it is typed."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

COMMAND = "explain"
TINY = Path(__file__).parents[1] / "recognizer" / "tiny_models.py"


@pytest.fixture
def explain(command, tmp_path):
    """Give the command, in a folder with a model and a picture."""
    spec = importlib.util.spec_from_file_location("tiny_models", TINY)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.tiny_recognizer().save(tmp_path / "m.imagier")
    pixels = np.full((9, 9), 20, np.uint8)
    pixels[:, 3:6] = 90
    Image.fromarray(pixels).save(tmp_path / "new.png")
    return command


def test_the_answer_comes_first_then_the_places(explain):
    code, out, err = explain("m.imagier", "new.png")
    assert code == 0
    assert out.startswith("middle  ")
    assert "new.png" in out.splitlines()[0]
    assert "columns 4–6 are hidden" in out
    assert "holds no kernels to take out" in err
    assert "keeps no pictures" in err
    assert "\x1b" not in out


def test_it_answers_in_french(explain):
    code, out, err = explain("m.imagier", "new.png", language="fr")
    assert code == 0
    assert "Occultation\u00a0: un cache de 3 × 3 pixels" in out
    assert "ne garde aucune image" in err


def test_a_sheet_is_drawn(explain, tmp_path):
    code, _, err = explain("m.imagier", "new.png", "--out", "why.png")
    assert (code, "why.png" in err) == (0, True)
    with Image.open(tmp_path / "why.png") as sheet:
        assert sheet.width > 1000
    assert explain("m.imagier", "new.png", "--out", "why.png")[0] == 2
    assert explain("m.imagier", "new.png", "--out", "why.png", "--force")[0] == 0


def test_json_has_all_keys(facts):
    answer = facts("m.imagier", "new.png", "--class", "left", "--patch", "3")
    assert (answer["label"], answer["class"], answer["picture"]) == ("middle", "left", "new.png")
    assert answer["occlusion"]["patch"] == [3, 3]
    assert (answer["kernels"], answer["neurons"], answer["kept"]) == (None, [], [])
    assert answer["out"] is None


def test_a_table_of_numbers_is_explained_too(facts, tmp_path):
    rows = [",".join("200" if 3 <= column < 6 else "20" for column in range(9))] * 9
    (tmp_path / "table.csv").write_text("\n".join(rows), "utf-8")
    assert facts("m.imagier", "table.csv")["label"] == "middle"


@pytest.mark.parametrize(
    ("words", "code", "name"),
    [
        (("m.imagier", "none.png"), 4, "missing"),
        (("none.imagier", "new.png"), 4, "model_missing"),
        (("m.imagier", "new.png", "--class", "lefft"), 2, "explain_class"),
        (("m.imagier", "new.png", "--patch", "10"), 2, "explain_patch"),
        (("m.imagier", "new.png", "--out", "why.gif"), 2, "output_kind"),
        (("m.imagier", "new.png", "--out", "new.png"), 2, "output_is_input"),
        (("m.imagier", "photos:1"), 2, "pixels_unknown_set"),
    ],
)
def test_what_cannot_be_is_refused(refusal_code, words, code, name):
    assert refusal_code(*words) == (code, name)
