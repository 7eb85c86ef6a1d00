"""Simple scenes: circles, squares, triangles, stars, of which everything is known.

Each shape is a polygon around its centre, turned and scaled; later ones lie over earlier ones. The
scene is drawn four times as large and averaged, so that edges are soft as on photos.

>>> shape = Shape(kind="circle", colour="red", x=0.5, y=0.5, size=0.5)
>>> scene = draw_scene([shape], size=32)
>>> scene.shape, scene[16, 16].tolist(), scene[0, 0].tolist()
((32, 32, 3), [214, 39, 40], [255, 255, 255])
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from imagier.datasets.synthetic.lines import line_generator
from imagier.datasets.synthetic.recipes import LABELS, MadePicture, Row, SetRecipe
from imagier.errors import UsageError

__all__ = [
    "COLOURS",
    "SHAPES",
    "Shape",
    "draw_scene",
    "draw_shapes",
    "light_paper",
    "photographed",
    "shape_recipe",
    "visible_shares",
]

COLOURS: Final[Mapping[str, tuple[int, int, int]]] = {
    "red": (214, 39, 40),
    "green": (44, 160, 44),
    "blue": (31, 119, 180),
    "orange": (255, 127, 14),
    "purple": (148, 103, 189),
    "black": (30, 30, 30),
}
FINER = 4  # times, in each direction
LEAST, LARGEST = 0.2, 0.6  # of the side
CROWDED = 0.35  # the largest where there are several
LEAST_SEEN = 0.35  # share of a shape that the later ones leave to be seen
TRIES = 40
COARSE = 96  # pixels of the side on which is counted what is seen
PAPER = (225, 256)
NOISE = 5.0  # levels

Points = NDArray[np.float64]


def _corners(count: int, *, inner: float = 1.0) -> Points:
    """Give a regular polygon of radius 1, or a star whose inner corners lie at `inner`."""
    steps = count if inner == 1.0 else 2 * count
    angles = 2 * np.pi * np.arange(steps) / steps - np.pi / 2
    radii = np.where(np.arange(steps) % 2 == 0, 1.0, inner)
    return np.stack([np.cos(angles) * radii, np.sin(angles) * radii], axis=1)


_ARM = 0.33
_CROSS = np.array(
    [
        *[(-_ARM, -1), (_ARM, -1), (_ARM, -_ARM), (1, -_ARM), (1, _ARM), (_ARM, _ARM)],
        *[(_ARM, 1), (-_ARM, 1), (-_ARM, _ARM), (-1, _ARM), (-1, -_ARM), (-_ARM, -_ARM)],
    ]
)
_SQUARE = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * 0.85
SHAPES: Final[Mapping[str, Points]] = {
    "circle": _corners(64),
    "square": _SQUARE,
    "triangle": _corners(3),
    "star": _corners(5, inner=0.42),
    "cross": _CROSS,
    "hexagon": _corners(6),
}
MOST_SHAPES = 9
MOST_TURN = 20.0  # degrees: a square on its tip is still a square


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A shape in a scene; lengths are shares of the scene's side.

    Attributes:
        kind: One of `SHAPES`.
        colour: One of `COLOURS`.
        x: Where its centre is, from the left.
        y: From the top.
        size: Its diameter.
        turn: How far it is turned to the right, in degrees.
    """

    kind: str
    colour: str
    x: float
    y: float
    size: float
    turn: float = 0.0

    def numbers(self) -> tuple[float, float, float, float]:
        """Give x, y, size and turn, rounded as a table tells them."""
        return round(self.x, 4), round(self.y, 4), round(self.size, 4), round(self.turn, 1)

    def outline(self, side: float) -> list[tuple[float, float]]:
        """Give its corners in a scene of `side` pixels."""
        angle = np.deg2rad(self.turn)
        cos, sin = np.cos(angle), np.sin(angle)
        points = SHAPES[self.kind] @ np.array([[cos, sin], [-sin, cos]]) * self.size / 2
        return [(x, y) for x, y in ((points + np.array([self.x, self.y])) * side).tolist()]


