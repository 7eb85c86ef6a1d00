import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

COMMAND = "neuron"


@pytest.fixture
def neuron(command):
    return command


def write(name, text):
    Path(name).write_text(text, "utf-8")


RING = "x;y;kind\n" + "".join(
    f"{radius * np.cos(turn):.3f};{radius * np.sin(turn):.3f};{kind}\n".replace(".", ",")
    for radius, kind in ((0.3, "in"), (1.5, "out"))
    for turn in np.linspace(0, 6, 9)
)


# Computing


def test_the_deck_neuron(neuron):
    code, out, err = neuron("3.2,5.1", "--bias", "3", "--input", "1,1", "--activation", "relu")
    assert (code, err) == (0, "")
    assert out == "a = 3.2·1 + 5.1·1 + 3 = 11.3\nReLU(a) = 11.3\n"
    _, out, _ = neuron("3.2,5.1,0,0", "--bias", "3", "--input", "1,-2,0,0", "--activation", "relu")
    assert out.splitlines() == ["a = 3.2·1 + 5.1·(−2) + 0·0 + 0·0 + 3 = −4", "ReLU(a) = 0"]


def test_the_deck_neuron_in_french(neuron):
    words = ("3,2;5,1", "--bias", "3", "--input", "1;1", "--activation", "relu")
    _, out, _ = neuron(*words, language="fr")
    assert out == "a = 3,2·1 + 5,1·1 + 3 = 11,3\nReLU(a) = 11,3\n"


def test_all_activations_unless_one_is_chosen(facts):
    answer = facts("3.2,5.1", "--bias", "3", "--input", "1,1")
    assert answer["sum"] == pytest.approx(11.3)
    assert list(answer["outputs"]) == ["heaviside", "sigmoid", "relu", "tanh"]
    assert answer["outputs"]["heaviside"] == 1
    assert (answer["mode"], answer["plot"], answer["verdict"]) == ("sum", None, None)


def test_a_first_weight_may_be_negative(facts):
    answer = facts("-1,2", "--bias", "-0.5", "--input", "-1,1")
    assert (answer["weights"], answer["bias"], answer["sum"]) == ([-1, 2], -0.5, 2.5)


# Activations


def test_the_activations_with_their_derivatives(facts, neuron):
    curve = facts("--activation", "sigmoid", "--input", "0")["curve"]
    assert curve == [{"a": 0, "sigmoid": 0.5, "sigmoid_slope": 0.25}]
    _, out, _ = neuron("--activation", "heaviside")
    assert "nothing can be learned through it" in out


def test_softmax_beside_the_deck_proportions(neuron, facts):
    words = ("--activation", "softmax", "--input", "5,10,15,20")
    _, out, _ = neuron(*words)
    assert "Proportions: (0.1, 0.2, 0.3, 0.4)" in out
    assert "Softmax: 3.038 × 10⁻⁷   4.509 × 10⁻⁵   0.006693   0.9933" in out
    assert facts(*words)["shares"]["proportions"] == [0.1, 0.2, 0.3, 0.4]
    _, out, _ = neuron("--activation", "softmax", "--input", "1,-1")
    assert "Proportions: none" in out


# Learning with one neuron


@pytest.mark.parametrize("name", ["not", "and", "or"])
def test_gates_are_learned(facts, name):
    answer = facts("--learn", name)
    assert (answer["verdict"], answer["separable"]) == ("learned", True)
    assert len(answer["steps"]) == answer["corrections"] <= answer["bound"]


def test_and_step_by_step(neuron):
    _, out, _ = neuron("--learn", "and", "--input", "1,1")
    assert "Learned: round 6 had no error, after 11 corrections in all." in out
    assert "w = (2, 1), b = −3" in out
    assert "(R/γ)²" in out
    assert out.splitlines()[-1] == "a = 2·1 + 1·1 + (−3) = 0 → 1"


def test_xor_never_ends_and_why(neuron, facts):
    code, out, _ = neuron("--learn", "xor")
    assert code == 0
    assert "Round 3 ended with the weights of round 2: the rule turns in circles" in out
    assert "No straight line separates the two classes" in out
    answer = facts("--learn", "xor")
    assert (answer["verdict"], answer["separable"], answer["bound"]) == ("cycles", False, None)


def test_french_names_of_the_tables(neuron):
    _, out, _ = neuron("--learn", "ET", language="fr")
    assert "Appris\u00a0: l’époque 6 s’est passée sans erreur" in out


