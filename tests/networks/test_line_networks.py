"""Networks that answer column by column: torch, ONNX Runtime and the counts agree."""

import numpy as np
import onnxruntime
import pytest
import torch

from imagier.errors import ModelError, UsageError
from imagier.networks import Normalisation, build
from imagier.neurons import Dense, canonical, describe, output_shape, parse_spec, total
from imagier.onnx_io.graph import read_graph
from imagier.onnx_io.graph_writer import onnx_bytes

SHAPE = (32, 72, 1)
SPEC = "reader:4,6,8,10"


@pytest.fixture(scope="module")
def layers():
    return parse_spec(SPEC, input=SHAPE, classes=5)


@pytest.fixture(scope="module")
def network(layers):
    network = build(layers, Normalisation(mean=(120.0,), std=(60.0,)), seed=1)
    pixels = np.random.default_rng(0).integers(0, 256, (8, *SHAPE), dtype=np.uint8)
    network.train()
    network(torch.from_numpy(pixels))  # batch norms see something
    return network.eval()


def test_a_column_of_answers_stands_for_four_pixels(layers, network):
    shape = SHAPE
    for layer in layers:
        shape = output_shape(layer, shape)
    assert shape == (18, 5)
    with torch.inference_mode():
        assert network(torch.zeros((3, *SHAPE), dtype=torch.uint8)).shape == (3, 18, 5)


def test_what_is_counted_is_what_learns(layers, network):
    assert total(describe(layers, SHAPE)).parameters == sum(
        value.numel() for value in network.parameters()
    )


def test_neurons_of_a_sequence_multiply_for_each_column():
    layers = (Dense(inputs=6, outputs=4),)
    (row,) = describe(layers, (7, 6))
    assert (row.output, row.weights, row.biases, row.multiplications) == ((7, 4), 24, 4, 7 * 24)


def test_torch_and_onnx_give_the_same_probabilities(layers, network):
    pixels = np.random.default_rng(2).integers(0, 256, (5, *SHAPE), dtype=np.uint8)
    with torch.inference_mode():
        expected = network(torch.from_numpy(pixels)).softmax(dim=2).numpy()
    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    content = onnx_bytes(layers, weights, input_shape=SHAPE)
    graph = read_graph(content, path="m.onnx")
    assert (graph.input, graph.columns, graph.classes) == (SHAPE, 18, 5)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    answered = session.run(["probabilities"], {"pixels": pixels})[0]
    np.testing.assert_allclose(answered, expected, atol=3e-6)
    np.testing.assert_allclose(answered.sum(axis=2), 1, atol=1e-5)


@pytest.mark.parametrize("shape", [(28, 64, 1), (32, 3, 1)])
def test_lines_of_another_height_or_none_at_all_are_refused(shape):
    with pytest.raises(UsageError) as caught:
        parse_spec("reader", input=shape, classes=5)
    assert caught.value.code == "reader_input"


def test_narrow_characters_get_twice_the_columns_from_as_many_weights():
    wide, narrow = (
        describe(parse_spec(spec, input=SHAPE, classes=5), SHAPE)
        for spec in (SPEC, "reader:narrow:4,6,8,10")
    )
    assert (wide[-1].output, narrow[-1].output) == ((18, 5), (36, 5))
    assert total(wide).parameters == total(narrow).parameters
    assert canonical(" Reader:narrow:4, 6,8,10") == "reader:narrow:4,6,8,10"
    assert canonical("reader:narrow") == "reader:narrow"


@pytest.mark.parametrize(
    "spec", ["reader:1,2", "reader:1,2,3,4,5", "reader:8,8,8,8:relu", "reader:8,8,8,8:narrow"]
)
def test_a_reader_has_four_widths_or_none(spec):
    with pytest.raises(UsageError) as caught:
        parse_spec(spec, input=SHAPE, classes=5)
    assert caught.value.code == "network_spec"


def test_strangeness_beside_columns_is_refused(layers, network):
    from onnx import ModelProto, TensorProto, helper

    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    model = ModelProto.FromString(onnx_bytes(layers, weights, input_shape=SHAPE))
    model.graph.output.append(
        helper.make_tensor_value_info("strangeness", TensorProto.FLOAT, ["N", 1])
    )
    with pytest.raises(ModelError) as caught:
        read_graph(model.SerializeToString(), path="m.onnx")
    assert caught.value.code == "model_unsafe"
