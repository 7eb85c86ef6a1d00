"""Reads JSON that a stranger may have written: one object, no name twice, no NaN, no depth."""

import json
from typing import Any, NoReturn

from imagier.onnx_io.refusal import Refused

__all__ = ["read_object"]


def read_object(content: bytes | str) -> dict[str, Any]:
    """Read one JSON object.

    >>> read_object(b'{"seed": 0}')
    {'seed': 0}

    Raises:
        Refused: When it is not one JSON object in UTF-8, or names a thing twice.
    """
    try:
        text = content if isinstance(content, str) else content.decode("utf-8")
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Refused("not_json") from None
    if not isinstance(value, dict):
        raise Refused("not_json")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise Refused("twice", name="JSON")
    return dict(pairs)


def _no_constant(_: str) -> NoReturn:
    raise Refused("not_json")
