"""Looks through an ONNX file before the engine sees it: a classifier of pictures, nothing else.

The engine's own checks were bypassed more than once (external data read from any file, sparse
tensors overlooked), so imagier reads the notation itself and accepts only what it knows: one
graph of plain operators, all its numbers inside the file, pictures in, probabilities out: one row
a picture, or, of what reads lines of characters, one row a column of the picture.
"""

import hashlib
from dataclasses import dataclass, field

from imagier.errors import Refused
from imagier.onnx_io.checks import FLOAT, MAX_SIDE, UINT8, OnnxChecks
from imagier.onnx_io.fields import (
    DIMENSION,
    ENTRY,
    INPUT,
    MODEL,
    OUTPUT,
    SHAPE,
    STRANGENESS,
    TENSOR_TYPE,
    TYPE,
    VALUE_INFO,
)
from imagier.onnx_io.protobuf import Message, Reader, write_message

__all__ = ["MAX_CARD", "Graph", "checksum", "embed_card", "read_graph"]

CARD_KEY, CHECKSUM_KEY = "imagier", "imagier-sha256"
MAX_CARD = 8 * 2**20  # bytes of a description: 100,000 names and what was learnt about each


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """What a checked ONNX file promises.

    Attributes:
        content: The file's bytes.
        input: Height, width and channels of the pictures it takes.
        classes: How many probabilities it gives.
        columns: For how many columns of each picture it gives them; None where for the picture.
        tells_strangers: Whether it gives, beside them, how strange a picture is.
        card: The model's description stored in the file, as JSON; None when there is none.
        operators: Names of the operators it uses.
        reused: Bytes of its numbers that operators use beyond the first time.
        has_checksum: Whether it holds the SHA-256 of its graph and its card, which is then right.
    """

    content: bytes = field(repr=False)
    input: tuple[int, int, int]
    classes: int
    columns: int | None = None
    tells_strangers: bool = False
    card: str | None
    operators: frozenset[str]
    reused: int = 0
    has_checksum: bool = False


def read_graph(content: bytes, *, path: str) -> Graph:
    """Check an ONNX file and say what it takes and gives.

    Args:
        content: The file's bytes.
        path: Its name, for messages.

    Raises:
        ModelError: `model_unsafe`, with the reason.
    """
    try:
        return _RecognizerChecks().graph_of(content)
    except Refused as refused:
        raise refused.as_error("model_unsafe", path=path) from None


def embed_card(content: bytes, card: str, *, path: str) -> bytes:
    """Store the model's description inside its ONNX file, in place of an earlier one.

    Beside it stands the SHA-256 of graph, operator set and description (`checksum`), so that the
    file alone tells when one of its bytes was spoilt.

    Raises:
        ModelError: `model_unsafe`, when the file cannot be read or the description is too long.
    """
    try:
        _check_size(card.encode())
        model = Reader().message(memoryview(content), MODEL)
    except Refused as refused:
        raise refused.as_error("model_unsafe", path=path) from None
    digest = checksum(model, card.encode())
    entries = [_entry(CARD_KEY, card), _entry(CHECKSUM_KEY, digest)]
    return write_message(
        Message(model.numbers, model.contents | {"metadata_props": entries}), MODEL
    )


def checksum(model: Message, card: bytes) -> str:
    """Give the SHA-256 of a model's graph, operator set and description, one after the other."""
    digest = hashlib.sha256()
    for part in (model.content("graph"), *model.all_contents("opset_import"), card):
        digest.update(bytes(part))
    return digest.hexdigest()


def _entry(key: str, value: str) -> memoryview:
    texts = {"key": [memoryview(key.encode())], "value": [memoryview(value.encode())]}
    return memoryview(write_message(Message(contents=texts), ENTRY))


