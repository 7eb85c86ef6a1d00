import csv
import subprocess
import sys

import pytest
from PIL import Image

HIDE = """
import sys
from importlib import metadata
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "scipy":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Hidden())
version = metadata.version
def without_scipy(name):
    if name == "scipy":
        raise metadata.PackageNotFoundError(name)
    return version(name)
metadata.version = without_scipy
metadata.requires = lambda name: ["scipy>=1.14 ; extra == 'studies'"]
from imagier.cli import main
main()
"""
DECK = "0.5*(3*t+4)**2"
BOWL = "x**2 + 3*y**2"
TWO_VALLEYS = "(t**2-1)**2 + 0.3*t"
COMMAND = "descend"


@pytest.fixture
def descend(command):
    return command


# One start


def test_the_deck_s_descent(descend):
    code, out, err = descend(DECK, "--start", "0")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[:2] == ["g(t) = 0.5*(3*t+4)**2", "From 0, rate r = 0.1"]
    assert [line.split()[1] for line in lines[4:8]] == ["0", "-1.2", "-1.32", "-1.332"][:4]
    assert "It is a minimum" in out


def test_the_deck_s_descent_in_french(descend):
    _, out, _ = descend(DECK, "--start", "0", "--rate", "0.2", language="fr")
    assert "Départ 0, taux r = 0,1" not in out
    assert "Départ 0, taux r = 0,2" in out
    assert "C’est un minimum\u00a0: la courbure est positive (9)." in out
    assert "d’un côté à l’autre du fond" in out


def test_the_deck_s_descent_for_programs(facts):
    answer = facts(DECK, "--start", "0")
    assert [step["point"][0] for step in answer["path"][:3]] == pytest.approx([0, -1.2, -1.32])
    assert answer["point"] == pytest.approx([-4 / 3])
    assert (answer["reason"], answer["kind"], answer["oscillating"]) == ("flat", "minimum", False)
    assert answer["rate_limit"] == pytest.approx(2 / 9)
    assert answer["path"][-1]["step"] == answer["steps"]
    assert [answer[key] for key in ("compared", "valleys", "lost", "plot", "out")] == [None] * 5


def test_a_divergence_is_an_answer(facts, descend):
    answer = facts(DECK, "--start", "0", "--rate", "0.3")
    assert (answer["reason"], answer["kind"]) == ("diverged", None)
    assert answer["pace"] == pytest.approx(1.7)
    assert "must stay below 0.2222" in descend(DECK, "--start", "0", "--rate", "0.3")[1]


def test_overflow_is_null_for_programs(facts):
    answer = facts("exp(t**2)", "--start", "3")
    assert (answer["reason"], answer["value"], answer["slope"]) == ("diverged", None, None)


def test_two_variables_beside_scipy(facts, descend):
    answer = facts(BOWL, "--start", "4,2", "--compare")
    assert [rival["name"] for rival in answer["compared"]] == ["CG", "BFGS", "Nelder-Mead"]
    assert all(rival["settled"] for rival in answer["compared"])
    assert answer["curvatures"] == pytest.approx([2, 6])
    _, out, _ = descend(BOWL, "--start", "4,2", "--compare")
    assert "this descent" in out
    assert "Nelder-Mead" in out


@pytest.mark.parametrize("words", [("--momentum", "0.5"), ("--line-search",)])
def test_quicker_ways(facts, descend, words):
    answer = facts(BOWL, "--start", "4,2", *words)
    assert answer["reason"] == "flat"
    assert answer["point"] == pytest.approx([0, 0], abs=1e-7)
    assert descend(BOWL, "--start", "4,2", *words)[0] == 0


def test_more_than_two_variables(facts):
    answer = facts("(x-1)**2+y**2+(z+x)**2", "--start", "0,1,2", "--plot", "f.png", "--quiet")
    assert answer["point"] == pytest.approx([1, 0, -1], abs=1e-6)


# Many starts


def test_many_starts(facts, descend):
    words = (TWO_VALLEYS, "--starts", "20", "--within=-2,2", "--rate", "0.05")
    answer = facts(*words)
    assert sum(valley["starts"] for valley in answer["valleys"]) == 20
    assert answer["point"] == answer["valleys"][0]["point"]
    assert answer["start"] == answer["valleys"][0]["start"]
    assert answer["valleys"] == facts(*words, "--seed", "0")["valleys"]
    assert answer["valleys"][0]["start"] != facts(*words, "--seed", "1")["valleys"][0]["start"]
    _, out, _ = descend(*words)
    assert "20 starts led to:" in out


def test_bounds_for_each_variable(facts):
    answer = facts(BOWL, "--starts", "5", "--within", "3,4,-2,-1")
    assert 3 <= answer["start"][0] <= 4
    assert -2 <= answer["start"][1] <= -1


def test_starts_that_are_all_lost(facts, descend):
    words = ("(-t**2)", "--starts", "4", "--within=1,2")
    answer = facts(*words)
    assert (answer["valleys"], answer["lost"]) == ([], {"bottomless": 4})
    assert [answer[key] for key in ("start", "reason", "point", "path")] == [None] * 4
    assert "4 fell without end." in descend(*words)[1]