def test_a_table_from_a_file(facts, neuron):
    write("t.csv", "a,b,label\n0,0,no\n2,1,yes\n3,3,yes\n-1,0,no\n")
    answer = facts("--learn", "t.csv", "--input", "5,5")
    assert (answer["verdict"], answer["examples"]) == ("learned", 4)
    _, out, _ = neuron("--learn", "t.csv", "--input", "5,5")
    assert out.splitlines()[-1].endswith("→ yes")


def test_many_corrections_are_cut_in_the_middle(neuron):
    write("far.csv", "".join(f"{x},{int(x >= 40)}\n" for x in range(80)))
    _, out, _ = neuron("--learn", "far.csv", "--epochs", "2000")
    assert len([line for line in out.splitlines() if "…" in line]) == 1
    assert len(out.splitlines()) < 40


# Learning with a hidden layer


def test_xor_with_a_hidden_layer(neuron, facts):
    words = ("--learn", "xor", "--hidden", "2", "--input", "1,0")
    code, out, err = neuron(*words)
    assert (code, err) == (0, "")
    assert "6 weights + 3 biases = 9 parameters" in out
    assert "Learned by step" in out
    assert "Backwards, by the chain rule" in out
    answer = facts(*words)
    assert answer["verdict"] == "learned"
    assert np.round(answer["network"]["answers"]).tolist() == [0, 1, 1, 0]
    assert [one["layer"] for one in answer["passes"]] == ["dense", "sigmoid", "dense", "sigmoid"]
    assert [one["name"] for one in answer["gradient"]] == [
        *("w1,11", "w1,12", "w1,21", "w1,22", "b1,1", "b1,2", "w2,11", "w2,12", "b2,1")
    ]
    for one in answer["gradient"]:
        assert one["chain"] == pytest.approx(one["measured"], abs=1e-9)


def test_forwards_only_where_the_answer_is_not_known(facts):
    answer = facts("--learn", "xor", "--hidden", "2", "--input", "0.5,0.5")
    assert answer["passes"] is not None
    assert answer["gradient"] is None


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_other_activations_start_again_until_they_succeed(facts, activation):
    answer = facts("--learn", "xor", "--hidden", "3", "--activation", activation)
    assert (answer["verdict"], answer["network"]["activation"]) == ("learned", activation)


def test_what_is_not_learned_says_so(neuron):
    code, out, _ = neuron("--learn", "xor", "--hidden", "2", "--epochs", "1")
    assert code == 0
    assert "Not all learned after 1 steps" in out


def test_a_ring_from_a_file_with_decimal_commas(neuron, facts):
    write("ring.csv", RING)
    assert facts("--learn", "ring.csv", "--epochs", "50")["separable"] is False
    _, out, err = neuron("--learn", "ring.csv", "--hidden", "4")
    assert "Learned by step" in out
    assert "brought to mean 0 and standard deviation 1" in err
    assert "decimal commas are read" in err
    assert neuron("--learn", "ring.csv", "--hidden", "4", "--quiet")[2] == ""


# Without the packages of the studies

HIDE = """
import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "scipy":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Hidden())
from importlib import metadata
version = metadata.version
def without_scipy(name):
    if name == "scipy":
        raise metadata.PackageNotFoundError(name)
    return version(name)
metadata.version = without_scipy
metadata.requires = lambda name: ["numpy>=2.0", 'scipy>=1.14; extra == "studies"']
from imagier.cli import main
main()
"""


@pytest.mark.parametrize(
    ("words", "code"),
    [(("--learn", "and"), 5), (("--learn", "xor", "--hidden", "2"), 0), (("1", "--input", "2"), 0)],
)
def test_without_scipy(tmp_path, words, code):
    command = [sys.executable, "-c", HIDE, "neuron", *words]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert ("pip install" in done.stderr and "scipy" in done.stderr) == (code == 5)


# Figures


@pytest.mark.parametrize(
    ("words", "name", "start"),
    [
        (("3.2,5.1", "--bias", "3"), "f.png", b"\x89PNG"),
        (("--activation", "relu"), "f.svg", b"<svg"),
        ((), "f.png", b"\x89PNG"),
        (("--learn", "and"), "f.gif", b"GIF89a"),
        (("--learn", "not"), "f.png", b"\x89PNG"),
        (("--learn", "xor", "--hidden", "2"), "f.png", b"\x89PNG"),
        (("--learn", "xor", "--hidden", "2", "--epochs", "30"), "f.gif", b"GIF89a"),
        (("--learn", "three.csv"), "f.png", b"\x89PNG"),
        (("--learn", "three.csv", "--hidden", "2"), "f.svg", b"<svg"),
    ],
)
def test_figures(neuron, words, name, start):
    write("three.csv", "0,0,0,a\n1,1,1,b\n0,1,1,b\n")
    code, _, err = neuron(*words, "--plot", name, "--quiet")
    assert (code, err) == (0, "")
    assert Path(name).read_bytes().startswith(start)


