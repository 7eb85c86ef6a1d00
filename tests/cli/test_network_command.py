import json
import subprocess
import sys

import pytest

COMMAND = "network"


@pytest.fixture
def network(command):
    return command


@pytest.fixture
def counts(network):
    def call(*words: str) -> dict:
        code, out, _ = network(*words, "--json")
        assert code == 0
        assert out.count("\n") == 1
        return json.loads(out)

    return call


def test_the_deck_network_for_digits(counts):
    answer = counts("dense:8,8")
    assert (answer["weights"], answer["biases"], answer["parameters"]) == (6416, 26, 6442)
    assert answer["bytes"] == 4 * 6442
    assert answer["multiplications"] == 6416
    row = {"name": "dense", "output": [8], "weights": 6272, "biases": 8, "multiplications": 6272}
    assert answer["layers"][0] == row
    names = ["dense", "relu", "dense", "relu", "dense", "softmax"]
    assert [layer["name"] for layer in answer["layers"]] == names


def test_a_network_of_600_million_parameters_answers_at_once(counts):
    answer = counts("dense:1000,1000", "--input", "600000")
    assert (answer["weights"], answer["biases"]) == (601_010_000, 2_010)
    assert answer["parameters"] == 601_012_010
    assert answer["input"] == [1, 600_000, 1]


def test_a_dense_layer_and_a_convolution_on_the_deck_picture(counts):
    dense = counts("dense:1000", "--input", "469x387x3")
    assert dense["layers"][0]["weights"] == 544_509_000
    kernels = counts("cnn:16", "--input", "469x387x3")
    assert kernels["layers"][0]["weights"] == 432
    assert kernels["layers"][0]["multiplications"] == 78_409_296
    assert kernels["layers"][0]["output"] == [469, 387, 16]


def test_the_rows_add_up_to_the_totals(counts):
    answer = counts("cnn:16,32,64", "--input", "64x48x3", "--classes", "7")
    for column in ("weights", "biases", "multiplications"):
        assert answer[column] == sum(layer[column] for layer in answer["layers"])
    assert answer["layers"][-1]["output"] == [7]
    assert answer["classes"] == 7


def test_the_table_speaks_english(network):
    code, out, err = network("dense:8,8")
    assert code == 0
    assert err == ""
    assert "6,416 weights + 26 biases = 6,442" in out
    assert "25.8\u00a0kB (25,768 bytes" in out
    assert out.splitlines()[2].split() == [
        "layer",
        "output",
        "weights",
        "biases",
        "multiplications",
    ]
    assert "28 × 28 × 1 numbers to 10 classes" in out


def test_the_table_speaks_french(network):
    _, out, _ = network("dense:8,8:sigmoid", language="fr")
    assert "6\u202f416 poids + 26 biais = 6\u202f442" in out
    assert "25,8\u00a0ko (25\u202f768 octets" in out
    assert "sigmoïde" in out


def test_one_is_singular(network):
    _, out, _ = network("linear", "--input", "1", "--classes", "1")
    assert "from 1 numbers to 1 class\n" in out
    assert "1 weight + 1 bias = 2" in out
    assert "1 multiplication." in out


@pytest.mark.parametrize("spec", ["linear", "dense:20,20", "cnn:8,8,8,8"])
def test_the_columns_are_aligned(network, spec):
    table = network(spec, "--input", "100x90x3")[1].split("\n\n")[1].splitlines()
    assert len({len(line) for line in table}) == 1
    assert table[0].endswith("multiplications")


@pytest.mark.parametrize("size", ["28x28", "28X28", "28×28", " 28 x 28 "])
def test_a_size_without_channels_is_grey_and_it_is_said(network, size):
    code, out, err = network("linear", "--input", size, "--json")
    assert code == 0
    assert json.loads(out)["input"] == [28, 28, 1]
    assert "taken as grey pictures" in err
    assert network("linear", "--input", size, "--quiet", "--json")[2] == ""


@pytest.mark.parametrize(
    "size",
    ["0", "-5", "", "abc", "x", "0x3x3", "28x-28x1", "28x28x", "1x2x3x4", "2.5x3x1", "²x3x1",
     "9" * 10, "9" * 9000, "28,28,1", "28x28x1\n\x1b[2J"],
)  # fmt: skip
def test_a_bad_input_is_refused_in_a_sentence(network, size):
    code, out, err = network("linear", "--input", size)
    assert code == 2
    assert out == ""
    assert "28x28x1" in err
    assert "469x387x3" in err
    assert len(err) < 500
    assert "\x1b" not in err