@pytest.mark.parametrize(
    ("formula", "within", "said"),
    [
        ("log(t)", "-2,-1", "could not begin"),
        ("sqrt(t)", "0.1,0.2", "came to a place"),
        ("exp(t**2)", "3,4", "went away"),
        ("t", "0,1", "still moving"),
    ],
)
def test_every_loss_is_named(descend, formula, within, said):
    code, out, _ = descend(formula, "--starts", "2", f"--within={within}", "--rate", "1")
    assert code == 0
    assert said in out


# What is refused


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((DECK,), (2, "descend_start")),
        ((DECK, "--start", "0", "--starts", "3"), (2, "descend_start")),
        ((DECK, "--start", "0", "--within", "0,1"), (2, "descend_within")),
        ((DECK, "--starts", "3"), (2, "descend_bounds")),
        ((DECK, "--starts", "3", "--within", "1"), (2, "descend_bounds")),
        ((DECK, "--starts", "3", "--within", "2,1"), (2, "starts_bounds")),
        ((BOWL, "--start", "1"), (2, "point_length")),
        ((BOWL, "--start", "1,2,3"), (2, "point_length")),
        ((BOWL, "--start", "1,a"), (2, "point_number")),
        ((BOWL, "--start", "1,nan"), (2, "point_number")),
        (("5", "--start", "1"), (2, "no_variable")),
        (("x.y", "--start", "1"), (2, "formula_character")),
        ((DECK, "--start", "0", "--rate", "0"), (2, "descent_rate")),
        ((DECK, "--start", "0", "--rate=-1"), (2, "descent_rate")),
        ((DECK, "--start", "0", "--rate", "nan"), (2, "descent_rate")),
        ((DECK, "--start", "0", "--momentum", "1"), (2, "descent_momentum")),
        ((DECK, "--start", "0", "--momentum", "0.5", "--line-search"), (2, "descent_two_ways")),
        ((DECK, "--start", "0", "--steps", "0"), (2, "usage")),
        ((DECK, "--start", "0", "--tolerance=-1"), (2, "descent_tolerance")),
        (("1/t", "--start", "0"), (2, "no_value")),
        (("log(t)", "--start", "1", "--rate", "2"), (4, "descend_undefined")),
        ((DECK, "--start", "0", "--plot", "f.pdf"), (2, "output_kind")),
        ((DECK, "--start", "0", "--out", "f.txt"), (2, "output_kind")),
        (("x+y+z", "--start", "0,0,0", "--plot", "f.gif"), (2, "descend_film")),
        (("(-t**2)", "--starts", "2", "--within", "1,2", "--plot", "f.png"), (4, "descend_lost")),
    ],
)
def test_what_is_refused(refusal_code, words, expected):
    assert refusal_code(*words) == expected


def test_division_by_zero_on_the_path_is_said(descend):
    code, out, err = descend("log(t)", "--start", "1", "--rate", "1")
    assert (code, out) == (4, "")
    assert "After 1 step the descent comes to (0), where the formula has no value." in err


@pytest.mark.parametrize(("words", "code"), [((), 0), (("--compare",), 5)])
def test_without_scipy_only_the_comparison_is_missing(tmp_path, words, code):
    command = [sys.executable, "-c", HIDE, "descend", DECK, "--start", "0", *words]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert ("pip install" in done.stderr) == (code == 5)
    assert ("scipy>=1.14" in done.stderr) == (code == 5)


# Files


def test_the_steps_as_a_table(descend, tmp_path):
    assert descend(BOWL, "--start", "4,2", "--out", "steps.csv")[2] == "Written: steps.csv\n"
    with (tmp_path / "steps.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["step", "x", "y", "value", "slope", "rate"]
    assert (rows[0]["x"], rows[0]["value"], rows[0]["rate"]) == ("4.0", "28.0", "")
    assert float(rows[1]["x"]) == pytest.approx(3.2)


@pytest.mark.parametrize(
    "words",
    [
        (DECK, "--start", "0"),
        (DECK, "--start", "0", "--rate", "0.3"),
        (BOWL, "--start", "4,2"),
        ("x**2 - y**2", "--start", "1,0"),
        ("x**2 - y**2", "--start", "0,0"),
        ("0*x + 0*y + 2", "--start", "1,1"),
        ("log(x) + 1/x + y**2", "--start", "2,1"),
        (TWO_VALLEYS, "--starts", "6", "--within=-2,2", "--rate", "0.05"),
    ],
)
def test_figures(descend, words):
    assert descend(*words, "--plot", "f.png")[0] == 0
    with Image.open("f.png") as image:
        assert image.width > 1000
    assert descend(*words, "--plot", "f.svg", "--quiet")[2] == ""


@pytest.mark.parametrize(
    "words", [(DECK, "--start", "0"), (BOWL, "--start", "4,2", "--steps", "6")]
)
def test_films(descend, words):
    assert descend(*words, "--plot", "f.gif")[0] == 0
    with Image.open("f.gif") as image:
        assert 5 < image.n_frames <= 42


def test_files_are_not_replaced_unless_asked(refusal_code, descend, tmp_path):
    (tmp_path / "f.csv").write_text("mine", "utf-8")
    assert refusal_code(DECK, "--start", "0", "--out", "f.csv") == (2, "output_exists")
    assert (tmp_path / "f.csv").read_text("utf-8") == "mine"
    assert descend(DECK, "--start", "0", "--out", "f.csv", "--force")[0] == 0
