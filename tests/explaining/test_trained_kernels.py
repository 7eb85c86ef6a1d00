import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from imagier.convolution import stages
from imagier.datasets import open_source
from imagier.errors import ModelError, UsageError
from imagier.explaining import as_seen, first_steps
from imagier.networks.network import Normalisation, build
from imagier.neurons import parse_spec
from imagier.recognizer import load, read_weights


@pytest.fixture(scope="module")
def recognizer(tmp_path_factory):
    """Learn a small network with two convolutions."""
    folder = tmp_path_factory.mktemp("models")
    words = ("train", "digits", "--network", "cnn:4,6", "--epochs", "1", "--out", "cnn.imagier")
    done = subprocess.run(
        [sys.executable, "-m", "imagier", *words, "--quiet"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return load(folder / "cnn.imagier")


@pytest.fixture(scope="module")
def network(recognizer):
    """Rebuild the network in torch with the model's weights."""
    layers = parse_spec(recognizer.card.network, input=(8, 8, 1), classes=10)
    module = build(layers, Normalisation(mean=(0.0,), std=(1.0,)), seed=0)
    weights = read_weights(recognizer.weights, path="model")
    module.load_state_dict({name: torch.tensor(value) for name, value in weights.items()})
    return module.eval()


@pytest.fixture(scope="module")
def pixels():
    return open_source("digits").pictures.array[3]


def test_a_picture_is_seen_as_by_the_first_layer(recognizer, network, pixels):
    expected = torch.tensor(pixels).double() * network.scale + network.shift
    seen = as_seen(recognizer, pixels, None)
    assert seen == pytest.approx(expected.detach().numpy(), abs=1e-5)
    sixteenths = (pixels.astype(float) / 16 * 255).round().astype(np.uint8)
    assert as_seen(recognizer, sixteenths, 255) == pytest.approx(seen, abs=0.02)


@pytest.mark.parametrize(("layer", "modules"), [(1, 1), (2, 5)])
def test_the_steps_are_those_of_the_network(recognizer, network, pixels, layer, modules):
    seen = as_seen(recognizer, pixels, None)
    *_, last = stages(seen, first_steps(recognizer, layer))
    with torch.no_grad():
        given = torch.tensor(seen).float().permute(2, 0, 1)[None]
        expected = network.body[:modules](given)[0].permute(1, 2, 0).numpy()
    assert last.maps == pytest.approx(expected, abs=1e-4)


def test_a_convolution_that_is_not_there(recognizer):
    with pytest.raises(UsageError) as refused:
        first_steps(recognizer, 3)
    assert refused.value.code == "convolve_layer"
    assert (refused.value.facts["layer"], refused.value.facts["n"]) == (3, 2)


def test_layers_that_are_not_carried_out_here(recognizer):
    shuffled = replace(recognizer.card, plan={**recognizer.card.plan, "shuffle_pixels": 1})
    with pytest.raises(ModelError) as refused:
        first_steps(replace(recognizer, card=shuffled), 1)
    assert refused.value.code == "convolve_not_a_chain"
    assert refused.value.facts["layer"] == "ShufflePixels"
