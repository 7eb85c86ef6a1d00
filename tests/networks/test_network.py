"""The torch network and the ONNX graph are two readings of one tuple of layers."""

import numpy as np
import onnxruntime
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from imagier.networks import NETWORKS, build, resolve
from imagier.networks.network import Normalisation
from imagier.neurons import describe, parse_spec, total
from imagier.onnx_io.graph_writer import onnx_bytes

SPECS = ["linear", "dense:8,8", "dense:8,8:sigmoid", "cnn", "cnn:4", "cnn:4,8,8", "cnn:4/2,8x2:max"]


def normalisation(channels: int) -> Normalisation:
    return Normalisation(mean=(40.0,) * channels, std=(60.0,) * channels)


def probabilities_by_torch(network, pixels):
    network.eval()
    with torch.inference_mode():
        return network(torch.from_numpy(pixels)).softmax(dim=1).numpy()


def probabilities_by_onnx(layers, network, pixels):
    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    content = onnx_bytes(layers, weights, input_shape=pixels.shape[1:], flip_tta=network.flip_tta)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return session.run(["probabilities"], {"pixels": pixels})[0]


@pytest.mark.parametrize("spec", ["linear", "cnn:4", "cnn:4/2,8x2:max"])
@pytest.mark.parametrize("shape", [(12, 12, 1), (21, 34, 3)])
def test_both_ways_is_the_mean_of_a_picture_and_its_mirror_image(spec, shape):
    layers = parse_spec(spec, input=shape, classes=5)
    one_way = build(layers, normalisation(shape[2]), seed=3)
    both_ways = build(layers, normalisation(shape[2]), seed=3, flip_tta=True)
    pixels = np.random.default_rng(0).integers(0, 256, (9, *shape), dtype=np.uint8)
    mirrored = np.ascontiguousarray(pixels[:, :, ::-1])
    straight, mirrored = (probabilities_by_torch(one_way, some) for some in (pixels, mirrored))
    assert np.abs(straight - mirrored).max() > 1e-3
    for answers in (
        probabilities_by_torch(both_ways, pixels),
        probabilities_by_onnx(layers, both_ways, pixels),
    ):
        np.testing.assert_allclose(answers, (straight + mirrored) / 2, atol=1e-6)


def test_while_learning_each_picture_is_answered_once():
    shape = (12, 12, 1)
    layers = parse_spec("cnn:4", input=shape, classes=5)
    one_way = build(layers, normalisation(1), seed=3)
    both_ways = build(layers, normalisation(1), seed=3, flip_tta=True)
    pixels = torch.randint(0, 256, (9, *shape), dtype=torch.uint8)
    torch.testing.assert_close(one_way.train()(pixels), both_ways.train()(pixels))


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("shape", [(8, 8, 1), (28, 28, 1), (21, 34, 3)])
def test_both_give_the_same_probabilities(spec, shape):
    layers = parse_spec(spec, input=shape, classes=5)
    network = build(layers, normalisation(shape[2]), seed=3)
    pixels = np.random.default_rng(0).integers(0, 256, (9, *shape), dtype=np.uint8)
    network.train()
    network(torch.from_numpy(pixels))  # moves the running means away from their first values
    expected = probabilities_by_torch(network, pixels)
    answered = probabilities_by_onnx(layers, network, pixels)
    assert answered.shape == (9, 5)
    np.testing.assert_allclose(answered, expected, atol=2e-6)
    np.testing.assert_allclose(answered.sum(axis=1), 1, atol=1e-5)


@settings(max_examples=15)
@given(
    widths=st.lists(st.integers(1, 9), min_size=1, max_size=3),
    height=st.integers(4, 20),
    width=st.integers(4, 20),
)
def test_any_cnn_has_the_parameters_that_are_counted(widths, height, width):
    spec, shape = "cnn:" + ",".join(map(str, widths)), (height, width, 3)
    layers = parse_spec(spec, input=shape, classes=4)
    network = build(layers, normalisation(3), seed=0)
    counted = total(describe(layers, shape)).parameters
    assert sum(weights.numel() for weights in network.parameters()) == counted


def test_the_seed_decides_the_weights_and_leaves_the_global_generator_alone():
    layers = parse_spec("dense:8", input=(8, 8, 1), classes=3)
    torch.manual_seed(11)
    expected = torch.rand(1)
    torch.manual_seed(11)
    one, same, other = (build(layers, normalisation(1), seed=seed) for seed in (1, 1, 2))
    assert torch.equal(torch.rand(1), expected)
    first = one.body[1].weight
    assert torch.equal(first, same.body[1].weight)
    assert not torch.equal(first, other.body[1].weight)


def test_the_same_weights_give_the_same_bytes():
    layers = parse_spec("cnn:4", input=(8, 8, 1), classes=3)
    network = build(layers, normalisation(1), seed=0)
    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    files = {onnx_bytes(layers, weights, input_shape=(8, 8, 1)) for _ in range(2)}
    assert len(files) == 1


@pytest.mark.parametrize("name", NETWORKS)
def test_every_family_can_be_built(name):
    side = {"alexnet": 63, "googlenet": 32}.get(name, 16)
    layers = parse_spec(NETWORKS[name], input=(side, side, 3), classes=3)
    assert build(layers, normalisation(3), seed=0)(
        torch.zeros(2, side, side, 3, dtype=torch.uint8)
    ).shape == (2, 3)


def test_a_network_has_one_name_however_it_is_typed():
    assert resolve(" Dense:8, 8:relu ") == resolve("dense:8,8") == "dense:8,8"
