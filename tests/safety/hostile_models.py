"""Models as somebody builds them who wants to do harm: small files that ask for much."""

import importlib.util
import json
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from imagier.onnx_io import graph as onnx_graph

MEASURE = '''
import re
def highest():
    """Give the most memory that this process ever held, in bytes, mapped files included."""
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) * 1024
'''


def module_of(path):
    """Import a module of builders by its place."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


tiny = module_of(Path(__file__).parents[1] / "recognizer" / "tiny_models.py")


def run(code, *arguments, timeout=300):
    """Run code in a process of its own, `highest()` at hand, and give what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE + textwrap.dedent(code), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def whole(values, name):
    """Give a table of whole numbers."""
    return numpy_helper.from_array(np.asarray(values, np.int64), name)


def real(values, name):
    """Give a table of floating-point numbers."""
    return numpy_helper.from_array(np.asarray(values, np.float32), name)


def save(folder, parts, **card):
    """Write the model folder of a graph."""
    content = tiny.model_of(parts).SerializeToString()
    changes = {"card": tiny.tiny_card(**card), "weights": b""}
    tiny.tiny_recognizer(onnx=content, **changes).save(folder)
    return folder


def with_middle(nodes, tables, last):
    """Give the tiny network whose sums go through other nodes; `last` is a matrix, (rows, n)."""
    parts = tiny.graph_parts()
    parts["initializer"] += [whole([0], "zero"), whole([1], "one"), whole([3], "three"), *tables]
    parts["nodes"][-1:] = [
        *nodes,
        helper.make_node("ReduceMean", [last, "zero"], ["means"], keepdims=1),
        helper.make_node("Slice", ["means", "zero", "three", "one"], ["few"]),
        helper.make_node("Add", ["few", "sums"], ["mixed"]),
        helper.make_node("Softmax", ["mixed"], ["probabilities"]),
    ]
    return parts


def of_large_input(folder, side=4096):
    """A model of some hundred bytes that wants pictures of 50 MB."""
    parts = tiny.graph_parts(channels=3)
    parts["inputs"] = [
        helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["N", side, side, 3])
    ]
    parts["initializer"] = [
        *(whole(pair, name) for pair, name in (([0, 0], "from"), ([1, 3], "to"), ([1, 2], "axes"))),
        whole([1, 3], "rest"),
    ]
    parts["nodes"] = [
        helper.make_node("Slice", ["pixels", "from", "to", "axes"], ["corner"]),
        helper.make_node("Cast", ["corner"], ["levels"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["levels", "rest"], ["means"], keepdims=0),
        helper.make_node("Softmax", ["means"], ["probabilities"]),
    ]
    return save(folder, parts, side=side, channels=3)


def growing(folder, megabytes):
    """A model that multiplies a row by a column into a table of so many megabytes."""
    n = int((megabytes * 2**20 / 4) ** 0.5)
    nodes = [
        helper.make_node("Slice", ["sums", "zero", "one", "one"], ["column of sums"]),
        helper.make_node("Slice", ["column of sums", "zero", "one", "zero"], ["first"]),
        helper.make_node("Add", ["first", "line"], ["long"]),
        helper.make_node("Mul", ["long", "column"], ["huge"]),
    ]
    tables = [real(np.ones((1, n)), "line"), real(np.ones((n, 1)), "column")]
    return save(folder, with_middle(nodes, tables, "huge"))


def folding(folder, megabytes, times=8):
    """A model of constants that an optimiser would multiply out beforehand."""
    n = int((megabytes * 2**20 / 4) ** 0.5)
    tables, nodes = [real(np.ones((1, n)), "line")], []
    for number in range(times):
        tables.append(real(np.full((n, 1), number + 2), f"column{number}"))
        nodes.append(helper.make_node("Add", [f"column{number}", "line"], [f"huge{number}"]))
        first = f"product{number - 1}" if number else "line"
        nodes.append(helper.make_node("Mul", [first, f"huge{number}"], [f"product{number}"]))
    return save(folder, with_middle(nodes, tables, f"product{times - 1}"))


def of_many_copies(folder, times=1000, side=512):
    """A model of a megabyte whose one table an optimiser would copy for each use."""
    rng = np.random.default_rng(0)
    tables = [
        real(rng.normal(size=(3, side)), "wide"),
        real(rng.normal(size=(side, side, 1, 1)), "kernels"),
        real(np.ones(side), "ones"),
        whole([1, side, 1, 1], "maps"),
        whole([1, side], "flat"),
    ]
    nodes = [
        helper.make_node("MatMul", ["sums", "wide"], ["long"]),
        helper.make_node("Slice", ["long", "zero", "one", "zero"], ["single"]),
        helper.make_node("Reshape", ["single", "maps"], ["maps0"]),
    ]
    for number in range(times):
        norm = [f"sums{number}", "ones", "ones", "ones", "ones"]
        nodes += [
            helper.make_node("Conv", [f"maps{number}", "kernels"], [norm[0]]),
            helper.make_node("BatchNormalization", norm, [f"maps{number + 1}"]),
        ]
    nodes.append(helper.make_node("Reshape", [f"maps{times}", "flat"], ["last"]))
    return save(folder, with_middle(nodes, tables, "last"))


def fat_json(size, kind):
    """Give JSON of so many bytes that takes as much memory as it can when it is read."""
    unit = {"objects": '{"": {"": {"": 0}}}, ', "empty": "{}, ", "texts": '"\u0394", '}[kind]
    return f'"{kind}": [{unit * (size // len(unit.encode()))}0]'


def with_card(file, text):
    """Write the tiny network with this very text as its description."""
    limit, onnx_graph.MAX_CARD = onnx_graph.MAX_CARD, 2**40
    try:
        content = tiny.tiny_model().SerializeToString()
        file.write_bytes(onnx_graph.embed_card(content, text, path="hostile"))
    finally:
        onnx_graph.MAX_CARD = limit
    return file


def fat_card(size, kind):
    """Give a description, valid but for its size, with so many bytes of ballast in its plan."""
    text = json.dumps(tiny.tiny_card().to_json(), ensure_ascii=False)
    return text.replace('"plan": {', '"plan": {' + fat_json(size, kind) + ", ", 1)
