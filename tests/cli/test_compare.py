"""`imagier compare` as it is typed."""

import csv
import importlib.util
import json
from pathlib import Path

import pytest

from imagier.i18n import LANGUAGES

COMMAND = "compare"
TESTING = Path(__file__).parents[1] / "testing"


@pytest.fixture
def compare(command):
    return command


@pytest.fixture
def place(tmp_path):
    """Two models of the same classes, one of which is blind to the left, and pictures for both."""
    import numpy as np
    from onnx import numpy_helper

    spec = importlib.util.spec_from_file_location("thirds", TESTING / "thirds.py")
    thirds = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(thirds)
    builders = thirds.load_builders()
    builders.tiny_recognizer().save(tmp_path / "good.imagier")
    parts = builders.graph_parts()
    bias = np.array([-9.5, 0, 0], np.float32)
    parts["initializer"][2] = numpy_helper.from_array(bias, "bias")
    blind = builders.tiny_recognizer(onnx=builders.model_of(parts).SerializeToString())
    blind.save(tmp_path / "blind.imagier")
    thirds.write_pictures(tmp_path / "photos", 40)
    return tmp_path


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_answer_names_the_better_one(compare, place, language):
    code, out, err = compare("blind.imagier", "good.imagier", "photos", language=language)
    assert (code, err) == (0, "")
    said = "good.imagier is better than" if language == "en" else "good.imagier est meilleur que"
    assert said in out
    assert ("p < 0.001." if language == "en" else "p < 0,001.") in out
    assert "\x1b" not in out


def test_json_is_one_object(compare, place):
    code, out, err = compare("blind.imagier", "good.imagier", "photos", "--json")
    answer = json.loads(out)
    assert (code, out.count("\n"), err) == (0, 1, "")
    assert answer["comparisons"][0]["better"] == "good.imagier"
    assert answer["csv"] is None


def test_what_differs_is_written_into_a_table(compare, place):
    words = ("blind.imagier", "good.imagier", "photos", "--csv", "differing.csv")
    code, _, err = compare(*words)
    assert code == 0
    assert "differing.csv" in err
    with (place / "differing.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["label"] for row in rows} == {"left"}
    assert compare(*words)[0] == 2, "a table already there is kept"
    assert compare(*words, "--force")[0] == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("good.imagier", "photos"), 2, "two models at least"),
        (("good.imagier", "good.imagier", "photos"), 2, "given twice"),
        (("good.imagier", "none.imagier", "photos"), 4, "none.imagier"),
        (("photos",), 2, "--help"),
        (("good.imagier", "blind.imagier", "nowhere"), 4, "nowhere"),
    ],
)
def test_wrong_words_are_answered(compare, place, words, code, said):
    found, out, err = compare(*words)
    assert (found, out) == (code, "")
    assert said in err
    assert "Traceback" not in err


def test_the_page_is_written_and_only_a_page_is_replaced(compare, place):
    words = ("blind.imagier", "good.imagier", "photos")
    code, out, err = compare(*words, "--html", "page.html", "--json")
    assert (code, json.loads(out)["html"]) == (0, "page.html")
    assert "page.html" in err
    page = (place / "page.html").read_text("utf-8")
    assert "data:image/png;base64," in page
    assert len(page) < 1_000_000
    assert compare(*words, "--html", "page.html")[0] == 0, "an older page is replaced"
    (place / "mine.html").write_text("mine")
    code, _, err = compare(*words, "--html", "mine.html")
    assert (code, (place / "mine.html").read_text()) == (2, "mine")
    assert compare(*words, "--html", "good.imagier/page.html")[0] == 2, "a model stays whole"