@pytest.mark.parametrize("classes", ["0", "-1", "ten", "1.5", "1000001", ""])
def test_a_bad_number_of_classes_is_refused_in_a_sentence(network, classes):
    code, _, err = network("linear", "--classes", classes)
    assert code == 2
    assert f"“{classes}”" in err
    assert "--classes 10" in err
    assert "nombre entier" in network("linear", "--classes", classes, language="fr")[2]


def test_an_unknown_network_is_refused_in_json_too(network):
    code, out, err = network("lineer", "--json")
    assert code == 2
    assert json.loads(out)["error"]["code"] == "unknown_network"
    assert "Did you mean “linear”?" in err


def test_counting_needs_neither_torch_nor_numpy():
    script = (
        "import sys\n"
        "from imagier.cli import main\n"
        "try:\n"
        "    main()\n"
        "finally:\n"
        "    heavy = {'torch', 'numpy', 'sklearn', 'matplotlib'} & set(sys.modules)\n"
        "    assert not heavy, heavy\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", script, "network", "cnn"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr


@pytest.mark.parametrize(
    ("spec", "named", "shape", "classes", "parameters"),
    [
        ("lenet", "lenet", [28, 28, 1], 10, 61_706),
        ("alexnet", "alexnet:two-groups", [224, 224, 3], 1000, 60_965_224),
        ("alexnet:one-column", "alexnet:one-column", [224, 224, 3], 1000, 61_100_840),
        ("googlenet:paper", "googlenet:paper", [224, 224, 3], 1000, 6_998_552),
        ("googlenet", "googlenet:batch-norm", [224, 224, 3], 1000, 6_624_904),
    ],
)
def test_a_classic_is_shown_with_the_pictures_of_its_paper(
    counts, spec, named, shape, classes, parameters
):
    answer = counts(spec)
    assert (answer["network"], answer["input"]) == (named, shape)
    assert (answer["classes"], answer["parameters"]) == (classes, parameters)
    assert answer["weights"] + answer["biases"] == parameters
    for column in ("weights", "biases", "multiplications"):
        assert answer[column] == sum(layer[column] for layer in answer["layers"])


def test_a_classic_may_be_given_other_pictures(counts):
    answer = counts("googlenet", "--input", "64x48x1", "--classes", "7")
    assert (answer["input"], answer["classes"]) == ([64, 48, 1], 7)
    assert answer["layers"][-1]["output"] == [7]


def test_the_other_variant_is_counted_too(counts, network):
    assert counts("alexnet")["variants"] == {"alexnet:one-column": 61_100_840}
    assert counts("googlenet:paper")["variants"] == {"googlenet:batch-norm": 6_624_904}
    assert counts("lenet")["variants"] == counts("cnn")["variants"] == {}
    assert "Its other variant, alexnet:one-column: 61,100,840" in network("alexnet")[1]


def test_branches_are_numbered_and_set_in(counts, network):
    rows = network("googlenet:paper")[1].split("\n\n")[1].splitlines()
    end = next(i for i, row in enumerate(rows) if row.startswith("branches side by side"))
    block = rows[end - 13 : end]
    assert [row[2] for row in block if row[2] != " "] == ["1", "2", "3", "4"]
    assert all(row[:2] == "  " and row[3] == " " and row[4] != " " for row in block)
    assert block[0].startswith("  1 convolution 1 × 1 ")
    assert block[1].startswith("    ReLU ")
    assert not rows[end - 14].startswith(" ")
    layers = counts("googlenet:paper")["layers"]
    inside = [layer["branch"] for layer in layers if "branch" in layer]
    assert inside[:3] == [[1], [1], [2]]
    assert len(inside) == 9 * 13
    assert sum(layer["name"] == "concatenate" for layer in layers) == 9


def test_windows_steps_and_groups_are_named(network):
    table = network("alexnet")[1]
    for name in (
        "convolution 11 × 11, step 4 ",
        "max-pooling 3 × 3, step 2 ",
        "convolution 5 × 5, 2 groups ",
        "convolution 3 × 3 ",
    ):
        assert name in table
    assert "max-pooling 2 × 2 " in network("cnn")[1]
    assert "11 × 11, pas de 4 " in network("alexnet", language="fr")[1]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_reader_is_shown_with_lines_of_an_amount(network, counts, monkeypatch, language):
    monkeypatch.setenv("IMAGIER_LANG", language)
    answer = counts("reader")
    assert answer["input"] == [32, 160, 1]
    assert answer["parameters"] == 1_129_131
    code, out, _ = network("reader")
    assert code == 0
    assert "40 × 11" in out


def test_pictures_too_small_for_a_classic_are_refused_in_a_sentence(network):
    code, out, err = network("alexnet", "--input", "28x28x1")
    assert (code, out) == (2, "")
    assert "28 × 28 pixels are too small for alexnet" in err
