import csv
import json
import subprocess
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from imagier.regression import EXAMPLES

FLATS = (
    "surface;rooms;price\n54,5;2;163\n71;3;204\n30,2;1;99\n90;3;262\n60;2;181\n44;2;140\n82;4;231\n"
)
COMMAND = "fit"


@pytest.fixture
def fit(command):
    Path("flats.csv").write_text(FLATS, "utf-8")
    return command


def read(name):
    return list(csv.DictReader(Path(name).read_text("utf-8").splitlines()))


# What is printed


def test_turtles_run_at_once_and_are_marked_synthetic(fit):
    code, out, err = fit("turtles")
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "turtles: 16 points, turtles explained by year"
    assert lines[2] == "Smallest mean squared error: turtles = 116.31 + 8.6088 · year"
    assert lines[6].split() == ["intercept", "116.31", "108.85", "to", "123.77"]
    assert "Mean signed error: 0 (" in out
    assert "Mean absolute error: 5.615" in out
    assert "Mean squared error: 46.48 (its root, 6.818" in out
    assert "R² = 0.971" in out
    assert err.startswith("turtles is a synthetic table")
    assert fit("turtles", "--quiet")[2] == ""


def test_turtles_in_french(fit):
    _, out, err = fit("turtles", language="fr")
    assert (
        "Erreur quadratique moyenne la plus petite\u00a0: turtles = 116,31 + 8,6088 · year" in out
    )
    assert "intervalle à 95\u202f%" in out
    assert "tableau synthétique" in err


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_example_runs(fit, name, language):
    code, out, _ = fit(name, language=language)
    assert code == 0
    assert len(out.splitlines()) > 8


@pytest.mark.parametrize(
    ("error", "text"),
    [("absolute", "Smallest mean absolute error"), ("huber", "Smallest Huber error")],
)
def test_other_errors(fit, error, text):
    _, out, _ = fit("pressure", "--error", error)
    assert text in out


def test_curves_are_written_with_their_letters(fit):
    assert (
        "covered = limit / (1 + exp(−rate · (day − middle)))"
        in fit("pond", "--family", "growth")[1]
    )
    assert "sales = a · advertising^b" in fit("advertising", "--family", "power")[1]
    assert "turtles = a + b*x" in fit("turtles", "--family", "a + b*x")[1]


def test_auto_shows_what_was_compared(fit, facts):
    _, out, _ = fit("pond", "--family", "auto")
    assert "error on points left out" in out
    assert "AICc" in out
    assert "Taken: growth" in out
    answer = facts("pond", "--family", "auto")
    assert answer["family"] == "growth"
    assert answer["choice"]["parts"] == 10
    by_name = {one["family"]: one for one in answer["choice"]["candidates"]}
    assert by_name["growth"]["difference"] == 0
    assert by_name["power"]["refused"] == "fit_not_positive"
    assert by_name["line"]["error"] > by_name["growth"]["error"]
    assert by_name["line"]["aicc"] > by_name["growth"]["aicc"]


# For programs


def test_the_shape_that_programs_rely_on(facts):
    answer = facts("flats.csv", "--y", "price", "--x", "surface", "--predict", "flats.csv")
    assert answer["family"] == "line"
    assert list(answer["coefficients"]) == ["intercept", "surface"]
    for coefficient in answer["coefficients"].values():
        low, high = coefficient["interval"]
        assert low < coefficient["value"] < high
    assert answer["mse"] == answer["errors"]["squared"]
    assert answer["errors"]["signed"] == pytest.approx(0, abs=1e-9)
    assert 0.95 < answer["r2"] < 1
    assert len(answer["predictions"]) == answer["n"] == 7
    for one in answer["predictions"]:
        assert one["new"][0] < one["mean"][0] < one["y"] < one["mean"][1] < one["new"][1]
        assert one["outside"] is False
    assert answer["predictions"][0]["y"] == pytest.approx(
        answer["coefficients"]["intercept"]["value"]
        + 54.5 * answer["coefficients"]["surface"]["value"]
    )


def test_every_other_column_explains_unless_said(facts):
    assert facts("flats.csv", "--y", "price")["variables"] == ["surface", "rooms"]
    assert facts("flats.csv", "--y", "price", "--x", "rooms")["variables"] == ["rooms"]
    assert facts("flats")["references"] == {"district": "centre"}


def test_a_wider_level_gives_wider_intervals(facts):
    narrow, wide = (
        facts("turtles", "--level", level)["coefficients"]["year"]["interval"]
        for level in ("0.5", "0.99")
    )
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


