"""Looks through a foreign backbone before the engine sees it: pictures in, features out.

As with recognisers (`imagier.recognizer.graph`), imagier reads the notation itself and accepts only
what it knows: one graph of plain operators, all its numbers inside the file, one input that is a
picture, one output that is a row of features or maps still to be averaged.
"""

from collections.abc import Sized
from dataclasses import dataclass

from imagier.networks.backbones.parts import Socket
from imagier.recognizer.onnx_fields import (
    ATTRIBUTE,
    DIMENSION,
    GRAPH,
    MODEL,
    NODE,
    OPERATORS,
    OPSET,
    SHAPE,
    TENSOR,
    TENSOR_TYPE,
    TYPE,
    VALUE_INFO,
)
from imagier.recognizer.protobuf import Message, Reader
from imagier.recognizer.refusal import Refused
from imagier.recognizer.tensors import FLOAT, UINT8, check_tensor

__all__ = ["MAX_BYTES", "read_socket"]

MAX_BYTES = 512 * 2**20
MAX_PARTS = 10_000
MAX_SIDE = 1024
OPSETS = range(13, 24)
IR_VERSIONS = range(7, 12)
COLOURS = 3


@dataclass(frozen=True, slots=True)
class _Value:
    """An input or output: its name, the kind of its numbers, its sides, None where they vary."""

    name: str
    kind: int
    sides: list[int | None]


def read_socket(content: bytes, *, path: str) -> Socket:
    """Check an ONNX file and say where pictures go in and features come out.

    Args:
        content: The file's bytes.
        path: Its name, for messages.

    Raises:
        ModelError: `backbone_refused`, with the reason.
    """
    try:
        return _Walk().socket(content)
    except Refused as refused:
        raise refused.as_error("backbone_refused", path=path) from None


class _Walk:
    """One walk through one file; its reader's limit counts for the whole file."""

    def __init__(self) -> None:
        self.reader = Reader()

    def socket(self, content: bytes) -> Socket:
        if len(content) > MAX_BYTES:
            raise Refused("too_large", limit=MAX_BYTES // 2**20)
        if content[4:8] == b"ORTM":  # the engine's private format, which would bypass these checks
            raise Refused("not_protobuf")
        model = self.reader.message(memoryview(content), MODEL)
        self._versions(model)
        graph = self.reader.message(model.content("graph"), GRAPH)
        for part in ("node", "initializer", "value_info", "input", "output"):
            _count(graph.all_contents(part))
        for node in graph.all_contents("node"):
            self._node(node)
        tensors = self._initializers(graph)
        given = [self._value(value) for value in graph.all_contents("input")]
        found = [self._value(value) for value in graph.all_contents("output")]
        return _plugged([value for value in given if value.name not in tensors], found)

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

    def _node(self, content: memoryview) -> None:
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

    def _initializers(self, graph: Message) -> set[str]:
        names: set[str] = set()
        for content in graph.all_contents("initializer"):
            tensor = self.reader.message(content, TENSOR)
            check_tensor(tensor)
            if tensor.text("name") in names:
                raise Refused("name_twice", name=ascii(tensor.text("name")[:40]))
            names.add(tensor.text("name"))
        return names

    def _value(self, content: memoryview) -> _Value:
        value = self.reader.message(content, VALUE_INFO)
        tensor_type = self.reader.message(value.content("type"), TYPE).content("tensor_type")
        tensor = self.reader.message(tensor_type, TENSOR_TYPE)
        sides = (
            self.reader.message(tensor.content("shape"), SHAPE).all_contents("dim")
            if tensor.has("shape")
            else []
        )
        return _Value(
            value.text("name"), tensor.number("elem_type"), [self._side(side) for side in sides]
        )

    def _side(self, content: memoryview) -> int | None:
        side = self.reader.message(content, DIMENSION)
        return side.number("dim_value") if side.has("dim_value") else None


def _plugged(given: list[_Value], found: list[_Value]) -> Socket:
    if len(given) != 1:
        raise Refused("backbone_inputs", n=len(given))
    if len(found) != 1:
        raise Refused("backbone_outputs", n=len(found))
    picture, features = given[0], found[0]
    if picture.kind not in {FLOAT, UINT8}:
        raise Refused("backbone_input_kind")
    if features.kind != FLOAT or len(features.sides) not in {2, 4}:
        raise Refused("backbone_output")
    if features.sides[0] is not None:
        raise Refused("backbone_batch")
    is_last, side = _picture(picture)
    return Socket(
        input=picture.name,
        output=features.name,
        is_float=picture.kind == FLOAT,
        channels_last=is_last,
        side=side,
        is_map=len(features.sides) == 4,
    )


def _picture(picture: _Value) -> tuple[bool, int | None]:
    """Tell whether the channels stand last in the input, and the side it wants."""
    if len(picture.sides) != 4:
        raise Refused("backbone_picture")
    rows, *sides = picture.sides
    if rows is not None:
        raise Refused("backbone_batch")
    is_last = sides[0] != COLOURS and sides[2] == COLOURS
    channels, height, width = (sides[2], *sides[:2]) if is_last else sides
    fits = height is None or 1 <= height <= MAX_SIDE
    if channels != COLOURS or height != width or not fits:
        raise Refused("backbone_picture")
    return is_last, height


def _default_domain(message: Message) -> None:
    domain = message.text("domain")
    if domain not in {"", "ai.onnx"}:
        raise Refused("domain", name=ascii(domain[:40]))


def _count(parts: Sized) -> None:
    if len(parts) > MAX_PARTS:
        raise Refused("too_many_parts", limit=MAX_PARTS)
