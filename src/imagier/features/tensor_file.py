r"""A PyTorch weights file (.pth) read without torch and without pickle, as a table of arrays.

Such a file describes its tensors in the instructions of a small stack machine that can also call
any function of any module, which is how files of this kind take over a computer. This reader knows
only the instructions that a table of tensors needs, and only the four names that stand in one; it
calls nothing, imports nothing, and refuses everything else. What comes out are names and numbers.

The layout is that of torch before version 1.6: a number that marks the format, its version, the
sizes of the machine that wrote it, the table, the names of the storages, then the storages, each
its count and its numbers, all little-endian.
"""

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["TensorFileError", "read_tensors"]

FORMAT, VERSION = 0x1950A86A20F9469CFC6C, 1001
KINDS: "dict[str, np.dtype[Any]]" = {
    "torch FloatStorage": np.dtype("<f4"),
    "torch LongStorage": np.dtype("<i8"),
}
DICTIONARY, TENSOR = "collections OrderedDict", "torch._utils _rebuild_tensor_v2"
NAMES = {*KINDS, DICTIONARY, TENSOR}
_MARK = object()
_EMPTY: dict[str, Any] = {")": tuple, "}": dict, "]": list}

# instruction -> the format of the number that follows it
_PUT = {0x71: "<B", 0x72: "<I"}
_GET = {0x68: "<B", 0x6A: "<I"}
_INTEGER = {0x4A: "<i", 0x4B: "<B", 0x4D: "<H"}
_CONSTANT: dict[int, Any] = {0x4E: None, 0x88: True, 0x89: False}


