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
    AveragePool,
    BatchNorm,
    Branches,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    Layer,
    LocalResponseNorm,
    MapToSequence,
    MaxPool,
    Pad,
    Resize,
    Shape,
    ShufflePixels,
    Softmax,
    output_shape,
    pixel_order,
)
from imagier.onnx_io.fields import INPUT, IR_VERSION, OPERATOR_SET, OUTPUT

__all__ = ["onnx_bytes"]


CLIPPED = {"lowest": np.array(0, np.float32), "highest": np.array(6, np.float32)}  # relu6

Weights = Mapping[str, NDArray[np.float32]]


def onnx_bytes(
    layers: Sequence[Layer], weights: Weights, *, input_shape: Shape, flip_tta: bool = False
) -> bytes:
    """Write a network as an ONNX file.

    Args:
        layers: The layers, ending in Softmax.
        weights: `body.I.weight` and so on for the layer of index I, and `scale` and `shift` (C,).
        input_shape: Height, width and channels of the prepared pictures.
        flip_tta: Whether each picture is answered as it is and mirrored, and the mean is given.

    Returns:
        The bytes of the file; the same layers and weights give the same bytes.
    """
    writer = _Writer()
    name = writer.normalise(weights)
    if flip_tta:
        name = writer.with_mirrored(name, width=input_shape[1])
    name, shape = writer.chain(layers, name, _under("body.", weights), input_shape)
    if flip_tta:
        writer.mean_of_two(name, classes=shape[-1])
    writer.nodes[-1].output[0] = OUTPUT
    graph = helper.make_graph(
        writer.nodes,
        "imagier",
        [helper.make_tensor_value_info(INPUT, TensorProto.UINT8, ["N", *input_shape])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["N", *shape])],
        writer.initialisers,
    )
    opset = [helper.make_opsetid("", OPERATOR_SET)]
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

    def with_mirrored(self, name: str, *, width: int) -> str:
        """Add each picture's mirror image: 2 N pictures, the mirrored ones last."""
        columns = self.tensor(np.arange(width)[::-1])
        return self.node("Concat", [name, self.node("Gather", [name, columns], axis=3)], axis=0)

    def mean_of_two(self, name: str, *, classes: int) -> str:
        """Take the mean of the answers for N pictures and for their mirror images, (2 N, K)."""
        name = self.node("Reshape", [name, self.tensor(np.array([2, -1, classes]))])
        return self.node("ReduceMean", [name, self.tensor(np.array([0]))], keepdims=0)

    def chain(
        self, layers: Sequence[Layer], name: str, weights: Weights, shape: Shape
    ) -> tuple[str, Shape]:
        """Write layers that follow one another; give the name and the shape of what leaves."""
        for index, layer in enumerate(layers):
            name = self.add(layer, name, _under(f"{index}.", weights), shape)
            shape = output_shape(layer, shape)
        return name, shape

    def add(self, layer: Layer, name: str, own: Weights, shape: Shape) -> str:
        match layer:
            case Dropout():
                return name
            case Branches():
                return self.branches(layer, name, own, shape)
            case Pad(edges=(top, left, bottom, right)):
                edges = np.array([0, 0, top, left, 0, 0, bottom, right])
                return self.node("Pad", [name, self.tensor(edges)])
            case Resize(size=size):
                sides = self.tensor(np.array([size[0] / shape[0], size[1] / shape[1]], np.float32))
                return self.node("Resize", [name, "", sides], mode="linear", axes=[2, 3])
            case ShufflePixels():
                return self.shuffle(layer, name, shape)
            case Dense() if len(shape) > 1:
                name = self.node("MatMul", [name, self.tensor(own["weight"].T)])
                return self.node("Add", [name, self.tensor(own["bias"])]) if layer.bias else name
            case MapToSequence():
                row = self.node("Squeeze", [name, self.tensor(np.array([2]))])
                return self.node("Transpose", [row], perm=[0, 2, 1])
            case Softmax():
                return self.node("Softmax", [name], axis=len(shape))
            case _:
                operator, tensors, attributes = _translate(layer)
                own = {**own, **CLIPPED} if operator == "Clip" else own
                inputs = [self.tensor(own[key]) for key in tensors if key in own]
                return self.node(operator, [name, *inputs], **attributes)

    def branches(self, layer: Branches, name: str, own: Weights, shape: Shape) -> str:
        ends = [
            self.chain(chain, name, _under(f"chains.{index}.", own), shape)[0]
            for index, chain in enumerate(layer.chains)
        ]
        if layer.join == "concatenate":
            return self.node("Concat", ends, axis=1)
        name = ends[0]
        for end in ends[1:]:
            name = self.node("Add", [name, end])
        return name

    def shuffle(self, layer: ShufflePixels, name: str, shape: Shape) -> str:
        height, width, channels = shape
        name = self.node("Reshape", [name, self.tensor(np.array([0, channels, height * width]))])
        name = self.node("Gather", [name, self.tensor(pixel_order(layer))], axis=2)
        return self.node("Reshape", [name, self.tensor(np.array([0, channels, height, width]))])

    def node(self, operator: str, inputs: Sequence[str], **attributes: Any) -> str:
        output = next(self.names)
        self.nodes.append(helper.make_node(operator, list(inputs), [output], **attributes))
        return output

    def tensor(self, values: NDArray[Any]) -> str:
        name = next(self.names)
        self.initialisers.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name


def _under(prefix: str, weights: Weights) -> dict[str, NDArray[np.float32]]:
    """Give the weights of a part of the network, named from there."""
    return {key.removeprefix(prefix): weights[key] for key in weights if key.startswith(prefix)}


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
            operator, settings = "BatchNormalization", {"epsilon": layer.epsilon}
            tensors = ("weight", "bias", "running_mean", "running_var")
        case MaxPool():
            settings = _window(layer, layer.size)
        case AveragePool():
            settings = _window(layer, layer.size) | {"count_include_pad": 1}
        case LocalResponseNorm(size=size, alpha=alpha, beta=beta, bias=bias):
            operator = "LRN"
            settings = {"size": size, "alpha": alpha, "beta": beta, "bias": bias}
        case Activation(kind="relu6"):
            operator, tensors = "Clip", ("lowest", "highest")
        case Activation():
            operator = {"relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh"}[layer.kind]
        case Flatten():
            settings = {"axis": 1}
    return operator, tensors, settings


def _window(layer: Convolution | MaxPool | AveragePool, size: tuple[int, int]) -> dict[str, Any]:
    pads = [*layer.padding, *layer.padding]
    return {"kernel_shape": list(size), "strides": list(layer.stride), "pads": pads}
