"""The same network written in another version of ONNX's operators, for engines that ask for one."""

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import version_converter

from imagier.errors import ModelError, UsageError
from imagier.files import printable
from imagier.onnx_io.fields import IR_VERSION, OPERATOR_SETS

__all__ = ["opset_of", "plain_graph", "reference_pixels", "with_opset"]

REFERENCES = 8


def opset_of(content: bytes) -> int:
    """Give the version of the operators in an ONNX file that was checked."""
    model = onnx.load_model_from_string(content)
    return int(model.opset_import[0].version)


def with_opset(content: bytes, opset: int, *, path: str) -> bytes:
    """Write a graph with operators of another version, without its description.

    Args:
        content: A recogniser's ONNX file.
        opset: The version; one that imagier itself reads.
        path: Its name, for messages.

    Raises:
        UsageError: `opset_range`, when it is a version that imagier does not read.
        ModelError: `opset_impossible`, when an operator cannot be said in that version.
    """
    if opset not in OPERATOR_SETS:
        ends = {"first": OPERATOR_SETS[0], "last": OPERATOR_SETS[-1]}
        raise UsageError("opset_range", received=opset, **ends)
    model = onnx.load_model_from_string(content)
    if model.opset_import[0].version == opset:
        return content
    try:
        return plain_graph(version_converter.convert_version(model, opset))
    except Exception as error:  # the converter's errors share no class
        reason = printable(str(error).strip().splitlines()[-1] if str(error) else "?")[:160]
        raise ModelError("opset_impossible", path=path, opset=opset, reason=reason) from error


def plain_graph(model: onnx.ModelProto) -> bytes:
    """Give the bytes of a graph without what tools noted about themselves in it."""
    del model.metadata_props[:]
    del model.graph.value_info[:]
    for opset in [one for one in model.opset_import if one.domain not in ("", "ai.onnx")]:
        model.opset_import.remove(opset)
    model.producer_name, model.producer_version, model.ir_version = "imagier", "", IR_VERSION
    return bytes(model.SerializeToString(deterministic=True))


def reference_pixels(shape: tuple[int, int, int], full_scale: int) -> NDArray[np.uint8]:
    """Give pictures on which two graphs are compared: noise, and noise on light and dark."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, full_scale + 1, (REFERENCES, *shape))
    ground = np.arange(REFERENCES).reshape(-1, 1, 1, 1) * full_scale // (REFERENCES - 1)
    mixed: NDArray[np.uint8] = ((pixels + ground) // 2).astype(np.uint8)
    return mixed
