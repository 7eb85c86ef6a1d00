"""One ONNX graph from prepared pictures to features, and with a head to probabilities.

    pixels, uint8 (N, H, W, C)
      -> three channels -> the levels the backbone learned on -> (N, 3, H, W)
      -> each view: mirrored, brought to its side
      -> the backbone, all views of one side together -> the mean of each map
      -> the mean over views -> features, (N, D)
      -> head, softmax -> probabilities, (N, K)

The backbone's nodes are taken over as they are, under new names; its numbers are stored once,
however many views there are.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from imagier.features.parts import Head, Levels, Socket, View
from imagier.onnx_io.fields import FEATURES, INPUT, IR_VERSION, OUTPUT

__all__ = ["compose", "compose_maps"]

AXES_AS_INPUT = 18  # the version of the operators from which ReduceMean takes its axes as an input


def compose(
    core: bytes,
    socket: Socket,
    levels: Levels,
    *,
    outputs: int,
    input_shape: tuple[int, int, int],
    full_scale: int,
    views: Sequence[View],
    head: Head | None = None,
) -> bytes:
    """Write the whole graph.

    Args:
        core: The backbone as ONNX, checked.
        socket: Where it is plugged in.
        levels: What brings pixel levels to those it learned on.
        outputs: How many features it gives; 0 where that is still to be counted.
        input_shape: Height, width and channels, 1 or 3, of the prepared pictures.
        full_scale: The level that is white in them.
        views: The ways in which each picture is looked at; their features are averaged.
        head: What follows the features; None to end with them.

    Returns:
        The bytes of the file; the same arguments give the same bytes.
    """
    composer = _Composer(onnx.load_model_from_string(core), socket)
    picture = composer.levelled(levels, channels=input_shape[2], full_scale=full_scale)
    name = composer.features(picture, input_shape[:2], sorted(views), outputs)
    if head is None:
        composer.node("Identity", [name], output=FEATURES)
        return composer.written(input_shape, FEATURES, [outputs or "D"])
    composer.answered(name, head)
    return composer.written(input_shape, OUTPUT, [len(head.bias)])


def compose_maps(
    core: bytes,
    socket: Socket,
    levels: Levels,
    *,
    input_shape: tuple[int, int, int],
    full_scale: int,
    side: int,
) -> bytes:
    """Write the graph from prepared pictures to the maps that a backbone gives, not averaged.

    Args:
        core: The backbone, or its first part, as ONNX, checked.
        socket: Where it is plugged in.
        levels: What brings pixel levels to those it learned on.
        input_shape: Height, width and channels, 1 or 3, of the prepared pictures.
        full_scale: The level that is white in them.
        side: Side of the square that each picture is brought to, in pixels.

    Returns:
        The bytes of the file, which gives float32 (N, D, H, W).
    """
    composer = _Composer(onnx.load_model_from_string(core), socket)
    picture = composer.levelled(levels, channels=input_shape[2], full_scale=full_scale)
    name = composer.copied(composer.resized(picture, input_shape[:2], side))
    composer.node("Identity", [name], output=FEATURES)
    return composer.written(input_shape, FEATURES, ["D", "H", "W"])


class _Composer:
    """The graph while it is written around a backbone."""

    def __init__(self, core: onnx.ModelProto, socket: Socket) -> None:
        self.core = core
        self.socket = socket
        self.opset: int = core.opset_import[0].version
        self.nodes: list[onnx.NodeProto] = []
        self.tensors: list[onnx.TensorProto] = []
        self.copies = 0
        for tensor in core.graph.initializer:
            own = onnx.TensorProto()
            own.CopyFrom(tensor)
            own.name = f"core.{tensor.name}"
            self.tensors.append(_without_notes(own))

    def levelled(self, levels: Levels, *, channels: int, full_scale: int) -> str:
        """Give pictures of three channels, (N, 3, H, W), at the levels the backbone learned on."""
        name = self.node("Cast", [INPUT], to=TensorProto.FLOAT)
        if channels == 1:
            name = self.node("Concat", [name] * 3, axis=3)
        std = np.array(levels.std, np.float64)
        mean = np.array(levels.mean, np.float64)
        name = self.node("Mul", [name, self.tensor(255 / full_scale / std)])
        name = self.node("Add", [name, self.tensor(-mean / std)])
        return self.node("Transpose", [name], perm=[0, 3, 1, 2])

    def features(
        self, picture: str, size: tuple[int, int], views: Sequence[View], outputs: int
    ) -> str:
        """Give the mean of the features of all views, (N, D)."""
        found = []
        for side, some in groupby(views, key=lambda view: view.side):
            alike = [self.shown(picture, view) for view in some]
            together = alike[0] if len(alike) == 1 else self.node("Concat", alike, axis=0)
            name = self.plugged(self.resized(together, size, side))
            found.append((self.averaged(name, len(alike), outputs), len(alike) / len(views)))
        return self.added(found)

    def shown(self, picture: str, view: View) -> str:
        if not view.mirrored:
            return picture
        start, stop, axis, step = (
            self.tensor(np.array([value], np.int64))
            for value in (-1, np.iinfo(np.int64).min, 3, -1)
        )
        return self.node("Slice", [picture, start, stop, axis, step])

    def resized(self, name: str, size: tuple[int, int], side: int) -> str:
        if size == (side, side):
            return name
        scales = self.tensor(np.array([1, 1, side / size[0], side / size[1]]))
        return self.node("Resize", [name, "", scales], mode="linear")

    def plugged(self, name: str) -> str:
        """Give what the backbone makes of pictures, (N, D)."""
        if not self.socket.is_float:
            name = self.node("Add", [name, self.tensor(np.array(0.5))])  # a cast cuts off
            name = self.node("Cast", [name], to=TensorProto.UINT8)
        if self.socket.channels_last:
            name = self.node("Transpose", [name], perm=[0, 2, 3, 1])
        name = self.copied(name)
        if self.socket.is_map:
            name = self.node("GlobalAveragePool", [name])
        return self.node("Flatten", [name], axis=1)

    def copied(self, picture: str) -> str:
        """Take over the backbone's nodes, reading from `picture`; give the name of its output."""
        self.copies += 1
        shared = {tensor.name: f"core.{tensor.name}" for tensor in self.core.graph.initializer}
        names = shared | {self.socket.input: picture, "": ""}

        def renamed(name: str) -> str:
            return names.get(name, f"copy{self.copies}.{name}")

        for node in self.core.graph.node:
            own = onnx.NodeProto()
            own.CopyFrom(node)
            own.name = ""
            for attribute in own.attribute:
                _without_notes(attribute)
                if attribute.HasField("t"):
                    _without_notes(attribute.t)
            for part in (own.input, own.output):
                part[:] = [renamed(name) for name in part]
            self.nodes.append(_without_notes(own))
        return renamed(self.socket.output)

    def averaged(self, name: str, views: int, outputs: int) -> str:
        """Average the features of views that went through the backbone one below the other."""
        if views == 1:
            return name
        apart = self.tensor(np.array([views, -1, outputs], np.int64))
        name = self.node("Reshape", [name, apart])
        if self.opset < AXES_AS_INPUT:
            return self.node("ReduceMean", [name], axes=[0], keepdims=0)
        axes = self.tensor(np.array([0], np.int64))
        return self.node("ReduceMean", [name, axes], keepdims=0)

    def added(self, found: Sequence[tuple[str, float]]) -> str:
        """Add up features, each times its weight."""
        if len(found) == 1:
            return found[0][0]
        parts = [self.node("Mul", [name, self.tensor(np.array(part))]) for name, part in found]
        name = parts[0]
        for part in parts[1:]:
            name = self.node("Add", [name, part])
        return name

    def answered(self, name: str, head: Head) -> None:
        inputs = [name, self.tensor(head.weights), self.tensor(head.bias)]
        name = self.node("Gemm", inputs, transB=1)
        self.node("Softmax", [name], output=OUTPUT, axis=1)

    def node(
        self, operator: str, inputs: Sequence[str], *, output: str = "", **attributes: Any
    ) -> str:
        output = output or f"value{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [output], **attributes))
        return output

    def tensor(self, values: NDArray[Any]) -> str:
        kind = np.float32 if values.dtype.kind == "f" else values.dtype
        name = f"tensor{len(self.tensors)}"
        content = np.ascontiguousarray(values.astype(kind))
        self.tensors.append(numpy_helper.from_array(content.reshape(values.shape), name))
        return name

    def written(
        self, input_shape: tuple[int, int, int], output: str, shape: Sequence[int | str]
    ) -> bytes:
        graph = helper.make_graph(
            self.nodes,
            "imagier",
            [helper.make_tensor_value_info(INPUT, TensorProto.UINT8, ["N", *input_shape])],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["N", *shape])],
            self.tensors,
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", self.opset)],
            producer_name="imagier",
            ir_version=IR_VERSION,
        )
        onnx.checker.check_model(model)
        content: bytes = model.SerializeToString(deterministic=True)
        return content


def _without_notes(part: Any) -> Any:
    """Take the notes of whoever exported a network out of a part of it: lines of code, places."""
    for name in ("doc_string", "metadata_props"):
        if name in part.DESCRIPTOR.fields_by_name:
            part.ClearField(name)
    return part