class TensorFileError(Exception):
    """The file is no plain table of tensors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Storage:
    """A run of numbers at the end of the file, by its name."""

    name: str
    kind: "np.dtype[Any]"
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tensor:
    """A tensor as a window on a storage."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def read_tensors(content: bytes) -> dict[str, NDArray[Any]]:
    """Read all tensors of a file, in its order.

    Args:
        content: The whole file.

    Returns:
        Each tensor by its name, float32 or int64, contiguous.

    Raises:
        TensorFileError: When it holds anything but tensors.
    """
    try:
        reader = _Reader(content)
        if (reader.value(), reader.value()) != (FORMAT, VERSION):
            raise TensorFileError("format")
        reader.value()  # the sizes of whole numbers on the machine that wrote it
        table, order = reader.value(), reader.value()
        storages = reader.storages(order, table)
        return {name: _read(tensor, storages) for name, tensor in table.items()}
    except (struct.error, IndexError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise TensorFileError(str(error)) from error


class _Reader:
    """The stack machine, with the few instructions that are known."""

    def __init__(self, content: bytes) -> None:
        self.content = memoryview(content)
        self.at = 0
        self.stack: list[Any] = []
        self.memory: dict[int, Any] = {}

    def value(self) -> Any:
        """Read one value: instructions until the one that ends it."""
        self.stack, self.memory = [], {}
        while (code := self._number("<B")) != ord("."):
            self._follow(code)
        (value,) = self.stack
        return value

    def storages(self, order: list[str], table: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
        """Read the numbers of each storage, in the order that the file says."""
        known = {tensor.storage.name: tensor.storage for tensor in table.values()}
        found: dict[str, NDArray[Any]] = {}
        for name in order:
            storage = known[name]
            if self._number("<q") != storage.count:
                raise TensorFileError(name)
            size = storage.count * storage.kind.itemsize
            found[name] = np.frombuffer(self._bytes(size), storage.kind)
        return found

    def _follow(self, code: int) -> None:
        """Follow one instruction."""
        if code == 0x80:  # version of the notation
            self._number("<B")
        elif code in _PUT:
            self.memory[self._number(_PUT[code])] = self.stack[-1]
        elif code in _GET:
            self.stack.append(self.memory[self._number(_GET[code])])
        elif code in _INTEGER:
            self.stack.append(self._number(_INTEGER[code]))
        elif code in _CONSTANT:
            self.stack.append(_CONSTANT[code])
        elif code == 0x8A:  # a long whole number
            self.stack.append(int.from_bytes(self._bytes(self._number("<B")), "little"))
        elif code == ord("X"):
            self.stack.append(str(self._bytes(self._number("<I")), "utf-8"))
        elif code == ord("c"):
            self.stack.append(self._name())
        else:
            self._collect(code)

    def _collect(self, code: int) -> None:
        """Follow an instruction that takes values from the stack, or puts an empty one there."""
        stack = self.stack
        match chr(code):
            case "(":
                stack.append(_MARK)
            case "t":
                stack.append(tuple(self._marked()))
            case "\x85" | "\x86" as short:
                count = 1 if short == "\x85" else 2
                stack[-count:] = [tuple(stack[-count:])]
            case "u" | "s" as several:
                values = self._marked() if several == "u" else [stack.pop(-2), stack.pop()]
                stack[-1].update(zip(values[::2], values[1::2], strict=True))
            case "e":
                values = self._marked()
                stack[-1].extend(values)
            case "b":
                stack.pop()  # versions of the modules that wrote the table
            case "Q":
                stack.append(_storage(stack.pop()))
            case "R":
                stack[-2:] = [_made(*stack[-2:])]
            case sign:
                stack.append(_EMPTY[sign]())

    def _name(self) -> str:
        """Read the name of a function or kind: two lines."""
        lines = []
        for _ in range(2):
            rest = bytes(self.content[self.at : self.at + 80])
            end = rest.index(b"\n")
            lines.append(rest[:end].decode("ascii"))
            self.at += end + 1
        name = " ".join(lines)
        if name not in NAMES:
            raise TensorFileError(name)
        return name

    def _marked(self) -> list[Any]:
        marks = [place for place, value in enumerate(self.stack) if value is _MARK]
        place = marks[-1]
        values = self.stack[place + 1 :]
        del self.stack[place:]
        return values

    def _number(self, form: str) -> int:
        (number,) = struct.unpack(form, self._bytes(struct.calcsize(form)))
        return int(number)

    def _bytes(self, count: int) -> memoryview:
        piece = self.content[self.at : self.at + count]
        if len(piece) != count:
            raise TensorFileError("it ends too early")
        self.at += count
        return piece


def _storage(facts: Any) -> _Storage:
    word, kind, name, device, count, window = facts
    if (word, device, window) != ("storage", "cpu", None):
        raise TensorFileError("a storage elsewhere")
    return _Storage(name=name, kind=KINDS[kind], count=count)


def _made(name: Any, arguments: Any) -> Any:
    """Give what a call would give: an empty dictionary, or a tensor."""
    if name == DICTIONARY and arguments == ():
        return {}
    if name == TENSOR:
        storage, offset, shape, strides, _, hooks = arguments
        if isinstance(storage, _Storage) and hooks == {}:
            return _Tensor(storage=storage, offset=offset, shape=shape, strides=strides)
    raise TensorFileError(name)


def _read(tensor: _Tensor, storages: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
    """Copy a tensor out of its storage, once its window is seen to lie inside."""
    numbers = storages[tensor.storage.name]
    shape, strides = tensor.shape, tensor.strides
    steps = [(side - 1) * step for side, step in zip(shape, strides, strict=True)]
    if min((tensor.offset, *strides, *shape), default=0) < 0 or 0 in shape:
        raise TensorFileError("a window without numbers")
    if tensor.offset + sum(steps) >= len(numbers) or math.prod(shape) > len(numbers):
        raise TensorFileError("a window beyond its storage")
    places = np.full((), tensor.offset)
    for side, step in zip(shape, strides, strict=True):
        places = places[..., np.newaxis] + np.arange(side) * step
    found: NDArray[Any] = numbers[places]
    return found
