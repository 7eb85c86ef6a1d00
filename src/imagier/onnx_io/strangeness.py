"""How strange a picture is to a recogniser, computed inside its ONNX graph as a second output.

    … → features → Gemm → Softmax → … → probabilities
            └→ near (what no class claims) + far (where no picture was) → strangeness, (N, 1)

The features are what the last layer of neurons reads, whatever gave them: pixels, a network learnt
here, a backbone. So the score is found in every graph that ends as ours do, without asking who
wrote it. It is written with operators that are allowed in any case (`fields.OPERATORS`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagier.errors import Refused
from imagier.onnx_io.checks import FLOAT, INT64
from imagier.onnx_io.fields import (
    ATTRIBUTE,
    DIMENSION,
    FEATURES,
    GRAPH,
    MODEL,
    NODE,
    SHAPE,
    STRANGENESS,
    TENSOR,
    TENSOR_TYPE,
    TYPE,
    VALUE_INFO,
)
from imagier.onnx_io.protobuf import Message, Reader, write_message

__all__ = ["StrangenessScore", "add_strangeness", "features_graph"]

Numbers = NDArray[np.float32]
_INTS = 7  # the kind of an attribute


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StrangenessScore:
    """What turns features f, (D,), into a number: above 1 the picture is of none of the classes.

        x    = (f - mean) · scale
        near = - max over classes of (x · claims + offsets)
        far  = |x|² + sum of (x · axes)² · weights - max over classes of (x · pulls + distances)
        strangeness = near_weight · near + far_weight · far + shift

    Attributes:
        mean: Of the features learnt from, (D,).
        scale: By which they are multiplied, (D,).
        claims: How each class claims a picture, (D, K).
        offsets: From which each begins, (K,).
        axes: In which the pictures learnt from differ most, (D, R).
        weights: How much a step along each counts beyond what any direction does, (R,).
        pulls: How much nearer each class's mean is than the mean of all, (D, K).
        distances: From which that begins, (K,).
        near_weight: Of what no class claims.
        far_weight: Of how far the picture lies from all.
        shift: Brings the threshold to 1.
    """

    mean: Numbers
    scale: Numbers
    claims: Numbers
    offsets: Numbers
    axes: Numbers
    weights: Numbers
    pulls: Numbers
    distances: Numbers
    near_weight: float = 1.0
    far_weight: float = 1.0
    shift: float = 0.0

    def parts(self, features: NDArray[np.floating]) -> NDArray[np.float64]:
        """Give `near` and `far` of pictures, (N, 2), from their features, (N, D)."""
        x = (features.astype(np.float32) - self.mean) * self.scale
        near = -(x @ self.claims + self.offsets).max(axis=1)
        far = np.square(x).sum(axis=1) + np.square(x @ self.axes) @ self.weights
        far -= (x @ self.pulls + self.distances).max(axis=1)
        found: NDArray[np.float64] = np.stack([near, far], axis=1).astype(np.float64)
        return found

    def strangeness(self, features: NDArray[np.floating]) -> Numbers:
        """Give the strangeness of pictures, (N,), from their features, (N, D)."""
        weighed = self.parts(features) @ np.array([self.near_weight, self.far_weight])
        found: Numbers = (weighed + self.shift).astype(np.float32)
        return found


def features_graph(content: bytes, *, path: str) -> bytes:
    """Give the graph that ends with the features that the last layer of neurons reads.

    Args:
        content: A recogniser's ONNX file.
        path: Its name, for messages.

    Returns:
        A graph from prepared pictures to `features`, (N, D), which need not be kept.

    Raises:
        ModelError: `model_unsafe`, when the file cannot be read or has no such layer.
    """
    try:
        opened = _Opened(content)
        opened.nodes.append(_node("Identity", [opened.features()], FEATURES))
        return opened.written([_output(FEATURES, opened.width)])
    except Refused as refused:
        raise refused.as_error("model_unsafe", path=path) from None


def add_strangeness(content: bytes, score: StrangenessScore, *, path: str) -> bytes:
    """Give the graph with `strangeness`, (N, 1), as its second output, without its description.

    Args:
        content: A recogniser's ONNX file with `probabilities` as its only output.
        score: Fitted on the features of `features_graph`.
        path: Its name, for messages.

    Raises:
        ModelError: `model_unsafe`, when the file cannot be read or has no last layer of neurons.
    """
    try:
        opened = _Opened(content)
        opened.score(score)
        return opened.written([opened.outputs[0], _output(STRANGENESS, 1)])
    except Refused as refused:
        raise refused.as_error("model_unsafe", path=path) from None


class _Opened:
    """A recogniser's graph, taken apart to be written again with more in it."""

    def __init__(self, content: bytes) -> None:
        self.reader = Reader()
        self.model = self.reader.message(memoryview(content), MODEL)
        self.graph = self.reader.message(self.model.content("graph"), GRAPH)
        self.nodes = list(self.graph.all_contents("node"))
        self.tensors = list(self.graph.all_contents("initializer"))
        self.outputs = list(self.graph.all_contents("output"))
        self.width = 0
        self._count = 0

    def features(self) -> str:
        """Find what the last layer of neurons reads; of a picture and its mirror image, the mean.

        Raises:
            Refused: There is no such layer.
        """
        read = [self.reader.message(node, NODE) for node in self.nodes]
        last = [node for node in read if node.text("op_type") == "Gemm"]
        if not last:
            raise Refused("missing_part", name="Gemm")
        name, weights = (bytes(one).decode() for one in last[-1].all_contents("input")[:2])
        self.width = self._columns(weights)
        if any(node.text("op_type") == "ReduceMean" for node in read[read.index(last[-1]) :]):
            two = self.add("Reshape", [name, self.integers([2, -1, self.width])])
            halves = [self.add("Gather", [two, self.integers([side], ())]) for side in (0, 1)]
            name = self.add("Mul", [self.add("Add", halves), self.numbers(np.array(0.5))])
        return name

    def score(self, score: StrangenessScore) -> None:
        """Add the nodes of the score."""
        features = self.features()
        centred = self.add("Sub", [features, self.numbers(score.mean)])
        x = self.add("Mul", [centred, self.numbers(score.scale)])
        near = self.greatest(x, score.claims, score.offsets, -score.near_weight)
        nearest = self.greatest(x, score.pulls, score.distances, -score.far_weight)
        far = self.weighed(x, np.full(len(score.mean), score.far_weight))
        along = self.add("MatMul", [x, self.numbers(score.axes)])
        far = self.add("Add", [far, self.weighed(along, score.weights * score.far_weight)])
        both = self.add("Add", [near, self.add("Add", [far, nearest])])
        found = self.add("Add", [both, self.numbers(np.array(score.shift))])
        self.nodes.append(_node("Identity", [found], STRANGENESS))

    def greatest(self, x: str, columns: Numbers, offsets: Numbers, weight: float) -> str:
        """Give the greatest of the sums of all classes, weighed, (N, 1)."""
        classes = len(offsets)
        sums = self.add("MatMul", [x, self.numbers(columns)])
        sums = self.add("Add", [sums, self.numbers(offsets)])
        row = self.add("Reshape", [sums, self.integers([-1, 1, 1, classes])])
        most = self.add("MaxPool", [row], {"kernel_shape": [1, classes]})
        most = self.add("Reshape", [most, self.integers([-1, 1])])
        return self.add("Mul", [most, self.numbers(np.array(weight))])

    def weighed(self, name: str, weights: NDArray[np.floating]) -> str:
        """Give the weighed sum of squares of each row, (N, 1)."""
        squares = self.add("Mul", [name, name])
        return self.add("MatMul", [squares, self.numbers(weights[:, np.newaxis])])

    def add(
        self, operator: str, inputs: Sequence[str], settings: dict[str, list[int]] | None = None
    ) -> str:
        self._count += 1
        name = f"{STRANGENESS}.{self._count}"
        self.nodes.append(_node(operator, inputs, name, settings))
        return name

    def numbers(self, values: NDArray[np.floating]) -> str:
        return self._tensor(values.shape, FLOAT, np.ascontiguousarray(values, "<f4").tobytes())

    def integers(self, values: Sequence[int], shape: Sequence[int] | None = None) -> str:
        sides = (len(values),) if shape is None else shape
        return self._tensor(sides, INT64, np.array(values, "<i8").tobytes())

    def written(self, outputs: list[memoryview]) -> bytes:
        parts = {"node": self.nodes, "initializer": self.tensors, "output": outputs}
        whole = write_message(Message(self.graph.numbers, self.graph.contents | parts), GRAPH)
        contents = self.model.contents | {"graph": [memoryview(whole)]}
        contents.pop("metadata_props", None)  # the notes speak of the graph as it was
        return write_message(Message(self.model.numbers, contents), MODEL)

    def _tensor(self, shape: Sequence[int], kind: int, raw: bytes) -> str:
        self._count += 1
        name = f"{STRANGENESS}.{self._count}"
        numbers = {"data_type": [kind]} | ({"dims": list(shape)} if len(shape) else {})
        contents = {"name": [_text(name)], "raw_data": [memoryview(raw)]}
        self.tensors.append(memoryview(write_message(Message(numbers, contents), TENSOR)))
        return name

    def _columns(self, name: str) -> int:
        """Give the inputs of a layer by its weights, (K, D) as all our graphs keep them."""
        for content in self.tensors:
            tensor = self.reader.message(content, TENSOR)
            if tensor.text("name") == name:
                return tensor.all_numbers("dims")[-1]
        raise Refused("missing_part", name=ascii(name[:40]))


