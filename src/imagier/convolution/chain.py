"""A chain of stages, as the deck has it: convolution, ReLU, max-pooling, and again.

Each stage is one small picture, or several side by side ("maps") once there are several kernels.
The chain is a stream: a stage is given as soon as it is computed.

>>> from imagier.convolution.kernels import parse_kernel
>>> steps = (Slide(kernel=parse_kernel("1 -1")), Relu(), Pool(size=2))
>>> [stage.maps.shape for stage in stages(np.zeros((4, 5)), steps)]
[(4, 5, 1), (4, 4, 1), (4, 4, 1), (2, 2, 1)]
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imagier.convolution.kernels import Kernel
from imagier.convolution.pooling import max_pool, relu
from imagier.convolution.sliding import convolve

__all__ = ["ChainStep", "ConvolutionLayer", "Pool", "Relu", "Slide", "Stage", "stages"]


class ChainStep(Protocol):
    """What leads from one stage to the next."""

    def apply(self, maps: NDArray[np.float64], /) -> NDArray[np.float64]:
        """Make new maps, (H', W', K'), of the ones given, (H, W, K)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slide:
    """Slide one kernel over each map alone.

    Attributes:
        kernel: The kernel.
        stride: By how many pixels it steps.
        padding: Rows and columns of zeros around.
    """

    kernel: Kernel
    stride: int = 1
    padding: int = 0

    def apply(self, maps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the maps of the sums."""
        return convolve(maps, self.kernel.numbers, stride=self.stride, padding=self.padding)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConvolutionLayer:
    """Slide the kernels of a layer of a network, each over all maps at once.

    Attributes:
        kernels: (K, C, h, w).
        stride: By how many pixels they step.
        padding: Rows and columns of zeros around.
        bias: What is added to each of the K sums, (K,); 0 adds nothing.
    """

    kernels: NDArray[np.float64]
    stride: int = 1
    padding: int = 0
    bias: NDArray[np.float64] | float = 0.0

    def apply(self, maps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the maps of the sums, one a kernel."""
        sums = convolve(maps, self.kernels, stride=self.stride, padding=self.padding)
        return sums + self.bias


@dataclass(frozen=True, slots=True, kw_only=True)
class Relu:
    """Replace what is negative by zero."""

    def apply(self, maps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the maps without their negative numbers."""
        return relu(maps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Keep the greatest number of each block.

    Attributes:
        size: Side of the blocks, in pixels.
    """

    size: int = 2

    def apply(self, maps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the smaller maps."""
        return max_pool(maps, self.size)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stage:
    """What stands after a step.

    Attributes:
        step: The step that led here; None for the picture itself.
        maps: The numbers, (H, W, K).
    """

    step: ChainStep | None
    maps: NDArray[np.float64]

    @property
    def is_signed(self) -> bool:
        """Whether some number is negative: it is then no picture of levels."""
        return bool(self.maps.min() < 0)


def stages(picture: ArrayLike, steps: Iterable[ChainStep]) -> Iterator[Stage]:
    """Carry out the steps one after the other.

    Args:
        picture: The numbers, (H, W) or (H, W, C).
        steps: What is done to them.

    Yields:
        The picture itself, then what each step makes of it.

    Raises:
        UsageError: `kernel_too_large`, `kernel_channels`, `pool_too_large`, `pool_size`,
            `stride_or_padding`.
    """
    numbers = np.asarray(picture, np.float64)
    maps = numbers[:, :, np.newaxis] if numbers.ndim == 2 else numbers
    yield Stage(step=None, maps=maps)
    for step in steps:
        maps = step.apply(maps)
        yield Stage(step=step, maps=maps)
