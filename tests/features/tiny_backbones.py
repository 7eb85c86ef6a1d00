"""Small backbones as ONNX: one convolution with random kernels, in all the forms they come in."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

OUTPUTS = 6


def parts(*, kind="float", last=False, side=None, rank=2, rows="N", seed=0):
    """Give nodes, initialisers, inputs and outputs, to be spoilt at will."""
    rng = np.random.default_rng(seed)
    kernels = rng.normal(0, 0.5, (OUTPUTS, 3, 3, 3)).astype(np.float32)
    nodes, name = [], "picture"
    if kind == "bytes":
        nodes.append(helper.make_node("Cast", [name], ["levels"], to=TensorProto.FLOAT))
        nodes.append(helper.make_node("Mul", ["levels", "small"], ["light"]))
        name = "light"
    if last:
        nodes.append(helper.make_node("Transpose", [name], ["planes"], perm=[0, 3, 1, 2]))
        name = "planes"
    nodes.append(helper.make_node("Conv", [name, "kernels"], ["sums"], pads=[1, 1, 1, 1]))
    nodes.append(helper.make_node("Relu", ["sums"], ["maps"]))
    if rank == 2:
        nodes.append(helper.make_node("GlobalAveragePool", ["maps"], ["means"]))
        nodes.append(helper.make_node("Flatten", ["means"], ["found"]))
    sides = [side or "H", side or "W"]
    shape = [rows, *sides, 3] if last else [rows, 3, *sides]
    entry = TensorProto.UINT8 if kind == "bytes" else TensorProto.FLOAT
    output = "found" if rank == 2 else "maps"
    leaving = [rows, OUTPUTS] if rank == 2 else [rows, OUTPUTS, *sides]
    return {
        "nodes": nodes,
        "initializer": [
            numpy_helper.from_array(kernels, "kernels"),
            numpy_helper.from_array(np.float32(1 / 64), "small"),
        ],
        "inputs": [helper.make_tensor_value_info("picture", entry, shape)],
        "outputs": [helper.make_tensor_value_info(output, TensorProto.FLOAT, leaving)],
    }


def model_of(pieces, *, opset=18):
    """Give the ModelProto of these parts."""
    graph = helper.make_graph(name="tiny", **pieces)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)


def write(path, *, opset=18, **settings):
    """Write a small backbone and give its path."""
    path.write_bytes(model_of(parts(**settings), opset=opset).SerializeToString())
    return path
