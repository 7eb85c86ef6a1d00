"""A network in a few letters: `linear`, `dense:8,8:sigmoid`, `cnn:16,32,64`.

    linear                  one layer of neurons, a neuron a class
    dense:8,8[:sigmoid]     hidden layers of 8 and 8 neurons, ReLU unless said otherwise
    cnn                     the quick one, as deep as its pictures are large, see `cnn`
    cnn:16,32,64            a block a number (convolution 3 x 3, max-pooling, batch norm, ReLU),
                            then a hidden layer of 128 neurons
    cnn:24/2,48x2,96:max    /2: kernels 5 x 5 that step by two pixels; x2: two convolutions; max:
                            the greatest answer of each kernel instead of the hidden layer
    reader[:narrow][:32,64,128,192]
                            lines of characters 32 pixels high, see `line_network`
    lenet, alexnet[:two-groups|:one-column], googlenet[:batch-norm|:paper]
                            as their papers have them, see `classics`

>>> from imagier.neurons.layers import Dense
>>> layers = parse_spec("dense:8,8:sigmoid", input=(28, 28, 1), classes=10)
>>> [(layer.inputs, layer.outputs) for layer in layers if isinstance(layer, Dense)]
[(784, 8), (8, 8), (8, 10)]
"""

import math
import re
from dataclasses import dataclass
from typing import NoReturn

from imagier.errors import UsageError, did_you_mean
from imagier.files import printable
from imagier.i18n import integer, t
from imagier.neurons.classics import CLASSICS
from imagier.neurons.cnn import Block, Ending, cnn_layers, plain_cnn
from imagier.neurons.layers import Activation, Dense, Flatten, Layer, ShufflePixels, Softmax
from imagier.neurons.line_network import LINE_WIDTHS, line_layers

__all__ = ["canonical", "parse_spec"]

