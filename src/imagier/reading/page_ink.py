"""The ink of a page: what is darker than the paper around it, whatever light fell on it.

A lamp on one side makes the paper of the other darker than pencil on this one. So the page is
divided by its own paper, as light as three quarters of each small square are; what is left is how
dark each spot is compared with paper there, 0 for paper and 1 for black. A sheet that lies crooked
is then turned straight: the angle is the one at which the rows of the page are fullest and
emptiest, since lines, printed rules and the gaps between them then lie along them.

>>> page = np.linspace(120, 240, 200 * 300).reshape(200, 300, 1).astype(np.uint8)
>>> page[100:110, 40:200] //= 3
>>> found = straight_ink(page)
>>> found.mask.shape, bool(found.mask[104, 100]), bool(found.mask[50, 100])
((200, 300), True, False)
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["PageInk", "straight_ink"]

LARGEST_SIDE = 1600  # pixels of a page that is looked at
SQUARES = 50  # of paper along the longer side
LEAST_SQUARE = 16  # pixels
PAPER = 75  # percentile of a square's levels that is paper
TABLE = 0.4  # times as light as the page's paper: what is darker, and beside it, is the table
LEAST_DARKNESS = 0.12  # compared with paper: less is a shadow, not ink
OF_INK = 0.35  # times how dark ink mostly is: what is as dark is ink too
NOISES = 4.0  # times the noise of the paper
MOST_POINTS = 60_000  # of ink by which the angle is found
STEEPEST = 6.0  # degrees
STEPS = ((0.5, STEEPEST), (0.1, 0.5), (0.02, 0.1))  # degrees of a step, and how far it goes
GAIN = 1.015  # times as full as rows that lie as they do must be those at an angle, to be believed
ROW = 1.5  # pixels of a row that is filled

Levels = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PageInk:
    """The ink of a page, laid straight and made smaller.

    Attributes:
        mask: Where there is ink, (h, w).
        climb: The angle by which the page's lines climb to the right, in radians.
        left: Where the mask's first pixel lies on the smaller page, in its pixels.
        top: The same, from above.
        scale: Pixels of the page for one of the mask.
    """

    mask: NDArray[np.bool_]
    climb: float
    left: float
    top: float
    scale: float

    def on_page(self, x: float, y: float) -> tuple[float, float]:
        """Give the place on the page of a point of the mask."""
        cosine, sine = math.cos(self.climb), math.sin(self.climb)
        across, down = x * cosine + y * sine, y * cosine - x * sine
        return self.scale * (self.left + across), self.scale * (self.top + down)


def straight_ink(pixels: NDArray[np.uint8]) -> PageInk:
    """Find the ink of a page and turn it so that its lines run along the rows.

    Args:
        pixels: The page, (H, W, C).
    """
    grey, scale = _smaller(pixels)
    darkness = _darkness(grey)
    least = _least(darkness)
    climb = _climb(darkness > least)
    if climb == 0:
        return PageInk(mask=darkness > least, climb=0.0, left=0.0, top=0.0, scale=scale)
    turned, left, top = _turned(darkness, climb)
    return PageInk(mask=turned > least, climb=climb, left=left, top=top, scale=scale)


def _smaller(pixels: NDArray[np.uint8]) -> tuple[Levels, float]:
    """Give the page in grey, dark on light, no larger than it is looked at; and by how much."""
    image = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels).convert("L")
    scale = max(1.0, max(image.size) / LARGEST_SIDE)
    if scale > 1:
        size = max(1, round(image.width / scale)), max(1, round(image.height / scale))
        image = image.resize(size, Image.Resampling.BOX)
    grey = np.asarray(image, np.float32)
    dark, middle, light = np.percentile(grey, (2, 50, 98))
    return (255 - grey if 2 * middle < dark + light else grey), scale


def _darkness(grey: Levels) -> Levels:
    """Compare each spot with the paper around it: 0 for paper, 1 for black."""
    side = max(LEAST_SQUARE, round(max(grey.shape) / SQUARES))
    rows, columns = (-(-n // side) for n in grey.shape)
    padded = np.pad(
        grey, ((0, rows * side - grey.shape[0]), (0, columns * side - grey.shape[1])), mode="edge"
    )
    squares = padded.reshape(rows, side, columns, side).swapaxes(1, 2).reshape(rows, columns, -1)
    paper = np.percentile(squares, PAPER, axis=2).astype(np.float32)
    around = np.pad(paper, 1, mode="edge")
    near = np.stack([around[y : y + rows, x : x + columns] for y in range(3) for x in range(3)])
    paper = np.median(near, axis=0).astype(np.float32)
    is_beside = near.min(axis=0) < TABLE * np.percentile(paper, 90)
    size = columns * side, rows * side
    light = Image.fromarray(paper).resize(size, Image.Resampling.BILINEAR)
    ground = np.asarray(light)[: grey.shape[0], : grey.shape[1]]
    compared: Levels = 1 - grey / np.maximum(ground, 1)
    beside = np.repeat(np.repeat(is_beside, side, axis=0), side, axis=1)
    compared[beside[: grey.shape[0], : grey.shape[1]]] = 0
    return compared


def _least(darkness: Levels) -> float:
    """Choose how dark ink is at least: darker than shadows, than noise, than faint print."""
    steps = np.abs(np.diff(darkness, axis=1))
    # of normal noise, the median of a difference is so many times its standard deviation
    noise = float(np.median(steps)) / 0.954 if steps.size else 0.0
    least = max(LEAST_DARKNESS, NOISES * noise)
    ink = darkness[darkness > least]
    return max(least, OF_INK * float(np.median(ink))) if ink.size else least


def _climb(mask: NDArray[np.bool_]) -> float:
    """Find the angle at which rows are fullest and emptiest, in radians; 0 where none is."""
    y, x = np.nonzero(mask)
    if len(y) < 50:
        return 0.0
    step = -(-len(y) // MOST_POINTS)
    points = y[::step].astype(np.float32), x[::step].astype(np.float32)
    best = 0.0
    for width, reach in STEPS:
        angles = best + np.arange(-round(reach / width), round(reach / width) + 1) * width
        scores = [_fullness(*points, angle) for angle in angles.tolist()]
        best = float(angles[int(np.argmax(scores))])
    gain = _fullness(*points, best) / _fullness(*points, 0.0)
    return math.radians(best) if gain > GAIN else 0.0


def _fullness(y: Levels, x: Levels, degrees: float) -> float:
    """Sum the squares of what the rows hold at an angle; ink between two rows counts for both.

    So much ink in few rows gives more than the same ink in many.
    """
    places = (y + x * math.tan(math.radians(degrees))) / ROW
    places -= np.floor(places.min())
    rows = places.astype(np.int32)
    below = places - rows
    counts = np.bincount(rows, 1 - below, int(rows.max()) + 2)
    counts += np.bincount(rows + 1, below, len(counts))
    return float(counts @ counts)


def _turned(darkness: Levels, climb: float) -> tuple[Levels, float, float]:
    """Turn a page straight; give where its new first pixel lies on the old one."""
    height, width = darkness.shape
    cosine, sine = math.cos(climb), math.sin(climb)
    corners = np.array([(0, 0), (width, 0), (0, height), (width, height)], np.float64)
    across = corners @ (cosine, -sine)
    down = corners @ (sine, cosine)
    first_across, first_down = across.min(), down.min()
    left = first_across * cosine + first_down * sine
    top = first_down * cosine - first_across * sine
    size = math.ceil(across.max() - first_across), math.ceil(down.max() - first_down)
    image = Image.fromarray(darkness).transform(
        size,
        Image.Transform.AFFINE,
        (cosine, sine, left, -sine, cosine, top),
        Image.Resampling.BILINEAR,
        fillcolor=0,
    )
    return np.asarray(image), float(left), float(top)
