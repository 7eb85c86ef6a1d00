"""Where each character of a composed line stands: one affine map a glyph, for the whole line.

Lengths are in heights of a character, x to the right, y down, the base line at y = 0. A glyph's
picture coordinates (u, v), from its centre, go to

    (x, y) = R(turn + climb) · shear(lean) · diag(kx, ky) · (u, v) + centre

and all are scaled at the end so that the line fills the picture between its margins.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imagier.datasets.synthetic.glyphs import Glyph, Glyphs
from imagier.datasets.synthetic.line_style import LineStyle
from imagier.errors import DataError
from imagier.files import printable

__all__ = ["PlacedGlyphs", "place_glyphs"]

MARK_FONTS = ("DejaVu Sans", "DejaVu Serif", "DejaVu Sans Bold", "DejaVu Sans Mono")
LEAST_WIDTH = 8  # pixels
PER_GLYPH = ("gap", "scale", "each_stretch", "each_slant", "shift", "turn")
WAVE = 4.0  # heights of a character from one crest to the next
DEEPEST = 0.25  # heights of a character that a tail reaches below the base line
SHARP = 0.7  # a glyph is made smaller at once where this share of 1/scale reaches 2
_CORNERS = np.array([[-1.0, 1.0, -1.0, 1.0], [-1.0, -1.0, 1.0, 1.0]])

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedGlyphs:
    """The glyphs of a line, each with the way back from the picture's pixels to its own.

    Attributes:
        height: Rows of the picture.
        width: Its columns.
        inks: The pictures of the glyphs, with one pixel of paper around.
        inverses: The map from a pixel of each glyph's box to its picture, as Pillow takes it.
        boxes: Left, top, right, bottom of each glyph on the picture.
    """

    height: int
    width: int
    inks: list[NDArray[np.uint8]]
    inverses: list[tuple[float, ...]]
    boxes: list[tuple[int, int, int, int]]

    def tiles(self) -> Iterator[tuple[NDArray[np.uint8], tuple[slice, slice]]]:
        """Draw each glyph through its map: its ink, and the rows and columns it stands in."""
        for ink, inverse, box in zip(self.inks, self.inverses, self.boxes, strict=True):
            left, top, right, bottom = box
            tile = Image.fromarray(ink).transform(
                (right - left, bottom - top),
                Image.Transform.AFFINE,
                inverse,
                Image.Resampling.BILINEAR,
            )
            yield np.asarray(tile), (slice(top, bottom), slice(left, right))


def place_glyphs(
    text: str,
    glyphs: Glyphs,
    style: LineStyle,
    look: Mapping[str, float],
    generator: np.random.Generator,
    *,
    height: int,
    width: int | None = None,
) -> PlacedGlyphs:
    """Choose a glyph for each character of a text and place them.

    Args:
        text: What is written.
        glyphs: What there is to choose from.
        style: How characters differ from each other.
        look: What holds for the whole line, by the names of the style.
        generator: Where chance comes from.
        height: Rows of the picture.
        width: Its columns, in whose middle the line stands; None for as many as the text needs.

    Raises:
        DataError: `line_empty`; `line_characters`, when no glyph is there for a character.
    """
    chosen, spaces = _choose(text, glyphs, style, generator)
    drawn = generator.random((len(PER_GLYPH), len(chosen)))
    lows, spans = _ranges(style)
    each = dict(zip(PER_GLYPH, lows + spans * drawn, strict=True))
    matrices, centres = _maps(chosen, spaces, look, each, generator)
    low, high = np.array([style.margin_sides] * 2 + [style.margin_ends] * 2).T
    margins = low + generator.random(4) * (high - low)
    room = (-1.0, DEEPEST) if style.keeps_room else None
    return _fitted(chosen, matrices, centres, margins, (height, width), room)


@cache
def _ranges(style: LineStyle) -> tuple[Numbers, Numbers]:
    ranges = np.array([getattr(style, name) for name in PER_GLYPH])
    return ranges[:, :1], ranges[:, 1:] - ranges[:, :1]


def _choose(
    text: str, glyphs: Glyphs, style: LineStyle, generator: np.random.Generator
) -> tuple[list[Glyph], Numbers]:
    """Choose a glyph for each character and mark, and tell the white of spaces before each."""
    characters = "".join(text.split())
    missing = [one for one in dict.fromkeys(characters) if not glyphs.of(one)]
    if missing:
        facts = {"n": len(missing), "characters": " ".join(printable(one) for one in missing[:20])}
        raise DataError("line_characters", text=printable(text[:60]), **facts)
    if not characters:
        raise DataError("line_empty")
    hand = _one_hand(characters, glyphs, generator) if style.is_one_hand else None
    signs = _with_marks(text, style, generator)
    chances = generator.random(len(signs) + 1).tolist()
    low, high = style.word_space
    space = low + chances.pop() * (high - low)
    chosen: list[Glyph] = []
    spaces: list[float] = []
    white = 0.0
    for (sign, is_mark), chance in zip(signs, chances, strict=True):
        if sign.isspace():
            white += space
            continue
        source = _mark_glyphs() if is_mark else glyphs
        ways = source.of(sign) if is_mark or hand is None else hand[sign]
        chosen.append(ways[int(chance * len(ways))])
        spaces.append(white)
        white = 0.0
    return chosen, np.array(spaces)


def _one_hand(
    characters: str, glyphs: Glyphs, generator: np.random.Generator
) -> Mapping[str, tuple[Glyph, ...]] | None:
    """Choose a hand that writes all these characters; None where none does."""
    hands = [hand for hand in glyphs.hands if all(one in hand for one in characters)]
    return hands[int(generator.random() * len(hands))] if hands else None


def _with_marks(
    text: str, style: LineStyle, generator: np.random.Generator
) -> list[tuple[str, bool]]:
    """Give the signs to draw, and whether each is a mark that is no part of the text."""
    signs = [(sign, False) for sign in text]
    if not style.marks:
        return signs
    chances = generator.random(6).tolist()
    if style.between and chances[0] < style.marks and len(text) > 3:
        mark = style.between[int(chances[1] * len(style.between))]
        for place in range(len(text) - 3, 0, -3):
            signs[place:place] = [(sign, True) for sign in mark]
    if style.before and chances[2] < style.marks:
        mark = style.before[int(chances[3] * len(style.before))]
        signs[:0] = [(sign, True) for sign in mark]
    if style.after and chances[4] < style.marks:
        mark = style.after[int(chances[5] * len(style.after))]
        signs += [(sign, True) for sign in mark]
    return signs


@cache
def _mark_glyphs() -> Glyphs:
    """Draw the marks of all styles in the fonts that are on every machine."""
    marks = "".join(chr(code) for code in range(33, 127)) + "€£¥"
    return Glyphs.of_fonts(MARK_FONTS, marks)


def _maps(
    chosen: Sequence[Glyph],
    spaces: Numbers,
    look: Mapping[str, float],
    each: Mapping[str, Numbers],
    generator: np.random.Generator,
) -> tuple[Numbers, Numbers]:
    """Give the matrix of each glyph, (n, 2, 2), and where its centre stands, (n, 2)."""
    sides = np.array([(*one.ink.shape, one.top, one.bottom, one.left, one.right) for one in chosen])
    rows, columns, top, bottom, left, right = sides.T
    scale = each["scale"]
    down = scale * (top + bottom) / rows
    across = down * look["stretch"] * each["each_stretch"]
    gaps = spaces + scale * look["stretch"] * left + look["spacing"] + each["gap"]
    gaps[1:] += (scale * look["stretch"] * right)[:-1]
    gaps[0] = 0.0
    widths = across * columns
    middle = (top - bottom) / 2 * scale
    x = np.cumsum(gaps + widths) - widths / 2 + look["slant"] * middle
    y = -middle - each["shift"]
    if look["bend"]:
        y += look["bend"] * np.sin(2 * np.pi * (x / WAVE + generator.random()))
    climb = -np.deg2rad(look["rotation"])
    cos, sin = np.cos(climb), np.sin(climb)
    centres = np.stack([cos * x - sin * y, sin * x + cos * y], axis=1)
    angle = climb - np.deg2rad(each["turn"])
    lean = -(look["slant"] + each["each_slant"]) * down
    cos, sin = np.cos(angle), np.sin(angle)
    matrices = np.empty((len(chosen), 2, 2))
    matrices[:, 0, 0] = cos * across
    matrices[:, 0, 1] = cos * lean - sin * down
    matrices[:, 1, 0] = sin * across
    matrices[:, 1, 1] = sin * lean + cos * down
    return matrices, centres


def _fitted(
    chosen: Sequence[Glyph],
    matrices: Numbers,
    centres: Numbers,
    margins: Numbers,
    size: tuple[int, int | None],
    room: tuple[float, float] | None,
) -> PlacedGlyphs:
    """Scale the line so that it fills the height, and find each glyph's box and way back.

    Args:
        chosen: The glyphs.
        matrices: The matrix of each, (n, 2, 2).
        centres: Where the centre of each stands, (n, 2).
        margins: Left and right in heights of a character, above and below in shares of the height.
        size: Rows of the picture, and columns where they are given.
        room: What is kept free around the base line whatever the text; None to fill the height.
    """
    height, columns = size
    sizes = np.array([one.ink.shape for one in chosen], np.float64)
    halves = sizes[:, ::-1, None] / 2 * _CORNERS  # (n, 2, 4)
    corners = matrices @ halves + centres[:, :, None]
    left, top = corners.min(axis=(0, 2))
    right, bottom = corners.max(axis=(0, 2))
    top = min(top, bottom - 1)  # a dash alone is not blown up to the height of a digit
    if room is not None:
        top, bottom = min(top, room[0]), max(bottom, room[1])
    tall, free = bottom - top, height * (1 - margins[2] - margins[3])
    scale = free / tall
    wide = right - left + margins[0] + margins[1]
    width = columns or max(LEAST_WIDTH, int(np.ceil(scale * wide)))
    scale = min(scale, width / wide)
    beside, above = (width - scale * wide) / 2, height * margins[2] + (free - scale * tall) / 2
    origin = np.array([scale * (margins[0] - left) + beside, above - scale * top])
    limits = np.array([width, height])
    firsts = np.clip(np.floor(scale * corners.min(axis=2) + origin - 1), 0, limits - 1).astype(int)
    lasts = np.clip(np.ceil(scale * corners.max(axis=2) + origin + 1), firsts + 1, limits)
    back = np.linalg.inv(scale * matrices)
    shrinking = 1 / (scale * np.linalg.norm(matrices[:, :, 1], axis=1))
    factors = np.maximum(1, (shrinking * SHARP).astype(int))
    starts = np.einsum("nij,nj->ni", back, firsts - (scale * centres + origin)) + sizes[:, ::-1] / 2
    inks = [_padded(one.ink, k) for one, k in zip(chosen, factors.tolist(), strict=True)]
    affine = np.concatenate([back, starts[:, :, None]], axis=2) / factors[:, None, None]
    affine[:, :, 2] += 1  # the pixel of paper around
    boxes = np.concatenate([firsts, lasts], axis=1).astype(int).tolist()
    return PlacedGlyphs(
        height=height,
        width=width,
        inks=inks,
        inverses=[tuple(one) for one in affine.reshape(-1, 6).tolist()],
        boxes=[(box[0], box[1], box[2], box[3]) for box in boxes],
    )


def _padded(ink: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """Put paper around a glyph, which is made smaller first where it is far too large."""
    if factor > 1:
        ink = np.asarray(Image.fromarray(ink).reduce(factor))
    padded = np.zeros((ink.shape[0] + 2, ink.shape[1] + 2), np.uint8)
    padded[1:-1, 1:-1] = ink
    return padded
