"""A network in whole numbers of eight bits: a quarter of the bytes, fewer of the nanoseconds.

Each table of weights becomes whole numbers from -64 to 63 with one scale a channel, and what flows
between two layers numbers from 0 to 255 whose scale was read off pictures (calibration). ONNX
Runtime's own quantiser does it, in its notation "QDQ": the graph says beside each layer how numbers
become whole and come back, and every engine may compute on the whole ones.

*Seven bits of weights.* Processors with AVX2 alone multiply eight by eight bits and add two of the
products in sixteen, which overflow where both are large: answers would differ from machine to
machine. One bit less, and the same file is right on these and quick on those with VNNI. Where each
channel has a kernel of its own (depthwise convolution), the engine multiplies in sixteen bits on
every processor, and all eight are kept: with few weights each, these layers lose the most.

*What stays as it was.* The levels that pictures are brought to, the last layer with its softmax and
what tells strangers: a few thousand numbers, on which every answer hangs. Batch normalisation is
first taken into the weights of its convolution.

Source: ONNX Runtime's manual, "Quantize ONNX models", on `reduce_range` and on AVX2.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from imagier.export.opset import plain_graph
from imagier.onnx_io.fields import INPUT
from imagier.recognizer.engine import runtime_module

__all__ = ["CALIBRATION", "quantise"]

CALIBRATION = 300  # pictures from which the scales are read, at most
_WEIGHTY = ("Conv", "Gemm", "MatMul")
_BETWEEN = ("Add", "AveragePool", "Clip", "Concat", "GlobalAveragePool", "MaxPool", "Relu")
_BATCH = 8


def quantise(content: bytes, pixels: NDArray[np.uint8]) -> bytes:
    """Give a recogniser's graph with whole numbers of eight bits, without its description.

    Args:
        content: Its ONNX file.
        pixels: Prepared pictures of the kind it will meet, (N, H, W, C).

    Returns:
        The bytes of the graph; the same arguments give the same bytes on the same machine.
    """
    runtime_module()  # imported the way that sends nothing
    from onnxruntime.quantization import QuantFormat, QuantType, quant_pre_process, quantize_static

    with tempfile.TemporaryDirectory() as folder:
        given, fused, whole = (Path(folder) / name for name in ("given", "fused", "int8"))
        given.write_bytes(content)
        quant_pre_process(given, fused, skip_symbolic_shape=True)
        model = onnx.load_model(fused)
        _name_nodes(model.graph)
        chosen = _inner_nodes(model.graph)
        quantize_static(
            model,
            whole,
            _Pictures(pixels),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=[*_WEIGHTY, *_BETWEEN],
            nodes_to_quantize=chosen,
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            extra_options={"TensorQuantOverrides": _all_eight(model.graph, QuantType.QInt8)},
        )
        return plain_graph(onnx.load_model(whole))


class _Pictures:
    """Gives the quantiser its pictures, some at a time."""

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        self.pixels = pixels
        self.parts = self._parts()

    def _parts(self) -> Iterator[dict[str, Any]]:
        for start in range(0, len(self.pixels), _BATCH):
            yield {INPUT: self.pixels[start : start + _BATCH]}

    def get_next(self) -> dict[str, Any] | None:
        """Give the next batch, None after the last: what the quantiser asks."""
        return next(self.parts, None)


def _name_nodes(graph: onnx.GraphProto) -> None:
    """Name every node, since the quantiser finds them by name."""
    for place, node in enumerate(graph.node):
        node.name = f"{node.op_type}{place}"


def _inner_nodes(graph: onnx.GraphProto) -> list[str]:
    """Name the nodes that are quantised: from the first weights to those before the last.

    The last weights before each output stay; of what stands between layers, only that from which
    some weights, or whole numbers, are fed.
    """
    makers = {name: node for node in graph.node for name in node.output}
    stored = {tensor.name for tensor in graph.initializer}
    weighty = {
        node.name
        for node in graph.node
        if node.op_type in _WEIGHTY and any(name in stored for name in node.input[1:2])
    }
    last = {name for output in graph.output for name in _nearest(output.name, makers, weighty)}
    after_weights: set[str] = set()
    inner = []
    for node in graph.node:
        fed = any(name in makers and makers[name].name in after_weights for name in node.input)
        if fed or node.name in weighty:
            after_weights.add(node.name)
        if node.name in weighty - last or (fed and node.op_type in _BETWEEN):
            inner.append(node.name)
    beyond = _beyond(last, graph)
    return [name for name in inner if name not in beyond]


def _all_eight(graph: onnx.GraphProto, kind: Any) -> dict[str, Any]:
    """Say for the kernels of depthwise convolutions that they keep all eight bits."""
    shapes = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
    own = {"axis": 0, "quant_type": kind, "reduce_range": False, "symmetric": True}
    found = {}
    for node in graph.node:
        groups = next((one.i for one in node.attribute if one.name == "group"), 1)
        shape = shapes.get(node.input[1] if node.op_type == "Conv" else "", ())
        if groups > 1 and shape[:2] == (groups, 1):
            found[node.input[1]] = [dict(own)]
    return found


def _nearest(name: str, makers: dict[str, Any], weighty: set[str]) -> Iterator[str]:
    """Go up from an output to the first nodes with weights on each way."""
    seen, ways = set(), [name]
    while ways:
        node = makers.get(ways.pop())
        if node is None or node.name in seen:
            continue
        seen.add(node.name)
        if node.name in weighty:
            yield node.name
        else:
            ways.extend(node.input)


def _beyond(last: set[str], graph: onnx.GraphProto) -> set[str]:
    """Name the nodes that read, directly or not, what the last weights gave."""
    found = set(last)
    made = {name for node in graph.node if node.name in last for name in node.output}
    for node in graph.node:
        if node.name in found or any(name in made for name in node.input):
            found.add(node.name)
            made.update(node.output)
    return found
