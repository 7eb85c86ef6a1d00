"""Builds tiny recognisers without training.

One tells in which third a picture is bright; one reads lines of bars, whose darkness is a digit.
"""

import struct

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save

from imagier.images import Prepare
from imagier.recognizer import ModelCard, Recognizer

THIRDS = ("left", "middle", "right")
SIDE = 9


def third_weights(channels=1, width=SIDE, height=SIDE, classes=3):
    """Give (H·W·C, K) weights that sum the light of each third."""
    column = np.arange(width) * classes // width
    weights = np.eye(classes, dtype=np.float32)[column]  # (W, K)
    spread = np.broadcast_to(weights[None, :, None, :], (height, width, channels, classes))
    return np.ascontiguousarray(spread.reshape(-1, classes)) * np.float32(20 / spread[..., 0].size)


def graph_parts(*, channels=1, side=SIDE, classes=3):
    """Give nodes, initialisers, inputs and outputs of the tiny network, to be spoilt at will."""
    weights = third_weights(channels, side, side, classes)
    nodes = [
        helper.make_node("Cast", ["pixels"], ["levels"], to=TensorProto.FLOAT),
        helper.make_node("Div", ["levels", "white"], ["light"]),
        helper.make_node("Flatten", ["light"], ["row"]),
        helper.make_node("Gemm", ["row", "weights", "bias"], ["sums"]),
        helper.make_node("Softmax", ["sums"], ["probabilities"], axis=1),
    ]
    initialisers = [
        numpy_helper.from_array(np.float32(255), "white"),
        numpy_helper.from_array(weights, "weights"),
        numpy_helper.from_array(np.zeros(classes, np.float32), "bias"),
    ]
    inputs = [
        helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["N", side, side, channels])
    ]
    outputs = [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", classes])]
    return {"nodes": nodes, "initializer": initialisers, "inputs": inputs, "outputs": outputs}


def model_of(parts, *, opset=18, ir_version=10):
    """Give the ModelProto of these parts."""
    graph = helper.make_graph(name="tiny", **parts)
    opsets = [helper.make_opsetid("", opset)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=ir_version)


def tiny_model(**settings):
    """Give the ModelProto of the tiny network."""
    return model_of(graph_parts(**settings))


def convolution_model(*, side=16, channels=3, classes=5, seed=0):
    """Give a small convolutional network with random weights, batch normalisation included."""
    rng = np.random.default_rng(seed)

    def table(name, *shape):
        return numpy_helper.from_array(rng.normal(0, 0.4, shape).astype(np.float32), name)

    ones = numpy_helper.from_array(np.ones(8, np.float32), "ones")
    nodes = [
        helper.make_node("Cast", ["pixels"], ["levels"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["levels", "scale"], ["light"]),
        helper.make_node("Transpose", ["light"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["planes", "kernels"], ["maps"], pads=[1, 1, 1, 1]),
        helper.make_node("BatchNormalization", ["maps", "ones", "shift", "mean", "ones"], ["norm"]),
        helper.make_node("Relu", ["norm"], ["active"]),
        helper.make_node("MaxPool", ["active"], ["pooled"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["pooled"], ["row"]),
        helper.make_node("Gemm", ["row", "last", "bias"], ["sums"]),
        helper.make_node("Softmax", ["sums"], ["probabilities"]),
    ]
    initialisers = [
        numpy_helper.from_array(np.float32(1 / 255), "scale"),
        table("kernels", 8, channels, 3, 3),
        ones,
        table("shift", 8),
        table("mean", 8),
        table("last", 8 * (side // 2) ** 2, classes),
        table("bias", classes),
    ]
    parts = graph_parts(channels=channels, side=side, classes=classes)
    return model_of(parts | {"nodes": nodes, "initializer": initialisers})


def tiny_card(*, channels=1, side=SIDE, classes=THIRDS, **changes):
    """Give the card of the tiny network."""
    settings = {
        "classes": tuple(classes),
        "prepare": Prepare(height=side, width=side, channels=channels, fit="stretch"),
        "network": "linear",
        "parameters": (side * side * channels + 1) * len(classes),
        "seed": 0,
        "plan": {"epochs": 3},
        "data": {"name": "thirds", "n": 30},
        "versions": {"imagier": "0.1.0"},
    }
    return ModelCard(**settings | changes)


def tiny_recognizer(**changes):
    """Give the recogniser of thirds."""
    weights = save({"weights": third_weights(), "bias": np.zeros(3, np.float32)})
    onnx = tiny_model().SerializeToString()
    return Recognizer(**{"card": tiny_card(), "onnx": onnx, "weights": weights} | changes)


def bright(third, side=SIDE, channels=1):
    """Give a picture, (H, W, C), that is bright in one third."""
    pixels = np.full((side, side, channels), 20, np.uint8)
    pixels[:, third * side // 3 : (third + 1) * side // 3] = 230
    return pixels


def safetensors_of(header, numbers=b""):
    """Give a safetensors file with this very header, right or wrong."""
    return struct.pack("<Q", len(header)) + header + numbers


# Lines of bars: a reader that looks at the upper half of each column of four pixels. No ink there
# is the blank, a quarter of black is a 1, half of it a 2, all of it a 4. Ink in the lower half
# alone, as on a line upside down, makes it unsure. A `whole` one looks at the darkest of all rows.
BARS = ("∅", "1", "2", "3", "4")
LINE_SHAPE = (32, 64, 1)
SURENESS = 150.0


def bar_model(*, width=64, classes=5, whole=False):
    """Give the ModelProto of the reader of bars."""
    centres = np.arange(classes) / (classes - 1)
    kernel = np.zeros((classes, 1, 32, 4), np.float32)
    kernel[:, :, :16] = (2 * SURENESS * centres / 64)[:, None, None, None]
    kernel[:, :, 16:] = (2 * SURENESS * centres**2 / 64)[:, None, None, None]
    if whole:
        kernel = 16 * kernel[:, :, :1]
    nodes = [
        helper.make_node("Cast", ["pixels"], ["levels"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["levels", "scale"], ["light"]),
        helper.make_node("Add", ["light", "one"], ["ink"]),
        helper.make_node("Transpose", ["ink"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("MaxPool", ["planes"], ["darkest"], kernel_shape=[32 if whole else 1, 1]),
        helper.make_node("Conv", ["darkest", "kernels", "bias"], ["maps"], strides=[32, 4]),
        helper.make_node("Squeeze", ["maps", "rows"], ["row"]),
        helper.make_node("Transpose", ["row"], ["columns"], perm=[0, 2, 1]),
        helper.make_node("Softmax", ["columns"], ["probabilities"], axis=2),
    ]
    initialisers = [
        numpy_helper.from_array(np.float32(-1 / 255), "scale"),
        numpy_helper.from_array(np.float32(1), "one"),
        numpy_helper.from_array(kernel, "kernels"),
        numpy_helper.from_array((-SURENESS * centres**2).astype(np.float32), "bias"),
        numpy_helper.from_array(np.array([2]), "rows"),
    ]
    inputs = [helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["N", 32, width, 1])]
    shape = ["N", width // 4, classes]
    outputs = [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, shape)]
    parts = {"nodes": nodes, "initializer": initialisers, "inputs": inputs, "outputs": outputs}
    return model_of(parts)


def tiny_reader(*, thresholds=(), width=64, whole=False, **changes):
    """Give the reader of bars; `thresholds` are the rows that judged it."""
    card = ModelCard(
        classes=BARS,
        prepare=Prepare(height=32, width=width, channels=1, fit="line"),
        network="reader",
        parameters=5 * 129,
        seed=0,
        plan={"epochs": 3},
        data={"name": "bars", "n": 30},
        thresholds={"held_out": [row.to_json() for row in thresholds]} if thresholds else {},
        versions={"imagier": "0.1.0"},
    )
    onnx = bar_model(width=width, whole=whole).SerializeToString()
    return Recognizer(**{"card": card, "onnx": onnx, "name": "bars.imagier"} | changes)


def bars(text, *, width=None, height=32, flipped=False):
    """Draw a line of bars, (height, W): four pixels of paper, then a bar and paper for each digit.

    Args:
        text: Digits from 1 to 4; a dot for a bar between 1 and 2, which is neither.
        width: Of the picture; as much as the text needs when left out.
    """
    darkness = {".": 0.375, **{digit: int(digit) / 4 for digit in "1234"}}
    line = np.full((32, max(width or 0, 4 + 8 * len(text))), 255, np.uint8)
    for place, digit in enumerate(text):
        level = round(255 * (1 - darkness[digit]))
        line[:16, 4 + 8 * place : 8 + 8 * place] = level
    line = line[::-1, ::-1] if flipped else line
    return np.repeat(line, height // 32, axis=0).repeat(height // 32, axis=1)


def bar_page(*texts, size=(300, 400)):
    """Draw a page, (H, W), of lines of bars, 24 pixels high, for the reader of `whole` lines."""
    page = np.full(size, 250, np.uint8)
    for row, text in enumerate(texts):
        for place, digit in enumerate(text):
            left = 60 + 8 * place
            page[50 + 60 * row : 74 + 60 * row, left : left + 4] = 250 - round(250 * int(digit) / 4)
    return page
