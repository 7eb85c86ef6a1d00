"""The work of `imagier convolve`: a picture as numbers, and the chain of stages it goes through."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from numpy.typing import NDArray

from imagier.cli.pictures import open_picture
from imagier.convolution import (
    Links,
    Pool,
    Product,
    Relu,
    Slide,
    Stage,
    Step,
    count_links,
    parse_kernel,
    parse_matrix,
    products_at,
    stages,
)
from imagier.files import printable

if TYPE_CHECKING:
    from imagier.images import Channel

__all__ = ["Asked", "Numbers", "Work", "by_kernels", "by_model", "open_numbers"]

TYPED = re.compile(r"\s*[-+−\d.][-+−\d.,/\s]*(?:[;\s][-+−\d.,/;\s]*)", re.ASCII)
LARGEST_TYPED = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line asks for.

    Attributes:
        picture: A path, such as `digits:0`, or a table of numbers.
        kernels: Names or numbers; each makes one convolution.
        relu: Whether what is negative becomes 0 after each convolution.
        pool: Side of the blocks of max-pooling after each convolution; None for no pooling.
        stride: By how many pixels the kernels step.
        padding: Rows and columns of zeros around.
        channel: One of r, g, b and grey, or None.
        place: Row and column, from 0, of a sum of the first convolution to write out.
        model: A model whose kernels are taken instead.
        layer: Which convolution of it, from 1.
    """

    picture: str
    kernels: tuple[str, ...]
    relu: bool
    pool: int | None
    stride: int
    padding: int
    channel: str | None
    place: tuple[int, int] | None
    model: str | None
    layer: int

    @property
    def after(self) -> "list[Step]":
        """What follows each convolution."""
        return [
            *([Relu()] if self.relu else []),
            *([Pool(size=self.pool)] if self.pool else []),
        ]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Numbers:
    """The picture that the work begins with.

    Attributes:
        name: What it is called.
        levels: Its numbers, (H, W, C).
        scale: The number that is white; None for a table that was typed.
        label: Its class, in a named set.
        channel: The channel that was asked for.
    """

    name: str
    levels: NDArray[Any]
    scale: int | None = None
    label: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Work:
    """All that was computed.

    Attributes:
        picture: What it began with.
        stages: The picture and what each step made of it.
        place: Row and column, from 0, of the sum that is written out.
        products: That sum, product by product.
        links: The first convolution as a dense layer.
        model: The model whose kernels were used.
        layer: Which of its convolutions.
    """

    picture: Numbers
    stages: tuple[Stage, ...]
    place: tuple[int, int] | None = None
    products: tuple[Product, ...] = ()
    links: Links | None = None
    model: str | None = None
    layer: int | None = None


def open_numbers(word: str, channel: str | None, *, quiet: bool) -> Numbers:
    """Open a picture, or read the table of numbers that the word itself is.

    Args:
        word: A path, such as `digits:0`, or such as "5 3; 2 1".
        channel: One of r, g, b and grey, or None.
        quiet: Whether to keep notes on odd files to oneself.
    """
    if TYPED.fullmatch(word) and not Path(word).exists():
        table = parse_matrix(word, largest=LARGEST_TYPED)
        name = printable(" ".join(word.split()))
        return Numbers(name=name if len(name) <= 40 else name[:39] + "…", levels=table[..., None])
    from imagier.images import channel as take_channel

    opened = open_picture(word, quiet=quiet)
    levels = take_channel(opened.levels, cast("Channel", channel)) if channel else opened.levels
    return Numbers(
        name=opened.name, levels=levels, scale=opened.scale, label=opened.label, channel=channel
    )


def by_kernels(picture: Numbers, asked: Asked) -> Work:
    """Send a picture in grey through kernels that have names or were typed."""
    settings = {"stride": asked.stride, "padding": asked.padding}
    slides = [Slide(kernel=parse_kernel(kernel), **settings) for kernel in asked.kernels]
    steps: list[Step] = [step for slide in slides for step in (slide, *asked.after)] or asked.after
    numbers = _grey(picture.levels)
    done = tuple(stages(numbers, steps))
    if not slides:
        return Work(picture=picture, stages=done)
    first = slides[0].kernel.numbers
    products: tuple[Product, ...] = ()
    if asked.place is not None:
        products = products_at(numbers, first, *asked.place, **settings)
    return Work(
        picture=picture,
        stages=done,
        place=asked.place,
        products=products,
        links=count_links(first.shape, numbers.shape, **settings),
    )


def by_model(picture: Numbers, asked: Asked) -> Work:
    """Send a picture, prepared as the model's own were, as far as a convolution of the model."""
    from imagier.cli.convolving_model import as_seen, first_steps
    from imagier.recognizer import load

    model = str(asked.model)
    recognizer = load(model)
    steps = first_steps(recognizer, asked.layer)
    numbers = as_seen(recognizer, picture.levels, picture.scale)
    done = tuple(stages(numbers, (*steps, *asked.after)))
    return Work(picture=picture, stages=done, model=printable(model), layer=asked.layer)


def _grey(levels: NDArray[Any]) -> NDArray[Any]:
    """Give one number a pixel, (H, W)."""
    from imagier.images import channel

    return (channel(levels, "grey") if levels.shape[2] == 3 else levels)[:, :, 0]