class _RecognizerChecks(OnnxChecks):
    """The checks of a recogniser's file."""

    def graph_of(self, content: bytes) -> Graph:
        model, graph = self.opened(content)
        operators = self.nodes(graph)
        self.initializers(graph, taken=frozenset({INPUT}))
        notes = self._notes(model)
        card, digest = notes.get(CARD_KEY), notes.get(CHECKSUM_KEY)
        if digest is not None and digest != checksum(model, (card or "").encode()):
            raise Refused("checksum")
        columns, classes = self._output(graph)
        return Graph(
            content=content,
            input=self._input(graph),
            classes=classes,
            columns=columns,
            tells_strangers=self._tells_strangers(graph),
            card=card,
            operators=operators,
            reused=self.reused(),
            has_checksum=digest is not None,
        )

    def _input(self, graph: Message) -> tuple[int, int, int]:
        values = graph.all_contents("input")
        if len(values) != 1:
            raise Refused("input_count", n=len(values))
        sides = self._value(values[0], "input", INPUT, kind=UINT8, rank=4)
        rows, height, width, channels = sides
        if rows is not None or height is None or width is None or channels not in {1, 3}:
            raise Refused("input_shape")
        return height, width, channels

    def _output(self, graph: Message) -> tuple[int | None, int]:
        """Give the columns, None where there is one answer a picture, and the classes."""
        values = graph.all_contents("output")
        if len(values) not in {1, 2}:
            raise Refused("output_count", n=len(values))
        sides = self._value(values[0], "output", OUTPUT, kind=FLOAT, rank=(2, 3))
        rows, *columns, classes = sides
        if rows is not None or classes is None or None in columns:
            raise Refused("output_shape")
        if columns and len(values) > 1:
            raise Refused("output_count", n=len(values))
        return (columns[0] if columns else None), classes

    def _tells_strangers(self, graph: Message) -> bool:
        """Check the second output, (N, 1), where there is one."""
        for value in graph.all_contents("output")[1:]:
            sides = self._value(value, "output", STRANGENESS, kind=FLOAT, rank=2)
            if sides != [None, 1]:
                raise Refused("output_shape")
        return len(graph.all_contents("output")) > 1

    def _value(
        self, content: memoryview, part: str, name: str, *, kind: int, rank: int | tuple[int, ...]
    ) -> list[int | None]:
        """Check an input or output of the graph and give its sides, None where they vary."""
        value = self.reader.message(content, VALUE_INFO)
        tensor_type = self.reader.message(value.content("type"), TYPE).content("tensor_type")
        tensor = self.reader.message(tensor_type, TENSOR_TYPE)
        sides = self.reader.message(tensor.content("shape"), SHAPE).all_contents("dim")
        wrong = {
            "name": value.text("name") != name,
            "kind": tensor.number("elem_type") != kind,
            "shape": len(sides) not in (rank if isinstance(rank, tuple) else (rank,)),
        }
        if any(wrong.values()):
            reason = f"{part}_{next(fact for fact in wrong if wrong[fact])}"
            raise Refused(reason, name=ascii(value.text("name")[:40]))
        return [self._side(side) for side in sides]

    def _side(self, content: memoryview) -> int | None:
        side = self.reader.message(content, DIMENSION)
        if not side.has("dim_value"):
            return None
        if side.has("dim_param") or not 1 <= side.number("dim_value") <= MAX_SIDE:
            raise Refused("dimension")
        return side.number("dim_value")

    def _notes(self, model: Message) -> dict[str, str]:
        """Read the notes of the file by their key: only ours, each once."""
        notes: dict[str, str] = {}
        for content in model.all_contents("metadata_props"):
            entry = self.reader.message(content, ENTRY)
            key = entry.text("key")
            if key not in (CARD_KEY, CHECKSUM_KEY) or key in notes:
                raise Refused("metadata", name=ascii(key[:40]))
            _check_size(entry.content("value"))
            notes[key] = entry.text("value")
        return notes


def _check_size(card: bytes | memoryview) -> None:
    if len(card) > MAX_CARD:
        raise Refused("json_too_large", limit=MAX_CARD // 2**20)
