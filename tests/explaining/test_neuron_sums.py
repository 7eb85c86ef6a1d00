"""The sums of neurons: they are those of the network, whatever its layers."""

import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest

from imagier.datasets import open_source
from imagier.errors import ModelError
from imagier.explaining import explain_picture, neuron_sums
from imagier.neurons.activations import softmax
from imagier.recognizer import load

DENSE = {
    "linear": (),
    "dense:6": (),
    "dense:6,5:sigmoid": (),
    "dense:4": ("--shuffle-pixels", "3"),
}


def train(folder, network, *words):
    out = folder / f"{len(list(folder.iterdir()))}.imagier"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "imagier", "train", "digits", "--network", network, *words),
            *("--epochs", "1", "--out", str(out), "--quiet"),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return load(out)


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return {network: train(folder, network, *words) for network, words in DENSE.items()}


@pytest.fixture(scope="module")
def pixels():
    return open_source("digits").pictures.array[3].reshape(8, 8, 1)


@pytest.mark.parametrize("network", DENSE)
def test_the_sums_give_the_probabilities_of_the_model(models, network, pixels):
    recognizer = models[network]
    sums = [neuron_sums(recognizer, pixels, target)[0].sum for target in range(10)]
    answered = recognizer.probabilities(pixels[np.newaxis])[0]
    scaled = np.array(sums) / recognizer.card.temperature
    assert softmax(scaled) == pytest.approx(answered, abs=1e-4)


@pytest.mark.parametrize("network", DENSE)
def test_each_neuron_is_the_strongest_input_of_the_one_before(models, network, pixels):
    sums = neuron_sums(models[network], pixels, 3)
    assert [one.layer for one in sums] == list(range(len(sums), 0, -1))
    assert sums[-1].is_on_pixels
    assert sums[-1].weights.shape == (8, 8, 1)
    for later, earlier in pairwise(sums):
        assert np.abs(later.products).argmax() == earlier.neuron
        assert later.inputs[earlier.neuron] == earlier.output


def test_other_networks_have_none(models, pixels):
    recognizer = models["linear"]
    bare = type(recognizer)(card=recognizer.card, onnx=recognizer.onnx)
    assert neuron_sums(bare, pixels, 0) == ()


def test_weights_of_another_network_are_refused(models, pixels):
    linear, dense = models["linear"], models["dense:6"]
    mixed = type(linear)(card=linear.card, onnx=linear.onnx, weights=dense.weights)
    with pytest.raises(ModelError) as refused:
        explain_picture(mixed, pixels)
    assert refused.value.code == "weights_damaged"
    assert "linear" in refused.value.message
