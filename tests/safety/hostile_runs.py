"""Hostile plans, checkpoints and backbones: what `train` takes from files besides its pictures.

`RUNS` gives each by name, which begins with what is hostile; a function writes it.
`commands_of_run` gives the command lines that open it.
"""

import hashlib
import json
import struct
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper

from tests.safety.model_bytes import (
    FOLDER,
    PLAN,
    Write,
    card,
    constant,
    deep,
    folder,
    of_card,
    sparse,
    special,
    spliced,
)

__all__ = ["RUNS", "RUNS_TAKEN", "backbone", "commands_of_run"]

LINEAR = ("train", "photos", "--network", "linear", "--epochs", "1", "--quiet")
MANY = b"1" * 4000  # a number that Python reads, and no decimal holds


def commands_of_run(name: str) -> list[tuple[str, ...]]:
    """Give the commands that open it, by what its name begins with."""
    match name.partition(":")[0]:
        case "plan":
            return [("train", "photos", "--plan", FOLDER, "--out", "new.imagier", "--quiet")]
        case "kernels":
            return [("convolve", "sound.png", "--model", FOLDER)]
        case "backbone" | "settings":
            network = ("--network", "b.onnx", "--epochs", "1", "--out", "new.imagier", "--quiet")
            return [("train", "photos", *network)]
        case "replaced":
            return [(*LINEAR, "--out", FOLDER, "--force")]
        case _:
            return [(*LINEAR, "--out", FOLDER, "--resume")]


def planned(**changes: Any) -> Write:
    """Write a model whose plan is to be carried out again."""
    text = {"network": changes["network"]} if "network" in changes else {}
    return of_card(plan=PLAN | changes, **text)


def long_backbone(count: int) -> Write:
    """Write a backbone of very many small layers."""
    names = ["picture", *(f"c{number}" for number in range(count - 1)), "maps"]
    return of_backbone([helper.make_node("Relu", [one], [two]) for one, two in pairwise(names)])


def kernels(network: str, *tables: tuple[str, tuple[int, ...]], plan: Any = None) -> Write:
    """Write a model whose weights are not those that its network says."""
    arrays = {"scale": np.ones(1), "shift": np.zeros(1)}
    arrays |= {name: np.zeros(shape) for name, shape in tables}
    at, entries, numbers = 0, {}, b""
    for name, array in arrays.items():
        content = array.astype("<f4").tobytes()
        span = [at, at + len(content)]
        entries[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": span}
        at, numbers = at + len(content), numbers + content
    header = json.dumps(entries).encode()
    text = json.dumps(card(network=network, plan=plan or PLAN), ensure_ascii=False).encode()
    return folder(text=text, weights=struct.pack("<Q", len(header)) + header + numbers)


def unfinished(**files: bytes) -> Write:
    """Write what a run leaves behind that was killed."""

    def write(place: Path) -> None:
        for name, content in files.items():
            file = place / FOLDER / "checkpoints" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)

    return write


def sealed(values: Mapping[str, Any]) -> bytes:
    """Write a manifest whose checksum is right, whatever it says; texts `<…>` are spliced."""
    blank = "0" * 64
    text = json.dumps({"sha256": blank, **values}, indent=1)
    content = text.replace('"<', "").replace('>"', "").encode()
    return content.replace(blank.encode(), hashlib.sha256(content).hexdigest().encode(), 1)


def manifest(**changes: Any) -> dict[str, Any]:
    """Give what a manifest says, changed."""
    decision = {"choice": None, "plan": PLAN, "notes": [], "prepare": None}
    sound = {"format": 2, "options": {}, "plan": decision, "versions": {}, "replaces": None}
    return sound | changes


def run_of(values: Mapping[str, Any]) -> Write:
    """Write an unfinished run with this manifest, which asked what is asked now."""

    def write(place: Path) -> None:
        from imagier.learning.options import TrainOptions

        data = json.loads((place / "real.imagier" / "model.json").read_bytes())["data"]
        options = TrainOptions(network="linear", epochs=1).decisive()
        asked = options | {"data": data["fingerprint"]}
        told = {**values, "options": values.get("options") or asked} if values else {}
        unfinished(**{"plan.json": sealed(told)})(place)

    return write