def shape_recipe(
    *,
    count: int,
    seed: int,
    size: int,
    fewest: int = 1,
    most: int = 1,
) -> SetRecipe:
    """Make scenes of one shape, whose class is its kind, or of several, whose class is how many.

    `shapes.csv` tells everything of every shape, the share of it that is seen included.

    Args:
        count: How many scenes.
        seed: Where their chance begins.
        size: Side of each picture, in pixels.
        fewest: Shapes in a scene at least.
        most: Shapes in a scene at most.

    Raises:
        UsageError: `shape_count`.
    """
    if not 1 <= fewest <= most <= MOST_SHAPES:
        raise UsageError("shape_count", fewest=fewest, most=most, limit=MOST_SHAPES)
    kinds = tuple(SHAPES)

    def make(index: int) -> MadePicture:
        generator = line_generator(seed, 0, index)
        number = fewest + index % (most - fewest + 1)
        first = kinds[index % len(kinds)] if most == 1 else None
        shapes = draw_shapes(number, generator, first=first)
        seen = visible_shares(shapes)
        pixels = photographed(
            draw_scene(shapes, size=size, paper=light_paper(generator)), generator
        )
        label = shapes[0].kind if most == 1 else str(number)
        told = [
            (row, one.kind, one.colour, *one.numbers(), round(share, 3))
            for row, (one, share) in enumerate(zip(shapes, seen, strict=True), start=1)
        ]
        rows: dict[str, list[Row]] = {LABELS: [(label, number)], "shapes.csv": [*told]}
        return MadePicture(folder=label, pixels=pixels, rows=rows)

    columns = {
        LABELS: ("label", "count"),
        "shapes.csv": ("number", "shape", "colour", "x", "y", "size", "turn", "seen"),
    }
    facts = {"size": size, "shapes": [fewest, most]}
    return SetRecipe(kind="shapes", count=count, seed=seed, columns=columns, make=make, facts=facts)


def draw_shapes(
    count: int, generator: np.random.Generator, *, first: str | None = None
) -> list[Shape]:
    """Draw shapes at random, all within the scene and none nearly hidden by later ones.

    Args:
        count: How many.
        generator: Where chance comes from.
        first: The kind of the first one; None for any.
    """
    for _ in range(TRIES):
        shapes = [_draw_shape(count, generator) for _ in range(count)]
        if first is not None:
            shapes[0] = replace(shapes[0], kind=first)
        if min(visible_shares(shapes)) >= LEAST_SEEN:
            break
    return shapes


def _draw_shape(count: int, generator: np.random.Generator) -> Shape:
    size = generator.uniform(LEAST, LARGEST if count == 1 else CROWDED)
    x, y = generator.uniform(size / 2, 1 - size / 2, 2)
    return Shape(
        kind=tuple(SHAPES)[int(generator.integers(len(SHAPES)))],
        colour=tuple(COLOURS)[int(generator.integers(len(COLOURS)))],
        x=float(x),
        y=float(y),
        size=float(size),
        turn=float(generator.uniform(-MOST_TURN, MOST_TURN)),
    )


def visible_shares(shapes: Sequence[Shape]) -> list[float]:
    """Tell which share of each shape is seen, beneath those that come after it."""
    scene = Image.new("L", (COARSE, COARSE))
    whole = []
    for number, shape in enumerate(shapes, start=1):
        alone = Image.new("L", scene.size)
        ImageDraw.Draw(alone).polygon(shape.outline(COARSE), fill=1)
        whole.append(int(np.asarray(alone).sum()))
        scene.paste(number, mask=alone.point([0, *[255] * 255]))
    seen = np.bincount(np.asarray(scene).ravel(), minlength=len(shapes) + 1)[1:]
    return [float(part / max(all_of_it, 1)) for part, all_of_it in zip(seen, whole, strict=True)]


def draw_scene(
    shapes: Sequence[Shape], *, size: int, paper: tuple[int, int, int] = (255, 255, 255)
) -> NDArray[np.uint8]:
    """Draw shapes one over the other, (size, size, 3).

    Args:
        shapes: The shapes, the lowest first.
        size: Side of the picture, in pixels.
        paper: The colour beneath.
    """
    scene = Image.new("RGB", (size * FINER, size * FINER), paper)
    draw = ImageDraw.Draw(scene)
    for shape in shapes:
        draw.polygon(shape.outline(size * FINER), fill=COLOURS[shape.colour])
    return np.asarray(scene.reduce(FINER))


def light_paper(generator: np.random.Generator) -> tuple[int, int, int]:
    """Draw a light colour for the paper."""
    red, green, blue = generator.integers(*PAPER, 3).tolist()
    return red, green, blue


def photographed(scene: NDArray[np.uint8], generator: np.random.Generator) -> NDArray[np.uint8]:
    """Add the noise of a camera."""
    noise = generator.standard_normal(scene.shape, np.float32) * np.float32(NOISE)
    seen: NDArray[np.uint8] = np.clip(np.rint(scene + noise), 0, 255).astype(np.uint8)
    return seen
