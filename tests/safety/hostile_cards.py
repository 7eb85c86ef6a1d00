"""Hostile models: cards, weights, reports and tables of parts that swell, go deep or lie.

`CARDS` gives each by name, which begins with what is hostile; a function writes the folder
`m.imagier`, or the file `m.onnx`. `commands_of` gives the command lines that open it.
"""

import json
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper

from tests.safety.model_bytes import (
    FOLDER,
    LONE,
    PREPARE,
    Write,
    card,
    constant,
    deep,
    folder,
    model,
    of_card,
    sparse,
    special,
    spliced,
    with_card,
)
from tests.safety.picture_bytes import LARGE, png_of

__all__ = ["CARDS", "CARDS_TAKEN", "commands_of"]

LEARN = ("--out", "new.imagier", "--quiet")
LONG = b"1" * 5000
MANY = b"1" * 4000  # a number that Python reads, and no decimal holds
INK = {"box": 0.8, "centre": "mass", "stroke": 0.1}
SPLIT = b"file,hash,group,part\n"
GREY = png_of(9, mode="L")


def commands_of(name: str) -> list[tuple[str, ...]]:
    """Give the commands that open a hostile model, by what its name begins with."""
    predict, test = ("predict", FOLDER, "sound.png"), ("test", FOLDER, "photos")
    match name.partition(":")[0]:
        case "file":
            return [("predict", LONE, "sound.png")]
        case "many":
            return [("predict", FOLDER, "photos")]
        case "report" | "split" | "evaluations":
            return [test]
        case "golden":
            return [("doctor", FOLDER)]
        case _:
            convolve = ("convolve", "sound.png", "--model", FOLDER)
            explain, doctor = ("explain", FOLDER, "sound.png"), ("doctor", FOLDER)
            train = ("train", "photos", "--plan", FOLDER, *LEARN)
            return [predict, test, convolve, explain, doctor, train]


def raw_card(content: bytes) -> Write:
    """Write a model folder with any bytes as its card."""
    return folder(more={"model.json": content})


def lone(make: Callable[[], bytes]) -> Write:
    """Write a lone file."""
    return lambda place: (place / LONE).write_bytes(make())


def lone_card(value: bytes) -> bytes:
    """Write a model whose card holds this value."""
    text = json.dumps(card(data={"n": "HERE"})).encode()
    return model(text=text.replace(b'"HERE"', value))


def nothing(place: Path) -> None:
    """Write a lone file of 500 MB that has no content."""
    (place / LONE).write_bytes(b"\x08")
    os.truncate(place / LONE, 500 << 20)


def weights_of(header: bytes, numbers: bytes = b"", *, told: int | None = None) -> Write:
    """Write a model folder with a file of weights of any header."""
    length = len(header) if told is None else told
    return folder(weights=struct.pack("<Q", length) + header + numbers)


def table(shape: str, *, kind: str = "F32", span: str = "[0, 0]", name: str = "a") -> bytes:
    """Write the header of a file of weights with one table."""
    return f'{{"{name}":{{"dtype":"{kind}","shape":{shape},"data_offsets":{span}}}}}'.encode()


