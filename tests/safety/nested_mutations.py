"""Mutations of what nests: JSON, protobuf, the header of safetensors, spoilt where values stand."""

import json
import struct
from typing import Any

from tests.safety.mutations import Random, flip, odd_number, spoil

__all__ = ["spoil_json", "spoil_lines", "spoil_protobuf", "spoil_tensors"]

ODD_BYTES = (b"", b"\0", b"\xff" * 8, b"\xff\xfe", b"A" * 70_000, b"../../x", b"%s%n", b"\x80\4")
ODD_TOKENS = (
    *("null", "true", "[]", "{}", '""', "0", "-1", "1.5", "1e999", "-1e999", "NaN", "Infinity"),
    *("1e308", "5e-324", "9007199254740993", "1" * 400, "1" * 5000, '"\\ud800"', '"\\u0000"'),
    *("[" * 500 + "]" * 500, "[" * 980 + "]" * 980, '"' + "x" * 5000 + '"', "[[1],[2]]", '{"a":1}'),
    *("18446744073709551616", "2147483648", "-9223372036854775809", '"1"', "[null]", "1 2", "'a'"),
)


def spoil_json(random: Random, content: bytes) -> bytes:
    """Put an odd value in place of one, or leave it out, or say it twice, or swap two."""
    try:
        value = json.loads(content)
    except ValueError:
        return spoil(random, content)
    marks: dict[str, str] = {}
    for _ in range(int(random.integers(1, 4))):
        value = _spoilt_value(random, value, marks)
    text = json.dumps(value, ensure_ascii=bool(random.random() < 0.5))
    for mark, token in marks.items():
        text = text.replace(f'"{mark}"', token)
    return text.encode("utf-8", "surrogatepass")


def spoil_lines(random: Random, content: bytes) -> bytes:
    """Spoil one line of JSON lines."""
    rows = content.split(b"\n")
    which = int(random.integers(len(rows)))
    rows[which] = spoil_json(random, rows[which])
    return b"\n".join(rows)


def spoil_protobuf(random: Random, content: bytes) -> bytes:
    """Change, leave out, repeat or swap fields of a message and of those inside."""
    for _ in range(int(random.integers(1, 4))):
        content = _spoilt_message(random, content, depth=int(random.integers(7)))
    return content


def spoil_tensors(random: Random, content: bytes) -> bytes:
    """Spoil the header of a safetensors file, its length being right again."""
    size = int.from_bytes(content[:8], "little")
    header = spoil_json(random, content[8 : 8 + size])
    return struct.pack("<Q", len(header)) + header + content[8 + size :]


def _spoilt_value(random: Random, value: Any, marks: dict[str, str]) -> Any:
    """Go down to some value and spoil it."""
    if isinstance(value, dict | list) and value and random.random() < 0.85:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        key = keys[int(random.integers(len(keys)))]
        match int(random.integers(8)):
            case 0:
                del value[key]
            case 1:
                other = keys[int(random.integers(len(keys)))]
                value[key], value[other] = value[other], value[key]
            case 2 if isinstance(value, dict):
                value[str(random.choice(["", "x", f"{key} ", str(key).upper(), "__proto__"]))] = (
                    value[key]
                )
            case _:
                value[key] = _spoilt_value(random, value[key], marks)
        return value
    mark = f"mark-{len(marks)}-{int(random.integers(10**9))}"
    marks[mark] = ODD_TOKENS[int(random.integers(len(ODD_TOKENS)))]
    return mark


def _spoilt_message(random: Random, content: bytes, *, depth: int) -> bytes:
    fields = _fields(content)
    if not fields:
        return spoil(random, content[:2000]) + content[2000:]
    which = int(random.integers(len(fields)))
    number, wire, value = fields[which]
    if depth and wire == 2 and isinstance(value, bytes) and _fields(value):
        fields[which] = number, wire, _spoilt_message(random, value, depth=depth - 1)
        return _written(fields)
    match int(random.integers(6)):
        case 0:
            del fields[which]
        case 1:
            fields.insert(which, fields[int(random.integers(len(fields)))])
        case 2:
            fields[which] = int(random.integers(1, 30)), wire, value
        case 3:
            other = int(random.integers(len(fields)))
            fields[which], fields[other] = fields[other], fields[which]
        case _ if isinstance(value, int):
            fields[which] = number, wire, odd_number(random)
        case _:
            odd = ODD_BYTES[int(random.integers(len(ODD_BYTES)))]
            fields[which] = number, wire, odd if random.random() < 0.5 else flip(random, value)
    return _written(fields)


def _fields(content: bytes) -> list[tuple[int, int, Any]]:
    """Read the fields of a message; none where it is no message."""
    place, fields = 0, []
    try:
        while place < len(content):
            key, place = _varint(content, place)
            number, wire = key >> 3, key & 7
            if wire == 0:
                value, place = _varint(content, place)
            elif wire in (1, 2, 5):
                size, place = _varint(content, place) if wire == 2 else ({1: 8, 5: 4}[wire], place)
                value = content[place : place + size]
                place += size
                if len(value) != size:
                    return []
            else:
                return []
            if not 0 < number < 2**29:
                return []
            fields.append((number, wire, value))
    except IndexError:
        return []
    return fields


def _written(fields: list[tuple[int, int, Any]]) -> bytes:
    pieces = []
    for number, wire, value in fields:
        pieces.append(_as_varint(number << 3 | wire))
        if wire == 0:
            pieces.append(_as_varint(value))
        else:
            pieces += [_as_varint(len(value)) if wire == 2 else b"", value]
    return b"".join(pieces)


def _varint(content: bytes, place: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = content[place]
        place += 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80 or shift > 63:
            return number, place


def _as_varint(number: int) -> bytes:
    pieces = bytearray()
    while number > 0x7F:
        pieces.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*pieces, number])