def test_labels_have_probabilities(fit, facts):
    Path("new.csv").write_text("length,weight\n45,4\n70,7\n", "ascii")
    _, out, _ = fit("animals", "--predict", "new.csv")
    assert "always the most frequent label: 33.3%" in out
    answer = facts("animals", "--predict", "new.csv")
    assert (answer["family"], answer["mse"], answer["r2"]) == ("softmax", None, None)
    assert answer["coefficients"]["cat:intercept"]["interval"] is None
    assert [one["y"] for one in answer["predictions"]] == ["cat", "fox"]
    for one in answer["predictions"]:
        assert sum(one["probabilities"].values()) == pytest.approx(1)
        assert (one["mean"], one["new"]) == (None, None)
    assert answer["labels"]["left_out"] > 0.85


def test_the_notes_say_what_was_read_and_mended(facts):
    notes = " ".join(facts("flats.csv", "--y", "price")["notes"])
    assert "semicolons" in notes
    assert "54,5 is 54.5" in notes


# Predictions


def test_a_point_outside_is_predicted_with_a_warning(fit, facts):
    Path("new.csv").write_text("surface\n60\n500\n", "ascii")
    words = ("flats.csv", "--y", "price", "--x", "surface", "--predict", "new.csv")
    _, out, err = fit(*words)
    assert "new.csv, row 3: outside the points learned from" in err
    assert out.splitlines()[-1].endswith("outside")
    assert not out.splitlines()[-2].endswith("outside")
    assert [one["outside"] for one in facts(*words)["predictions"]] == [False, True]


def test_predictions_are_written_as_a_table(fit, facts):
    fit("turtles", "--out", "out.csv")
    rows = read("out.csv")
    assert len(rows) == 16
    assert list(rows[0]) == [
        *("year", "turtles", "predicted", "mean_low", "mean_high", "new_low", "new_high"),
        "outside",
    ]
    slope = facts("turtles")["coefficients"]["year"]["value"]
    assert float(rows[1]["predicted"]) - float(rows[0]["predicted"]) == pytest.approx(slope)
    fit("animals", "--out", "labels.csv")
    rows = read("labels.csv")
    assert rows[0]["predicted"] == rows[0]["animal"] == "cat"
    assert float(rows[0]["probability_cat"]) > 0.5


def test_a_prediction_without_a_value_is_empty(fit, facts):
    Path("new.csv").write_text("advertising\n-1\n20\n", "ascii")
    words = ("advertising", "--family", "power", "--predict", "new.csv", "--out", "out.csv")
    code, out, _ = fit(*words)
    assert code == 0
    assert out.splitlines()[-2].split()[:2] == ["-1", "–"]
    rows = read("out.csv")
    assert (rows[0]["predicted"], rows[0]["new_low"], rows[0]["outside"]) == ("", "", "1")
    first, second = facts(*words, "--force")["predictions"]
    assert (first["y"], first["mean"], first["new"]) == (None, None, None)
    assert second["mean"][0] < second["y"] < second["mean"][1]


def test_no_cell_of_the_table_is_run_by_a_spreadsheet(fit):
    risky = '=HYPERLINK("http://x.example","y")'
    rows = "".join(f"{number},{kind}\n" for number, kind in ((-1, "=1+1"), (-2, "@a"), (3.5, "b")))
    quoted = risky.replace('"', '""')
    Path("risky.csv").write_text(f'x,"{quoted}"\n{rows}{rows}', "ascii")
    for words in (("--y", "x"), ("--y", risky)):
        assert fit("risky.csv", *words, "--out", "out.csv", "--force")[0] == 0
        cells = list(csv.reader(Path("out.csv").read_text("utf-8").splitlines()))
        assert cells[0][:2] == ["x", f"'{risky}"]
        assert [row[:2] for row in cells[1:3]] == [["-1", "'=1+1"], ["-2", "@a"]]
        assert not [cell for row in cells for cell in row if cell.startswith("=")]


def test_tables_of_programs_are_read(fit, facts):
    lines = [json.dumps({"a": x, "b": 2 * x + (x == 1)}) + "\n" for x in range(5)]
    Path("points.jsonl").write_text("".join(lines), "ascii")
    answer = facts("points.jsonl", "--y", "b")
    assert (answer["n"], answer["variables"]) == (5, ["a"])


def test_many_predictions_are_cut(fit):
    Path("new.csv").write_text("year\n" + "\n".join(map(str, range(40))), "ascii")
    _, out, _ = fit("turtles", "--predict", "new.csv")
    assert out.splitlines()[-1].startswith("… and 10 more")


# Figures


@pytest.mark.parametrize(
    "words",
    [
        ("turtles",),
        ("turtles", "--family", "poly:2", "--error", "huber"),
        ("flats",),
        ("advertising", "--family", "power"),
        ("animals",),
        ("animals", "--x", "length"),
    ],
)
def test_figures(fit, words):
    code, _, err = fit(*words, "--plot", "f.png", "--quiet")
    assert (code, err) == (0, "")
    with Image.open("f.png") as picture:
        assert min(picture.size) > 500
        assert len(set(picture.convert("L").resize((64, 64)).tobytes())) > 20
    first = Path("f.png").read_bytes()
    fit(*words, "--plot", "f.png", "--force")
    assert Path("f.png").read_bytes() == first, "the same bytes each time"


