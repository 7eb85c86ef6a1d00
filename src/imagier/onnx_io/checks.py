"""What every ONNX file must be, whatever it is for, before the engine sees it.

One graph of plain operators with all its numbers inside the file. What goes in and what comes out
is looked at by who knows what the file is for: `graph` for recognisers, `networks.backbones` for
backbones.
"""

from collections.abc import Sized

from imagier.onnx_io.fields import (
    ATTRIBUTE,
    GRAPH,
    MODEL,
    NODE,
    OPERATORS,
    OPSET,
    TENSOR,
)
from imagier.onnx_io.protobuf import Message, Reader
from imagier.onnx_io.refusal import Refused
from imagier.onnx_io.tensors import check_tensor

__all__ = ["MAX_BYTES", "Walk"]

MAX_BYTES = 512 * 2**20
MAX_PARTS = 10_000
OPSETS = range(13, 24)
IR_VERSIONS = range(7, 12)
PARTS = ("node", "initializer", "value_info", "input", "output")


class Walk:
    """One walk through one file; its reader's limit counts for the whole file.

    Every method raises `Refused` with the reason.
    """

    def __init__(self) -> None:
        self.reader = Reader()

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
            _count(graph.all_contents(part))
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
            check_tensor(tensor)
            if tensor.text("name") in names:
                raise Refused("name_twice", name=ascii(tensor.text("name")[:40]))
            names.add(tensor.text("name"))
        return frozenset(names - taken)

    def _versions(self, model: Message) -> None:
        if model.number("ir_version") not in IR_VERSIONS:
            raise Refused("ir_version", version=model.number("ir_version"))
        opsets = model.all_contents("opset_import")
        for content in opsets:
            opset = self.reader.message(content, OPSET)
            _default_domain(opset)
            if opset.number("version") not in OPSETS:
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
                check_tensor(self.reader.message(tensor, TENSOR))
        return operator


def _default_domain(message: Message) -> None:
    domain = message.text("domain")
    if domain not in {"", "ai.onnx"}:
        raise Refused("domain", name=ascii(domain[:40]))


def _count(parts: Sized) -> None:
    if len(parts) > MAX_PARTS:
        raise Refused("too_many_parts", limit=MAX_PARTS)
