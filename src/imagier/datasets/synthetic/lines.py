"""Lines of characters, composed of single ones: endless practice for a reader.

Every character is placed by one affine map, which holds its size, its lean, its turn and the climb
of the whole line; the line is then scaled so that it fills the height between its margins. Ink is
laid on paper, blurred and made noisy, as by a camera.

*The picture of a line is a function of the generator alone*, so that picture 41 of epoch 3 is the
same whenever, and in whichever process, it is made:

>>> glyphs = Glyphs.of_fonts(["DejaVu Sans Mono"], "0123456789")
>>> once = compose_line("75011", glyphs, LineStyle(), np.random.default_rng(7))
>>> again = compose_line("75011", glyphs, LineStyle(), np.random.default_rng(7))
>>> once.shape[0], once.dtype.name, np.array_equal(once, again)
(32, 'uint8', True)
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from imagier.datasets.synthetic.glyphs import Glyphs
from imagier.datasets.synthetic.line_layout import PlacedGlyphs, place_glyphs
from imagier.datasets.synthetic.line_style import LineStyle
from imagier.datasets.synthetic.papers import draw_paper

__all__ = ["compose_line", "compose_lines", "draw_look", "line_generator"]

HEIGHT: Final = 32
# The ranges of a style from which a line draws one value each, in this order.
PER_LINE = (
    *("ink", "paper", "spacing", "stretch", "slant"),
    *("rotation", "thickness", "bend", "noise", "blur"),
)
LEAST_BLUR = 0.15  # pixels: less is not seen

Levels = NDArray[np.float32]
Picture = NDArray[np.uint8]


def compose_lines(
    texts: Sequence[str],
    glyphs: Glyphs,
    style: LineStyle,
    *,
    seed: int,
    epoch: int = 0,
    first: int = 0,
    height: int = HEIGHT,
) -> list[Picture]:
    """Compose one picture a text; picture i is a function of its text and (seed, epoch, first + i).

    Args:
        texts: What is written.
        glyphs: What it is composed of.
        style: How it looks.
        seed: The seed of all.
        epoch: How often all pictures have been gone through.
        first: The index of the first picture.
        height: Rows of each picture.

    Returns:
        Grey levels, (height, width) each, the widths as the texts need.

    Raises:
        DataError: As `compose_line`.
    """
    return [
        compose_line(text, glyphs, style, line_generator(seed, epoch, index), height=height)
        for index, text in enumerate(texts, start=first)
    ]


def line_generator(seed: int, epoch: int, index: int) -> np.random.Generator:
    """Give the generator of one picture, the same wherever it is made."""
    return np.random.default_rng((seed, epoch, index))


def compose_line(
    text: str,
    glyphs: Glyphs,
    style: LineStyle,
    generator: np.random.Generator,
    *,
    height: int = HEIGHT,
    width: int | None = None,
) -> Picture:
    """Compose the picture of a text: dark ink on light paper, as wide as the text needs.

    Args:
        text: What is written; a space leaves a gap.
        glyphs: What it is composed of.
        style: How it looks.
        generator: Where chance comes from.
        height: Rows of the picture.
        width: Its columns, in whose middle the text stands; None for as many as it needs.

    Returns:
        Grey levels, (height, width).

    Raises:
        DataError: `line_empty`; `line_characters`, when no glyph is there for a character.
    """
    look = draw_look(style, generator)
    placed = place_glyphs(text, glyphs, style, look, generator, height=height, width=width)
    ink = _drawn(placed)
    if style.strokes[1]:
        ink = _crossed(ink, style, look, generator)
    ink = _thickened(ink, look["thickness"])
    dark = look["ink"]
    light = max(look["paper"], dark + style.contrast)
    paper = draw_paper(style, light, ink.shape, generator)
    paper += (dark - paper) * (ink * np.float32(1 / 255))
    return _photographed(paper, look, generator)


def draw_look(style: LineStyle, generator: np.random.Generator) -> dict[str, float]:
    """Draw the values that hold for a whole line."""
    numbers = generator.random(len(PER_LINE)).tolist()
    ranges = ((name, getattr(style, name)) for name in PER_LINE)
    drawn = zip(ranges, numbers, strict=True)
    return {name: low + number * (high - low) for (name, (low, high)), number in drawn}


def _drawn(placed: PlacedGlyphs) -> Picture:
    """Draw each glyph through its map onto empty paper; where two overlap, the darker one holds."""
    canvas = np.zeros((placed.height, placed.width), np.uint8)
    for tile, place in placed.tiles():
        np.maximum(canvas[place], tile, out=canvas[place])
    return canvas


def _crossed(
    ink: Picture, style: LineStyle, look: dict[str, float], generator: np.random.Generator
) -> Picture:
    """Draw lines across, of the ink of the characters."""
    image = Image.fromarray(ink)
    draw = ImageDraw.Draw(image)
    height, width = ink.shape
    for _ in range(int(generator.integers(style.strokes[0], style.strokes[1] + 1))):
        ends = (generator.random((3, 2)) * (width, height)).tolist()
        level = int(generator.integers(120, 256))
        draw.line([tuple(end) for end in ends[: 2 + int(look["bend"] > 0)]], fill=level, width=1)
    return np.asarray(image)


def _thickened(ink: Picture, thickness: float) -> Picture:
    """Spread the ink by a share of a pixel on each side, or take so much away."""
    if thickness == 0:
        return ink
    near = np.maximum if thickness > 0 else np.minimum
    other = ink.copy()
    near(other[1:], ink[:-1], out=other[1:])
    near(other[:-1], ink[1:], out=other[:-1])
    near(other[:, 1:], ink[:, :-1], out=other[:, 1:])
    near(other[:, :-1], ink[:, 1:], out=other[:, :-1])
    share = np.float32(min(abs(thickness), 1))
    return np.rint(ink + share * (other.astype(np.float32) - ink)).astype(np.uint8)


def _photographed(
    levels: Levels, look: dict[str, float], generator: np.random.Generator
) -> Picture:
    """Blur the picture, and add the noise of a camera."""
    if look["blur"] >= LEAST_BLUR:
        image = Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))
        levels = np.asarray(image.filter(ImageFilter.GaussianBlur(look["blur"])), np.float32)
    if look["noise"] > 0:
        noise = generator.standard_normal(levels.shape, np.float32)
        noise *= np.float32(look["noise"])
        levels = levels + noise
    seen: Picture = np.clip(levels + np.float32(0.5), 0, 255).astype(np.uint8)
    return seen
