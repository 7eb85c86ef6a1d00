"""What `imagier convolve` answers: lines for a reader, one object for a program."""

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from imagier.cli.convolve_files import stage_title
from imagier.files import printable
from imagier.i18n import decimal, integer, language, t

if TYPE_CHECKING:
    from imagier.cli.convolving import Work
    from imagier.convolution import Kernel, Slide, Stage

__all__ = ["in_words", "kernels_in_words", "to_json"]

MOST_IN_JSON = 4096
MOST_ROWS = 28
MOST_PRODUCTS = 25


def kernels_in_words() -> Iterator[str]:
    """List the kernels that have a name: what each looks for, and its numbers."""
    from imagier.convolution import KERNELS

    for name, kernel in KERNELS.items():
        yield f"{name}\n  {t(f'convolution.kernel.{name}')}"
        yield from _matrix(kernel)
        yield ""
    yield t("cli.convolve.list_end")


def in_words(work: "Work") -> Iterator[str]:
    """Show each stage with its numbers, then what they cost."""
    yield _title(work)
    for stage in work.stages:
        yield ""
        yield from _stage(stage, work)
    yield ""
    yield from _sum(work)
    if work.links is not None:
        links = work.links
        facts = {"dense": integer(links.dense), "links": integer(links.links)}
        yield t("cli.convolve.dense", n=links.free, free=integer(links.free), **facts)
    if any(_is_convolution(stage) for stage in work.stages):
        yield t("cli.convolve.correlation")


def to_json(
    work: "Work | None", *, out: str | None = None, plot: str | None = None
) -> dict[str, Any]:
    """Give all figures; without work, the list of the named kernels."""
    from imagier.convolution import KERNELS

    first = work.stages[0].maps if work else None
    picture = work.picture if work else None
    return {
        "picture": picture.name if picture else None,
        "label": picture.label if picture else None,
        "height": first.shape[0] if first is not None else None,
        "width": first.shape[1] if first is not None else None,
        "channel": picture.channel if picture else None,
        "scale": picture.scale if picture else None,
        "model": work.model if work else None,
        "layer": work.layer if work else None,
        "stages": [_stage_to_json(stage) for stage in work.stages] if work else [],
        "at": _at_to_json(work) if work else None,
        "dense": _links_to_json(work) if work else None,
        "kernels": [_kernel_to_json(kernel) for kernel in KERNELS.values()] if not work else None,
        "out": None if out is None else printable(out),
        "plot": None if plot is None else printable(plot),
    }


def _title(work: "Work") -> str:
    picture = work.picture
    height, width = picture.levels.shape[:2]
    facts = {"name": picture.name, "height": integer(height), "width": integer(width)}
    if picture.scale is None:
        return t("cli.convolve.title_typed", **facts)
    return t("cli.convolve.title", **facts, scale=picture.scale)


def _stage(stage: "Stage", work: "Work") -> Iterator[str]:
    """Show one stage: what was done, its kernel, its size, its numbers where there are few."""
    from imagier.convolution import Slide

    if stage.step is None:
        yield t("cli.convolve.seen") if work.model else t("cli.convolve.start")
    elif isinstance(stage.step, Slide):
        yield from _slide(stage.step)
    else:
        yield stage_title(stage, work)
    yield _size(stage)
    if stage.maps.shape[2] == 1:
        yield from _numbers(stage.maps[:, :, 0])


def _slide(step: "Slide") -> Iterator[str]:
    yield t("cli.convolve.slide", kernel=step.kernel.name, stride=step.stride, padding=step.padding)
    yield from _matrix(step.kernel)


def _size(stage: "Stage") -> str:
    height, width, maps = stage.maps.shape
    facts = {
        "height": integer(height),
        "width": integer(width),
        "lowest": _number(float(stage.maps.min())),
        "highest": _number(float(stage.maps.max())),
        "sign": t("cli.convolve.signed") if stage.is_signed else "",
    }
    if maps == 1:
        return t("cli.convolve.size", **facts)
    return t("cli.convolve.sizes", maps=integer(maps), **facts)


