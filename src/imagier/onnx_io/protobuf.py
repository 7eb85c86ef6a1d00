r"""Reads protobuf, the notation of ONNX files, without trusting a byte of it.

A message is a row of fields; each begins with a number that holds its identity and the way its
value is written. Only the fields of a given table are accepted, each with the kind of value the
table says, and a field that may stand once is refused when it stands twice: a reader that keeps
the first and a reader that keeps the last would not see the same model.

>>> table = {1: Field("version", "integer"), 2: Field("name", "content")}
>>> message = Reader().message(memoryview(b"\x08\x07\x12\x03cat"), table)
>>> message.number("version"), message.text("name")
(7, 'cat')
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from imagier.errors import Refused

__all__ = ["Field", "Fields", "Message", "Reader", "write_message"]

Kind: TypeAlias = Literal["integer", "float", "double", "content", "refused"]
Fields: TypeAlias = Mapping[int, "Field"]

_VARINT, _EIGHT_BYTES, _CONTENT, _FOUR_BYTES = 0, 1, 2, 5
_WIRE = {"integer": _VARINT, "float": _FOUR_BYTES, "double": _EIGHT_BYTES, "content": _CONTENT}
_FIXED = {_EIGHT_BYTES: 8, _FOUR_BYTES: 4}


class Field(NamedTuple):
    """One line of a table: what may stand in a message.

    Attributes:
        name: What the value is called; for a refused field, the reason why it is refused.
        kind: How the value is written.
        repeated: Whether it may stand more than once.
    """

    name: str
    kind: Kind
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """The values of one message, by the names of its table.

    Attributes:
        numbers: Whole numbers.
        contents: Pieces of bytes: texts, messages inside this one, floating-point numbers.
    """

    numbers: dict[str, list[int]] = field(default_factory=dict)
    contents: dict[str, list[memoryview]] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Tell whether the field stands in the message."""
        return name in self.numbers or name in self.contents

    def number(self, name: str) -> int:
        """Give a whole number; 0 where the field is absent, as the format says."""
        return self.numbers.get(name, [0])[0]

    def all_numbers(self, name: str) -> list[int]:
        """Give the whole numbers of a field."""
        return self.numbers.get(name, [])

    def content(self, name: str) -> memoryview:
        """Give a piece of bytes that must be there.

        Raises:
            Refused: When it is absent.
        """
        if name not in self.contents:
            raise Refused("missing_part", name=name)
        return self.contents[name][0]

    def all_contents(self, name: str) -> list[memoryview]:
        """Give the pieces of bytes of a field."""
        return self.contents.get(name, [])

    def text(self, name: str) -> str:
        """Give a text; empty where the field is absent.

        Raises:
            Refused: When it is no UTF-8.
        """
        try:
            return bytes(self.contents[name][0]).decode("utf-8") if name in self.contents else ""
        except UnicodeDecodeError:
            raise Refused("not_protobuf") from None


class Reader:
    """Reads messages within a limit of values, so that a hostile file cannot keep it busy.

    Args:
        limit: How many values may be read in all.
    """

    def __init__(self, limit: int = 1_000_000) -> None:
        self.left = limit

    def message(self, content: memoryview, fields: Fields) -> Message:
        """Read one message.

        Raises:
            Refused: When the bytes are no message of these fields.
        """
        message = Message()
        place = 0
        while place < len(content):
            key, place = self._varint(content, place)
            known = _known(fields, key >> 3)
            if message.has(known.name) and not known.repeated:
                raise Refused("twice", name=known.name)
            place = self._value(content, place, key & 7, known, message)
        return message

    def _value(
        self, content: memoryview, place: int, wire: int, known: Field, message: Message
    ) -> int:
        """Read one value into the message and give the place after it."""
        if wire == _CONTENT and (known.kind == "content" or known.repeated):
            length, place = self._varint(content, place)
        elif wire != _WIRE[known.kind]:
            raise Refused("not_protobuf")
        elif wire == _VARINT:
            number, place = self._varint(content, place)
            message.numbers.setdefault(known.name, []).append(_signed(number))
            return place
        else:
            length = _FIXED[wire]
        if length > len(content) - place:
            raise Refused("truncated")
        piece = content[place : place + length]
        if known.kind == "integer":
            message.numbers.setdefault(known.name, []).extend(self._packed(piece))
        else:
            message.contents.setdefault(known.name, []).append(piece)
        return place + length

    def _packed(self, piece: memoryview) -> list[int]:
        numbers = []
        place = 0
        while place < len(piece):
            number, place = self._varint(piece, place)
            numbers.append(_signed(number))
        return numbers

    def _varint(self, content: memoryview, place: int) -> tuple[int, int]:
        self.left -= 1
        if self.left < 0:
            raise Refused("too_many_values")
        number = 0
        for shift in range(0, 70, 7):
            if place >= len(content):
                raise Refused("truncated")
            byte = content[place]
            place += 1
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                return number, place
        raise Refused("not_protobuf")


def write_message(message: Message, fields: Fields) -> bytes:
    r"""Write a message of whole numbers and contents, the fields in the order of the table.

    >>> table = {1: Field("version", "integer"), 2: Field("name", "content")}
    >>> write_message(Message({"version": [7]}, {"name": [memoryview(b"cat")]}), table)
    b'\x08\x07\x12\x03cat'
    """
    pieces: list[bytes | memoryview] = []
    for number, known in fields.items():
        for value in message.all_numbers(known.name):
            pieces += [_written(number << 3 | _VARINT), _written(value & (1 << 64) - 1)]
        for content in message.all_contents(known.name):
            pieces += [_written(number << 3 | _CONTENT), _written(len(content)), content]
    return b"".join(pieces)


def _known(fields: Fields, number: int) -> Field:
    known = fields.get(number)
    if known is None:
        raise Refused("unknown_field", number=number)
    if known.kind == "refused":
        raise Refused(known.name)
    return known


def _signed(number: int) -> int:
    number &= (1 << 64) - 1
    return number - (1 << 64) if number >> 63 else number


def _written(number: int) -> bytes:
    groups = bytearray()
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*groups, number])
