"""A network in a few letters: `linear`, `dense:8,8:sigmoid`, `cnn:16,32,64`.

    linear                  one layer of neurons, a neuron a class
    dense:8,8[:sigmoid]     hidden layers of 8 and 8 neurons, ReLU unless said otherwise
    cnn[:16,32,64]          a block a number (convolution 3 x 3, max-pooling, batch norm, ReLU),
                            then a hidden layer of 128 neurons
    lenet, alexnet[:two-groups|:one-column], googlenet[:batch-norm|:paper]
                            as their papers have them, see `classics`

>>> from imagier.neurons.layers import Dense
>>> layers = parse_spec("dense:8,8:sigmoid", input=(28, 28, 1), classes=10)
>>> [(layer.inputs, layer.outputs) for layer in layers if isinstance(layer, Dense)]
[(784, 8), (8, 8), (8, 10)]
"""

import math
from dataclasses import dataclass
from typing import NoReturn

from imagier.errors import UsageError, did_you_mean
from imagier.files import printable
from imagier.i18n import integer, t
from imagier.neurons.classics import CLASSICS
from imagier.neurons.layers import (
    Activation,
    BatchNorm,
    Convolution,
    Dense,
    Flatten,
    Layer,
    MaxPool,
    Shape,
    ShufflePixels,
    Softmax,
)
from imagier.neurons.shapes import output_shape, shape_through

__all__ = ["canonical", "parse_spec"]

EXAMPLES = {
    "linear": "linear",
    "dense": "dense:8,8",
    "cnn": "cnn · cnn:16,32,64",
    **{name: name for name in CLASSICS},
}
ACTIVATIONS = {"relu": Activation(kind="relu"), "sigmoid": Activation(kind="sigmoid")}
LARGEST_WIDTH = 1_000_000
MOST_LAYERS = 100
# A plain cnn is as deep as its pictures are large: up to this short side, in pixels, these widths.
CNN_WIDTHS: tuple[tuple[float, tuple[int, ...]], ...] = (
    (12, (32, 64)),
    (40, (16, 32)),
    (math.inf, (16, 32, 64, 128)),
)
CNN_HIDDEN = 128
SMALLEST_POOLED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spec:
    family: str
    widths: tuple[int, ...] = ()
    activation: str = "relu"
    variant: str = ""


def parse_spec(
    spec: str,
    *,
    input: tuple[int, int, int],  # noqa: A002 - the field's own word, and keyword-only
    classes: int,
    shuffle_pixels: int | None = None,
) -> tuple[Layer, ...]:
    """Turn a few letters into the layers of a network, for these pictures and classes.

    Args:
        spec: Such as `linear`, `dense:8,8`, `dense:8,8:sigmoid`, `cnn`, `cnn:16,32,64`, `lenet`.
        input: Height, width and channels of the pictures; (1, n, 1) for a plain list of n numbers.
        classes: How many classes there are to tell apart.
        shuffle_pixels: Seed of the order in which the pixels come, the same for all pictures; None
            leaves them where they are.

    Raises:
        UsageError: `unknown_network`, `network_variant`, `network_spec` when its numbers cannot be
            used, `picture_too_small_for_network` or `picture_too_large_for_network`.
    """
    layers = _layers(_read(spec), input, classes)
    if shuffle_pixels is None:
        return layers
    return (ShufflePixels(size=input[:2], seed=shuffle_pixels), *layers)


def canonical(spec: str) -> str:
    """Write a network in one way only, so that two can be compared; its variant is always named.

    >>> canonical(" Dense:8, 8:relu "), canonical("AlexNet")
    ('dense:8,8', 'alexnet:two-groups')

    Raises:
        UsageError: `unknown_network`, `network_variant` or `network_spec`.
    """
    network = _read(spec)
    widths = ",".join(map(str, network.widths))
    activation = "" if network.activation == "relu" else network.activation
    parts = (network.family, network.variant, widths, activation)
    return ":".join(part for part in parts if part)


