"""What every ONNX file must be, whatever it is for, before the engine sees it.

One graph of plain operators with all its numbers inside the file. What goes in and what comes out
is looked at by who knows what the file is for: `graph` for recognisers, `imagier.features` for
backbones.
"""

from collections.abc import Sized
from math import prod

import numpy as np

from imagier.errors import Refused
from imagier.onnx_io.fields import (
    ATTRIBUTE,
    GRAPH,
    IR_VERSIONS,
    MODEL,
    NODE,
    OPERATOR_SETS,
    OPERATORS,
    OPSET,
    TENSOR,
)
from imagier.onnx_io.protobuf import Message, Reader

__all__ = ["FLOAT", "MAX_BYTES", "MAX_SIDE", "UINT8", "OnnxChecks"]

MAX_BYTES = 512 * 2**20
MAX_PARTS = 10_000
MAX_NODES = 4_000
PARTS = ("node", "initializer", "value_info", "input", "output")
MAX_SIDE = 2**31 - 1
MAX_RANK = 8
FLOAT, UINT8, INT8, INT32, INT64, BOOL = 1, 2, 3, 6, 7, 9
_ITEM_BYTES = {FLOAT: 4, UINT8: 1, INT8: 1, INT32: 4, INT64: 8, BOOL: 1}
_LISTS = {FLOAT: "float_data", INT64: "int64_data"}  # the others: `int32_data`


class OnnxChecks:
    """The checks of one file; its reader's limit counts for the whole file.

    Every method raises `Refused` with the reason.
    """

    def __init__(self) -> None:
        self.reader = Reader()
        self._sizes: dict[bytes, int] = {}  # bytes of each table of numbers, by its name
        self._nodes: list[Message] = []

    def opened(self, content: bytes) -> tuple[Message, Message]:
        """Give the model and its only graph, of versions that are known and bounded size."""
        if len(content) > MAX_BYTES:
            raise Refused("too_large", limit=MAX_BYTES // 2**20)
        if content[4:8] == b"ORTM":  # the engine's private format, which would bypass these checks
            raise Refused("not_protobuf")
        model = self.reader.message(memoryview(content), MODEL)
        self._versions(model)
        graph = self.reader.message(model.content("graph"), GRAPH)
        for part in PARTS:
            _count(graph.all_contents(part), MAX_NODES if part == "node" else MAX_PARTS)
        return model, graph

    def nodes(self, graph: Message) -> frozenset[str]:
        """Check all operators and give their names."""
        return frozenset(self._node(node) for node in graph.all_contents("node"))

    def initializers(
        self, graph: Message, *, taken: frozenset[str] = frozenset()
    ) -> frozenset[str]:
        """Check all numbers stored in the graph and give their names.

        Args:
            graph: The graph.
            taken: Names that none of them may bear.
        """
        names = set(taken)
        for content in graph.all_contents("initializer"):
            tensor = self.reader.message(content, TENSOR)
            _check_tensor(tensor)
            if tensor.text("name") in names:
                raise Refused("name_twice", name=ascii(tensor.text("name")[:40]))
            names.add(tensor.text("name"))
            self._sizes[tensor.text("name").encode()] = len(content)
        return frozenset(names - taken)

    def reused(self) -> int:
        """Count the bytes of numbers that operators use beyond the first time.

        An engine may make a copy for each use, so that few numbers become many. It is asked for
        after `nodes` and `initializers`.
        """
        sizes, used = dict(self._sizes), 0
        for node in self._nodes:
            inputs = [bytes(name) for name in node.all_contents("input")]
            known = sum(sizes.get(name, 0) for name in inputs)
            if node.text("op_type") != "DequantizeLinear":  # who reads what it gives is counted
                used += known
            if known and all(name in sizes for name in inputs):
                outputs = node.all_contents("output")
                sizes |= dict.fromkeys(map(bytes, outputs), known)
        return max(0, used - sum(self._sizes.values()))

    def _versions(self, model: Message) -> None:
        if model.number("ir_version") not in IR_VERSIONS:
            raise Refused("ir_version", version=model.number("ir_version"))
        opsets = model.all_contents("opset_import")
        for content in opsets:
            opset = self.reader.message(content, OPSET)
            _default_domain(opset)
            if opset.number("version") not in OPERATOR_SETS:
                raise Refused("opset", version=opset.number("version"))
        if len(opsets) != 1:
            raise Refused("opset_count", n=len(opsets))

    def _node(self, content: memoryview) -> str:
        node = self.reader.message(content, NODE)
        _default_domain(node)
        operator = node.text("op_type")
        if operator not in OPERATORS:
            raise Refused("operator", name=ascii(operator[:40]))
        for part in ("input", "output", "attribute"):
            _count(node.all_contents(part))
        for attribute in node.all_contents("attribute"):
            values = self.reader.message(attribute, ATTRIBUTE)
            for tensor in values.all_contents("t"):
                _check_tensor(self.reader.message(tensor, TENSOR))
                self._sizes |= dict.fromkeys(map(bytes, node.all_contents("output")), len(tensor))
        self._nodes.append(node)
        return operator


def _default_domain(message: Message) -> None:
    domain = message.text("domain")
    if domain not in {"", "ai.onnx"}:
        raise Refused("domain", name=ascii(domain[:40]))


def _count(parts: Sized, most: int = MAX_PARTS) -> None:
    if len(parts) > most:
        raise Refused("too_many_parts", limit=most)


def _check_tensor(tensor: Message) -> None:
    """Check one tensor: its numbers inside the file, as many as its dimensions say, all finite.

    Raises:
        Refused: With the reason.
    """
    if tensor.number("data_location") != 0:
        raise Refused("external_data")
    kind = tensor.number("data_type")
    if kind not in _ITEM_BYTES:
        raise Refused("tensor_kind")
    elements = _elements(tensor.all_numbers("dims"))
    listed = _listed(tensor)
    if tensor.has("raw_data"):
        fits = len(tensor.content("raw_data")) == elements * _ITEM_BYTES[kind] and not listed
    else:
        fits = listed == ({_LISTS.get(kind, "int32_data"): elements} if elements else {})
    if not fits:
        raise Refused("tensor_size")
    if kind == FLOAT:
        _check_finite(tensor.all_contents("raw_data") + tensor.all_contents("float_data"))


def _elements(sides: list[int]) -> int:
    if len(sides) > MAX_RANK or not all(0 <= side <= MAX_SIDE for side in sides):
        raise Refused("dimension")
    return prod(sides)


def _listed(tensor: Message) -> dict[str, int]:
    """Count the numbers that stand in the tensor's typed lists, empty lists left out."""
    counts = {name: len(tensor.all_numbers(name)) for name in ("int32_data", "int64_data")}
    for name, size in (("float_data", 4), ("double_data", 8)):
        counts[name] = sum(map(len, tensor.all_contents(name))) // size
    return {name: count for name, count in counts.items() if count}


def _check_finite(pieces: list[memoryview]) -> None:
    for piece in pieces:
        if len(piece) % 4:
            raise Refused("tensor_size")
        if not np.isfinite(np.frombuffer(piece, "<f4")).all():
            raise Refused("not_finite")
