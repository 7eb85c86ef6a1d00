"""The stages of a chain in words: what was done, with which kernel, to which numbers."""

import shutil
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.convolution.chain import ChainStep, ConvolutionLayer, Pool, Relu, Slide, Stage
from imagier.convolution.kernels import Kernel
from imagier.i18n import integer, plain_number, t
from imagier.images import table

__all__ = ["kernel_in_words", "stage_in_words", "stage_to_json", "step_name"]

MOST_IN_JSON = 4096
MOST_ROWS = 28
NAMES: dict[type, str] = {Slide: "kernel", ConvolutionLayer: "layer", Relu: "relu", Pool: "pool"}


def step_name(step: ChainStep) -> str:
    """Name a step in a few words: the kernel, ReLU..."""
    match step:
        case Slide(kernel=kernel):
            return t("convolution.stage.kernel", kernel=kernel.name)
        case ConvolutionLayer(kernels=kernels):
            return t("convolution.stage.layer", n=len(kernels), number=integer(len(kernels)))
        case Relu():
            return t("convolution.stage.relu")
        case Pool(size=size):
            return t("convolution.stage.pool", size=size)
        case _:
            return t("convolution.stage.batch_norm")


def stage_in_words(stage: Stage, *, start: str) -> Iterator[str]:
    """Show one stage: what was done, its kernel, its size, its numbers where there are few.

    Args:
        stage: The stage.
        start: What is said of the picture itself.
    """
    step = stage.step
    if step is None:
        yield start
    elif isinstance(step, Slide):
        settings = {"stride": step.stride, "padding": step.padding}
        yield t("convolution.slide", kernel=step.kernel.name, **settings)
        yield from kernel_in_words(step.kernel)
    else:
        yield step_name(step)
    yield _size(stage)
    if stage.maps.shape[2] == 1:
        yield from _numbers(stage.maps[:, :, 0])


def kernel_in_words(kernel: Kernel) -> Iterator[str]:
    """Write the numbers of a kernel between brackets, a line a row."""
    texts = [[plain_number(float(number)) for number in row] for row in kernel.rows]
    width = max(len(text) for row in texts for text in row)
    for place, row in enumerate(texts):
        line = " ".join(text.rjust(width) for text in row)
        is_middle = place == (len(texts) - 1) // 2
        divided = f"  ÷ {kernel.divisor}" if kernel.divisor != 1 and is_middle else ""
        yield f"  [ {line} ]{divided}"


def stage_to_json(stage: Stage) -> dict[str, Any]:
    """Give what was done, the size, and the numbers of one map of at most 4,096."""
    step, maps = stage.step, stage.maps
    is_small = maps.shape[2] == 1 and maps.size <= MOST_IN_JSON
    kernel = step.kernel if isinstance(step, Slide) else None
    return {
        "name": "picture" if step is None else NAMES.get(type(step), "batch_norm"),
        "kernel": kernel.name if kernel else None,
        "matrix": kernel.numbers.tolist() if kernel else None,
        "stride": step.stride if isinstance(step, Slide | ConvolutionLayer) else None,
        "padding": step.padding if isinstance(step, Slide | ConvolutionLayer) else None,
        "pool": step.size if isinstance(step, Pool) else None,
        "height": maps.shape[0],
        "width": maps.shape[1],
        "maps": maps.shape[2],
        "lowest": float(maps.min()),
        "highest": float(maps.max()),
        "table": maps[:, :, 0].tolist() if is_small else None,
    }


def _size(stage: Stage) -> str:
    height, width, maps = stage.maps.shape
    facts = {
        "height": integer(height),
        "width": integer(width),
        "lowest": plain_number(float(stage.maps.min())),
        "highest": plain_number(float(stage.maps.max())),
        "sign": t("convolution.signed") if stage.is_signed else "",
    }
    if maps == 1:
        return t("convolution.size", **facts)
    return t("convolution.sizes", maps=integer(maps), **facts)


def _numbers(numbers: NDArray[np.float64]) -> Iterator[str]:
    """Write the table of numbers, rounded; of a large one, the corners."""
    columns = shutil.get_terminal_size((120, 24)).columns
    whole = np.rint(numbers).astype(np.int64)
    yield from table(whole, rows=MOST_ROWS, columns=columns).split("\n")
    if not np.array_equal(whole, numbers):
        yield t("convolution.rounded")
