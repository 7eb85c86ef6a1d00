"""Captchas of our own making: twisted characters in colour, sums, and grids of small pictures.

They are for learning and for showing how little a captcha proves; each is drawn here and its answer
is known. *They are never taken from a site, and nothing here answers one.*

A text is placed as a line is, each character in its own colour; the picture is then bent as by a
wave, and arcs and dots of the same colours are laid over it.

>>> glyphs = Glyphs.of_fonts(["DejaVu Sans Bold"], "0123456789+?=")
>>> draw_captcha("3+8=?", glyphs, np.random.default_rng(0)).shape
(60, 160, 3)
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from imagier.datasets.synthetic.glyphs import Glyphs
from imagier.datasets.synthetic.line_layout import place_glyphs
from imagier.datasets.synthetic.line_style import STYLES
from imagier.datasets.synthetic.lines import draw_look, line_generator
from imagier.datasets.synthetic.recipes import LABELS, PICTURES, MadePicture, Row, SetRecipe
from imagier.datasets.synthetic.shapes import (
    SHAPES,
    Shape,
    draw_scene,
    draw_shapes,
    light_paper,
    photographed,
)
from imagier.datasets.synthetic.texts import TextSampler

__all__ = [
    "SUM_CHARACTERS",
    "captcha_recipe",
    "draw_captcha",
    "draw_grid",
    "draw_sum",
    "grid_recipe",
    "sum_recipe",
]

WIDTH, HEIGHT = 160, 60
SUM_CHARACTERS: Final = "0123456789+-×=?"
DARKEST, LIGHTEST = 10, 150  # levels of an ink's colours
WAVES = (0.0, 2.5)  # pixels
ARCS, DOTS = (1, 4), (10, 40)
CELLS = 3  # in each direction
ASKED = (2, 5)  # cells that show what is asked for, the second left out
GAP = 2  # pixels between two cells

Picture = NDArray[np.uint8]
Size = tuple[int, int]


def captcha_recipe(
    draw: TextSampler,
    glyphs: Glyphs,
    *,
    count: int,
    seed: int,
    size: Size = (HEIGHT, WIDTH),
    facts: dict[str, object],
) -> SetRecipe:
    """Make captchas of twisted characters; `text` is what they say.

    Args:
        draw: Draws a text.
        glyphs: What texts are composed of.
        count: How many pictures.
        seed: Where their chance begins.
        size: Height and width of each picture.
        facts: What was decided besides.
    """

    def make(index: int) -> MadePicture:
        generator = line_generator(seed, 0, index)
        text = draw(generator)
        pixels = draw_captcha(text, glyphs, generator, size=size)
        return MadePicture(folder=PICTURES, pixels=pixels, rows={LABELS: [(text,)]})

    columns = {LABELS: ("text",)}
    return SetRecipe(
        kind="captchas", count=count, seed=seed, columns=columns, make=make, facts=facts
    )


def sum_recipe(
    glyphs: Glyphs, *, count: int, seed: int, size: Size = (HEIGHT, WIDTH), facts: dict[str, object]
) -> SetRecipe:
    """Make sums such as 3+8=?; `text` is the answer, `expression` what is seen.

    Args:
        glyphs: What sums are composed of.
        count: How many pictures.
        seed: Where their chance begins.
        size: Height and width of each picture.
        facts: What was decided besides.
    """

    def make(index: int) -> MadePicture:
        generator = line_generator(seed, 0, index)
        expression, answer = draw_sum(generator)
        pixels = draw_captcha(expression, glyphs, generator, size=size)
        rows = {LABELS: [(str(answer), expression)]}
        return MadePicture(folder=PICTURES, pixels=pixels, rows=rows)

    columns = {LABELS: ("text", "expression")}
    return SetRecipe(
        kind="captchas", count=count, seed=seed, columns=columns, make=make, facts=facts
    )


def grid_recipe(*, count: int, seed: int, size: int) -> SetRecipe:
    """Make grids of three by three small pictures, of which some show what is asked for.

    Cells are counted from 1, row by row. `cells.csv` tells what each one shows.

    Args:
        count: How many grids.
        seed: Where their chance begins.
        size: Side of a cell, in pixels.
    """

    def make(index: int) -> MadePicture:
        generator = line_generator(seed, 0, index)
        asked, shapes = draw_grid(generator)
        cells = [
            photographed(draw_scene([one], size=size, paper=light_paper(generator)), generator)
            for one in shapes
        ]
        right = " ".join(str(place) for place, one in enumerate(shapes, 1) if one.kind == asked)
        told = [(place, one.kind, one.colour) for place, one in enumerate(shapes, start=1)]
        rows: dict[str, list[Row]] = {LABELS: [(asked, right)], "cells.csv": [*told]}
        return MadePicture(folder=PICTURES, pixels=_grid(cells), rows=rows)

    columns = {LABELS: ("asked", "cells"), "cells.csv": ("cell", "shape", "colour")}
    facts = {"captcha": "grid", "size": size}
    return SetRecipe(
        kind="captchas", count=count, seed=seed, columns=columns, make=make, facts=facts
    )


def draw_sum(generator: np.random.Generator) -> tuple[str, int]:
    """Draw a sum, a difference that is not negative, or a product, and its answer."""
    first, second = generator.integers(0, 21, 2).tolist()
    sign = "+-×"[int(generator.integers(3))]
    if sign == "+":
        return f"{first}+{second}=?", first + second
    if sign == "-":
        first, second = max(first, second), min(first, second)
        return f"{first}-{second}=?", first - second
    first, second = first % 10, second % 10
    return f"{first}×{second}=?", first * second


def draw_grid(generator: np.random.Generator) -> tuple[str, list[Shape]]:
    """Draw what is asked for, and the shape of each cell."""
    kinds = tuple(SHAPES)
    asked = kinds[int(generator.integers(len(kinds)))]
    others = [one for one in kinds if one != asked]
    right = generator.permutation(CELLS**2)[: int(generator.integers(*ASKED))].tolist()
    shapes = []
    for cell in range(CELLS**2):
        other = others[int(generator.integers(len(others)))]
        kind = asked if cell in right else other
        shapes += draw_shapes(1, generator, first=kind)
    return asked, shapes


def draw_captcha(
    text: str, glyphs: Glyphs, generator: np.random.Generator, *, size: Size = (HEIGHT, WIDTH)
) -> Picture:
    """Draw a text as a captcha, (height, width, 3).

    Args:
        text: What is written.
        glyphs: What it is composed of.
        generator: Where chance comes from.
        size: Height and width of the picture.

    Raises:
        DataError: As `compose_line`.
    """
    style = STYLES["captcha"]
    look = draw_look(style, generator)
    placed = place_glyphs(text, glyphs, style, look, generator, height=size[0], width=size[1])
    levels = np.empty((*size, 3), np.float32)
    levels[:] = light_paper(generator)
    colours = generator.integers(DARKEST, LIGHTEST, (len(placed.inks) + 1, 3))
    for (tile, place), colour in zip(placed.tiles(), colours[1:].astype(np.float32), strict=True):
        levels[place] += (colour - levels[place]) * (tile[:, :, None] * np.float32(1 / 255))
    bent = _bent(levels, generator)
    image = Image.fromarray(bent.astype(np.uint8))
    _scribble(image, colours, generator)
    return np.asarray(image.filter(ImageFilter.SMOOTH))


def _bent(levels: NDArray[np.float32], generator: np.random.Generator) -> NDArray[np.float32]:
    """Move rows and columns along waves of a few pixels."""
    height, width = levels.shape[:2]
    depths = generator.uniform(*WAVES, 2)
    phases, lengths = generator.uniform(0, 2 * np.pi, 2), generator.uniform(0.6, 1.4, 2)
    rows, columns = np.arange(height)[:, None], np.arange(width)[None]
    down = depths[0] * np.sin(2 * np.pi * lengths[0] * columns / height + phases[0])
    along = depths[1] * np.sin(2 * np.pi * lengths[1] * rows / height + phases[1])
    rows = np.clip(np.rint(rows + down), 0, height - 1).astype(int)
    columns = np.clip(np.rint(columns + along), 0, width - 1).astype(int)
    moved: NDArray[np.float32] = levels[rows, columns]
    return moved


def _scribble(
    image: Image.Image, colours: NDArray[np.int64], generator: np.random.Generator
) -> None:
    """Lay arcs and dots over the characters, in the colours of some."""
    draw = ImageDraw.Draw(image)
    width, height = image.size
    inks = [tuple(one) for one in colours.tolist()]
    for _ in range(int(generator.integers(*ARCS))):
        left, right = sorted(generator.uniform(-0.1, 1.1, 2) * width)
        top, bottom = sorted(generator.uniform(-0.2, 1.2, 2) * height)
        start, sweep = generator.uniform(0, 360), generator.uniform(60, 200)
        ink = inks[int(generator.integers(len(inks)))]
        draw.arc((left, top, right, bottom), start, start + sweep, fill=ink, width=2)
    count = int(generator.integers(*DOTS))
    for x, y in (generator.random((count, 2)) * (width, height)).tolist():
        draw.ellipse((x - 1, y - 1, x + 1, y + 1), fill=inks[int(generator.integers(len(inks)))])


def _grid(cells: Sequence[Picture]) -> Picture:
    side = cells[0].shape[0]
    whole = np.full((*[CELLS * side + (CELLS - 1) * GAP] * 2, 3), 255, np.uint8)
    for number, cell in enumerate(cells):
        top, left = ((side + GAP) * place for place in divmod(number, CELLS))
        whole[top : top + side, left : left + side] = cell
    return whole
