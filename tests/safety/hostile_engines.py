"""Hostile graphs: a kilobyte that grows, counts for hours, or tells an engine something odd.

`ENGINES` gives each by name; a function writes its bytes, card included.
"""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from onnx import TensorProto, helper

from tests.safety.model_bytes import constant, field, model, varint

__all__ = ["ENGINES", "ENGINES_TAKEN"]

FAR = np.array([2**31 - 1], np.int64)


def padded(*, height: int, width: int) -> list[Any]:
    """Give the nodes that lay the picture into a larger one."""
    return [helper.make_node("Pad", ["light", "pads"], ["large"])], constant(
        "pads", [0, 0, 0, 0, 0, height, width, 0]
    )


def pad_bomb(height: int, width: int) -> bytes:
    """Lay the picture into one of gigabytes."""
    nodes, pads = padded(height=height, width=width)
    return model([*nodes, helper.make_node("Relu", ["large"], ["grown"])], pads)


def doubling(times: int) -> bytes:
    """Put the picture beside itself, again and again."""
    names = ["light", *(f"d{number}" for number in range(times - 1)), "grown"]
    nodes = [
        helper.make_node("Concat", [before, before], [after], axis=1)
        for before, after in pairwise(names)
    ]
    return model(nodes)


def early_doubling(times: int) -> bytes:
    """Put stored numbers beside themselves, which the engine does before it has any picture."""
    names = ["few", *(f"d{number}" for number in range(times - 1)), "grown"]
    nodes = [
        helper.make_node("Concat", [before, before], [after], axis=0)
        for before, after in pairwise(names)
    ]
    return model(nodes, constant("few", np.ones(1024, np.float32)))


def early_padding(size: int) -> bytes:
    """Lay stored numbers into gigabytes, which the engine does before it has any picture."""
    nodes = [helper.make_node("Pad", ["few", "pads"], ["grown"])]
    return model(nodes, constant("few", np.ones(4, np.float32)), constant("pads", [0, size]))


def resize_bomb(scale: float) -> bytes:
    """Enlarge the picture without end."""
    scales = constant("scales", np.array([1, scale, scale, 1], np.float32))
    return model([helper.make_node("Resize", ["light", "", "scales"], ["grown"])], scales)


def resize_to(side: int) -> bytes:
    """Enlarge the picture to a side that is said."""
    sizes = constant("sizes", np.array([1, side, side, 1], np.int64))
    return model([helper.make_node("Resize", ["light", "", "", "sizes"], ["grown"])], sizes)


def outer(size: int) -> bytes:
    """Multiply a column by a row, each of so many numbers."""
    nodes = [
        helper.make_node("ReduceMean", ["light"], ["one"], keepdims=0),
        helper.make_node("Reshape", ["one", "ones"], ["square"]),
        helper.make_node("Pad", ["square", "down"], ["column"]),
        helper.make_node("Pad", ["square", "across"], ["line"]),
        helper.make_node("MatMul", ["column", "line"], ["grown"]),
    ]
    tensors = [
        constant("ones", [1, 1]),
        constant("down", [0, 0, size, 0]),
        constant("across", [0, 0, 0, size]),
    ]
    return model(nodes, *tensors)


def products(side: int, times: int) -> bytes:
    """Multiply large tables by themselves for hours."""
    nodes = [
        helper.make_node("ReduceMean", ["light"], ["one"], keepdims=0),
        helper.make_node("Reshape", ["one", "ones"], ["square"]),
        helper.make_node("Pad", ["square", "pads"], ["p0"]),
    ]
    names = [*(f"p{number}" for number in range(times)), "grown"]
    nodes += [
        helper.make_node("MatMul", [before, before], [after]) for before, after in pairwise(names)
    ]
    return model(nodes, constant("ones", [1, 1]), constant("pads", [0, 0, side, side]))


def early_products(side: int, times: int) -> bytes:
    """Multiply stored tables by themselves for hours, before the engine has any picture."""
    nodes = [helper.make_node("Pad", ["few", "pads"], ["p0"])]
    names = [*(f"p{number}" for number in range(times)), "grown"]
    nodes += [
        helper.make_node("MatMul", [before, before], [after]) for before, after in pairwise(names)
    ]
    few = constant("few", np.ones((1, 1), np.float32))
    return model(nodes, few, constant("pads", [0, 0, side, side]))


