"""Reads `weights.safetensors`: a JSON header that names the tables of numbers, then the numbers.

The file is needed to learn further, not to predict; it is checked all the same when a model is
opened, because what is saved beside a model is used later without another look.
"""

import json
import struct
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.errors import Refused
from imagier.files import read_object

__all__ = ["read_weights"]

MAX_HEADER = 2**20
MAX_RANK = 8
MAX_NUMBER = 2**40
_KINDS = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "U8": "u1"}


def read_weights(content: bytes, *, path: str) -> dict[str, NDArray[Any]]:
    """Give the tables of numbers by name, as views that cannot be written to.

    Args:
        content: The file's bytes; none at all is a model without separate weights.
        path: Its name, for messages.

    Raises:
        ModelError: `weights_damaged`, with the reason: a header beyond 1 MB, tables that overlap
            or leave holes, wrong sizes, numbers that are not finite.
    """
    try:
        return _tables(content) if content else {}
    except Refused as refused:
        raise refused.as_error("weights_damaged", path=path) from None


def _tables(content: bytes) -> dict[str, NDArray[Any]]:
    if len(content) < 8:
        raise Refused("truncated")
    length = struct.unpack("<Q", content[:8])[0]
    if length > MAX_HEADER:
        raise Refused("header_too_large", limit=MAX_HEADER // 2**20)
    if len(content) < 8 + length:
        raise Refused("truncated")
    header = read_object(content[8 : 8 + length], most=MAX_HEADER)
    _check_metadata(header.pop("__metadata__", {}))
    numbers = memoryview(content)[8 + length :]
    tables = {name: _table(name, entry, numbers) for name, entry in header.items()}
    _check_spans([tuple(entry["data_offsets"]) for entry in header.values()], len(numbers))
    return tables


def _check_metadata(metadata: object) -> None:
    """Let nothing in but the mark that torch's writer leaves: no time, no path, no note."""
    if metadata not in ({}, {"format": "pt"}):
        raise Refused("weights_metadata", received=json.dumps(metadata)[:60])


def _table(name: str, entry: object, numbers: memoryview) -> NDArray[Any]:
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise Refused("table_header", name=ascii(name[:40]))
    kind, shape, span = entry["dtype"], entry["shape"], entry["data_offsets"]
    is_known = isinstance(kind, str) and kind in _KINDS
    if not (is_known and _whole(shape, MAX_RANK) and _whole(span, 2) and len(span) == 2):
        raise Refused("table_header", name=ascii(name[:40]))
    start, stop = span
    size = prod(shape) * np.dtype(_KINDS[kind]).itemsize
    if not start <= stop <= len(numbers) or stop - start != size:
        raise Refused("table_size", name=ascii(name[:40]))
    try:
        table = np.frombuffer(numbers[start:stop], _KINDS[kind]).reshape(shape)
    except ValueError:  # nothing in it, and sides that no table has
        raise Refused("table_size", name=ascii(name[:40])) from None
    if not np.isfinite(table).all():
        raise Refused("not_finite")
    return table


def _whole(values: object, longest: int) -> bool:
    return (
        isinstance(values, list)
        and len(values) <= longest
        and all(type(value) is int and 0 <= value <= MAX_NUMBER for value in values)
    )


def _check_spans(spans: list[tuple[int, int]], length: int) -> None:
    """Let the tables follow one another without hole or overlap from the first byte to the last."""
    ordered = sorted(spans)
    edges = [(0, 0), *ordered, (length, length)]
    if any(before[1] != after[0] for before, after in pairwise(edges)):
        raise Refused("table_overlap")
