"""The sums of a network of neurons, written out from its answer back to the pixels.

In a linear or dense network each neuron adds up its inputs, each times its weight, and its bias.
Beginning with the neuron of the answer, each sum is taken apart into its products; the input whose
product is greatest, without its sign, is a neuron of the layer before, and is taken apart next.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from imagier.errors import Refused, UsageError
from imagier.files import printable
from imagier.neurons import (
    ACTIVATIONS,
    Activation,
    Dense,
    Flatten,
    Layer,
    ShufflePixels,
    Softmax,
    parse_spec,
    pixel_order,
)
from imagier.recognizer.weights import read_weights

if TYPE_CHECKING:
    from imagier.recognizer import Recognizer

__all__ = ["TracedNeuron", "neuron_sums"]

KINDS = (Activation, Dense, Flatten, ShufflePixels, Softmax)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TracedNeuron:
    """One neuron at work: Σ weight · input + bias.

    Attributes:
        layer: Which layer of neurons it stands in, from 1.
        neuron: Which neuron of its layer, from 0; of the last layer, the class.
        weights: Its weights, (I,), or (H, W, C) where the inputs are pixels.
        inputs: What they multiply, of the same shape.
        bias: What is added.
        output: What leaves it after its activation; of the last layer, the sum itself.
    """

    layer: int
    neuron: int
    weights: NDArray[np.float64]
    inputs: NDArray[np.float64]
    bias: float
    output: float

    @property
    def products(self) -> NDArray[np.float64]:
        """Each weight times its input."""
        products: NDArray[np.float64] = self.weights * self.inputs
        return products

    @property
    def sum(self) -> float:
        """The sum with its bias."""
        return float(self.products.sum()) + self.bias

    @property
    def is_on_pixels(self) -> bool:
        """Whether its inputs are the pixels of the picture."""
        return self.weights.ndim == 3

    def strongest(self, limit: int) -> list[tuple[int, ...]]:
        """Give the places of the products farthest from 0, the farthest first."""
        products = np.abs(self.products)
        order = np.argsort(-products.ravel(), kind="stable")[:limit]
        return [tuple(map(int, np.unravel_index(place, products.shape))) for place in order]


def neuron_sums(
    recognizer: "Recognizer", pixels: NDArray[np.uint8], target: int
) -> tuple[TracedNeuron, ...]:
    """Take the sums apart, from the neuron of a class back to the pixels.

    Args:
        recognizer: The model.
        pixels: The picture as the network gets it, (H, W, C).
        target: The class, as a position.

    Returns:
        One neuron a layer, that of the class first; none where the network is of another kind, or
        its weights are not there.

    Raises:
        ModelError: `weights_damaged`, when the weights are not those of the network.
    """
    weights = read_weights(recognizer.weights, path=recognizer.name)
    if "scale" not in weights:
        return ()
    height, width, channels = pixels.shape
    try:
        layers = parse_spec(
            recognizer.card.network,
            input=(height, width, channels),
            classes=len(recognizer.classes),
            shuffle_pixels=recognizer.card.plan.get("shuffle_pixels"),
        )
    except UsageError:  # no network of layers
        return ()
    if not all(isinstance(layer, KINDS) for layer in layers):
        return ()
    try:
        scaled = pixels * weights["scale"].astype(np.float64) + weights["shift"]
        return tuple(_backwards(_forwards(layers, weights, scaled), target))
    except (KeyError, ValueError, IndexError):  # written by somebody else
        network = printable(recognizer.card.network)
        refused = Refused("weights_fit", network=network)
        raise refused.as_error("weights_damaged", path=recognizer.name) from None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Pass:
    """A dense layer at work: its weights (O, I) or (O, H, W, C), what entered it, what left."""

    weights: NDArray[np.float64]
    bias: NDArray[np.float64]
    inputs: NDArray[np.float64]
    outputs: NDArray[np.float64]


def _forwards(
    layers: tuple[Layer, ...], weights: Mapping[str, NDArray[Any]], scaled: NDArray[np.float64]
) -> list[_Pass]:
    height, width, channels = scaled.shape
    values = scaled
    passes: list[_Pass] = []
    order: NDArray[np.int64] | None = None
    for place, layer in enumerate(layers):
        match layer:
            case ShufflePixels():
                order = pixel_order(layer)
            case Dense(outputs=outputs, bias=has_bias):
                table = weights[f"body.{place}.weight"].astype(np.float64)
                if not passes:  # channels first, as the picture was flattened for it
                    planes = table.reshape(outputs, channels, height * width)
                    table = _unshuffled(planes, order).reshape(outputs, channels, height, width)
                    table = table.transpose(0, 2, 3, 1)
                bias = weights[f"body.{place}.bias"].astype(np.float64) if has_bias else 0.0
                biases = np.broadcast_to(bias, (outputs,))
                sums = np.tensordot(table, values, axes=values.ndim) + biases
                passes.append(_Pass(weights=table, bias=biases, inputs=values, outputs=sums))
                values = sums
            case Activation(kind=kind):
                values = np.asarray(ACTIVATIONS[kind].value(values), np.float64)
                last = passes[-1]
                passes[-1] = _Pass(
                    weights=last.weights, bias=last.bias, inputs=last.inputs, outputs=values
                )
            case _:
                pass
    return passes


def _unshuffled(
    planes: NDArray[np.float64], order: NDArray[np.int64] | None
) -> NDArray[np.float64]:
    """Give each weight back to the pixel that it really multiplies."""
    if order is None:
        return planes
    given = np.empty_like(planes)
    given[:, :, order] = planes
    return given


def _backwards(passes: list[_Pass], target: int) -> list[TracedNeuron]:
    found, neuron = [], target
    for number in range(len(passes), 0, -1):
        layer = passes[number - 1]
        one = TracedNeuron(
            layer=number,
            neuron=neuron,
            weights=layer.weights[neuron],
            inputs=layer.inputs,
            bias=float(layer.bias[neuron]),
            output=float(layer.outputs[neuron]),
        )
        found.append(one)
        neuron = one.strongest(1)[0][0]
    return found
