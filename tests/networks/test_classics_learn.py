"""The networks of the past learn: weights that start well, gradients that arrive, the same ONNX."""

import numpy as np
import onnxruntime
import pytest
import torch
from torch.nn.functional import cross_entropy

from imagier.networks import build
from imagier.networks.network import Normalisation
from imagier.neurons import parse_spec
from imagier.onnx_io.graph import read_graph
from imagier.onnx_io.graph_writer import onnx_bytes

NORMALISATION = {1: Normalisation(mean=(60.0,), std=(70.0,))}
NORMALISATION[3] = Normalisation(mean=(120.0,) * 3, std=(60.0,) * 3)
SMALL = {
    "alexnet:two-groups": (63, 63, 3),
    "googlenet:paper": (32, 32, 3),
    "googlenet:batch-norm": (32, 32, 3),
}


def drawings(n, shape, classes, seed=0):
    """Draw pictures whose class is the direction and colour of their stripes, under noise."""
    generator = np.random.default_rng(seed)
    labels = np.arange(n) % classes
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    angles = np.pi * labels / classes + generator.normal(0, 0.05, n)
    waves = np.cos(angles)[:, None, None] * rows + np.sin(angles)[:, None, None] * columns
    period = shape[0] / 6
    shifts = generator.uniform(0, 2 * np.pi, n)[:, None, None]
    stripes = 128 + 80 * np.sin(2 * np.pi * waves / period + shifts)
    noisy = stripes[..., None] + generator.normal(0, 20, (n, *shape))
    pixels = noisy.clip(0, 255).astype(np.uint8)
    return torch.from_numpy(pixels), torch.from_numpy(labels)


def made(spec, shape, classes):
    layers = parse_spec(spec, input=shape, classes=classes)
    return layers, build(layers, NORMALISATION[shape[2]], seed=1)


def learn(network, pixels, labels, *, steps, batch, rate):
    """Take a few steps; give the mean loss of the first and of the last quarter of them."""
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, betas=(0.9, 0.99), fused=True)
    order = np.random.default_rng(0)
    losses = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network.train()
        for step in range(steps):
            for group in optimiser.param_groups:
                group["lr"] = rate * min(1.0, (step + 1) / (0.2 * steps))
            chosen = torch.from_numpy(order.permutation(len(labels))[:batch])
            loss = cross_entropy(network(pixels[chosen]), labels[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(float(loss.detach()))
    quarter = max(1, steps // 4)
    return float(np.mean(losses[:quarter])), float(np.mean(losses[-quarter:]))


def check_export(layers, network, shape, pixels):
    """Compare torch with the ONNX file, after the file has passed the recogniser's checks."""
    network.eval()
    with torch.inference_mode():
        expected = network(pixels).softmax(dim=1).numpy()
    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    content = onnx_bytes(layers, weights, input_shape=shape)
    graph = read_graph(content, path="model.onnx")
    assert (graph.input, graph.classes) == (shape, expected.shape[1])
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    answered = session.run(["probabilities"], {"pixels": pixels.numpy()})[0]
    np.testing.assert_allclose(answered, expected, atol=2e-5)
    return len(content)


@pytest.mark.parametrize("channels", [1, 3])
def test_lenet_learns_stripes(channels):
    shape = (28, 28, channels)
    layers, network = made("lenet", shape, 4)
    pixels, labels = drawings(240, shape, 4)
    before, after = learn(network, pixels, labels, steps=60, batch=24, rate=3e-3)
    assert before > 0.9
    assert after < 0.5 * before
    check_export(layers, network, shape, pixels[:5])


@pytest.mark.parametrize("spec", SMALL)
def test_each_layer_hears_of_the_error(spec):
    shape = SMALL[spec]
    _, network = made(spec, shape, 3)
    pixels, labels = drawings(6, shape, 3)
    network.train()
    cross_entropy(network(pixels), labels).backward()
    torch.optim.SGD(network.parameters(), lr=0.1).step()  # wakes the last layer, which starts small
    network.zero_grad()
    cross_entropy(network(pixels), labels).backward()
    for name, value in network.named_parameters():
        assert value.grad.abs().max() > 1e-6, name


@pytest.mark.parametrize("spec", ["googlenet:paper", "googlenet:batch-norm"])
def test_googlenet_is_exported_as_it_answers(spec):
    shape = SMALL[spec]
    layers, network = made(spec, shape, 3)
    check_export(layers, network, shape, drawings(3, shape, 3)[0])


def test_deep_networks_without_batch_norm_keep_the_spread_of_their_numbers():
    shape = (32, 32, 3)
    _, network = made("googlenet:paper", shape, 3)
    pixels, _ = drawings(8, shape, 3)
    network.eval()
    with torch.inference_mode():
        numbers = (pixels * network.scale + network.shift).permute(0, 3, 1, 2)
        apart = []
        for module in network.body[:-1]:
            numbers = module(numbers)
            apart.append(float(numbers.std(dim=0).mean()))
        first_answers = network.body[-1](numbers)
    assert min(apart) > 0.01
    assert max(apart) < 30
    assert float(first_answers.abs().max()) < 0.5  # all classes as likely at first


@pytest.mark.parametrize(
    "spec", ["dense:8,8,8", "lenet", "dense:8,8,8,8,8,8:sigmoid", "cnn:4,4,4,4,4,4,4,4"]
)
def test_other_networks_start_as_torch_draws(spec):
    _, network = made(spec, (16, 16, 1), 3)
    last = [module for module in network.body if isinstance(module, torch.nn.Linear)][-1]
    assert last.bias.abs().max() > 0


def test_deep_dense_networks_start_without_biases():
    _, network = made("dense:8,8,8,8,8,8", (16, 16, 1), 3)
    assert not any(value.any() for name, value in network.named_parameters() if "bias" in name)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spec", "rate"),
    [
        ("alexnet:two-groups", 1e-4),
        ("alexnet:one-column", 1e-4),
        ("googlenet:paper", 3e-4),
        ("googlenet:batch-norm", 1e-3),
    ],
)
def test_photographs_of_224_pixels_are_learned(spec, rate):
    shape = (224, 224, 3)
    layers, network = made(spec, shape, 3)
    pixels, labels = drawings(12, shape, 3)
    before, after = learn(network, pixels, labels, steps=24, batch=6, rate=rate)
    assert after < 0.75 * before
    size = check_export(layers, network, shape, pixels[:2])
    assert size < 250 * 2**20
