"""The kernels of a trained model, taken out of it so that they can be watched at work.

The layers of a network are known from its name, their numbers from the model's weights: from both,
the first layers are carried out here one by one, without torch, as far as the convolution asked
for. Its result is that of the network itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.convolution import ChainStep, ConvolutionLayer, Pool, Relu
from imagier.errors import ModelError, Refused, UsageError
from imagier.files import printable
from imagier.neurons import Activation, BatchNorm, Convolution, Layer, MaxPool, parse_spec
from imagier.recognizer import Recognizer, read_weights

__all__ = ["BatchScale", "as_seen", "first_steps", "normalised"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BatchScale:
    """Multiply each map by a number of its own and add another: batch norm, in use.

    Attributes:
        factor: What multiplies, (K,).
        shift: What is added, (K,).
    """

    factor: NDArray[np.float64]
    shift: NDArray[np.float64]

    def apply(self, maps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the maps on their new scale."""
        return maps * self.factor + self.shift


def as_seen(recognizer: Recognizer, levels: NDArray[Any], scale: int | None) -> NDArray[np.float64]:
    """Give a picture as the network's first layer sees it, (H, W, C), with mean 0 and std 1.

    Args:
        recognizer: The model.
        levels: The picture, (H, W, C).
        scale: The number that is white; None for the model's own.

    Raises:
        PictureError: When the numbers are no levels.
        ModelError: `convolve_no_weights`.
    """
    from imagier.recognizer.inputs import read_picture

    _, pixels = read_picture(levels, recognizer.prepare, scale=scale)
    return normalised(recognizer, pixels)


def normalised(recognizer: Recognizer, pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Bring a prepared picture, (H, W, C), to mean 0 and std 1, as the first layer receives it.

    Raises:
        ModelError: `convolve_no_weights`, `weights_damaged`.
    """
    weights = _weights(recognizer)
    try:
        scaled = pixels * weights["scale"].astype(np.float64) + weights["shift"]
        return np.broadcast_to(scaled, pixels.shape)
    except (KeyError, ValueError):  # written by somebody else
        refused = Refused("weights_fit", network=printable(recognizer.card.network))
        raise refused.as_error("weights_damaged", path=recognizer.name) from None


def first_steps(recognizer: Recognizer, layer: int) -> tuple[ChainStep, ...]:
    """Give the steps of a network up to one of its convolutions, this one included.

    Args:
        recognizer: The model.
        layer: Which convolution, from 1.

    Raises:
        UsageError: `convolve_layer`, when the network has fewer convolutions.
        ModelError: `convolve_no_weights`, `convolve_not_a_chain`.
    """
    weights = _weights(recognizer)
    prepare = recognizer.prepare
    size = (prepare.height, prepare.width, prepare.channels)
    shuffled = recognizer.card.plan.get("shuffle_pixels")
    layers = parse_spec(
        recognizer.card.network,
        input=size,
        classes=len(recognizer.classes),
        shuffle_pixels=shuffled,
    )
    count = sum(isinstance(described, Convolution) for described in layers)
    if layer > count:
        name = recognizer.card.network
        raise UsageError("convolve_layer", network=name, layer=layer, n=count)
    return tuple(_steps(recognizer, layers, weights, layer))


def _steps(
    recognizer: Recognizer,
    layers: tuple[Layer, ...],
    weights: Mapping[str, NDArray[Any]],
    last: int,
) -> Iterator[ChainStep]:
    found = 0
    for place, described in enumerate(layers):
        step = _step(described, _Numbers(weights=weights, place=place))
        if step is None:
            name = type(described).__name__
            raise ModelError(
                "convolve_not_a_chain", network=recognizer.card.network, layer=name, last=last
            )
        yield step
        found += isinstance(described, Convolution)
        if found == last:
            return


@dataclass(frozen=True, slots=True, kw_only=True)
class _Numbers:
    """The numbers of one layer, by the names that torch gives them."""

    weights: Mapping[str, NDArray[Any]]
    place: int

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        """Give the numbers of that name.

        Raises:
            ModelError: `weights_damaged`, when they are not there.
        """
        full = f"body.{self.place}.{name}"
        if full not in self.weights or not self.weights[full].size:
            raise Refused("table_size", name=ascii(full)).as_error("weights_damaged", path=full)
        return self.weights[full].astype(np.float64)


def _step(described: Layer, numbers: _Numbers) -> ChainStep | None:
    """Make a layer with its numbers a step; None for a kind that is not carried out here."""
    match described:
        case Convolution(groups=1, stride=(down, across), padding=(top, left)) if (
            down == across and top == left
        ):
            bias = numbers["bias"] if described.bias else 0.0
            kernels = numbers["weight"]
            if kernels.shape != (described.outputs, described.inputs, *described.kernel):
                name = ascii(kernels.shape)
                raise Refused("table_size", name=name).as_error("weights_damaged", path="weight")
            return ConvolutionLayer(kernels=kernels, stride=down, padding=top, bias=bias)
        case BatchNorm(epsilon=epsilon):
            factor = numbers["weight"] / np.sqrt(numbers["running_var"] + epsilon)
            return BatchScale(
                factor=factor, shift=numbers["bias"] - factor * numbers["running_mean"]
            )
        case MaxPool(size=(high, wide), stride=(down, across), padding=(0, 0)) if (
            high == wide == down == across
        ):
            return Pool(size=high)
        case Activation(kind="relu"):
            return Relu()
        case _:
            return None


def _weights(recognizer: Recognizer) -> Mapping[str, NDArray[Any]]:
    weights = read_weights(recognizer.weights, path=recognizer.name)
    if "scale" not in weights:
        network = recognizer.card.network
        raise ModelError("convolve_no_weights", path=recognizer.name, network=network)
    return weights