EXAMPLES = {
    "linear": "linear",
    "dense": "dense:8,8",
    "cnn": "cnn · cnn:16,32,64",
    "reader": "reader",
    **{name: name for name in CLASSICS},
}
HIDDEN = {"relu": Activation(kind="relu"), "sigmoid": Activation(kind="sigmoid")}
NARROW = "narrow"
LARGEST_WIDTH = 1_000_000
MOST_LAYERS = 100
ENDINGS: dict[str, Ending] = {"hidden": "hidden", "max": "max"}
BLOCK = re.compile(r"([^x/]*)(?:x([^x/]*))?(/2)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spec:
    family: str
    widths: tuple[int, ...] = ()
    activation: str = "relu"
    variant: str = ""
    blocks: tuple[Block, ...] = ()
    ending: Ending = "hidden"


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
    widths = ",".join([*map(str, network.widths), *map(_written, network.blocks)])
    activation = "" if network.activation == "relu" else network.activation
    ending = "" if network.ending == "hidden" else network.ending
    parts = (network.family, network.variant, widths, activation, ending)
    return ":".join(part for part in parts if part)


def _layers(network: _Spec, input: tuple[int, int, int], classes: int) -> tuple[Layer, ...]:  # noqa: A002
    if network.family in CLASSICS:
        return CLASSICS[network.family].variants[network.variant](input, classes)
    if network.blocks:
        return cnn_layers(network.blocks, network.ending, input=input, classes=classes)
    if network.family == "cnn":
        return plain_cnn(input, classes)
    if network.family == "reader":
        is_narrow = network.variant == NARROW
        return line_layers(input, classes, network.widths or LINE_WIDTHS, is_narrow=is_narrow)
    neurons = _dense(math.prod(input), network.widths, HIDDEN[network.activation], classes)
    return (Flatten(), *neurons, Softmax())


def _dense(
    size: int, hidden: tuple[int, ...], activation: Activation, classes: int
) -> tuple[Layer, ...]:
    layers: list[Layer] = []
    for width in hidden:
        layers += [Dense(inputs=size, outputs=width), activation]
        size = width
    return (*layers, Dense(inputs=size, outputs=classes))


def _read(spec: str) -> _Spec:
    family, *options = (part.strip() for part in spec.strip().lower().split(":"))
    if family not in EXAMPLES:
        known = " · ".join(EXAMPLES.values())
        near = did_you_mean(family, EXAMPLES)
        raise UsageError("unknown_network", spec=_short(spec), near=near, known=known)
    if family in CLASSICS:
        return _Spec(family=family, variant=_variant(family, ":".join(options), spec))
    variant = NARROW if family == "reader" and options[:1] == [NARROW] else ""
    options = options[1:] if variant else options
    most = {"linear": 0, "dense": 2, "cnn": 2, "reader": 1}[family]
    if len(options) > most:
        _refuse(spec, "network_spec.too_many_parts", part=_short(options[most]))
    if family == "dense" and not options:
        _refuse(spec, "network_spec.no_widths")
    if family == "cnn" and options:
        return _Spec(family=family, blocks=_blocks(spec, options[0]), ending=_ending(spec, options))
    widths = tuple(_number(spec, item) for item in _items(spec, options[0])) if options else ()
    if family == "reader" and widths and len(widths) != len(LINE_WIDTHS):
        _refuse(spec, "network_spec.reader_widths", count=len(LINE_WIDTHS))
    return _Spec(
        family=family, widths=widths, activation=_activation(spec, options[1:]), variant=variant
    )


def _variant(family: str, variant: str, spec: str) -> str:
    names = tuple(CLASSICS[family].variants)
    if not variant or variant in names:
        return variant or names[0]
    known = " · ".join(f"{family}:{name}" if name else family for name in names)
    near = did_you_mean(variant, tuple(filter(None, names)))
    raise UsageError(
        "network_variant", spec=_short(spec), item=_short(variant), near=near, known=known
    )


def _items(spec: str, text: str) -> list[str]:
    items = [item.strip() for item in text.split(",")]
    if len(items) > MOST_LAYERS:
        _refuse(spec, "network_spec.too_deep", number=integer(len(items)), limit=MOST_LAYERS)
    return items


def _blocks(spec: str, text: str) -> tuple[Block, ...]:
    blocks = tuple(_block(spec, item) for item in _items(spec, text))
    depth = sum(block.convolutions for block in blocks)
    if depth > MOST_LAYERS:
        _refuse(spec, "network_spec.too_deep", number=integer(depth), limit=MOST_LAYERS)
    return blocks


def _block(spec: str, item: str) -> Block:
    found = BLOCK.fullmatch(item)
    if not found:
        return Block(width=_number(spec, item))
    width, convolutions, halving = found.groups()
    return Block(
        width=_number(spec, width),
        convolutions=1 if convolutions is None else _number(spec, convolutions),
        halving=halving is not None,
    )


def _written(block: Block) -> str:
    convolutions = f"x{block.convolutions}" if block.convolutions > 1 else ""
    return f"{block.width}{convolutions}{'/2' if block.halving else ''}"


def _ending(spec: str, options: list[str]) -> Ending:
    ending = options[1] if len(options) > 1 else "hidden"
    if ending not in ENDINGS:
        near = did_you_mean(ending, ENDINGS)
        _refuse(spec, "network_spec.ending", item=_short(ending), near=near)
    return ENDINGS[ending]


def _number(spec: str, item: str) -> int:
    if not item:
        _refuse(spec, "network_spec.empty")
    is_number = item.isascii() and item.isdigit() and len(item) <= len(str(LARGEST_WIDTH))
    if not is_number or not 1 <= int(item) <= LARGEST_WIDTH:
        _refuse(spec, "network_spec.number", item=_short(item), limit=integer(LARGEST_WIDTH))
    return int(item)


def _activation(spec: str, options: list[str]) -> str:
    kind = options[0] if options else "relu"
    if kind not in HIDDEN:
        near = did_you_mean(kind, HIDDEN)
        _refuse(spec, "network_spec.activation", item=_short(kind), near=near)
    return kind


def _refuse(spec: str, key: str, **facts: object) -> NoReturn:
    raise UsageError("network_spec", spec=_short(spec), reason=t(key, **facts))


def _short(text: str) -> str:
    return printable(text if len(text) <= 60 else text[:59] + "…")