def _node(
    operator: str,
    inputs: Sequence[str],
    output: str,
    settings: dict[str, list[int]] | None = None,
) -> memoryview:
    attributes = [
        memoryview(
            write_message(
                Message({"ints": values, "type": [_INTS]}, {"name": [_text(name)]}), ATTRIBUTE
            )
        )
        for name, values in (settings or {}).items()
    ]
    contents = {
        "input": [_text(name) for name in inputs],
        "output": [_text(output)],
        "op_type": [_text(operator)],
    }
    parts = contents | ({"attribute": attributes} if attributes else {})
    return memoryview(write_message(Message(contents=parts), NODE))


def _output(name: str, width: int) -> memoryview:
    """Describe an output of numbers, (N, width)."""
    sides = [
        memoryview(write_message(Message(contents={"dim_param": [_text("N")]}), DIMENSION)),
        memoryview(write_message(Message({"dim_value": [width]}), DIMENSION)),
    ]
    shape = memoryview(write_message(Message(contents={"dim": sides}), SHAPE))
    tensor = write_message(Message({"elem_type": [FLOAT]}, {"shape": [shape]}), TENSOR_TYPE)
    kind = write_message(Message(contents={"tensor_type": [memoryview(tensor)]}), TYPE)
    contents = {"name": [_text(name)], "type": [memoryview(kind)]}
    return memoryview(write_message(Message(contents=contents), VALUE_INFO))


def _text(text: str) -> memoryview:
    return memoryview(text.encode())
