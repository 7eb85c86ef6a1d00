"""Bytes of models that say what their writer wants: cards, graphs and folders that fit together."""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from imagier.recognizer.card import FORMAT

__all__ = [
    "FOLDER",
    "LONE",
    "PLAN",
    "PREPARE",
    "SIDE",
    "Write",
    "card",
    "constant",
    "deep",
    "field",
    "folder",
    "model",
    "of_card",
    "sparse",
    "special",
    "spliced",
    "varint",
    "with_card",
]

Write = Callable[[Path], None]
CLASSES = ("left", "middle", "right")
SIDE = 9
ROW = 81
FOLDER, LONE = "m.imagier", "m.onnx"
UNNAMED = {"model.json", "evaluations.jsonl"}  # what no card announces
PREPARE = {
    "height": SIDE,
    "width": SIDE,
    "channels": 1,
    "full_scale": 255,
    "fit": "stretch",
    "ink": None,
}
PLAN = {
    "format": 2,
    "network": "linear",
    "epochs": 1,
    "epoch_size": 6,
    "batch_size": 2,
    "learning_rate": 0.01,
    "weight_decay": 0.0,
    "loss": "cross-entropy",
    "class_weights": [1.0, 1.0, 1.0],
    "patience": None,
    "seed": 0,
    "threads": 1,
}
LEARN = ("--out", "new.imagier", "--quiet")


def card(**changes: Any) -> dict[str, Any]:
    """Give the card of a sound model, changed."""
    sound = {
        "format": FORMAT,
        "classes": list(CLASSES),
        "prepare": PREPARE,
        "network": "linear",
        "parameters": (ROW + 1) * 3,
        "seed": 0,
        "plan": PLAN,
        "data": {"name": "thirds", "n": 30},
        "temperature": 1.0,
        "thresholds": {},
        "versions": {"imagier": "0.1.0"},
        "other": None,
    }
    return sound | changes


def model(
    nodes: list[Any] | None = None,
    *tensors: Any,
    side: int = SIDE,
    channels: int = 1,
    leaves: str = "grown",
    text: bytes | None = None,
    opset: int = 18,
    **parts: Any,
) -> bytes:
    """Write a recogniser: bytes to decimals (`light`), the nodes given, the mean of `grown`."""
    three = np.array([[5.0, 0, 0]], np.float32)
    standard = [
        helper.make_node("Cast", ["pixels"], ["light"], to=TensorProto.FLOAT),
        *(nodes or []),
        helper.make_node("ReduceMean", [leaves if nodes else "light"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["three", "mean"], ["sums"]),
        helper.make_node("Mul", ["sums", "nothing"], ["none"]),
        helper.make_node("Flatten", ["light"], ["row"]),
        helper.make_node("Gemm", ["row", "weights"], ["scores"]),
        helper.make_node("Add", ["scores", "none"], ["all"]),
        helper.make_node("Softmax", ["all"], ["probabilities"], axis=1),
    ]
    weights = np.zeros((side * side * channels, 3), np.float32)
    own = {"three": three, "nothing": np.float32(0), "weights": weights}
    graph = helper.make_graph(
        standard,
        "g",
        [helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["N", side, side, channels])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", 3])],
        [*(numpy_helper.from_array(value, name) for name, value in own.items()), *tensors],
        **parts,
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)
    return with_card(proto.SerializeToString(), text)


def with_card(content: bytes, text: bytes | None) -> bytes:
    """Put a card into a model, whatever bytes it is."""
    if text is None:
        text = json.dumps(card(), ensure_ascii=False).encode()
    return content + field(14, field(1, b"imagier") + field(2, text))


def field(number: int, content: bytes) -> bytes:
    """Write one field of a protobuf message."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(number: int) -> bytes:
    """Write a number as protobuf does."""
    pieces = bytearray()
    while number > 0x7F:
        pieces.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*pieces, number])


def folder(
    *,
    text: bytes | None = None,
    onnx: bytes | None = None,
    weights: bytes = b"",
    more: Mapping[str, bytes] | None = None,
) -> Write:
    """Write a model folder whose parts agree with one another."""

    def write(place: Path) -> None:
        written = json.dumps(card(), ensure_ascii=False).encode() if text is None else text
        parts = {"model.onnx": model(text=written) if onnx is None else onnx}
        if weights:
            parts["weights.safetensors"] = weights
        others = {name: value for name, value in (more or {}).items() if name not in UNNAMED}
        told = b', "sha256": ' + hashes_of(parts)
        if FORMAT > 2:  # the first that announces the other files
            told += b', "files": ' + hashes_of(others)
        files = {**parts, "model.json": written.rstrip()[:-1] + told + b"}", **(more or {})}
        for name, content in files.items():
            file = place / FOLDER / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)

    return write


def hashes_of(files: Mapping[str, bytes]) -> bytes:
    """Write the SHA-256 of each file as JSON."""
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    return json.dumps(hashes).encode()


def of_card(**changes: Any) -> Write:
    """Write a model folder with a changed card, the same in both files."""
    return folder(text=json.dumps(card(**changes), ensure_ascii=False).encode())


def spliced(name: str, value: bytes) -> Write:
    """Write a model folder with a value in its card that no writer of JSON would write."""
    text = json.dumps(card(**{name: "HERE"}), ensure_ascii=False).encode()
    return folder(text=text.replace(b'"HERE"', value))


def deep(depth: int) -> bytes:
    """Write JSON so many lists deep."""
    return b"[" * depth + b"]" * depth


def constant(name: str, values: Any) -> Any:
    """Give numbers that stand in a graph."""
    return numpy_helper.from_array(np.array(values), name)


def sparse(name: str, size: int, before: Write) -> Write:
    """Write a model folder of which one file has no content but is huge."""

    def write(place: Path) -> None:
        before(place)
        file = place / FOLDER / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        os.truncate(file, size)

    return write


def special(name: str, before: Write) -> Write:
    """Write a model folder of which one file is a pipe that nobody writes to."""

    def write(place: Path) -> None:
        before(place)
        file = place / FOLDER / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        os.mkfifo(file)

    return write
