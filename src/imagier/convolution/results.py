"""What `imagier convolve` answers: the stages of a chain, their numbers, what they cost."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from imagier.answers import AnswerFigure, AnswerTable, Shown
from imagier.convolution.chain import (
    ChainStep,
    ConvolutionLayer,
    Slide,
    Stage,
    stages,
)
from imagier.convolution.dense import Links, count_links
from imagier.convolution.inputs import InputPicture
from imagier.convolution.kernels import KERNELS, Kernel
from imagier.convolution.plots import Panel, montage, sliding_frames, strip, tinted
from imagier.convolution.sliding import Product, products_at
from imagier.convolution.wording import kernel_in_words, stage_in_words, stage_to_json, step_name
from imagier.errors import UsageError
from imagier.i18n import decimal, integer, plain_number, t

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["ConvolutionResult", "KernelList", "convolve_picture", "trace_layers"]

MOST_PRODUCTS = 25
MOST_FRAMES = 120
KEYS = (
    "picture",
    "label",
    "height",
    "width",
    "channel",
    "scale",
    "model",
    "layer",
    "stages",
    "at",
    "dense",
    "kernels",
    "out",
    "plot",
)


def convolve_picture(
    picture: InputPicture,
    kernels: Sequence[Kernel],
    *,
    after: Sequence[ChainStep] = (),
    stride: int = 1,
    padding: int = 0,
    place: tuple[int, int] | None = None,
) -> "ConvolutionResult":
    """Send a picture in grey through a chain of kernels.

    Args:
        picture: The picture.
        kernels: The kernels, one convolution each; without any, the picture goes through `after`.
        after: What follows each of them.
        stride: By how many pixels the kernels step.
        padding: Rows and columns of zeros around.
        place: Row and column, from 0, of a sum of the first convolution to write out.

    Raises:
        UsageError: What `stages` and `products_at` refuse.
    """
    slides = [Slide(kernel=kernel, stride=stride, padding=padding) for kernel in kernels]
    steps = [step for slide in slides for step in (slide, *after)] if slides else after
    numbers = picture.grey
    done = tuple(stages(numbers, steps))
    if not slides:
        return ConvolutionResult(picture=picture, stages=done)
    first = slides[0].kernel.numbers
    products: tuple[Product, ...] = ()
    if place is not None:
        products = products_at(numbers, first, *place, stride=stride, padding=padding)
    return ConvolutionResult(
        picture=picture,
        stages=done,
        place=place,
        products=products,
        links=count_links(first.shape, numbers.shape, stride=stride, padding=padding),
    )


def trace_layers(
    picture: InputPicture,
    seen: NDArray[np.float64],
    steps: Sequence[ChainStep],
    *,
    model: str,
    layer: int,
) -> "ConvolutionResult":
    """Send a picture, as a trained network sees it, through the first steps of this network.

    Args:
        picture: The picture.
        seen: Its numbers as the first layer receives them, (H, W, C).
        steps: What is done to them.
        model: Name of the model.
        layer: Which of its convolutions the steps lead to, from 1.
    """
    done = tuple(stages(seen, steps))
    return ConvolutionResult(picture=picture, stages=done, model=model, layer=layer)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ConvolutionResult(Shown):
    """All that was computed.

    Attributes:
        picture: What it began with.
        stages: The picture and what each step made of it.
        place: Row and column, from 0, of the sum that is written out.
        products: That sum, product by product.
        links: The first convolution as a dense layer.
        model: The model whose kernels were used.
        layer: Which of its convolutions.
        notes: What to know beside the answer.
    """

    picture: InputPicture
    stages: tuple[Stage, ...]
    place: tuple[int, int] | None = None
    products: tuple[Product, ...] = ()
    links: Links | None = None
    model: str | None = None
    layer: int | None = None
    notes: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """Show each stage with its numbers, then what they cost."""
        yield self._title()
        start = t("convolution.seen") if self.model else t("convolution.start")
        for stage in self.stages:
            yield ""
            yield from stage_in_words(stage, start=start)
        yield ""
        yield from self._sum()
        if self.links is not None:
            facts = {"dense": integer(self.links.dense), "links": integer(self.links.links)}
            free = self.links.free
            yield t("convolution.dense", n=free, free=integer(free), **facts)
        if any(isinstance(stage.step, Slide | ConvolutionLayer) for stage in self.stages):
            yield t("convolution.correlation")

    def to_json(self) -> dict[str, Any]:
        """Give the stages with their numbers."""
        height, width = self.stages[0].maps.shape[:2]
        facts = {
            "picture": self.picture.name,
            "label": self.picture.label,
            "height": height,
            "width": width,
            "channel": self.picture.channel,
            "scale": self.picture.scale,
            "model": self.model,
            "layer": self.layer,
            "stages": [stage_to_json(stage) for stage in self.stages],
            "at": self._sum_to_json(),
            "dense": _links_to_json(self.links),
        }
        return {key: facts.get(key) for key in KEYS}

    def figures(self) -> Mapping[str, AnswerFigure]:
        """Draw all stages side by side, as a film the kernel on its way over the picture.

        The film raises UsageError `convolve_gif` where there is no kernel or too many places.
        """
        figure = AnswerFigure(
            label=t("convolution.alt", name=self.picture.name),
            draw=lambda: strip(list(self._panels())),
            frames=self._film,
        )
        return {"figure": figure}

    def tables(self) -> Mapping[str, AnswerTable]:
        """Give every digit of the last maps, a table without titles each."""
        maps = self.stages[-1].maps.transpose(2, 0, 1).tolist()
        tables = [AnswerTable(columns=(), rows=_whole(numbers)) for numbers in maps]
        if len(tables) == 1:
            return {"table": tables[0]}
        return {f"map {place}": table for place, table in enumerate(tables, start=1)}

    def last_maps(self) -> tuple[NDArray[np.uint8], str | None]:
        """Give the last maps as a picture, pixel by pixel, and how to read it, where that is new.

        Returns:
            The picture, (H, W, 1) or (H, W, 3), and a sentence or None.
        """
        maps = self.stages[-1].maps
        sheet = montage(maps)
        if self.stages[-1].is_signed:
            return tinted(sheet), t("convolution.signed_colours")
        # the picture's own white, unless a number is greater
        white = max(float(self.picture.scale or 0), float(maps.max())) or 1.0
        shades = tinted(sheet, white=white)
        number = integer(int(white)) if white == int(white) else decimal(white, 2)
        told = None if white == 255 else t("convolution.white", white=number)
        return shades[:, :, :1] if maps.shape[2] == 1 else shades, told

    def _title(self) -> str:
        height, width = self.picture.levels.shape[:2]
        facts = {
            "name": self.picture.name,
            "height": integer(height),
            "width": integer(width),
        }
        if self.picture.scale is None:
            return t("convolution.title_typed", **facts)
        return t("convolution.title", **facts, scale=self.picture.scale)

    def _sum(self) -> Iterator[str]:
        if self.place is None:
            return
        terms = [f"{_signed(p.weight)}·{plain_number(p.number)}" for p in self.products]
        if len(terms) > MOST_PRODUCTS:
            terms = [*terms[:8], "…", *terms[-4:]]
        total = plain_number(sum(p.weight * p.number for p in self.products))
        row, column = self.place
        facts = {"row": row + 1, "column": column + 1}
        yield t("convolution.sum", sum=" + ".join(terms), total=total, **facts)

    def _sum_to_json(self) -> dict[str, Any] | None:
        if self.place is None:
            return None
        return {
            "row": self.place[0] + 1,
            "column": self.place[1] + 1,
            "products": [[product.weight, product.number] for product in self.products],
            "sum": sum(product.weight * product.number for product in self.products),
        }

    def _panels(self) -> Iterator[Panel]:
        for stage in self.stages:
            is_first = stage.step is None
            maps, white = stage.maps, self.picture.scale if is_first else None
            if is_first and self.model:
                maps = self.picture.mean
            if isinstance(stage.step, ConvolutionLayer) and stage.step.kernels.shape[1] == 1:
                kernels = stage.step.kernels[:, 0].transpose(1, 2, 0)
                yield Panel(title=t("convolution.stage.kernels"), maps=kernels)
            title = self.picture.name if stage.step is None else step_name(stage.step)
            yield Panel(title=title, maps=maps, white=white)

    def _film(self) -> "Iterator[Figure]":
        found = [stage for stage in self.stages if isinstance(stage.step, Slide)]
        if not found or found[0].maps[..., 0].size > MOST_FRAMES:
            raise UsageError("convolve_gif", limit=MOST_FRAMES)
        step = found[0].step
        assert isinstance(step, Slide)  # noqa: S101 - chosen above
        titles = (self.picture.name, step_name(step))
        return sliding_frames(
            self.stages[0].maps[:, :, 0],
            step.kernel.numbers,
            titles,
            stride=step.stride,
            padding=step.padding,
        )


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class KernelList(Shown):
    """The kernels that have a name.

    Attributes:
        notes: What to know beside the answer.
    """

    notes: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """Say what each looks for, and show its numbers."""
        for name, kernel in KERNELS.items():
            yield name
            yield f"  {t(f'convolution.kernel.{name}')}"
            yield from kernel_in_words(kernel)
            yield ""
        yield t("convolution.list_end")

    def to_json(self) -> dict[str, Any]:
        """Give the kernels; all other keys are null, and there is no stage."""
        kernels = [
            {"name": kernel.name, "rows": kernel.rows.tolist(), "divisor": kernel.divisor}
            for kernel in KERNELS.values()
        ]
        return dict.fromkeys(KEYS) | {"stages": [], "kernels": kernels}

    def figures(self) -> Mapping[str, AnswerFigure]:
        """There is none."""
        return {}

    def tables(self) -> Mapping[str, AnswerTable]:
        """There is none."""
        return {}


def _signed(value: float) -> str:
    text = plain_number(value)
    return f"({text})" if text.startswith("−") else text


def _whole(rows: list[list[float]]) -> list[list[float]]:
    """Write whole numbers without a decimal point."""
    return [[int(number) if number == int(number) else number for number in row] for row in rows]


def _links_to_json(links: Links | None) -> dict[str, int] | None:
    if links is None:
        return None
    return {
        "inputs": links.inputs,
        "outputs": links.outputs,
        "weights": links.dense,
        "links": links.links,
        "free": links.free,
    }
