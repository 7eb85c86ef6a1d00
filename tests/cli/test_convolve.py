import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imagier.cli import main
from imagier.convolution import KERNELS, convolve
from imagier.i18n import use_language

DECK = "1 2 3 4 5 6; 7 8 9 10 11 12; 13 14 15 16 17 18; 19 20 21 22 23 24; 25 26 27 28 29 30"
KERNEL = ("--kernel", "1 2; 3 0")


@pytest.fixture
def convolve_command(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")

    def call(*words, language="en"):
        monkeypatch.setattr(sys, "argv", ["imagier", "convolve", *words])
        with use_language(language), pytest.raises(SystemExit) as end:
            main()
        answer = capsys.readouterr()
        return int(end.value.code or 0), answer.out, answer.err

    return call


def read(name):
    with Image.open(name) as image:
        return np.asarray(image)


@pytest.fixture
def facts(convolve_command):
    def call(*words):
        code, out, err = convolve_command(*words, "--json")
        assert code == 0, err
        assert out.count("\n") == 1
        return json.loads(out)

    return call


@pytest.fixture
def refusal(convolve_command):
    def call(*words):
        code, out, err = convolve_command(*words, "--json")
        assert err.splitlines()[-2].startswith("imagier: ")
        return code, json.loads(out)["error"]["code"]

    return call


# What it says


def test_the_deck_calculation(convolve_command):
    code, out, err = convolve_command(DECK, *KERNEL, "--at", "1,1")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert " 26  32  38  44  50" in lines
    assert "134 140 146 152 158" in lines
    assert "At row 1, column 1: 1·1 + 2·2 + 3·7 + 0·8 = 26" in lines
    assert "600 weights; the convolution uses 80 of these links, and 4 weights are free." in out
    assert lines[-1].endswith("this is a correlation, as in all networks.")


def test_the_deck_calculation_in_french(convolve_command):
    _, out, _ = convolve_command(DECK, *KERNEL, "--at", "4,5", language="fr")
    assert "À la ligne 4, colonne 5\u00a0: 1·23 + 2·24 + 3·29 + 0·30 = 158" in out
    assert (
        "600 poids\u202f; la convolution se sert de 80 de ces liens, et 4 poids sont libres" in out
    )


def test_the_deck_block(convolve_command):
    code, out, _ = convolve_command("5 3; 2 1", "--pool", "2")
    assert code == 0
    assert out.splitlines()[-2] == "5"
    assert "correlation" not in out


def test_the_deck_for_programs(facts):
    answer = facts(DECK, *KERNEL, "--at", "1,1", "--relu", "--pool", "2")
    assert [stage["name"] for stage in answer["stages"]] == ["picture", "kernel", "relu", "pool"]
    assert answer["stages"][1]["matrix"] == [[1, 2], [3, 0]]
    assert answer["stages"][1]["table"][0][0] == 26
    assert answer["stages"][3]["table"] == [[68, 80], [140, 152]]
    assert answer["at"] == {
        "row": 1,
        "column": 1,
        "products": [[1, 1], [2, 2], [3, 7], [0, 8]],
        "sum": 26,
    }
    assert answer["dense"] == {"inputs": 30, "outputs": 20, "weights": 600, "links": 80, "free": 4}
    assert (answer["scale"], answer["kernels"], answer["model"]) == (None, None, None)


def test_the_list_of_kernels(convolve_command, facts):
    code, out, _ = convolve_command("--list")
    assert code == 0
    for name in KERNELS:
        assert f"{name}\n" in out
    assert "  [ 1 1 1 ]  ÷ 9" in out
    assert {kernel["name"] for kernel in facts("--list")["kernels"]} == set(KERNELS)
    _, french, _ = convolve_command("--list", language="fr")
    assert "bordures de tous côtés" in french


def test_a_signed_result_says_so(convolve_command):
    _, out, _ = convolve_command("digits:0", "--kernel", "edges")
    assert "from −61 to 76 (signed: no levels of a picture)" in out
    _, out, _ = convolve_command("digits:0", "--kernel", "edges", "--relu")
    assert out.count("signed") == 1


def test_repeated_kernels_make_a_chain(facts):
    answer = facts("digits:0", "--kernel", "blur", "--kernel", "edges", "--padding", "1", "--relu")
    names = [stage["name"] for stage in answer["stages"]]
    assert names == ["picture", "kernel", "relu", "kernel", "relu"]
    assert {(stage["height"], stage["width"]) for stage in answer["stages"]} == {(8, 8)}


def test_many_products_are_cut_in_the_middle(convolve_command):
    rows = "; ".join(" ".join(["1"] * 7) for _ in range(7))
    _, out, _ = convolve_command("digits:0", "--kernel", rows, "--at", "1,1")
    line = next(line for line in out.splitlines() if line.startswith("At row"))
    assert " + … + " in line
    assert line.count("·") == 12


# Pictures of all kinds


def test_colours_become_grey_or_one_of_them(facts):
    levels = np.random.default_rng(0).integers(0, 256, (6, 5, 3)).astype(np.uint8)
    Image.fromarray(levels).save("c.png")
    red = facts("c.png", *KERNEL, "--channel", "r")
    assert red["stages"][1]["table"] == convolve(levels[:, :, 0], [[1, 2], [3, 0]]).tolist()
    grey = np.asarray(Image.fromarray(levels).convert("L"))
    found = facts("c.png", *KERNEL)
    assert found["stages"][1]["table"] == convolve(grey, [[1, 2], [3, 0]]).tolist()
    assert (red["channel"], found["channel"]) == ("r", None)


def test_a_table_of_numbers_in_a_file(facts):
    Path("t.csv").write_text("5,3\n2,1\n", "ascii")
    assert facts("t.csv", "--pool", "2")["stages"][-1]["table"] == [[5]]


def save_16_bit(path):
    Image.fromarray(np.full((4, 4), 65535, np.uint16)).save(path)


def save_cmyk(path):
    Image.new("CMYK", (4, 4), (0, 0, 0, 0)).save(path, quality=100)


def save_transparent(path):
    Image.new("RGBA", (4, 4), (9, 9, 9, 0)).save(path)


@pytest.mark.parametrize(
    ("name", "save"),
    [("deep.png", save_16_bit), ("print.jpg", save_cmyk), ("glass.png", save_transparent)],
)
def test_white_in_every_form_is_white(facts, name, save):
    save(name)
    answer = facts(name, "--kernel", "blur")
    assert answer["stages"][0]["table"] == [[255] * 4] * 4
    assert answer["stages"][1]["highest"] == pytest.approx(255)


def test_of_a_film_the_first_picture_is_taken_and_said(convolve_command):
    frames = [Image.new("L", (4, 4), level) for level in (40, 200)]
    frames[0].save("film.gif", save_all=True, append_images=frames[1:])
    code, out, err = convolve_command("film.gif", "--kernel", "identity")
    assert code == 0
    assert "from 40 to 40" in out
    assert "holds several pictures: the first is taken" in err
    assert convolve_command("film.gif", "--kernel", "identity", "--quiet")[2] == ""


@pytest.mark.parametrize("size", [(1, 1), (9, 1), (1, 9)])
def test_thin_pictures_are_too_small_until_they_get_a_border(facts, refusal, size):
    Image.new("L", size, 7).save("thin.png")
    assert refusal("thin.png", "--kernel", "edges") == (2, "kernel_too_large")
    answer = facts("thin.png", "--kernel", "edges", "--padding", "1")
    assert (answer["stages"][1]["width"], answer["stages"][1]["height"]) == size


# Refused


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), (2, "convolve_no_picture")),
        (("digits:0",), (2, "convolve_nothing")),
        (("digits:0", "--kernel", "edgse"), (2, "unknown_kernel")),
        (("digits:0", "--kernel", "1 2; 3"), (2, "kernel_malformed")),
        (("digits:0", "--pool", "9"), (2, "pool_too_large")),
        (("digits:0", "--kernel", "edges", "--at", "9,9"), (2, "no_such_place")),
        (("digits:0", "--kernel", "edges", "--at", "0,1"), (2, "convolve_at")),
        (("digits:0", "--kernel", "edges", "--at", "a"), (2, "convolve_at")),
        (("digits:0", "--relu", "--at", "1,1"), (2, "convolve_at_without_kernel")),
        (("digits:0", "--kernel", "edges", "--model", "m"), (2, "convolve_two_kernels")),
        (("digits:0", "--kernel", "edges", "--stride", "0"), (2, "usage")),
        (("digits:0", "--kernel", "edges", "--layer", "1"), (2, "convolve_layer_alone")),
        (("digits:0", "--pool", "2", "--stride", "2"), (2, "convolve_settings")),
        (("digits:0", "--model", "none.imagier", "--padding", "1"), (2, "convolve_settings")),
        (("digits:0", "--kernel", "edges", "--out", "f.jpg"), (2, "output_kind")),
        (("digits:0", "--relu", "--plot", "f.gif"), (2, "convolve_gif")),
        (("1 2; 3 x", "--relu"), (4, "missing")),
        (("none.png", "--relu"), (4, "missing")),
        (("digits:9999", "--relu"), (2, "pixels_number")),
        (("digits:0", "--model", "none.imagier"), (4, "model_missing")),
    ],
)
def test_what_cannot_be_done(refusal, words, expected):
    assert refusal(*words) == expected


