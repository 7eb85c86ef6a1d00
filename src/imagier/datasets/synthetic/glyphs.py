"""Glyphs: small pictures of single characters as ink, of which lines are composed.

A glyph is what the ink covers, 0 to 255, cut close; whether a picture was white on black or black
on white is forgotten. Where it stands on the line is kept beside it in units of a capital letter's
height: its top is so far above the base line, its bottom so far below. Fonts tell both; of single
pictures, such as those of MNIST, nothing is known but their size, so that all stand on the line.

Glyphs come from *hands*: a font is one, a data set is one. A printed line is set in one font, so
its characters are taken from one hand; a code may mix them.

>>> glyphs = Glyphs.of_fonts(["DejaVu Sans"], "0g")
>>> zero, g = glyphs.of("0")[0], glyphs.of("g")[0]
>>> zero.bottom < 0.05 < g.bottom, zero.ink.dtype.name, zero.ink.max()
(True, 'uint8', np.uint8(255))
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from imagier.datasets.synthetic.fonts import find_fonts, font_lacks
from imagier.errors import DataError
from imagier.files import printable

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

__all__ = ["Glyph", "Glyphs"]

MOST_PER_CLASS = 6_000
FAINT = 32  # levels of ink below which a pixel at the rim of a picture is paper
CAPITALS = "HEXT0123456789"  # by the tallest of which a font's size is known
AT_ONCE = 4_096  # pictures

Ink = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Glyph:
    """One way of writing one character.

    Attributes:
        ink: How much of each pixel the ink covers, (h, w), cut close, 0 to 255.
        top: How far its top lies above the base line, in heights of a capital letter.
        bottom: How far its bottom lies below the base line; negative where it floats above.
        left: The white that a font leaves to its left; negative where it reaches out.
        right: The white to its right.
    """

    ink: Ink
    top: float = 1.0
    bottom: float = 0.0
    left: float = 0.0
    right: float = 0.0


Hand = Mapping[str, tuple[Glyph, ...]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Glyphs:
    """Characters, each in the ways in which some hands write it.

    Attributes:
        hands: The glyphs of each character, hand by hand; a hand may lack some.
    """

    hands: tuple[Hand, ...]
    _ways: Hand = field(init=False, repr=False)

    def __post_init__(self) -> None:
        ways: defaultdict[str, list[Glyph]] = defaultdict(list)
        for hand in self.hands:
            for character, some in hand.items():
                ways[character].extend(some)
        all_ways = {character: tuple(ways[character]) for character in sorted(ways)}
        object.__setattr__(self, "_ways", all_ways)

    @property
    def characters(self) -> tuple[str, ...]:
        """All characters that a hand at least can write, sorted."""
        return tuple(self._ways)

    def of(self, character: str) -> tuple[Glyph, ...]:
        """Give all glyphs of a character, whatever their hand; none where no hand writes it."""
        return self._ways.get(character, ())

    def check(self, characters: Iterable[str]) -> None:
        """Refuse characters that no hand writes.

        Raises:
            DataError: `glyphs_lack`, which names them.
        """
        missing = [one for one in dict.fromkeys(characters) if one not in self._ways]
        if missing:
            shown = " ".join(printable(one) for one in missing[:20])
            known = printable("".join(self.characters))[:60]
            raise DataError("glyphs_lack", characters=shown, n=len(missing), known=known)

    def __len__(self) -> int:
        return sum(len(ways) for ways in self._ways.values())

    def __add__(self, other: "Glyphs") -> "Glyphs":
        """Put two collections together; their hands stay apart."""
        return Glyphs(hands=(*self.hands, *other.hands))

    @classmethod
    def of_dataset(
        cls,
        pixels: NDArray[np.uint8],
        labels: NDArray[np.int64],
        classes: Sequence[str],
        *,
        most: int = MOST_PER_CLASS,
    ) -> Self:
        """Cut glyphs out of labelled pictures of single characters, such as MNIST's.

        Which of ink and paper is darker is seen by the rims of all pictures together. A character
        is as tall as its picture's ink, compared with the median of all.

        Args:
            pixels: The pictures, (N, H, W, C) or (N, H, W), 0 to 255.
            labels: The class of each, (N,).
            classes: The names of classes: the characters.
            most: How many pictures of each class are kept, the first ones.

        Raises:
            DataError: `glyphs_not_characters`, when a class is not named by one character;
                `glyphs_none`, when no picture holds ink.
        """
        long = [name for name in classes if len(name) != 1]
        if long:
            raise DataError("glyphs_not_characters", name=printable(long[0]), n=len(long))
        rows = [np.flatnonzero(labels == number)[:most] for number in range(len(classes))]
        kept = np.concatenate(rows) if rows else np.zeros(0, np.int64)
        is_dark = _is_ink_dark(pixels[kept])
        cut = [(classes[labels[row]], ink) for row, ink in _cut(pixels, kept, is_dark=is_dark)]
        if not cut:
            raise DataError("glyphs_none")
        typical = float(np.median([ink.shape[0] for _, ink in cut]))
        ways: defaultdict[str, list[Glyph]] = defaultdict(list)
        for character, ink in cut:
            ways[character].append(Glyph(ink=ink, top=ink.shape[0] / typical))
        return cls(hands=({character: tuple(ways[character]) for character in sorted(ways)},))

    @classmethod
    def of_fonts(
        cls, fonts: Iterable[str | Path], characters: Iterable[str], *, size: int = 40
    ) -> Self:
        """Draw characters in fonts; each font is a hand.

        Args:
            fonts: Names, patterns or files, as `find_fonts` reads them.
            characters: What is drawn.
            size: Height of a capital letter, in pixels.

        Raises:
            MachineError: `fonts_missing`.
            DataError: `font_unreadable`; `font_lacks`, when a font has no picture of a character.
        """
        wanted = tuple(dict.fromkeys(characters))
        hands = []
        for font in find_fonts(fonts):
            if lacking := [one for one in wanted if one not in font.characters]:
                raise font_lacks(font, lacking)
            hands.append(_drawn(font.path, wanted, size))
        return cls(hands=tuple(hands))


def _is_ink_dark(pixels: NDArray[np.uint8]) -> bool:
    """Tell whether the pictures are darker than their rims, taken all together."""
    grey = pixels.reshape(*pixels.shape[:3], -1)[:AT_ONCE].astype(np.float32).mean(axis=3)
    return bool(grey.mean() < np.median(_rims(grey))) if grey.size else True


def _rims(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    sides = (grey[:, 0], grey[:, -1], grey[:, :, 0], grey[:, :, -1])
    return np.concatenate(sides, axis=1)


def _cut(
    pixels: NDArray[np.uint8], rows: NDArray[np.int64], *, is_dark: bool
) -> Iterator[tuple[int, Ink]]:
    """Give each picture that holds ink by its row, as ink cut close."""
    for first in range(0, len(rows), AT_ONCE):
        some = rows[first : first + AT_ONCE]
        ink = _ink(pixels[some], is_dark=is_dark)
        across: NDArray[np.bool_] = ink.max(axis=1) >= FAINT
        down: NDArray[np.bool_] = ink.max(axis=2) >= FAINT
        has_ink = ink.max(axis=(1, 2)) >= FAINT
        lefts, tops = across.argmax(axis=1), down.argmax(axis=1)
        rights = across.shape[1] - across[:, ::-1].argmax(axis=1)
        bottoms = down.shape[1] - down[:, ::-1].argmax(axis=1)
        boxes = np.stack([tops, bottoms, lefts, rights], axis=1)[has_ink].tolist()
        for number, box in zip(np.flatnonzero(has_ink), boxes, strict=True):
            top, bottom, left, right = box
            yield int(some[number]), ink[number, top:bottom, left:right].copy()


def _ink(pixels: NDArray[np.uint8], *, is_dark: bool) -> Ink:
    """Turn pictures into ink: 0 at the level of their rim, 255 where they differ most from it."""
    grey = pixels.reshape(*pixels.shape[:3], -1).astype(np.float32).mean(axis=3)
    paper = np.median(_rims(grey), axis=1)[:, None, None]
    amount = np.maximum(paper - grey if is_dark else grey - paper, 0)
    most = np.maximum(amount.max(axis=(1, 2), keepdims=True), FAINT)
    ink: Ink = np.rint(amount * (255 / most)).astype(np.uint8)
    return ink


def _drawn(path: Path, characters: Sequence[str], size: int) -> dict[str, tuple[Glyph, ...]]:
    """Draw characters in one font so that its capital letters are `size` pixels tall."""
    from PIL import ImageFont

    first = ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)
    tall = -min(first.getbbox(one, anchor="ls")[1] for one in CAPITALS)
    points = size * size / max(tall, 1)
    font = ImageFont.truetype(str(path), points, layout_engine=ImageFont.Layout.BASIC)
    drawn = ((one, _drawn_one(font, one, size)) for one in characters)
    return {one: (glyph,) for one, glyph in drawn if glyph is not None}


def _drawn_one(font: "FreeTypeFont", character: str, size: int) -> Glyph | None:
    """Draw one character; None where it is blank, as a space is."""
    from PIL import Image, ImageDraw

    left, top, right, bottom = font.getbbox(character, anchor="ls")
    if right <= left or bottom <= top:
        return None
    picture = Image.new("L", (int(right - left) + 4, int(bottom - top) + 4))
    at = (2 - left, 2 - top)
    ImageDraw.Draw(picture).text(at, character, fill=255, font=font, anchor="ls")
    box = picture.getbbox()
    if box is None:
        return None
    ink = np.asarray(picture.crop(box))
    begins = box[0] - at[0]
    white = font.getlength(character) - (box[2] - at[0])
    return Glyph(
        ink=ink,
        top=(at[1] - box[1]) / size,
        bottom=(box[3] - at[1]) / size,
        left=begins / size,
        right=white / size,
    )
