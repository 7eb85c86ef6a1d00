"""Models that compute for hours on one small picture: given up by name, whoever runs them."""

import time

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from imagier.errors import ModelError
from imagier.features.engine import FeatureEngine
from imagier.recognizer import timed_run
from imagier.recognizer.engine import Engine


def endless(output, times=3000, side=600):
    """A kilobyte that multiplies a table by itself again and again."""
    tensors = [
        numpy_helper.from_array(np.array([1, side, side], np.int64), "sides"),
        numpy_helper.from_array(np.array([0, 0, 0, 0, side - 1, 0], np.int64), "pads"),
        numpy_helper.from_array(np.float32(0), "zero"),
        numpy_helper.from_array(np.array([[0.5, 0.5]], np.float32), "half"),
        numpy_helper.from_array(np.array([0], np.int64), "start"),
        numpy_helper.from_array(np.array([1], np.int64), "end"),
    ]
    nodes = [
        helper.make_node("Cast", ["pixels"], ["levels"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["levels"], ["mean"], axes=[1, 2, 3], keepdims=1),
        helper.make_node("Pad", ["mean", "wide"], ["table0"]),
    ]
    tensors.append(
        numpy_helper.from_array(np.array([0, 0, 0, 0, 0, 0, side, side], np.int64), "wide")
    )
    for number in range(times):
        nodes.append(  # noqa: PERF401 - a chain
            helper.make_node("MatMul", [f"table{number}"] * 2, [f"table{number + 1}"])
        )
    nodes += [
        helper.make_node("ReduceMean", [f"table{times}"], ["one"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Mul", ["one", "zero"], ["nothing"]),
        helper.make_node("Unsqueeze", ["nothing", "end"], ["column"]),
        helper.make_node("Add", ["column", "half"], [output]),
    ]
    graph = helper.make_graph(
        nodes,
        "endless",
        [helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["N", 9, 9, 1])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["N", 2])],
        initializer=tensors,
    )
    opsets = [helper.make_opsetid("", 13)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()


@pytest.mark.parametrize("kind", ["recognizer", "backbone"])
def test_a_model_that_computes_for_hours_is_given_up(kind, monkeypatch):
    monkeypatch.setattr(timed_run, "MAX_SECONDS", 1)
    pixels = np.zeros((1, 9, 9, 1), np.uint8)
    if kind == "recognizer":
        engine = Engine(endless("probabilities"), classes=2, name="slow", threads=1)
        run = lambda: engine.run(pixels)  # noqa: E731
    else:
        features = FeatureEngine(endless("features"), path="slow", threads=1)
        run = lambda: features.run(pixels, batch=1)  # noqa: E731
    began = time.process_time()
    with pytest.raises(ModelError) as caught:
        run()
    assert caught.value.code == "model_slow"
    assert time.process_time() - began < 5


def test_a_model_that_is_quick_is_not_watched_to_its_end():
    engine = Engine(endless("probabilities", times=2), classes=2, name="quick", threads=1)
    pixels = np.zeros((3, 9, 9, 1), np.uint8)
    np.testing.assert_allclose(engine.run(pixels), np.full((3, 2), 0.5))