def test_programs_are_told_where_the_figure_is(facts):
    assert facts("--activation", "relu", "--plot", "./f.svg")["plot"] == "./f.svg"


def test_the_film_of_the_rule_has_a_picture_for_each_correction(neuron):
    neuron("--learn", "and", "--plot", "f.gif")
    with Image.open("f.gif") as film:
        assert film.n_frames == 11


def test_a_figure_speaks_the_language(neuron):
    neuron("--learn", "and", "--plot", "f.svg", language="fr")
    assert "0,5" in Path("f.svg").read_text("utf-8") or "0,2" in Path("f.svg").read_text("utf-8")


# Refused


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), (2, "neuron_nothing")),
        (("1,2",), (2, "neuron_no_input")),
        (("1,2", "--input", "1,2,3"), (2, "neuron_inputs")),
        (("1,x", "--input", "1,2"), (2, "numbers")),
        (("1,2", "--input", "1,nan"), (2, "numbers")),
        (("1,2", "--input", ""), (2, "numbers")),
        (("1,2", "--bias", "1;2", "--input", "1,2"), (2, "numbers")),
        (("1,2", "--learn", "and"), (2, "neuron_weights_and_learn")),
        (("1,2", "--input", "1,1", "--hidden", "2"), (2, "neuron_only_learning")),
        (("--bias", "3", "--activation", "relu"), (2, "neuron_bias_alone")),
        (("--activation", "softmax"), (2, "neuron_softmax_input")),
        (("1,2", "--input", "1,2", "--activation", "softmax"), (2, "neuron_softmax")),
        (
            ("--activation", "softmax", "--input", "1,2", "--plot", "f.png"),
            (2, "neuron_softmax_plot"),
        ),
        (("--activation", "relu", "--plot", "f.gif"), (2, "nothing_moves")),
        (("1,2,3", "--plot", "f.png"), (2, "neuron_plane")),
        (("--learn", "nand"), (2, "neuron_unknown_table")),
        (("--learn", "and", "--activation", "sigmoid"), (2, "neuron_rule_fires")),
        (("--learn", "and", "--rate", "0"), (2, "learning_rate")),
        (("--learn", "and", "--input", "1"), (2, "neuron_inputs")),
        (("--learn", "xor", "--hidden", "0"), (2, "neuron_hidden")),
        (("--learn", "xor", "--hidden", "2,x"), (2, "neuron_hidden")),
        (
            ("--learn", "xor", "--hidden", "2", "--activation", "heaviside"),
            (2, "neuron_hidden_step"),
        ),
        (("--learn", "xor", "--hidden", "2", "--input", "1"), (2, "neuron_inputs")),
        (("--learn", "none.csv"), (4, "table_not_file")),
        (("--learn", "and", "--plot", "f.bmp"), (2, "output_kind")),
    ],
)
def test_what_cannot_be_done(refusal_code, words, expected):
    assert refusal_code(*words) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1,x\n2,x\n", "its last column has to hold two labels, and holds 1"),
        ("1,x\n2,y\n3,z\n", "its last column has to hold two labels, and holds 3"),
        ("x\ny\n", "it has one column, so nothing beside the labels"),
    ],
)
def test_tables_that_cannot_be_learned_say_why(neuron, text, reason):
    write("t.csv", text)
    code, out, _ = neuron("--learn", "t.csv", "--json")
    assert code == 4
    assert json.loads(out)["error"]["message"] == f"t.csv cannot be learned: {reason}."


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("a,b\n1,x\n2,y\nz,x\n", "table_cell_text"),
        ("1,x\nnan,y\n", "table_cell_empty"),
        ("1,2,x\n\n1,y\n", "table_ragged"),
        ("\n\n", "table_no_rows"),
    ],
)
def test_tables_of_no_numbers(refusal_code, text, error):
    write("t.csv", text)
    assert refusal_code("--learn", "t.csv") == (4, error)


def test_a_table_that_is_no_text(refusal_code):
    Path("t.csv").write_bytes(b"\xff\xfe\x00\xd8")
    assert refusal_code("--learn", "t.csv") == (4, "table_encoding")


def test_a_file_already_there_stays(refusal_code, neuron):
    write("f.png", "mine")
    assert refusal_code("--learn", "and", "--plot", "f.png") == (2, "output_exists")
    assert Path("f.png").read_text("utf-8") == "mine"
    assert neuron("--learn", "and", "--plot", "f.png", "--force")[0] == 0