def test_a_figure_speaks_and_names_what_is_synthetic(fit):
    fit("turtles", "--plot", "f.svg", language="fr")
    root = ElementTree.fromstring(Path("f.svg").read_text("utf-8"))  # noqa: S314 - our own file
    text = " ".join(root.itertext())
    assert root.attrib["aria-label"] == "turtles expliqué par year"
    assert "tableau synthétique" in text
    assert "nouveau point, 95\u202f%" in text


# Refusals


@pytest.mark.parametrize(
    ("words", "exit_code", "code"),
    [
        (("nothing.csv",), 4, "fit_table_missing"),
        (("turtle",), 4, "fit_table_missing"),
        (("flats.csv",), 2, "fit_no_target"),
        (("flats.csv", "--y", "prize"), 2, "table_unknown_column"),
        (("flats.csv", "--y", "price", "--x", "surfaces"), 2, "table_unknown_column"),
        (("turtles", "--family", "growht"), 2, "fit_unknown_family"),
        (("turtles", "--family", "poly:99"), 2, "fit_degree"),
        (("turtles", "--family", "poly:16"), 4, "fit_few_points"),
        (("turtles", "--family", "a*evil(x)"), 2, "formula_unknown_function"),
        (("turtles", "--error", "cubed"), 2, "usage"),
        (("turtles", "--level", "1"), 2, "usage"),
        (("turtles", "--level", "95x"), 2, "usage"),
        (("turtles", "--plot", "f.jpg"), 2, "output_kind"),
        (("turtles", "--out", "f.xlsx"), 2, "output_kind"),
        (("turtles", "--predict", "flats.csv"), 2, "table_unknown_column"),
        (("animals", "--family", "line"), 2, "fit_labels_family"),
        (("turtles", "flats"), 2, "extra_words"),
        ((), 2, "usage"),
    ],
)
def test_what_is_refused(refusal, words, exit_code, code):
    given, error = refusal(*words)
    assert (given, error["code"]) == (exit_code, code)


def test_an_example_that_is_nearly_right_is_suggested(refusal):
    assert "Did you mean “turtles”?" in refusal("turtle")[1]["message"]


@pytest.mark.parametrize(
    ("cell", "code"),
    [("NaN", "table_cell_empty"), ("", "table_cell_empty"), ("?", "table_cell_text")],
)
def test_a_bad_cell_is_named(refusal, cell, code):
    Path("bad.csv").write_text(f"a,b\n1,2\n2,{cell}\n3,4\n4,5\n", "ascii")
    exit_code, error = refusal("bad.csv", "--y", "b")
    assert (exit_code, error["code"]) == (4, code)
    assert "row 3, column “b”" in error["message"]


def test_files_are_not_replaced_unasked(refusal, fit):
    Path("f.png").write_text("mine", "ascii")
    code, error = refusal("turtles", "--plot", "f.png")
    assert (code, error["code"]) == (2, "output_exists")
    assert Path("f.png").read_text("ascii") == "mine"
    assert fit("turtles", "--plot", "f.png", "--force")[0] == 0


def test_a_table_that_is_read_is_never_replaced(refusal):
    Path("link.csv").symlink_to("flats.csv")
    for out in ("flats.csv", "link.csv"):
        words = ("flats.csv", "--y", "price", "--out", out, "--force")
        code, error = refusal(*words)
        assert (code, error["code"]) == (2, "output_is_input")
    assert Path("flats.csv").read_text("utf-8") == FLATS


def test_a_file_named_like_an_example_is_read(facts):
    Path("turtles").write_text("a,b\n1,2\n2,4\n3,7\n", "ascii")
    answer = facts("turtles", "--y", "b")
    assert (answer["n"], answer["synthetic"]) == (3, False)


def test_without_scipy_the_line_to_type_is_given(tmp_path):
    """The extras are read from pyproject.toml: an editable install may remember older ones."""
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
    extra = project["project"]["optional-dependencies"]["studies"]
    needs = [f'{need}; extra == "studies"' for need in extra]
    program = f"""
import sys
from importlib import metadata
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "scipy":
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Hidden())
version = metadata.version
def without_scipy(name):
    if name == "scipy":
        raise metadata.PackageNotFoundError(name)
    return version(name)
metadata.version = without_scipy
metadata.requires = lambda name: {needs!r}
from imagier.cli import main
main()
"""
    command = [sys.executable, "-c", program, "fit", "turtles", "--json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 5, done.stderr
    error = json.loads(done.stdout)["error"]
    assert error["code"] == "not_installed"
    assert "pip install" in error["next"]
    assert "scipy" in error["message"]
    assert "Traceback" not in done.stderr
