"""From the same tuple of layers to an ONNX graph that needs no torch to run.

The graph holds everything between prepared pixels and probabilities: uint8 `(N, H, W, C)` in,
normalisation, layers, softmax, float32 `(N, K)` out. It is a second reading of the layers, written
apart from `building`; at each export the two must give the same probabilities.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from imagier.neurons import (
    Activation,
    BatchNorm,
    Convolution,
    Dense,
    Flatten,
    Layer,
    MaxPool,
    Shape,
    Softmax,
    output_shape,
)

__all__ = ["INPUT", "OPSET", "OUTPUT", "onnx_bytes"]

INPUT, OUTPUT = "pixels", "probabilities"
OPSET, IR_VERSION = 18, 10

Weights = Mapping[str, NDArray[np.float32]]


def onnx_bytes(layers: Sequence[Layer], weights: Weights, *, input_shape: Shape) -> bytes:
    """Write a network as an ONNX file.

    Args:
        layers: The layers, ending in Softmax.
        weights: `body.I.weight` and so on for the layer of index I, and `scale` and `shift` (C,).
        input_shape: Height, width and channels of the prepared pictures.

    Returns:
        The bytes of the file; the same layers and weights give the same bytes.
    """
    writer = _Writer()
    name = writer.normalise(weights)
    shape: Shape = input_shape
    for index, layer in enumerate(layers):
        prefix = f"body.{index}."
        own = {key.removeprefix(prefix): weights[key] for key in weights if key.startswith(prefix)}
        name = writer.add(layer, name, own)
        shape = output_shape(layer, shape)
    writer.nodes[-1].output[0] = OUTPUT
    graph = helper.make_graph(
        writer.nodes,
        "imagier",
        [helper.make_tensor_value_info(INPUT, TensorProto.UINT8, ["N", *input_shape])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["N", *shape])],
        writer.initialisers,
    )
    opset = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(
        graph, opset_imports=opset, producer_name="imagier", ir_version=IR_VERSION
    )
    onnx.checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString(deterministic=True)
    return content


class _Writer:
    """The nodes and weights of a graph while it is written."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initialisers: list[onnx.TensorProto] = []
        self.names: Iterator[str] = (f"value{number}" for number in range(10**6))

    def normalise(self, weights: Weights) -> str:
        name = self.node("Cast", [INPUT], to=TensorProto.FLOAT)
        name = self.node("Mul", [name, self.tensor(weights["scale"])])
        name = self.node("Add", [name, self.tensor(weights["shift"])])
        return self.node("Transpose", [name], perm=[0, 3, 1, 2])

    def add(self, layer: Layer, name: str, own: Weights) -> str:
        operator, tensors, attributes = _translate(layer)
        inputs = [self.tensor(own[key]) for key in tensors if key in own]
        return self.node(operator, [name, *inputs], **attributes)

    def node(self, operator: str, inputs: Sequence[str], **attributes: Any) -> str:
        output = next(self.names)
        self.nodes.append(helper.make_node(operator, list(inputs), [output], **attributes))
        return output

    def tensor(self, values: NDArray[np.float32]) -> str:
        name = next(self.names)
        self.initialisers.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name


def _translate(layer: Layer) -> tuple[str, tuple[str, ...], dict[str, Any]]:
    """Give a layer's operator, the names of its weights in the operator's order, its settings."""
    operator = type(layer).__name__
    tensors: tuple[str, ...] = ("weight", "bias")
    settings: dict[str, Any] = {}
    match layer:
        case Dense():
            operator, settings = "Gemm", {"transB": 1}
        case Convolution():
            operator, settings = "Conv", _window(layer, layer.kernel) | {"group": layer.groups}
        case BatchNorm():
            operator, settings = "BatchNormalization", {"epsilon": 1e-5}
            tensors = ("weight", "bias", "running_mean", "running_var")
        case MaxPool():
            settings = _window(layer, layer.size)
        case Activation():
            operator = {"relu": "Relu", "sigmoid": "Sigmoid"}[layer.kind]
        case Flatten() | Softmax():
            settings = {"axis": 1}
    return operator, tensors, settings


def _window(layer: Convolution | MaxPool, size: tuple[int, int]) -> dict[str, Any]:
    pads = [*layer.padding, *layer.padding]
    return {"kernel_shape": list(size), "strides": list(layer.stride), "pads": pads}
