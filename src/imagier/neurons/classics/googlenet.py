"""GoogLeNet: how did 2014 go deeper than AlexNet with nine times fewer weights?

How large should a window be? An eye far from a dog needs a large one, an eye close to a whisker a
small one. GoogLeNet does not choose: each of its nine *inception* blocks looks through windows of
1 x 1, 3 x 3 and 5 x 5 and takes a maximum besides, in four branches, and puts all they found side
by side. What makes it affordable are windows of 1 x 1 before the large ones: they see no neighbour,
they only mix the channels into fewer. And the two dense layers in which AlexNet keeps 54 million
weights are gone: the mean of each channel is enough.

>>> from imagier.neurons.counts import describe, total
>>> photo = (224, 224, 3)
>>> f"{total(describe(googlenet(photo, 1000, variant='paper'), photo)).parameters:,}"
'6,998,552'

The paper's text says twelve times fewer parameters than AlexNet; its table, counted without the two
auxiliary heads that only help learning, gives the figure above.

The other variant, `batch-norm`, is what most libraries hold today: batch norm after each
convolution in place of biases and of local normalisation, and 3 x 3 where the paper has 5 x 5.

>>> f"{total(describe(googlenet(photo, 1000, variant='batch-norm'), photo)).parameters:,}"
'6,624,904'

What differs from the paper in both: no auxiliary heads, so that twenty-two layers have only the
last one to tell them what was wrong, which batch norm bears better; borders of one pixel of zeros
in the poolings, which give the paper's sizes 56, 28, 14, 7.

Source: C. Szegedy and others, "Going deeper with convolutions", CVPR 2015 (2014), table 1;
S. Ioffe and C. Szegedy, "Batch normalization", ICML 2015, for the other variant.
"""

from collections.abc import Callable

from imagier.errors import UsageError
from imagier.i18n import integer
from imagier.neurons.layers import (
    Activation,
    BatchNorm,
    Branches,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePool,
    Layer,
    LocalResponseNorm,
    MaxPool,
    Softmax,
)

__all__ = ["GOOGLENET_LEAST_SIDE", "GOOGLENET_VARIANTS", "googlenet"]

GOOGLENET_LEAST_SIDE = 32  # halved five times, one pixel is left
GOOGLENET_VARIANTS = ("batch-norm", "paper")

# Table 1 of the paper: the kernels of 1 x 1; those that prepare 3 x 3, and 3 x 3; those that
# prepare 5 x 5, and 5 x 5; those after the maximum.
INCEPTIONS: dict[str, tuple[int, int, int, int, int, int]] = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}
POOLED_AFTER = ("3b", "4e")
RELU = Activation(kind="relu")
HALVE = MaxPool(size=(3, 3), padding=(1, 1))
QUIETER = LocalResponseNorm(size=5, alpha=1e-4, beta=0.75, bias=1.0)  # its figures are Caffe's

Seeing = Callable[..., tuple[Layer, ...]]  # a convolution with what follows it


def googlenet(shape: tuple[int, int, int], classes: int, *, variant: str) -> tuple[Layer, ...]:
    """Describe GoogLeNet without its auxiliary heads.

    Args:
        shape: Height, width and channels of the pictures.
        classes: How many classes there are to tell apart.
        variant: `paper` or `batch-norm`.

    Raises:
        UsageError: `picture_too_small_for_network`.
    """
    if min(shape[:2]) < GOOGLENET_LEAST_SIDE:
        size = f"{integer(shape[0])} × {integer(shape[1])}"
        side = GOOGLENET_LEAST_SIDE
        raise UsageError("picture_too_small_for_network", network="googlenet", size=size, side=side)
    see, large, quieter = (
        (_see, 5, (QUIETER,)) if variant == "paper" else (_see_with_batch_norm, 3, ())
    )
    layers: list[Layer] = [*see(shape[2], 64, 7, step=2), HALVE, *quieter]  # 56 x 56
    layers += [*see(64, 64, 1), *see(64, 192, 3), *quieter, HALVE]  # 28 x 28
    channels = 192
    for name, kernels in INCEPTIONS.items():
        layers.append(_inception(channels, kernels, see, large))
        channels = kernels[0] + kernels[2] + kernels[4] + kernels[5]
        if name in POOLED_AFTER:
            layers.append(HALVE)  # 14 x 14, then 7 x 7
    layers += [GlobalAveragePool(), Flatten(), Dropout(share=0.4)]
    return (*layers, Dense(inputs=channels, outputs=classes), Softmax())


def _inception(
    inputs: int, kernels: tuple[int, int, int, int, int, int], see: Seeing, large: int
) -> Branches:
    ones, before_threes, threes, before_fives, fives, after_maximum = kernels
    return Branches(
        chains=(
            see(inputs, ones, 1),
            (*see(inputs, before_threes, 1), *see(before_threes, threes, 3)),
            (*see(inputs, before_fives, 1), *see(before_fives, fives, large)),
            (
                MaxPool(size=(3, 3), stride=(1, 1), padding=(1, 1)),
                *see(inputs, after_maximum, 1),
            ),
        )
    )


def _see(inputs: int, outputs: int, side: int, *, step: int = 1) -> tuple[Layer, ...]:
    return (_windows(inputs, outputs, side, step, bias=True), RELU)


def _see_with_batch_norm(
    inputs: int, outputs: int, side: int, *, step: int = 1
) -> tuple[Layer, ...]:
    windows = _windows(inputs, outputs, side, step, bias=False)
    return (windows, BatchNorm(channels=outputs, epsilon=1e-3), RELU)


def _windows(inputs: int, outputs: int, side: int, step: int, *, bias: bool) -> Convolution:
    return Convolution(
        inputs=inputs,
        outputs=outputs,
        kernel=(side, side),
        stride=(step, step),
        padding=(side // 2, side // 2),
        bias=bias,
    )
