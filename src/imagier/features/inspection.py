"""Looks through a foreign backbone before the engine sees it: pictures in, features out.

As with recognisers (`imagier.onnx_io.graph`), imagier reads the notation itself and accepts only
what it knows: one graph of plain operators, all its numbers inside the file, one input that is a
picture, one output that is a row of features or maps still to be averaged.
"""

from dataclasses import dataclass

from imagier.errors import Refused
from imagier.features.parts import Socket
from imagier.onnx_io.checks import FLOAT, UINT8, OnnxChecks
from imagier.onnx_io.fields import DIMENSION, SHAPE, TENSOR_TYPE, TYPE, VALUE_INFO

__all__ = ["read_socket"]

MAX_SIDE = 1024
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
        return _BackboneChecks().socket(content)
    except Refused as refused:
        raise refused.as_error("backbone_refused", path=path) from None


class _BackboneChecks(OnnxChecks):
    """The checks of a backbone's file."""

    def socket(self, content: bytes) -> Socket:
        _, graph = self.opened(content)
        self.nodes(graph)
        tensors = self.initializers(graph)
        given = [self._value(value) for value in graph.all_contents("input")]
        found = [self._value(value) for value in graph.all_contents("output")]
        return _plugged([value for value in given if value.name not in tensors], found)

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
