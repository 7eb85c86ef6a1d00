"""LeNet-5: how did a network read the digits of a bank's cheques in 1998?

A dense layer sees a picture as a list: move a digit by one pixel and every weight meets another
number. LeNet looks through small windows instead, the same everywhere (convolution), keeps the mean
of each 2 x 2 square so that small shifts matter less (pooling), does both again on what it found,
and only then reads the whole with ordinary neurons. Strokes, then corners, then digits.

The paper's own parts: 6 kernels of 5 x 5 (C1), means (S2), 16 kernels (C3), means (S4), 120 (C5),
84 neurons (F6), one output a class.

>>> from imagier.neurons.counts import describe, total
>>> digits = (28, 28, 1)
>>> rows = describe(lenet(digits, 10), digits)
>>> [row.weights + row.biases for row in rows if row.weights]
[156, 2416, 48120, 10164, 850]
>>> f"{total(rows).parameters:,}"
'61,706'

What differs from the paper, whose network has exactly 60,000:

- C3 sees all six maps of S2, 2,416 parameters instead of 1,516: the paper left out some pairs, to
  save work and to make the kernels differ.
- S2 and S4 keep plain means; the paper's had a learned scale and bias for each map, 12 + 32.
- The output is a layer of 10 neurons and a softmax, 850 parameters; the paper compared the 84
  numbers with fixed drawings of the ten digits, which learned nothing.
- tanh is not stretched to 1.7159 tanh(2a / 3).

Digits of 28 x 28 get a border of two pixels, as in the paper: a stroke near the edge then still
comes to the middle of a window. Colour gives C1 three times the weights.

Source: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document
recognition", Proceedings of the IEEE, 1998, section II and figure 2; the deck, chapter 5.
"""

from imagier.errors import UsageError
from imagier.i18n import integer
from imagier.neurons.layers import (
    Activation,
    AveragePool,
    Convolution,
    Dense,
    Flatten,
    Layer,
    Pad,
    Softmax,
)

__all__ = ["LENET_SIDE", "lenet"]

LENET_SIDE = 32

TANH = Activation(kind="tanh")


def lenet(shape: tuple[int, int, int], classes: int) -> tuple[Layer, ...]:
    """Describe LeNet-5 for pictures of at most 32 x 32; smaller ones get a border all around.

    Args:
        shape: Height, width and channels of the pictures.
        classes: How many classes there are to tell apart.

    Raises:
        UsageError: `picture_too_large_for_network`.
    """
    return (
        *_border(shape),  #  32 x 32
        _kernels(shape[2], 6),  # C1: 6 maps of 28 x 28
        TANH,
        AveragePool(),  # S2: 14 x 14
        _kernels(6, 16),  # C3: 16 maps of 10 x 10
        TANH,
        AveragePool(),  # S4: 5 x 5
        _kernels(16, 120),  # C5: 120 maps of one pixel, so that a picture becomes a list
        TANH,
        Flatten(),
        Dense(inputs=120, outputs=84),  # F6
        TANH,
        Dense(inputs=84, outputs=classes),
        Softmax(),
    )


def _kernels(inputs: int, outputs: int) -> Convolution:
    return Convolution(inputs=inputs, outputs=outputs, kernel=(5, 5), padding=(0, 0))


def _border(shape: tuple[int, int, int]) -> tuple[Layer, ...]:
    height, width, _ = shape
    if max(height, width) > LENET_SIDE:
        size = f"{integer(height)} × {integer(width)}"
        raise UsageError(
            "picture_too_large_for_network", network="lenet", size=size, side=LENET_SIDE
        )
    rows, columns = LENET_SIDE - height, LENET_SIDE - width
    if not rows and not columns:
        return ()
    top, left = rows // 2, columns // 2
    return (Pad(edges=(top, left, rows - top, columns - left)),)
