"""Checks that a table of numbers inside an ONNX file holds what it announces, and only numbers."""

from math import prod

import numpy as np

from imagier.onnx_io.protobuf import Message
from imagier.onnx_io.refusal import Refused

__all__ = ["FLOAT", "MAX_SIDE", "UINT8", "check_tensor"]

MAX_SIDE = 2**31 - 1
MAX_RANK = 8
FLOAT, UINT8, INT32, INT64, BOOL = 1, 2, 6, 7, 9
_ITEM_BYTES = {FLOAT: 4, UINT8: 1, INT32: 4, INT64: 8, BOOL: 1}
_LISTS = {FLOAT: "float_data", UINT8: "int32_data", INT32: "int32_data", INT64: "int64_data"}


def check_tensor(tensor: Message) -> None:
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