def test_files_already_there_stay(convolve_command, refusal):
    levels = np.zeros((5, 5), np.uint8)
    Image.fromarray(levels).save("a.png")
    before = Path("a.png").read_bytes()
    kernel = ("a.png", "--kernel", "edges")
    assert refusal(*kernel, "--out", "a.png", "--force") == (2, "output_is_input")
    assert Path("a.png").read_bytes() == before
    Path("there.csv").touch()
    assert refusal(*kernel, "--out", "there.csv") == (2, "output_exists")
    code, _, err = convolve_command(*kernel, "--out", "there.csv", "--force")
    assert (code, err.splitlines()[-1]) == (0, "Written: there.csv")


# Files


def test_every_digit_is_written(convolve_command):
    convolve_command(DECK, "--kernel", "1/3 0,5", "--out", "r.csv")
    written = np.loadtxt("r.csv", delimiter=",")
    assert np.array_equal(written, convolve(np.arange(1, 31).reshape(5, 6), [[1 / 3, 0.5]]))


def test_a_picture_that_stays_a_picture_keeps_its_levels(convolve_command):
    levels = np.random.default_rng(1).integers(0, 200, (6, 7)).astype(np.uint8)
    Image.fromarray(levels).save("a.png")
    _, _, err = convolve_command("a.png", "--kernel", "identity", "--out", "b.png")
    assert np.array_equal(read("b.png"), levels[1:-1, 1:-1])
    assert err == "Written: b.png\n"