def _numbers(numbers: NDArray[np.float64]) -> Iterator[str]:
    """Write the table of numbers, rounded; of a large one, the corners."""
    from imagier.images import table

    columns = shutil.get_terminal_size((120, 24)).columns
    whole = np.rint(numbers).astype(np.int64)
    yield table(whole, rows=MOST_ROWS, columns=columns)
    if not np.array_equal(whole, numbers):
        yield t("cli.convolve.rounded")


def _matrix(kernel: "Kernel") -> Iterator[str]:
    texts = [[_number(float(number)) for number in row] for row in kernel.rows]
    width = max(len(text) for row in texts for text in row)
    for place, row in enumerate(texts):
        line = " ".join(text.rjust(width) for text in row)
        is_middle = place == (len(texts) - 1) // 2
        divided = f"  ÷ {kernel.divisor}" if kernel.divisor != 1 and is_middle else ""
        yield f"  [ {line} ]{divided}"


def _sum(work: "Work") -> Iterator[str]:
    if work.place is None:
        return
    products = work.products
    terms = [f"{_number(p.weight, signed=True)}·{_number(p.number)}" for p in products]
    if len(terms) > MOST_PRODUCTS:
        terms = [*terms[:8], "…", *terms[-4:]]
    total = _number(sum(p.weight * p.number for p in products))
    row, column = work.place
    facts = {"row": row + 1, "column": column + 1}
    yield t("cli.convolve.sum", sum=" + ".join(terms), total=total, **facts)


def _number(value: float, *, signed: bool = False) -> str:
    """Write a number with the digits it needs, at most three after the mark."""
    value = 0.0 if value == 0 else value
    if value == int(value):
        text = integer(int(value))
    else:
        text = decimal(value, 3).rstrip("0").rstrip(",." if language() == "fr" else ".")
    text = text.replace("-", "−")
    return f"({text})" if signed and value < 0 else text


def _is_convolution(stage: "Stage") -> bool:
    from imagier.convolution import Layer, Slide

    return isinstance(stage.step, Slide | Layer)


def _stage_to_json(stage: "Stage") -> dict[str, Any]:
    from imagier.convolution import Layer, Pool, Relu, Slide

    step, maps = stage.step, stage.maps
    is_small = maps.shape[2] == 1 and maps.size <= MOST_IN_JSON
    kernel = step.kernel if isinstance(step, Slide) else None
    names = {Slide: "kernel", Layer: "layer", Relu: "relu", Pool: "pool"}
    return {
        "name": "picture" if step is None else names.get(type(step), "batch_norm"),
        "kernel": kernel.name if kernel else None,
        "matrix": kernel.numbers.tolist() if kernel else None,
        "stride": step.stride if isinstance(step, Slide | Layer) else None,
        "padding": step.padding if isinstance(step, Slide | Layer) else None,
        "pool": step.size if isinstance(step, Pool) else None,
        "height": maps.shape[0],
        "width": maps.shape[1],
        "maps": maps.shape[2],
        "lowest": float(maps.min()),
        "highest": float(maps.max()),
        "table": maps[:, :, 0].tolist() if is_small else None,
    }


def _at_to_json(work: "Work") -> dict[str, Any] | None:
    if work.place is None:
        return None
    products = [[product.weight, product.number] for product in work.products]
    return {
        "row": work.place[0] + 1,
        "column": work.place[1] + 1,
        "products": products,
        "sum": sum(weight * number for weight, number in products),
    }


def _links_to_json(work: "Work") -> dict[str, int] | None:
    links = work.links
    if links is None:
        return None
    return {
        "inputs": links.inputs,
        "outputs": links.outputs,
        "weights": links.dense,
        "links": links.links,
        "free": links.free,
    }


def _kernel_to_json(kernel: "Kernel") -> dict[str, Any]:
    return {"name": kernel.name, "rows": kernel.rows.tolist(), "divisor": kernel.divisor}