def _layers(network: _Spec, input: tuple[int, int, int], classes: int) -> tuple[Layer, ...]:  # noqa: A002
    if network.family in CLASSICS:
        return CLASSICS[network.family].variants[network.variant](input, classes)
    is_cnn = network.family == "cnn"
    blocks = _blocks(network.widths or _plain_widths(input), input) if is_cnn else ()
    hidden = (CNN_HIDDEN,) if is_cnn else network.widths
    size = math.prod(shape_through(blocks, input))
    neurons = _dense(size, hidden, ACTIVATIONS[network.activation], classes)
    return (*blocks, Flatten(), *neurons, Softmax())


def _dense(
    size: int, hidden: tuple[int, ...], activation: Activation, classes: int
) -> tuple[Layer, ...]:
    layers: list[Layer] = []
    for width in hidden:
        layers += [Dense(inputs=size, outputs=width), activation]
        size = width
    return (*layers, Dense(inputs=size, outputs=classes))


def _blocks(widths: tuple[int, ...], shape: tuple[int, int, int]) -> tuple[Layer, ...]:
    layers: list[Layer] = []
    now: Shape = shape
    for outputs in widths:
        layers += [Convolution(inputs=now[2], outputs=outputs, bias=False)]
        now = output_shape(layers[-1], now)
        if min(now[:2]) >= SMALLEST_POOLED:
            layers += [MaxPool()]
            now = output_shape(layers[-1], now)
        # pooled first: what follows then has four times fewer numbers to norm and to bend
        layers += [BatchNorm(channels=outputs), ACTIVATIONS["relu"]]
    return tuple(layers)


def _plain_widths(shape: tuple[int, int, int]) -> tuple[int, ...]:
    return next(widths for limit, widths in CNN_WIDTHS if min(shape[:2]) <= limit)


def _read(spec: str) -> _Spec:
    family, *options = (part.strip() for part in spec.strip().lower().split(":"))
    if family not in EXAMPLES:
        known = " · ".join(EXAMPLES.values())
        near = did_you_mean(family, EXAMPLES)
        raise UsageError("unknown_network", spec=_short(spec), near=near, known=known)
    if family in CLASSICS:
        return _Spec(family=family, variant=_variant(family, ":".join(options), spec))
    most = {"linear": 0, "dense": 2, "cnn": 1}[family]
    if len(options) > most:
        _refuse(spec, "network_spec.too_many_parts", part=_short(options[most]))
    if family == "dense" and not options:
        _refuse(spec, "network_spec.no_widths")
    widths = _widths(spec, options[0]) if options else ()
    return _Spec(family=family, widths=widths, activation=_activation(spec, options[1:]))


def _variant(family: str, variant: str, spec: str) -> str:
    names = tuple(CLASSICS[family].variants)
    if not variant or variant in names:
        return variant or names[0]
    known = " · ".join(f"{family}:{name}" if name else family for name in names)
    near = did_you_mean(variant, tuple(filter(None, names)))
    raise UsageError(
        "network_variant", spec=_short(spec), item=_short(variant), near=near, known=known
    )


def _widths(spec: str, text: str) -> tuple[int, ...]:
    items = [item.strip() for item in text.split(",")]
    if len(items) > MOST_LAYERS:
        _refuse(spec, "network_spec.too_deep", number=integer(len(items)), limit=MOST_LAYERS)
    return tuple(_width(spec, item) for item in items)


def _width(spec: str, item: str) -> int:
    if not item:
        _refuse(spec, "network_spec.empty")
    is_number = item.isascii() and item.isdigit() and len(item) <= len(str(LARGEST_WIDTH))
    if not is_number or not 1 <= int(item) <= LARGEST_WIDTH:
        _refuse(spec, "network_spec.number", item=_short(item), limit=integer(LARGEST_WIDTH))
    return int(item)


def _activation(spec: str, options: list[str]) -> str:
    kind = options[0] if options else "relu"
    if kind not in ACTIVATIONS:
        near = did_you_mean(kind, ACTIVATIONS)
        _refuse(spec, "network_spec.activation", item=_short(kind), near=near)
    return kind


def _refuse(spec: str, key: str, **facts: object) -> NoReturn:
    raise UsageError("network_spec", spec=_short(spec), reason=t(key, **facts))


def _short(text: str) -> str:
    return printable(text if len(text) <= 60 else text[:59] + "…")
