"""A temperature put behind the probabilities of an ONNX graph: surer or less sure, same answers.

    … → Softmax → Log → Mul by 1 / T → Softmax → probabilities

Dividing the sums in front of a softmax by T is the same as dividing the logarithms of its
probabilities, since a softmax forgets what all sums have in common. So one addition does for every
graph, whatever gave the probabilities, also a mean over a picture and its mirror image.
"""

import struct

from imagier.errors import Refused
from imagier.onnx_io.checks import FLOAT
from imagier.onnx_io.fields import GRAPH, MODEL, NODE, OUTPUT, TENSOR
from imagier.onnx_io.protobuf import Message, Reader, write_message

__all__ = ["add_temperature"]

_PREFIX = "temperature"


def add_temperature(content: bytes, temperature: float, *, path: str) -> bytes:
    """Give the graph with its probabilities at another temperature, without its description.

    Args:
        content: A recogniser's ONNX file, its probabilities at temperature 1.
        temperature: Above 1 the answers become less sure, below 1 surer.
        path: Its name, for messages.

    Raises:
        ModelError: `model_unsafe`, when the file cannot be read.
    """
    try:
        reader = Reader()
        model = reader.message(memoryview(content), MODEL)
        graph = reader.message(model.content("graph"), GRAPH)
        nodes = [_renamed(node, reader) for node in graph.all_contents("node")]
    except Refused as refused:
        raise refused.as_error("model_unsafe", path=path) from None
    added = [
        _node("Log", [f"{_PREFIX}.in"], f"{_PREFIX}.log"),
        _node("Mul", [f"{_PREFIX}.log", f"{_PREFIX}.inverse"], f"{_PREFIX}.out"),
        _node("Softmax", [f"{_PREFIX}.out"], OUTPUT),
    ]
    numbers = [*graph.all_contents("initializer"), _number(f"{_PREFIX}.inverse", 1 / temperature)]
    contents = graph.contents | {"node": [*nodes, *added], "initializer": numbers}
    whole = memoryview(write_message(Message(graph.numbers, contents), GRAPH))
    changed = model.contents | {"graph": [whole]}
    changed.pop("metadata_props", None)  # the notes speak of the graph as it was
    return write_message(Message(model.numbers, changed), MODEL)


def _renamed(content: memoryview, reader: Reader) -> memoryview:
    """Let the node that gave the probabilities give them to the logarithm."""
    node = reader.message(content, NODE)
    outputs = [bytes(name) for name in node.all_contents("output")]
    if OUTPUT.encode() not in outputs:
        return content
    names = [
        _text(f"{_PREFIX}.in") if name == OUTPUT.encode() else _text(name.decode())
        for name in outputs
    ]
    return memoryview(write_message(Message(node.numbers, node.contents | {"output": names}), NODE))


def _node(operator: str, inputs: list[str], output: str) -> memoryview:
    contents = {
        "input": [_text(name) for name in inputs],
        "output": [_text(output)],
        "name": [_text(f"{_PREFIX}.{operator.lower()}")],
        "op_type": [_text(operator)],
    }
    return memoryview(write_message(Message(contents=contents), NODE))


def _number(name: str, value: float) -> memoryview:
    contents = {"name": [_text(name)], "raw_data": [memoryview(struct.pack("<f", value))]}
    return memoryview(write_message(Message({"data_type": [FLOAT]}, contents), TENSOR))


def _text(text: str) -> memoryview:
    return memoryview(text.encode())