def test_a_signed_picture_is_written_in_colours(convolve_command):
    _, _, err = convolve_command("-1 0 2; 0 0 0", "--kernel", "1", "--out", "b.png")
    written = read("b.png").astype(int)
    assert written.shape == (2, 3, 3)
    assert written[0, 1].tolist() == [255, 255, 255]
    assert written[0, 0, 0] > written[0, 0, 2], "orange"
    assert written[0, 2].tolist() == [0, 114, 178], "blue, as strong as can be"
    assert "white is 0, blue is positive, orange negative" in err


@pytest.mark.parametrize(
    ("name", "start"), [("s.png", b"\x89PNG"), ("s.svg", b"<svg"), ("s.gif", b"GIF89a")]
)
def test_figures(convolve_command, name, start):
    code, _, err = convolve_command(DECK, *KERNEL, "--plot", name, "--relu", "--pool", "2")
    assert (code, err) == (0, f"Written: {name}\n")
    assert Path(name).read_bytes().startswith(start)


def test_the_film_has_a_picture_for_each_place(convolve_command):
    convolve_command(DECK, *KERNEL, "--plot", "s.gif")
    with Image.open("s.gif") as film:
        assert film.n_frames == 20


# The kernels of a model


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Learn two small models: one with kernels, one without."""
    folder = tmp_path_factory.mktemp("models")
    for name, network in (("cnn", "cnn:4,6"), ("linear", "linear")):
        words = (
            "train",
            "digits",
            "--network",
            network,
            "--epochs",
            "1",
            "--out",
            f"{name}.imagier",
        )
        done = subprocess.run(
            [sys.executable, "-m", "imagier", *words, "--quiet"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    return folder


def body_of(recognizer):
    """Rebuild the network in torch with the model's weights."""
    import torch

    from imagier.networks import Normalisation, build
    from imagier.neurons import parse_spec
    from imagier.recognizer import read_weights

    layers = parse_spec(recognizer.card.network, input=(8, 8, 1), classes=10)
    network = build(layers, Normalisation(mean=(0.0,), std=(1.0,)), seed=0)
    weights = read_weights(recognizer.weights, path="model")
    network.load_state_dict({name: torch.tensor(value) for name, value in weights.items()})
    return network.eval()


@pytest.mark.parametrize(("layer", "modules"), [(1, 1), (2, 5)])
def test_the_maps_are_those_of_the_network(models, convolve_command, layer, modules):
    import torch

    from imagier.datasets import open_source
    from imagier.recognizer import load

    model = models / "cnn.imagier"
    words = ("digits:3", "--model", str(model), "--layer", str(layer), "--out", "maps.csv")
    code, out, err = convolve_command(*words)
    assert code == 0, err
    recognizer = load(model)
    network = body_of(recognizer)
    pictures = open_source("digits").pictures
    pixels = pictures.decode(3, pictures.read(3)).pixels
    with torch.no_grad():
        seen = torch.tensor(pixels[None]).float() * network.scale + network.shift
        maps = network.body[:modules](seen.permute(0, 3, 1, 2))[0].numpy()
    tables = Path("maps.csv").read_text("ascii").split("\n\n")
    written = np.array([np.loadtxt(table.splitlines(), delimiter=",") for table in tables])
    assert written.shape == maps.shape
    assert written == pytest.approx(maps, abs=1e-4)
    assert f"{len(maps)} kernels learned" in out


def test_a_picture_of_the_kernels(models, convolve_command):
    model = str(models / "cnn.imagier")
    words = ("digits:3", "--model", model, "--relu", "--plot", "s.png", "--out", "o.png")
    code, _, err = convolve_command(*words)
    assert code == 0, err
    assert read("o.png").shape == (17, 17, 3), "four maps of 8 × 8 with a line between"


@pytest.mark.parametrize(
    ("name", "layer", "expected"),
    [("cnn", 3, (2, "convolve_layer")), ("linear", 1, (2, "convolve_layer"))],
)
def test_convolutions_that_a_model_lacks(models, refusal, name, layer, expected):
    model = str(models / f"{name}.imagier")
    assert refusal("digits:0", "--model", model, "--layer", str(layer)) == expected


def test_a_single_onnx_file_has_no_kernels_to_give(models, refusal):
    model = str(models / "cnn.imagier" / "model.onnx")
    assert refusal("digits:0", "--model", model) == (4, "convolve_no_weights")
