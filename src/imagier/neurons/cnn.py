"""Convolutional networks: blocks of kernels that look at less and less of larger and larger parts.

A block is one convolution 3 x 3 or several, max-pooling, batch norm and ReLU. It pools first: batch
norm and ReLU then have four times fewer numbers to go through. What the blocks found is weighed by
a hidden layer of neurons, or only the greatest answer of each kernel is kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from imagier.neurons.layers import (
    Activation,
    BatchNorm,
    Convolution,
    Dense,
    Flatten,
    Layer,
    MaxPool,
    Shape,
    Softmax,
)
from imagier.neurons.shapes import output_shape, shape_through

__all__ = ["Block", "Ending", "cnn_layers", "plain_cnn"]

HIDDEN: Final = 128
SMALLEST_POOLED: Final = 4
RELU: Final = Activation(kind="relu")
# A plain cnn is as deep as its pictures are large: up to this short side, in pixels, these widths.
TINY, SMALL = 12, 40
TINY_WIDTHS, SMALL_WIDTHS, LARGE_WIDTHS = (32, 64), (16, 32), (16, 32, 64)

Ending = Literal["hidden", "max"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """What a number of the specification stands for.

    Attributes:
        width: Kernels of each convolution.
        convolutions: How many there are, one after the other; the last one is pooled.
        halving: Whether its first kernels are 5 x 5 and step by two pixels instead of being pooled.
        padding: Whether zeros are added around, so that a kernel may stand on the edge.
    """

    width: int
    convolutions: int = 1
    halving: bool = False
    padding: bool = True


def cnn_layers(
    blocks: tuple[Block, ...],
    ending: Ending,
    *,
    input: tuple[int, int, int],  # noqa: A002 - the field's own word, and keyword-only
    classes: int,
) -> tuple[Layer, ...]:
    """Give the layers of a network whose blocks are written out.

    Args:
        blocks: From the picture to the end.
        ending: `hidden`, a layer of 128 neurons, or `max`, the greatest answer of each kernel.
        input: Height, width and channels of the pictures.
        classes: How many classes there are to tell apart.
    """
    layers: list[Layer] = []
    now: Shape = input
    for block in blocks:
        added = tuple(_block(block, now))
        now = shape_through(added, now)
        layers += added
    return (*layers, *_ending(ending, now, classes))


def plain_cnn(
    input: tuple[int, int, int],  # noqa: A002 - the field's own word
    classes: int,
) -> tuple[Layer, ...]:
    """Give the network that reaches a good accuracy soonest, see docs/decisions.

    Its first kernels step by two pixels, and nothing is added around the picture: the edge is
    where least is to be seen. Tiny pictures are looked at whole.
    """
    side = min(input[:2])
    if side <= TINY:
        blocks = tuple(Block(width=width) for width in TINY_WIDTHS)
    else:
        first, *others = SMALL_WIDTHS if side <= SMALL else LARGE_WIDTHS
        start = Block(width=first, halving=True, padding=False)
        blocks = (start, *(Block(width=width, padding=False) for width in others))
    return cnn_layers(blocks, "hidden", input=input, classes=classes)


def _block(block: Block, now: Shape) -> Iterator[Layer]:
    for number in range(1, block.convolutions + 1):
        convolution = _convolution(block, now[2], halving=block.halving and number == 1)
        yield convolution
        now = output_shape(convolution, now)
        is_last = number == block.convolutions
        if is_last and not block.halving and min(now[:2]) >= SMALLEST_POOLED:
            yield MaxPool()
        yield from (BatchNorm(channels=block.width), RELU)


def _convolution(block: Block, inputs: int, *, halving: bool) -> Convolution:
    side, step = (5, 2) if halving else (3, 1)
    around = side // 2 if block.padding else 0
    return Convolution(
        inputs=inputs,
        outputs=block.width,
        kernel=(side, side),
        stride=(step, step),
        padding=(around, around),
        bias=False,
    )


def _ending(ending: Ending, now: Shape, classes: int) -> Iterator[Layer]:
    height, width, channels = now
    if ending == "max":
        yield MaxPool(size=(height, width), stride=(height, width))
        yield from (Flatten(), Dense(inputs=channels, outputs=classes), Softmax())
        return
    yield from (Flatten(), Dense(inputs=height * width * channels, outputs=HIDDEN), RELU)
    yield from (Dense(inputs=HIDDEN, outputs=classes), Softmax())
