"""A network that reads a line of characters: convolutions, then one answer a column.

    32 rows of pixels → 16 → 8 → 4 → 2 → 1 row of columns, each seeing its neighbours
    → one number a character for each column, and one for "no character here" (the blank)

Down, every stage halves the rows until one is left; across, only the first two halve the columns,
so that a column of answers stands for four pixels. Where characters are narrow, columns of two
pixels leave each of them one of its own, and one between two that are the same.
Residual blocks let each column see its neighbours: what tells an 11 from a wide 1 is beside it.
There is no recurrence; all columns are computed at once.

Source: B. Shi, X. Bai and C. Yao, "An end-to-end trainable neural network for image-based sequence
recognition", 2017, without its LSTM; the deck, chapter 4: cheques and post codes.

>>> from imagier.neurons.shapes import shape_through
>>> shape_through(line_layers((32, 160, 1), 11), (32, 160, 1))
(40, 11)
>>> shape_through(line_layers((32, 160, 1), 11, is_narrow=True), (32, 160, 1))
(80, 11)
"""

from collections.abc import Iterator, Sequence

from imagier.errors import UsageError
from imagier.neurons.layers import (
    Activation,
    BatchNorm,
    Branches,
    Convolution,
    Dense,
    Dropout,
    Layer,
    MapToSequence,
    MaxPool,
    Pair,
    Shape,
    Softmax,
)

__all__ = ["COLUMN_PIXELS", "LINE_HEIGHT", "LINE_WIDTHS", "line_layers"]

LINE_HEIGHT = 32  # rows of a prepared line
COLUMN_PIXELS = 4  # of the prepared line behind one column of answers
LINE_WIDTHS = (32, 64, 128, 192)
DROPPED = 0.2
RELU = Activation(kind="relu")


def line_layers(
    input: Shape,  # noqa: A002 - the field's own word
    classes: int,
    widths: Sequence[int] = LINE_WIDTHS,
    *,
    is_narrow: bool = False,
) -> tuple[Layer, ...]:
    """Give the layers of a reader.

    Args:
        input: Height, width and channels of the lines; the height is 32.
        classes: Characters to tell apart, and the blank.
        widths: Kernels of the four stages.
        is_narrow: Whether a column of answers stands for two pixels.

    Raises:
        UsageError: `reader_input`, for lines of another height or narrower than a column.
    """
    height, width, channels = input
    if height != LINE_HEIGHT or width < COLUMN_PIXELS:
        raise UsageError("reader_input", height=height, width=width, needed=LINE_HEIGHT)
    first, second, third, last = widths
    return (
        *_convolved(channels, first, kernel=(5, 5), stride=(2, 2)),
        *_convolved(first, second),
        MaxPool(size=(2, 1), stride=(2, 1)) if is_narrow else MaxPool(),
        *_convolved(second, third),
        _residual(third),
        MaxPool(size=(2, 1), stride=(2, 1)),
        *_convolved(third, last),
        MaxPool(size=(2, 1), stride=(2, 1)),
        _residual(last),
        _residual(last),
        MaxPool(size=(2, 1), stride=(2, 1)),
        MapToSequence(),
        Dropout(share=DROPPED),
        Dense(inputs=last, outputs=classes),
        Softmax(),
    )


def _convolved(
    inputs: int, outputs: int, *, kernel: Pair = (3, 3), stride: Pair = (1, 1)
) -> Iterator[Layer]:
    yield Convolution(
        inputs=inputs,
        outputs=outputs,
        kernel=kernel,
        stride=stride,
        padding=(kernel[0] // 2, kernel[1] // 2),
        bias=False,
    )
    yield from (BatchNorm(channels=outputs), RELU)


def _residual(channels: int) -> Branches:
    """Let each place see its neighbours, and pass it on as it is beside."""
    return Branches(chains=((), tuple(_convolved(channels, channels))), join="add")