def backbone(nodes: list[Any] | None = None, *tensors: Any, side: Any = "H") -> bytes:
    """Write a backbone: the mean of each colour, or of what the nodes give."""
    standard = [
        *(nodes or []),
        helper.make_node("GlobalAveragePool", ["maps" if nodes else "picture"], ["means"]),
        helper.make_node("Flatten", ["means"], ["found"]),
    ]
    other = "W" if isinstance(side, str) else side
    graph = helper.make_graph(
        standard,
        "b",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, ["N", 3, side, other])],
        [helper.make_tensor_value_info("found", TensorProto.FLOAT, ["N", "D"])],
        list(tensors),
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    return proto.SerializeToString()


def of_backbone(
    nodes: list[Any] | None = None, *tensors: Any, settings: bytes | None = None, **more: Any
) -> Write:
    """Write a backbone and perhaps the settings beside it."""

    def write(place: Path) -> None:
        (place / "b.onnx").write_bytes(backbone(nodes, *tensors, **more))
        if settings is not None:
            (place / "preprocessor_config.json").write_bytes(settings)

    return write


def swollen_backbone(scale: float) -> Write:
    """Write a backbone that enlarges pictures without end."""
    scales = constant("scales", np.array([1, 1, scale, scale], np.float32))
    return of_backbone([helper.make_node("Resize", ["picture", "", "scales"], ["maps"])], scales)


def early_backbone(size: int) -> Write:
    """Write a backbone that lays stored numbers into gigabytes."""
    nodes = [
        helper.make_node("Pad", ["few", "pads"], ["many"]),
        helper.make_node("ReduceMean", ["many"], ["one"], keepdims=0),
        helper.make_node("Add", ["picture", "one"], ["maps"]),
    ]
    few = constant("few", np.ones(4, np.float32))
    return of_backbone(nodes, few, constant("pads", [0, size]))


def slow_backbone(side: int, times: int) -> Write:
    """Write a backbone that multiplies large tables for hours."""
    names = ["p0", *(f"p{number + 1}" for number in range(times))]
    nodes = [
        helper.make_node("Pad", ["few", "pads"], ["p0"]),
        *(
            helper.make_node("MatMul", [before, before], [after])
            for before, after in pairwise(names)
        ),
        helper.make_node("ReduceMean", [names[-1]], ["one"], keepdims=0),
        helper.make_node("Add", ["picture", "one"], ["maps"]),
    ]
    few = constant("few", np.ones((1, 1), np.float32))
    return of_backbone(nodes, few, constant("pads", [0, 0, side, side]))


