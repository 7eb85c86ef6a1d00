"""How composed lines look: ranges, from which each line draws its own values.

A style is the only thing that one turns to make lines harder, or more like the real ones. The four
that have names are starting points: `dataclasses.replace(STYLES["codes"], slant=(0.0, 0.3))`.
"""

from dataclasses import dataclass
from typing import Final

__all__ = ["BACKGROUNDS", "STYLES", "LineStyle"]

Range = tuple[float, float]

BACKGROUNDS: Final = ("plain", "gradient", "pattern", "ruled")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineStyle:
    """The ranges of a line's looks; every line draws from each one, evenly.

    Lengths are in heights of a character, unless said otherwise; "each" means anew for every
    character of a line.

    Attributes:
        spacing: The gap between two characters; negative where they overlap.
        gap: How much wider or narrower than this each gap is.
        word_space: The width of a space in the text.
        scale: How large each character is, compared with the others.
        stretch: How much wider than drawn all characters of a line are.
        each_stretch: How much wider each is besides.
        slant: How far all lean to the right, as the tangent of the angle.
        each_slant: How much further each leans.
        shift: How far each is moved up.
        turn: How far each is turned, in degrees.
        rotation: How far the whole line climbs, in degrees.
        thickness: How much thicker all strokes are, as a share of one pixel more on each side;
            negative where they are thinner.
        bend: How far the line swings up and down as a wave.
        margin_sides: The paper left, and right, of the text.
        margin_ends: The paper above, and below, as a share of the picture's height; negative where
            the text is cut.
        ink: The level of the strokes, 0 to 255.
        paper: The level of the paper.
        contrast: By how much the paper must be lighter than the strokes at least.
        noise: The standard deviation of the noise, in levels.
        blur: The radius of the blur, in pixels.
        backgrounds: What the paper may be: some of `BACKGROUNDS`.
        pattern: How far a printed pattern, or a ruled line, is darker than the paper, in levels.
        strokes: How many lines are drawn across.
        before: Marks that may stand before the text and are no part of it: currencies.
        between: Separators that may stand between two characters, in threes from the right.
        after: Marks that may stand behind the text.
        marks: How often a line has one of each of these, 0 to 1.
        is_one_hand: Whether all characters of a line come from one hand, as in print.
        keeps_room: Whether the height has room for capitals and tails in every line, so that an o
            stays smaller than an O; if not, each line fills the height.
    """

    spacing: Range = (-0.05, 0.35)
    gap: Range = (-0.06, 0.06)
    word_space: Range = (0.3, 0.7)
    scale: Range = (0.88, 1.12)
    stretch: Range = (0.85, 1.2)
    each_stretch: Range = (0.9, 1.1)
    slant: Range = (-0.15, 0.3)
    each_slant: Range = (-0.06, 0.06)
    shift: Range = (-0.06, 0.06)
    turn: Range = (-4.0, 4.0)
    rotation: Range = (-3.0, 3.0)
    thickness: Range = (-0.4, 0.5)
    bend: Range = (0.0, 0.0)
    margin_sides: Range = (0.05, 0.6)
    margin_ends: Range = (0.02, 0.2)
    ink: Range = (0.0, 90.0)
    paper: Range = (170.0, 255.0)
    contrast: float = 50.0
    noise: Range = (0.0, 10.0)
    blur: Range = (0.0, 0.7)
    backgrounds: tuple[str, ...] = ("plain", "gradient")
    pattern: Range = (10.0, 50.0)
    strokes: tuple[int, int] = (0, 0)
    before: tuple[str, ...] = ()
    between: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    marks: float = 0.0
    is_one_hand: bool = False
    keeps_room: bool = False


STYLES: Final[dict[str, LineStyle]] = {
    "codes": LineStyle(backgrounds=("plain", "plain", "gradient", "ruled")),
    "cheques": LineStyle(
        spacing=(-0.12, 0.4),
        gap=(-0.1, 0.12),
        scale=(0.75, 1.15),
        stretch=(0.7, 1.35),
        each_stretch=(0.85, 1.2),
        slant=(-0.15, 0.55),
        each_slant=(-0.1, 0.1),
        shift=(-0.12, 0.12),
        turn=(-6.0, 6.0),
        rotation=(-5.0, 5.0),
        thickness=(-0.4, 0.8),
        margin_sides=(0.0, 0.7),
        margin_ends=(-0.04, 0.3),
        ink=(0.0, 115.0),
        paper=(130.0, 235.0),
        contrast=60.0,
        noise=(0.0, 9.0),
        blur=(0.0, 0.9),
        backgrounds=("plain", "gradient", "pattern", "pattern", "pattern", "pattern", "ruled"),
        pattern=(8.0, 60.0),
        before=("$", "#", "="),
        between=(".", ".", ".", ",", "'"),
        after=(".", ".", "-", "-", ".-", "=", ",", "#"),
        marks=0.35,
    ),
    "print": LineStyle(
        spacing=(-0.03, 0.15),
        gap=(-0.01, 0.01),
        scale=(0.99, 1.01),
        stretch=(0.85, 1.15),
        each_stretch=(1.0, 1.0),
        slant=(-0.02, 0.02),
        each_slant=(0.0, 0.0),
        shift=(-0.01, 0.01),
        turn=(-0.5, 0.5),
        rotation=(-1.5, 1.5),
        thickness=(-0.3, 0.4),
        backgrounds=("plain", "plain", "gradient", "ruled", "pattern"),
        is_one_hand=True,
    ),
    "captcha": LineStyle(
        spacing=(-0.12, 0.15),
        gap=(-0.05, 0.05),
        scale=(0.8, 1.15),
        stretch=(0.8, 1.2),
        slant=(-0.25, 0.25),
        each_slant=(-0.2, 0.2),
        shift=(-0.15, 0.15),
        turn=(-25.0, 25.0),
        rotation=(-4.0, 4.0),
        thickness=(-0.3, 0.6),
        bend=(0.0, 0.12),
        margin_ends=(0.02, 0.25),
        ink=(0.0, 130.0),
        paper=(170.0, 255.0),
        contrast=80.0,
        backgrounds=("plain", "gradient", "pattern"),
        strokes=(0, 3),
    ),
}
