"""Every kind of layer: counted, built and exported from one description, with the same answers."""

import numpy as np
import onnxruntime
import pytest
import torch

from imagier.errors import UsageError
from imagier.networks import build
from imagier.networks.network import Normalisation
from imagier.neurons import (
    Activation,
    AveragePool,
    BatchNorm,
    Branches,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePool,
    LocalResponseNorm,
    MaxPool,
    Pad,
    Resize,
    ShufflePixels,
    Softmax,
    describe,
    output_shape,
    shape_through,
    total,
)
from imagier.onnx_io.graph import read_graph
from imagier.onnx_io.graph_writer import onnx_bytes

SHAPE = (11, 8, 3)
KINDS = {
    "convolution": (Convolution(inputs=3, outputs=4, kernel=(5, 3), stride=(2, 1)),),
    "frozen": (Convolution(inputs=3, outputs=4, frozen=True), BatchNorm(channels=4)),
    "groups": (Convolution(inputs=3, outputs=6, groups=3), BatchNorm(channels=6, epsilon=1e-3)),
    "max_pool": (MaxPool(size=(3, 3), padding=(1, 1)),),
    "average_pool": (AveragePool(size=(3, 2), stride=(2, 1), padding=(1, 1)),),
    "global_average_pool": (GlobalAveragePool(),),
    "local_response_norm": (LocalResponseNorm(size=3, alpha=0.5, beta=0.6, bias=1.5),),
    "dropout": (Dropout(share=0.9),),
    "pad": (Pad(edges=(1, 0, 2, 3)),),
    "larger": (Resize(size=(22, 24)),),
    "smaller": (Resize(size=(5, 4)),),
    "shuffle_pixels": (ShufflePixels(size=(11, 8), seed=5),),
    "residual": (Branches(chains=((), (Convolution(inputs=3, outputs=3),)), join="add"),),
    "inception": (
        Branches(
            chains=(
                (Convolution(inputs=3, outputs=2, kernel=(1, 1), padding=(0, 0)),),
                (MaxPool(size=(3, 3), stride=(1, 1), padding=(1, 1)), Activation(kind="relu")),
            )
        ),
    ),
    **{kind: (Activation(kind=kind),) for kind in ("relu", "relu6", "sigmoid", "tanh")},
}


def network_of(kind):
    layers = KINDS[kind]
    size = int(np.prod(shape_through(layers, SHAPE)))
    return (*layers, Flatten(), Dense(inputs=size, outputs=4), Softmax())


@pytest.fixture(params=KINDS)
def layers(request):
    return network_of(request.param)


@pytest.fixture
def network(layers):
    # a spread of 9 levels: numbers large enough to reach the 6 of ReLU6
    return build(layers, Normalisation(mean=(120.0,) * 3, std=(9.0,) * 3), seed=2)


@pytest.fixture
def pixels():
    return np.random.default_rng(1).integers(0, 256, (6, *SHAPE), dtype=np.uint8)


def test_torch_and_onnx_give_the_same_probabilities(layers, network, pixels):
    network.train()
    network(torch.from_numpy(pixels))
    network.eval()
    with torch.inference_mode():
        expected = network(torch.from_numpy(pixels)).softmax(dim=1).numpy()
    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    content = onnx_bytes(layers, weights, input_shape=SHAPE)
    assert read_graph(content, path="m.onnx").input == SHAPE
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    answered = session.run(["probabilities"], {"pixels": pixels})[0]
    np.testing.assert_allclose(answered, expected, atol=3e-6)


def test_what_is_counted_is_what_learns(layers, network):
    learnt = sum(value.numel() for value in network.parameters() if value.requires_grad)
    assert total(describe(layers, SHAPE)).parameters == learnt


def test_each_shape_is_that_of_torch(layers, network):
    numbers, shape = torch.zeros(2, 3, 11, 8), SHAPE
    network.eval()
    for layer, module in zip(layers, network.body, strict=False):
        numbers, shape = module(numbers), output_shape(layer, shape)
        found = tuple(numbers.shape[1:])
        assert shape == ((*found[1:], found[0]) if len(found) == 3 else found)


def test_a_frozen_convolution_works_but_learns_nothing():
    first, _, *_ = describe(network_of("frozen"), SHAPE)
    assert (first.weights, first.biases, first.multiplications) == (0, 0, 27 * 4 * 11 * 8)


def test_shuffled_pixels_are_all_there_in_one_order(pixels):
    layers = (ShufflePixels(size=(11, 8), seed=5), Flatten())
    network = build(layers, Normalisation(mean=(0.0,) * 3, std=(1.0,) * 3), seed=0)
    shuffled = network(torch.from_numpy(pixels)).numpy().reshape(6, 3, 88)
    given = pixels.transpose(0, 3, 1, 2).reshape(6, 3, 88)
    assert not np.array_equal(shuffled, given)
    order = np.random.default_rng(5).permutation(88)
    np.testing.assert_array_equal(shuffled, given[:, :, order])


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (Branches(chains=((), (MaxPool(),)), join="add"), (8, 8, 3)),
        (Branches(chains=((), (MaxPool(),))), (8, 8, 3)),
        (ShufflePixels(size=(8, 8), seed=0), (8, 9, 3)),
        (Pad(edges=(1, 1, 1, 1)), (9,)),
    ],
)
def test_what_does_not_fit_is_refused(layer, shape):
    with pytest.raises(UsageError) as caught:
        output_shape(layer, shape)
    assert caught.value.code == "layer_mismatch"