def chain(operator: str, times: int, **attributes: Any) -> bytes:
    """Let very many small operators follow one another."""
    names = ["light", *(f"c{number}" for number in range(times - 1)), "grown"]
    nodes = [
        helper.make_node(operator, [before], [after], **attributes)
        for before, after in pairwise(names)
    ]
    return model(nodes)


def kernel_bomb(side: int) -> bytes:
    """Slide a kernel that is as large as a large picture."""
    nodes, pads = padded(height=side, width=side)
    nodes += [
        helper.make_node("Transpose", ["large"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Pad", ["small", "more"], ["kernel"]),
        helper.make_node("Conv", ["planes", "kernel"], ["grown"], pads=[side // 4] * 4),
    ]
    small = constant("small", np.ones((1, 1, 1, 1), np.float32))
    return model(nodes, pads, small, constant("more", [0, 0, 0, 0, 0, 0, side // 2, side // 2]))


def odd(operator: str, *inputs: Any, planes: bool = False, **attributes: Any) -> bytes:
    """Write a graph with one operator that is told something odd."""
    names, tensors, nodes = [], [], []
    if planes:
        nodes.append(helper.make_node("Transpose", ["light"], ["planes"], perm=[0, 3, 1, 2]))
    for number, value in enumerate(inputs):
        if isinstance(value, str):
            names.append(value)
        else:
            names.append(f"t{number}")
            tensors.append(constant(f"t{number}", value))
    nodes.append(helper.make_node(operator, names, ["grown"], **attributes))
    return model(nodes, *tensors)


def refused(operator: str, **attributes: Any) -> bytes:
    """Write a graph with an operator that has no place there."""
    return model([helper.make_node(operator, ["light"], ["grown"], **attributes)])


def with_subgraph(operator: str) -> bytes:
    """Write a graph that holds another one, carried out again and again."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["i"], ["o"])],
        "body",
        [helper.make_tensor_value_info("i", TensorProto.BOOL, [])],
        [helper.make_tensor_value_info("o", TensorProto.BOOL, [])],
    )
    names = {"Loop": {"body": body}, "Scan": {"body": body, "num_scan_inputs": 1}}
    attributes = names.get(operator, {"then_branch": body, "else_branch": body})
    return refused(operator, **attributes)


def nested(depth: int) -> bytes:
    """Write a message inside a message, very deep."""
    content = b""
    for _ in range(depth):
        content = field(7, field(1, field(5, field(6, content))))
    return varint(8) + varint(10) + content


def outside() -> bytes:
    """Let numbers stand in another file."""
    tensor = constant("few", np.ones(4, np.float32))
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "/dev/zero"
    return model([helper.make_node("Identity", ["few"], ["grown"])], tensor)


def in_a_segment() -> bytes:
    """Say that numbers are a part of others."""
    tensor = constant("few", np.ones(4, np.float32))
    tensor.segment.begin, tensor.segment.end = 0, 2**62
    return model([helper.make_node("Identity", ["few"], ["grown"])], tensor)


def lying_tensor(dims: list[int], content: bytes = b"") -> bytes:
    """Say sizes that the numbers do not have."""
    tensor = TensorProto(name="few", data_type=TensorProto.FLOAT, dims=dims, raw_data=content)
    return model([helper.make_node("Identity", ["few"], ["grown"])], tensor)


ENGINES: dict[str, Callable[[], bytes]] = {
    "laid into 4 GB": partial(pad_bomb, 30_000, 30_000),
    "laid into 2^62": partial(pad_bomb, 2**31, 2**31),
    "put beside itself 26 times": partial(doubling, 26),
    "put beside itself 60 times": partial(doubling, 60),
    "stored numbers beside themselves": partial(early_doubling, 22),
    "stored numbers laid into 8 GB": partial(early_padding, 2 * 10**9),
    "enlarged 3,000 times": partial(resize_bomb, 3000.0),
    "enlarged without end": partial(resize_bomb, 1e30),
    "enlarged to 40,000²": partial(resize_to, 40_000),
    "a column times a row": partial(outer, 30_000),
    "products for hours": partial(products, 5000, 400),
    "products of stored numbers for hours": partial(early_products, 5000, 400),
    "a kernel of 500²": partial(kernel_bomb, 1000),
    "10,000 nodes": partial(chain, "Relu", 9_000),
    "a million nodes": partial(chain, "Relu", 200_000),
    "10,000 transpositions": partial(chain, "Transpose", 9_000, perm=[0, 2, 1, 3]),
    "pools that stand": lambda: odd(
        "MaxPool", "planes", planes=True, kernel_shape=[2, 2], strides=[0, 0]
    ),
    "pools of nothing": lambda: odd("MaxPool", "planes", planes=True, kernel_shape=[0, 0]),
    "pools of 2^31": lambda: odd("MaxPool", "planes", planes=True, kernel_shape=[2**31, 2**31]),
    "pools far apart": lambda: odd(
        "MaxPool", "planes", planes=True, kernel_shape=[2, 2], dilations=[2**40, 2**40]
    ),
    "pools that overlap": lambda: odd(
        "MaxPool", "planes", planes=True, kernel_shape=[2, 2], pads=[-5, -5, -5, -5]
    ),
    "pools of large margins": lambda: odd(
        "AveragePool", "planes", planes=True, kernel_shape=[2, 2], pads=[2**40] * 4
    ),
    "mean of nothing": lambda: odd(
        "AveragePool", "planes", planes=True, kernel_shape=[2, 2], strides=[0, 0]
    ),
    "kernels that stand": lambda: odd(
        "Conv", "planes", np.ones((1, 1, 1, 1), np.float32), planes=True, strides=[0, 0]
    ),
    "kernels in no groups": lambda: odd(
        "Conv", "planes", np.ones((1, 1, 1, 1), np.float32), planes=True, group=0
    ),
    "kernels far apart": lambda: odd(
        "Conv", "planes", np.ones((1, 1, 2, 2), np.float32), planes=True, dilations=[2**40] * 2
    ),
    "kernels of large margins": lambda: odd(
        "Conv", "planes", np.ones((1, 1, 1, 1), np.float32), planes=True, pads=[20_000] * 4
    ),
    "no kernels": lambda: odd("Conv", "planes", np.ones((0, 1, 1, 1), np.float32), planes=True),
    "scales of nothing": lambda: odd("Resize", "light", "", np.zeros(4, np.float32)),
    "negative scales": lambda: odd("Resize", "light", "", -np.ones(4, np.float32)),
    "small scales": lambda: odd("Resize", "light", "", np.full(4, 1e-30, np.float32)),
    "sizes of nothing": lambda: odd("Resize", "light", "", "", np.zeros(4, np.int64)),
    "negative sizes": lambda: odd("Resize", "light", "", "", -np.ones(4, np.int64)),
    "rows far away": lambda: odd("Gather", "light", FAR, axis=1),
    "rows far before": lambda: odd("Gather", "light", np.array([-(2**62)]), axis=1),
    "steps of nothing": lambda: odd(
        "Slice", "light", np.array([0]), np.array([5]), np.array([1]), np.array([0])
    ),
    "steps of 2^63": lambda: odd(
        "Slice", "light", np.array([0]), np.array([5]), np.array([1]), np.array([2**63 - 1])
    ),
    "axes far away": lambda: odd(
        "Slice", "light", np.array([0]), np.array([5]), np.array([99]), np.array([1])
    ),
    "negative margins": lambda: odd("Pad", "light", np.array([0, -50, -50, 0, 0, -50, -50, 0])),
    "margins of 2^63": lambda: odd("Pad", "light", np.array([0, 2**62, 2**62, 0, 0, 0, 0, 0])),
    "shapes of 2^62": lambda: odd("Reshape", "light", np.array([2**31, 2**31])),
    "shapes of -7": lambda: odd("Reshape", "light", np.array([-7, -1])),
    "shapes of nothing": lambda: odd("Reshape", "light", np.array([0, 0, 0, 0]), allowzero=1),
    "orders twice": lambda: odd("Transpose", "light", perm=[0, 0, 0, 0]),
    "orders far away": lambda: odd("Transpose", "light", perm=[0, 1, 2, 2**40]),
    "axes of softmax": lambda: odd("Softmax", "light", axis=2**31),
    "axes of flatten": lambda: odd("Flatten", "light", axis=-(2**31)),
    "a kind unknown": lambda: odd("Cast", "light", to=2**31 - 1),
    "a kind of text": lambda: odd("Cast", "light", to=8),
    "neighbours of none": lambda: odd("LRN", "planes", planes=True, size=0),
    "neighbours of all": lambda: odd("LRN", "planes", planes=True, size=2**40 + 1),
    "limits crossed": lambda: odd("Clip", "light", np.float32(9), np.float32(-9)),
    "norms of another size": lambda: odd(
        "BatchNormalization", "planes", *[np.ones(5, np.float32)] * 4, planes=True
    ),
    "axes squeezed": lambda: odd("Squeeze", "light", np.array([0, 0, 5, 9])),
    "axes added": lambda: odd("Unsqueeze", "light", np.array([0, 0, 99])),
    "sums of another shape": lambda: odd("Add", "light", np.ones((7, 7, 7), np.float32)),
    "no inputs": lambda: odd("Add"),
    "too many inputs": lambda: odd("Relu", *["light"] * 500),
    "a constant of nothing": lambda: odd("Constant"),
    "a constant twice": lambda: odd("Constant", value_int=1, value_float=2.0),
    "a circle": lambda: model(
        [
            helper.make_node("Relu", ["b"], ["a"]),
            helper.make_node("Relu", ["a"], ["b"]),
            helper.make_node("Relu", ["a"], ["grown"]),
        ]
    ),
    "a name twice": lambda: model([helper.make_node("Relu", ["light"], ["grown"])] * 2),
    "a name from nowhere": lambda: model([helper.make_node("Relu", ["nowhere"], ["grown"])]),
    "a name of 10 MB": lambda: model([helper.make_node("Relu", ["light"], ["grown", "x" * 10**7])]),
    "ConstantOfShape": partial(refused, "ConstantOfShape"),
    "Expand": partial(refused, "Expand"),
    "Tile": partial(refused, "Tile"),
    "RandomNormalLike": partial(refused, "RandomNormalLike"),
    "a Loop": partial(with_subgraph, "Loop"),
    "an If": partial(with_subgraph, "If"),
    "a Scan": partial(with_subgraph, "Scan"),
    "numbers outside": outside,
    "numbers in a segment": in_a_segment,
    "numbers that lie": partial(lying_tensor, [2**31 - 1] * 8, b"\0\0\0\0"),
    "numbers of 2^62": partial(lying_tensor, [2**62]),
    "numbers of nothing": partial(lying_tensor, [0, 2**31 - 1, 2**31 - 1]),
    "numbers of negative sides": partial(lying_tensor, [-1, -4], b"\0" * 16),
    "messages 2,000 deep": partial(nested, 2000),
    "messages 200,000 wide": lambda: varint(8) + varint(10) + field(8, b"") * 200_000,
    "the engine's own format": lambda: b"\x18\0\0\0ORTM" + bytes(1000),
    "text of wrong UTF-8": lambda: model([helper.make_node("Relu", ["light"], ["grown"])]).replace(
        b"Relu", b"\xff\xfe\xff\xfe"
    ),
    "an endless number": lambda: b"\x08" + b"\xff" * 1000,
    "a length of 2^63": lambda: b"\x3a" + varint(2**63) + b"x",
}

# odd rather than wrong: an engine may also carry them out
ENGINES_TAKEN = {
    "10,000 nodes",
    "10,000 transpositions",
    "a constant twice",
    "a name of 10 MB",
    "kernels of large margins",
    "limits crossed",
    "negative margins",
    "no kernels",
    "numbers of nothing",
    "small scales",
    "steps of 2^63",
}