def large_input(height: int, width: int, channels: int, *, ink: Any = None) -> Write:
    """Write a model of a kilobyte that wants pictures of many megabytes."""
    prepare = PREPARE | {"height": height, "width": width, "channels": channels, "ink": ink}
    text = json.dumps(card(prepare=prepare), ensure_ascii=False).encode()
    nodes = [
        helper.make_node("Cast", ["pixels"], ["light"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["light", "sides"], ["mean"], keepdims=0),
        helper.make_node("Reshape", ["mean", "shape"], ["column"]),
        helper.make_node("Gemm", ["column", "weights"], ["sums"]),
        helper.make_node("Softmax", ["sums"], ["probabilities"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "g",
        [
            helper.make_tensor_value_info(
                "pixels", TensorProto.UINT8, ["N", height, width, channels]
            )
        ],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", 3])],
        [
            constant("sides", [1, 2, 3]),
            constant("shape", [-1, 1]),
            constant("weights", np.zeros((1, 3), np.float32)),
        ],
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx = with_card(proto.SerializeToString(), text)
    return folder(text=text, onnx=onnx)


def reported(content: bytes) -> Write:
    """Write a model folder with any bytes as its report."""
    return folder(more={"report.json": content})


def report(**changes: Any) -> dict[str, Any]:
    """Give what a report remembers of the learning, changed."""
    epoch = {
        "epoch": 1,
        "train_loss": 1.0,
        "train_error": 0.1,
        "validation_loss": 1.0,
        "validation_error": 0.1,
        "kept": True,
    }
    score = {"n": 3, "accuracy": 1.0, "balanced_accuracy": 1.0, "loss": 0.1}
    train = {
        "seconds": {"fit": 1.0},
        "history": [epoch],
        "budget": None,
        "split": {"train": 3, "validation": 3},
        "learning": score,
        "validation": score,
    }
    return {"format": 2, "set": "abc", "train": train | changes}


def long_history() -> bytes:
    """Write a report of a very long learning."""
    return json.dumps(report(history=report()["train"]["history"] * 100_000)).encode()


def late(name: str, make: Callable[[], bytes]) -> Write:
    """Write a model folder with a large file, made when it is needed."""

    def write(place: Path) -> None:
        folder(more={name: make()})(place)

    return write


def late_golden(place: Path) -> None:
    """Write a model with a golden picture that is far too large."""
    large = png_of(LARGE)
    folder(more={"golden/golden.json": b'{"0000.png": [1, 0, 0]}', "golden/0000.png": large})(place)


def of_report(**changes: Any) -> Write:
    """Write a model folder with a changed report; texts `<…>` become what stands between."""
    text = json.dumps(report(**changes))
    return reported(text.replace('"<', "").replace('>"', "").encode())


CARDS: dict[str, Write] = {
    "many: 4,096² in colour": large_input(4096, 4096, 3),
    "many: 60,000² in colour": large_input(60_000, 60_000, 3),
    "many: ink on 38 × 1": large_input(38, 1, 1, ink=INK),
    "many: ink on 4,096 × 1": large_input(4096, 1, 1, ink=INK),
    "file: a card of 60 MB": lone(lambda: model(text=b" " * (60 << 20))),
    "file: a card of 60 MB of numbers": lone(lambda: lone_card(b"[" + b"0," * (30 << 20) + b"0]")),
    "file: a deep card": lone(lambda: model(text=deep(100_000))),
    "file: a card of half letters": lone(lambda: lone_card(b'"\\ud800"')),
    "file: a card without end": lone(lambda: lone_card(b"1e999")),
    "file: a card 960 deep": lone(lambda: lone_card(deep(960))),
    "file: a card of wrong UTF-8": lone(lambda: model(text=b"\xff\xfe")),
    "file: 500 MB of nothing": nothing,
    "card: deep": raw_card(deep(200_000)),
    "card: NaN": raw_card(b'{"format": NaN}'),
    "card: 16 MB of nothing": raw_card(b" " * (16 << 20)),
    "card: 16 MB of lists": raw_card(b'{"plan":[' + b"[]," * (5 << 20) + b"[]]}"),
    "card: a number without end": spliced("data", b'{"n": 1e999}'),
    "card: a plan without end": spliced("plan", b'{"learning_rate": -1e999}'),
    "card: a number of 5,000 digits": spliced("data", b'{"n": %s}' % LONG),
    "card: a number of 4,000 digits": spliced("data", b'{"n": %s}' % MANY),
    "card: parameters of 4,000 digits": spliced("parameters", MANY),
    "card: a seed of 4,000 digits": spliced("seed", MANY),
    "card: a temperature of 4,000 digits": spliced("temperature", MANY),
    "card: a format of 4,000 digits": spliced("format", MANY),
    "card: half letters": spliced("data", b'{"name": "\\ud800"}'),
    "card: half letters in versions": spliced("versions", b'{"\\udfff": "\\ud800"}'),
    **{
        f"card: data {depth} deep": spliced("data", b'{"n": %s}' % deep(depth))
        for depth in (300, 900, 930, 960, 975, 985, 992)
    },
    **{
        f"card: classes {depth} deep": spliced("classes", deep(depth))
        for depth in (300, 900, 960, 985, 992)
    },
    **{
        f"card: prepare {depth} deep": spliced("prepare", b'{"ink": %s}' % deep(depth))
        for depth in (300, 900, 960, 985, 992)
    },
    "card: 100,000 classes": of_card(classes=[str(n) for n in range(100_000)]),
    "card: classes of 1 MB": of_card(classes=["a" * 2**20, "b" * 2**20, "c" * 2**20]),
    "card: classes of 5,000 digits": of_card(classes=["1" * 5000, "2" * 5000, "3" * 5000]),
    "card: classes that move the cursor": of_card(classes=["\x1b[2J", "\n\r", "\u202e"]),
    "card: versions that are lists": of_card(versions={"imagier": [1], "torch": None}),
    "card: data that are lists": of_card(data={"name": [1], "n": {}, "fingerprint": 5}),
    "card: thresholds that are lists": of_card(thresholds={"left": [1], "x": None}),
    "card: a network of 1 MB": of_card(network="dense:" + "8," * 500_000),
    "card: a network of 10^12": of_card(network="dense:1000000,1000000"),
    "card: sides that are decimals": of_card(prepare=PREPARE | {"height": 9.0}),
    "card: sides that are true": of_card(prepare=PREPARE | {"height": True}),
    "card: channels that are decimals": of_card(prepare=PREPARE | {"channels": 1.0}),
    "card: a fit that is a list": of_card(prepare=PREPARE | {"fit": ["pad"]}),
    "card: ink that is text": of_card(prepare=PREPARE | {"ink": {"a": 1}}),
    "card: ink without measure": of_card(
        prepare=PREPARE | {"ink": {"fill": 1e300, "centre": "x", "margin": -1}}
    ),
    "weights: a header of 2^64": weights_of(b"{}", told=2**64 - 1),
    "weights: a header of 2 MB": weights_of(b" " * 2**21),
    "weights: no header": weights_of(b""),
    "weights: deep": weights_of(deep(100_000)),
    "weights: a deep remark": weights_of(b'{"__metadata__": %s}' % deep(975)),
    "weights: a remark of every depth": weights_of(b'{"__metadata__": %s}' % deep(985)),
    "weights: 2^80 numbers": weights_of(table("[1099511627776, 1099511627776]")),
    "weights: 2^80 times nothing": weights_of(table("[0, 1099511627776, 1099511627776]")),
    "weights: 2^320 times nothing": weights_of(table("[" + "1099511627776, " * 7 + "0]")),
    "weights: true numbers": weights_of(table("[true]")),
    "weights: sides without end": weights_of(table("[1e999]")),
    "weights: a kind that is a list": weights_of(table("[0]").replace(b'"F32"', b"[1]")),
    "weights: negative places": weights_of(table("[0]", span="[-4, -4]")),
    "weights: 10,000 tables": weights_of(
        b"{" + b",".join(table("[0]", name=f"t{n}")[1:-1] for n in range(10_000)) + b"}"
    ),
    "weights: not finite": weights_of(table("[1]", span="[0, 4]"), b"\0\0\xc0\x7f"),
    "report: deep": reported(deep(200_000)),
    "report: deep inside": reported(b'{"format": 2, "train": %s}' % deep(5000)),
    "report: without end": of_report(split={"train": "<1e999>", "validation": 3}),
    "report: Infinity": of_report(split={"train": "<Infinity>", "validation": 3}),
    "report: losses without end": of_report(
        learning={"n": 3, "accuracy": "<Infinity>", "balanced_accuracy": 1, "loss": "<NaN>"}
    ),
    "report: seconds of 4,000 digits": of_report(seconds={"fit": f"<{MANY.decode()}>"}),
    "report: seconds without end": of_report(seconds={"fit": "<1e999>"}),
    "report: pictures of 4,000 digits": of_report(
        split={"train": f"<{MANY.decode()}>", "validation": 3}
    ),
    "report: pictures fewer than none": of_report(split={"train": -5, "validation": -7}),
    "report: accuracy of 9": of_report(
        learning={"n": -3, "accuracy": 9, "balanced_accuracy": -9, "loss": -1}
    ),
    "report: 100,000 epochs": late("report.json", long_history),
    "report: texts for numbers": of_report(seconds={"fit": "x"}, history="abc"),
    "report: half letters": of_report(budget="\ud800"),
    "report: UTF-16": reported(json.dumps(report()).encode("utf-16")),
    "report: 500 MB of nothing": sparse("report.json", 500 << 20, folder()),
    "split: wrong UTF-8": folder(more={"split.csv": b"\xff\xfe"}),
    "split: a cell of 1 MB": folder(more={"split.csv": SPLIT + b"x" * 10**6 + b",a,b,c\n"}),
    "split: 500 MB of nothing": sparse("split.csv", 500 << 20, folder()),
    "split: 10 million rows": late("split.csv", lambda: SPLIT + b"a,b,c,train\n" * 10_000_000),
    "split: an open quote": folder(more={"split.csv": SPLIT + b'"' + b"a\n" * 100_000}),
    **{
        f"golden: {name}": folder(more={"golden/golden.json": value, "golden/0000.png": GREY})
        for name, value in (
            ("deep", deep(100_000)),
            ("a row 960 deep", b'{"0000.png": %s}' % deep(960)),
            ("answers without end", b'{"0000.png": [1e999, 0, 0]}'),
            ("answers of 4,000 digits", b'{"0000.png": [%s, 0, 0]}' % MANY),
            ("a list", b"[1]"),
            ("a name that climbs", b'{"../../sound.png": [1, 0, 0]}'),
            ("answers of text", b'{"0000.png": "abc"}'),
            ("answers of other lengths", b'{"0000.png": [1, [2]], "1.png": []}'),
            ("half letters", b'{"\\ud800": [1, 0, 0]}'),
            ("nothing", b"{}"),
        )
    },
    "golden: a picture of 119 megapixels": late_golden,
    "evaluations: deep": folder(more={"evaluations.jsonl": deep(100_000)}),
    "evaluations: 10 GB of nothing": sparse("evaluations.jsonl", 10 << 30, folder()),
    "evaluations: 30 million lines": late("evaluations.jsonl", lambda: b"1\n" * 30_000_000),
    "evaluations: a pipe": special("evaluations.jsonl", folder()),
}

# odd rather than wrong: what they say is not used, or may be shown
ODD = (
    *("card: classes", "card: data", "card: versions", "card: thresholds", "card: a network"),
    *("card: half", "card: 100,000", "report:", "split:", "evaluations:", "many:"),
    *("file: a card of 60 MB of", "file: a card 960", "weights: 10,000", "weights: 2^80 times"),
    *("weights: 2^320", "card: a number of 4,000", "card: parameters", "card: a seed"),
    *("card: a temperature", "golden: nothing"),
)
CARDS_TAKEN = {name for name in CARDS if name.startswith(ODD)}
