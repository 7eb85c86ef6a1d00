"""A backbone cut in two: its first stages stay as they are, its last ones may learn on.

What the first stages see, edges and textures and parts, is on all photographs; what the last ones
make of it was bent towards the thousand kinds of ImageNet. The cut is where the first of the means
is taken, before the last two stages: four fifths of the numbers lie behind it, but little more
than a third of the work.

Source: J. Yosinski et al., "How transferable are features in deep neural networks?", NIPS 2014.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from imagier.errors import ModelError
from imagier.features.backbone import Backbone
from imagier.features.composition import compose_maps
from imagier.features.efficientnet_lite import LAYERS, core_of, published_weights
from imagier.files import content_hash
from imagier.neurons import Layer

__all__ = ["Cut", "cut"]

BEFORE = len(LAYERS) - 1  # layers before the one that takes the first mean
WHOLE, PART = f"body.{BEFORE}.", "body.0."  # what a weight behind the cut is named after


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cut:
    """A backbone in two parts.

    Attributes:
        backbone: The whole.
        front: Its first part as ONNX: from a picture to maps.
        layers: Its second part: from the maps to the features.
        weights: Those of the second part, as published, named as torch names them in a network
            of `layers`.
    """

    backbone: Backbone
    front: bytes = field(repr=False)
    layers: tuple[Layer, ...]
    weights: Mapping[str, NDArray[np.float32]] = field(repr=False)

    def graph(self, input_shape: tuple[int, int, int], *, full_scale: int) -> bytes:
        """Write the graph from prepared pictures to the maps at the cut, (N, D, H, W).

        Args:
            input_shape: Height, width and channels, 1 or 3, of the prepared pictures.
            full_scale: The level that is white in them.
        """
        return compose_maps(
            self.front,
            self.backbone.socket,
            self.backbone.levels,
            input_shape=input_shape,
            full_scale=full_scale,
            side=self.backbone.side,
        )

    def joined(self, learnt: Mapping[str, NDArray[np.float32]]) -> Backbone:
        """Give the whole with what its second part has learnt.

        Args:
            learnt: Its weights, named as `weights` are.
        """
        named = {WHOLE + name.removeprefix(PART): learnt[name] for name in self.weights}
        core = core_of({**published_weights(), **named})
        return replace(self.backbone, core=core, key=f"{self.backbone.key}-{content_hash(core)}")

    def beginning_with(self, weights: Mapping[str, NDArray[Any]], *, path: str) -> "Cut":
        """Give the same cut of a backbone whose second part has learnt before.

        Args:
            weights: Those of a model, by name, what is not of the second part among them.
            path: The model's name, for messages.

        Raises:
            ModelError: `weights_of_other_network`, naming the first that does not fit.
        """
        taken = {}
        for name, published in self.weights.items():
            known = weights.get(name)
            if known is None or (known.shape, known.dtype) != (published.shape, published.dtype):
                raise ModelError("weights_of_other_network", path=path, name=name)
            taken[name] = known
        return replace(self, backbone=self.joined(taken), weights=taken)


def cut(backbone: Backbone) -> Cut:
    """Cut the backbone that comes with imagier, at whichever side.

    Raises:
        MachineError: `backbone_not_installed`.
        ModelError: `backbone_changed`.
    """
    weights = {
        PART + name.removeprefix(WHOLE): value
        for name, value in published_weights().items()
        if name.startswith(WHOLE)
    }
    return Cut(
        backbone=backbone,
        front=_first_part(backbone.core, backbone.socket.output),
        layers=LAYERS[BEFORE:],
        weights=weights,
    )


def _first_part(core: bytes, output: str) -> bytes:
    """Keep the nodes that stand before the first mean, and the numbers they need."""
    model = onnx.load_model_from_string(core)
    graph = model.graph
    end = next(i for i, node in enumerate(graph.node) if node.op_type == "GlobalAveragePool")
    maps = graph.node[end].input[0]
    del graph.node[end:]
    for node in graph.node:
        node.output[:] = [output if name == maps else name for name in node.output]
        node.input[:] = [output if name == maps else name for name in node.input]
    used = {name for node in graph.node for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.initializer[:], graph.output[:]
    graph.initializer.extend(kept)
    shape: list[str | int | None] = ["N", "D", "H", "W"]
    graph.output.append(helper.make_tensor_value_info(output, TensorProto.FLOAT, shape))
    onnx.checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString(deterministic=True)
    return content