RUNS: dict[str, Write] = {
    **{
        f"plan: {name} {value!r:.30}": planned(**{name: value})
        for name, value in (
            ("threads", 10**6),
            ("threads", -1),
            ("threads", 2**31),
            ("threads", "1"),
            ("threads", 1.5),
            ("epochs", 1.5),
            ("epochs", True),
            ("epoch_size", 0),
            ("epoch_size", -5),
            ("epoch_size", 10**12),
            ("epoch_size", "6"),
            ("batch_size", 0),
            ("batch_size", -1),
            ("batch_size", 10**12),
            ("batch_size", None),
            ("learning_rate", -1),
            ("learning_rate", 1e300),
            ("learning_rate", "x"),
            ("learning_rate", None),
            ("weight_decay", 1e300),
            ("weight_decay", "x"),
            ("class_weights", []),
            ("class_weights", [1.0, 1.0]),
            ("class_weights", ["x"] * 3),
            ("class_weights", [1e300, -1e300, 0]),
            ("class_weights", [1.0] * 1000),
            ("class_weights", "12"),
            ("patience", "x"),
            ("patience", -1),
            ("seed", -1),
            ("seed", 2**70),
            ("seed", "x"),
            ("cuts", [[5, 1], [3, 0]]),
            ("cuts", [[0, 0]]),
            ("cuts", [[1]]),
            ("momentum", 5),
            ("momentum", "x"),
            ("optimizer", ["adamw"]),
            ("optimizer", {}),
            ("loss", []),
            ("loss", {}),
            ("schedule", {}),
            ("warm_up", -5),
            ("warm_up", 0),
            ("warm_up", "x"),
            ("label_smoothing", 9),
            ("shift", 10**9),
            ("shift", -1),
            ("shift", "x"),
            ("rotation", 1e300),
            ("stretch", 1e300),
            ("flip", "x"),
            ("flip_tta", []),
            ("averaging", 9),
            ("averaging", "x"),
            ("shuffle_pixels", -1),
            ("shuffle_pixels", 2**70),
            ("shuffle_pixels", "x"),
            ("precision", []),
            ("network", "dense:1000000,1000000"),
            ("network", "cnn:1000000"),
            ("network", "dense:100000,100000"),
            ("network", "/dev/zero.onnx"),
            ("network", "finetune"),
            ("network", "features:1024"),
            ("network", ""),
            ("network", 5),
            ("views", [[1e300, 5]]),
            ("views", [{"side": 10**9}]),
            ("format", 10**30),
            ("format", []),
        )
    },
    "plan: nothing": of_card(plan={}),
    "plan: a list of 975": spliced("plan", b'{"format": %s}' % deep(975)),
    "plan: of features": of_card(plan={"network": "features", "format": 2}, network="features"),
    "plan: of features, odd": of_card(
        plan=PLAN | {"network": "features", "views": 5, "l2": "x", "folds": []},
        network="features",
    ),
    "kernels: none": kernels("cnn:4"),
    "kernels: too few": kernels("cnn:4", ("body.0.weight", (4, 1)), ("body.0.bias", (4,))),
    "kernels: another shape": kernels(
        "cnn:4", ("body.0.weight", (9, 7, 5, 3)), ("body.0.bias", (2,))
    ),
    "kernels: of no side": kernels("cnn:4", ("body.0.weight", (4, 1, 0, 0)), ("body.0.bias", (4,))),
    "kernels: a network unknown": kernels("x" * 1000),
    "kernels: a network of 100 layers": kernels("cnn:" + ",".join(["9"] * 99)),
    "kernels: pixels in an order of text": kernels("cnn:4", plan=PLAN | {"shuffle_pixels": "x"}),
    "kernels: pixels in an order of lists": kernels("cnn:4", plan=PLAN | {"shuffle_pixels": [1]}),
    "kernels: alexnet": kernels("alexnet"),
    "finished: a report of nothing": folder(more={"report.json": b""}),
    "finished: a report of lists": folder(more={"report.json": b"[]"}),
    "finished: no report": folder(),
    "finished: a deep report": folder(more={"report.json": deep(100_000)}),
    "finished: a report without end": folder(more={"report.json": b'{"train": {"a": 1e999}}'}),
    "finished: a report of wrong UTF-8": folder(more={"report.json": b"\xff"}),
    "finished: 10 GB of report": sparse("report.json", 10 << 30, folder()),
    "finished: a pipe for a report": special("report.json", folder()),
    "finished: 10 GB of card": sparse("model.json", 10 << 30, folder()),
    "finished: a pipe for a card": special("model.json", folder()),
    "replaced: 10 GB of card": sparse("model.json", 10 << 30, folder()),
    "replaced: a pipe for a card": special("model.json", folder()),
    "replaced: a pipe for a lock": special("checkpoints/lock", folder()),
    "run: a pipe for a lock": special("checkpoints/lock", run_of(manifest())),
    "run: a pipe for a plan": special("checkpoints/plan.json", unfinished()),
    "run: 10 GB of plan": sparse("checkpoints/plan.json", 10 << 30, unfinished()),
    "run: 10 GB of checkpoint": sparse(
        "checkpoints/epoch-000001.safetensors", 10 << 30, run_of(manifest())
    ),
    "run: a pipe for a checkpoint": special(
        "checkpoints/epoch-000001.safetensors", run_of(manifest())
    ),
    "run: 12 digits of epochs": unfinished(
        **{"plan.json": sealed(manifest()), f"epoch-{'9' * 200}.safetensors": b"x"}
    ),
    "run: a plan of nothing": run_of({}),
    "run: options that are a list": run_of(manifest(options=[1])),
    "run: a decision that is a list": run_of(manifest(plan=[1])),
    "run: a decision of nothing": run_of(manifest(plan={})),
    "run: a plan that is a list": run_of(manifest(plan={"choice": None, "plan": [1]})),
    "run: a choice that is text": run_of(
        manifest(plan={"choice": "x", "plan": PLAN, "notes": 5, "prepare": 7})
    ),
    "run: notes that are numbers": run_of(
        manifest(plan={"choice": None, "plan": PLAN, "notes": [1, None], "prepare": None})
    ),
    "run: versions that are numbers": run_of(manifest(versions=5)),
    "run: replaces a number": run_of(manifest(replaces=[1])),
    "run: options without end": run_of(manifest(options={"seed": "<1e999>"})),
    "run: a format of lists": run_of(manifest(format=[[1]])),
    "backbone: enlarges 100 times": swollen_backbone(100.0),
    "backbone: stored numbers laid into 8 GB": early_backbone(2 * 10**9),
    "backbone: products for hours": slow_backbone(5000, 400),
    "backbone: a side of 1,024": of_backbone(side=1024),
    "backbone: a side of 2^31": of_backbone(side=2**31),
    "backbone: a circle": of_backbone(
        [
            helper.make_node("Relu", ["b"], ["a"]),
            helper.make_node("Add", ["a", "picture"], ["b"]),
            helper.make_node("Relu", ["a"], ["maps"]),
        ]
    ),
    "backbone: pools that stand": of_backbone(
        [helper.make_node("MaxPool", ["picture"], ["maps"], kernel_shape=[2, 2], strides=[0, 0])]
    ),
    "backbone: kernels in no groups": of_backbone(
        [helper.make_node("Conv", ["picture", "k"], ["maps"], group=0)],
        constant("k", np.ones((1, 3, 1, 1), np.float32)),
    ),
    "backbone: 9,000 nodes": long_backbone(9000),
    "settings: deep": of_backbone(settings=deep(100_000)),
    "settings: 4,000 digits": of_backbone(settings=b'{"rescale_factor": %s}' % MANY),
    "settings: means of 4,000 digits": of_backbone(settings=b'{"image_mean": [%s,0,0]}' % MANY),
    "settings: a factor of nothing": of_backbone(settings=b'{"rescale_factor": 0}'),
    "settings: a factor of 10^-320": of_backbone(settings=b'{"rescale_factor": 1e-320}'),
    "settings: deviations near nothing": of_backbone(settings=b'{"image_std": [1e-300,1,1]}'),
    "settings: lists": of_backbone(settings=b"[]"),
    "settings: text": of_backbone(settings=b'{"image_mean": "abc"}'),
    "settings: true": of_backbone(settings=b'{"image_mean": true}'),
    "settings: wrong UTF-8": of_backbone(settings=b"\xff\xfe"),
}

# odd rather than wrong: carried out, or begun anew
ODD = (
    *("finished: 10 GB", "replaced:", "run:", "settings: deviations", "backbone: a side of 1,024"),
    *("backbone: 9,000", "kernels: too few", "plan: views", "plan: flip", "plan: shift 1"),
    *("plan: rotation 1", "plan: patience -1", "plan: stretch 1", "plan: shuffle_pixels 1"),
    *("plan: epochs True", "plan: warm_up 0", "plan: averaging 9", "plan: momentum 5"),
    *("plan: epoch_size 1", "plan: batch_size 1"),
)
RUNS_TAKEN = {name for name in RUNS if name.startswith(ODD)}
