"""Recipes: what a made set holds, picture by picture, and what is known of each.

A recipe makes its picture i from nothing but its seed and i. So a set can be made again, longer or
in another order, and each picture stays what it was.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from imagier.datasets.synthetic.fonts import Font
from imagier.datasets.synthetic.glyphs import Glyphs
from imagier.datasets.synthetic.line_style import LineStyle
from imagier.datasets.synthetic.lines import compose_line, line_generator
from imagier.datasets.synthetic.texts import TextSampler
from imagier.errors import UsageError
from imagier.files import printable

__all__ = [
    "LABELS",
    "PICTURES",
    "MadePicture",
    "Row",
    "SetRecipe",
    "character_recipe",
    "class_folders",
    "line_recipe",
]

LABELS = "labels.csv"
PICTURES = "pictures"  # the folder of those that have no class
_SAFE = re.compile(r"(?!(?:con|prn|aux|nul)$)[^\W_](?:[\w -]{0,60}\w)?", re.IGNORECASE)

Row = Sequence[object]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MadePicture:
    """A picture that was made, and the truth about it.

    Attributes:
        folder: Where it goes: its class, or `pictures`.
        pixels: Grey or red, green, blue; (H, W) or (H, W, 3), 0 to 255.
        rows: For each table, what follows the path in the rows that tell of it.
    """

    folder: str
    pixels: NDArray[np.uint8]
    rows: Mapping[str, Sequence[Row]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SetRecipe:
    """How the pictures of a set are made.

    Attributes:
        kind: What they are: `digits`, `letters`, `lines`, `captchas` or `shapes`.
        count: How many there are.
        seed: Where their chance begins.
        columns: The titles of each table behind `path`.
        make: Makes picture i.
        facts: What else was decided, for whoever makes the set again.
    """

    kind: str
    count: int
    seed: int
    columns: Mapping[str, Sequence[str]]
    make: Callable[[int], MadePicture]
    facts: Mapping[str, object] = field(default_factory=dict)


def character_recipe(
    kind: str,
    characters: Sequence[str],
    fonts: Sequence[Font],
    style: LineStyle,
    *,
    count: int,
    seed: int,
    size: int,
    facts: Mapping[str, object] | None = None,
) -> SetRecipe:
    """Make square pictures of single printed characters, as many of each, one font after another.

    The font is told beside the class: with `--group font` none of a font that was learnt stands in
    the test.

    Args:
        kind: What they are called.
        characters: The classes.
        fonts: What they are printed in.
        style: How they look.
        count: How many pictures.
        seed: Where their chance begins.
        size: Side of each picture, in pixels.
        facts: What was decided besides.

    Raises:
        DataError: `font_lacks`.
        UsageError: `text_characters`, without any.
    """
    if not characters:
        raise UsageError("text_characters")
    hands = [Glyphs.of_fonts([font.path], characters, size=max(size, 16)) for font in fonts]
    folders = class_folders(characters)

    def make(index: int) -> MadePicture:
        generator = line_generator(seed, 0, index)
        character = characters[index % len(characters)]
        hand = int(generator.integers(len(fonts)))
        pixels = compose_line(character, hands[hand], style, generator, height=size, width=size)
        row = (character, fonts[hand].name)
        return MadePicture(folder=folders[character], pixels=pixels, rows={LABELS: [row]})

    return SetRecipe(
        kind=kind,
        count=count,
        seed=seed,
        columns={LABELS: ("label", "font")},
        make=make,
        facts={
            "characters": "".join(characters),
            "size": size,
            "fonts": _names(fonts),
            **(facts or {}),
        },
    )


def line_recipe(
    glyphs: Glyphs,
    draw: TextSampler,
    style: LineStyle,
    *,
    count: int,
    seed: int,
    height: int,
    facts: Mapping[str, object],
) -> SetRecipe:
    """Make lines of characters with their texts.

    Args:
        glyphs: What lines are composed of.
        draw: Draws a text.
        style: How they look.
        count: How many pictures.
        seed: Where their chance begins.
        height: Rows of each picture.
        facts: What was decided besides.
    """

    def make(index: int) -> MadePicture:
        generator = line_generator(seed, 0, index)
        text = draw(generator)
        pixels = compose_line(text, glyphs, style, generator, height=height)
        return MadePicture(folder=PICTURES, pixels=pixels, rows={LABELS: [(text,)]})

    columns = {LABELS: ("text",)}
    return SetRecipe(kind="lines", count=count, seed=seed, columns=columns, make=make, facts=facts)


def _names(fonts: Sequence[Font]) -> list[str]:
    return [printable(font.name) for font in fonts]


def class_folders(names: Sequence[str]) -> dict[str, str]:
    """Name the folder of each class; one for all where a disk could not tell the names apart.

    Disks of Windows and macOS take `a` and `A` for one name, and some signs stand in none.

    >>> class_folders(["a", "b"]), class_folders(["a", "A"])
    ({'a': 'a', 'b': 'b'}, {'a': 'pictures', 'A': 'pictures'})
    """
    is_safe = all(_SAFE.fullmatch(one) for one in names)
    is_told = len({one.casefold() for one in names}) == len(set(names))
    return {one: one if is_safe and is_told else PICTURES for one in names}
