"""The whole explanation: what each kind of model shows, and what is said to be missing."""

import json
import subprocess
import sys

import numpy as np
import pytest

from imagier.datasets import open_source
from imagier.errors import UsageError
from imagier.explaining import explain_picture
from imagier.i18n import use_language
from imagier.recognizer import load


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    found = {}
    for network, words in {"cnn:4": (), "dense:4": ("--no-pictures",)}.items():
        out = folder / f"{len(found)}.imagier"
        done = subprocess.run(
            [
                *(sys.executable, "-m", "imagier", "train", "digits", "--network", network),
                *("--epochs", "2", "--out", str(out), "--quiet", *words),
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        found[network] = load(out)
    return found


@pytest.fixture(scope="module")
def digit():
    return open_source("digits").pictures.array[3].reshape(8, 8, 1)


def test_a_convolutional_network_shows_kernels_and_maps(models, digit):
    found = explain_picture(models["cnn:4"], digit, name="a three", given="3")
    assert found.kernels.shape == (4, 1, 3, 3)
    assert found.first_layer.maps.shape == (8, 8, 4)
    assert found.sums == ()
    assert len(found.kept) == 3
    assert [one.distance for one in found.kept] == sorted(one.distance for one in found.kept)
    assert "First layer: 4 kernels" in "\n".join(found.lines())
    assert any("linear and dense networks only" in note for note in found.notes)


def test_a_dense_network_shows_sums_and_says_that_it_keeps_no_pictures(models, digit):
    found = explain_picture(models["dense:4"], digit)
    assert found.kernels is None
    assert len(found.sums) == 2
    assert found.kept == ()
    assert any("keeps no pictures" in note for note in found.notes)
    answer = found.to_json()
    neuron = answer["neurons"][0]
    listed = sum(one["product"] for one in neuron["products"])
    assert listed + neuron["rest"] + neuron["bias"] == pytest.approx(neuron["sum"])


@pytest.mark.parametrize("network", ["cnn:4", "dense:4"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_it_can_be_shown_in_every_way(models, digit, network, language):
    with use_language(language):
        found = explain_picture(models[network], digit, scale=16)
        assert len(list(found.lines())) > 5
        assert json.loads(json.dumps(found.to_json(), allow_nan=False))["picture"] == "<array>"
        assert found.figures()["figure"].content(".png")[:4] == b"\x89PNG"
        assert found.figures()["figure"].content(".svg")[:4] == b"<svg"
        tables = {name: table.csv() for name, table in found.tables().items()}
    assert tables["occlusion"].count("\n") == 1 + found.occlusion.falls.size


def test_the_answer_is_that_of_predict(models, digit):
    recognizer = models["cnn:4"]
    answered = recognizer.predict(digit)
    found = explain_picture(recognizer, digit)
    assert found.top[0] == (answered.label, pytest.approx(answered.probability))
    assert found.classes[found.target] == answered.label


def test_another_class_can_be_explained(models, digit):
    found = explain_picture(models["cnn:4"], digit, label="8")
    assert found.classes[found.target] == "8"
    assert found.occlusion.before == pytest.approx(found.probabilities[8], abs=1e-6)
    assert "Explained is “8”" in "\n".join(found.lines())


@pytest.mark.parametrize(
    ("words", "code"),
    [({"label": "eight"}, "explain_class"), ({"patch": 9}, "explain_patch")],
)
def test_what_cannot_be_meant_is_refused(models, digit, words, code):
    with pytest.raises(UsageError) as refused:
        explain_picture(models["cnn:4"], digit, **words)
    assert refused.value.code == code


def test_an_answer_that_hangs_on_no_place_is_said_so(models):
    flat = np.zeros((8, 8, 1), np.uint8)
    found = explain_picture(models["dense:4"], flat)
    assert found.occlusion.falls.max() == pytest.approx(0, abs=1e-6)
    assert "hangs on no single place" in "\n".join(found.lines())


def test_a_picture_of_none_of_the_classes_is_called_so(models, digit):
    checkerboard = (np.indices((8, 8)).sum(axis=0) % 2 * 16).astype(np.uint8)[..., None]
    known, strange = (explain_picture(models["cnn:4"], one) for one in (digit, checkerboard))
    assert (known.stranger, strange.stranger) == (False, True)
    words = ["\n".join(one.lines()) for one in (known, strange)]
    assert ["none of these" in one for one in words] == [False, True]
    assert strange.to_json()["stranger"] is True
