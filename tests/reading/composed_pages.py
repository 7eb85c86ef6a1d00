"""Pages made of composed lines, of which it is known where each stands."""

import math
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from imagier.datasets.synthetic import STYLES, Glyphs, compose_line

CHARACTERS = "0123456789ABCDEFabcdefghijkmnopqrstuy"
SIZE = (800, 1100)  # width and height
RULES = ("none", "under", "paper", "frames", "form")


@dataclass(frozen=True, kw_only=True)
class Page:
    pixels: np.ndarray
    texts: tuple
    corners: tuple  # of each line, (4, 2) as x and y


def glyphs():
    return Glyphs.of_fonts(["DejaVu Sans", "DejaVu Serif"], CHARACTERS)


def compose_page(
    seed, letters, *, degrees=None, rules=None, noise=None, lines=99, dark=False, climb=True
):
    """Compose a page; what is not said is drawn.

    Args:
        seed: Of everything that is drawn.
        letters: The glyphs.
        degrees: By how much the sheet is turned.
        rules: What is printed on it, one of `RULES`.
        noise: The standard deviation of the noise, in levels.
        lines: How many there are at most.
        dark: Whether the writing is light on dark.
        climb: Whether each line climbs or falls in its own way.
    """
    rng = np.random.default_rng(seed)
    degrees = float(rng.uniform(-3, 3)) if degrees is None else degrees
    rules = str(rng.choice(RULES)) if rules is None else rules
    noise = float(rng.uniform(0, 8)) if noise is None else noise
    ink, texts, places, boxes = _written(
        rng, letters, lines, room=20 if rules == "frames" else 0, climb=climb
    )
    levels = np.minimum(ink, _printed(rng, rules, places))
    image = Image.fromarray(levels.astype(np.uint8))
    image = image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255)
    image = image.filter(ImageFilter.GaussianBlur(float(rng.uniform(0, 0.8))))
    paper = np.asarray(image) / 255 * _light(rng)
    paper += rng.normal(0, noise, paper.shape) if noise else 0
    pixels = np.clip(paper, 0, 255).astype(np.uint8)
    return Page(
        pixels=(255 - pixels if dark else pixels)[:, :, None],
        texts=tuple(texts),
        corners=tuple(_turned(box, degrees) for box in boxes),
    )


def _written(rng, letters, most, *, room, climb):
    """Write lines of characters, some in two columns; give where each was laid, and its ink."""
    width, height = SIZE
    ink = np.full((height, width), 255.0)
    texts, places, boxes = [], [], []
    body, top = int(rng.integers(26, 60)), int(rng.integers(50, 100))
    style = replace(
        STYLES[str(rng.choice(["codes", "print"]))],
        backgrounds=("plain",),
        paper=(255.0, 255.0),
        ink=(0.0, 90.0),
        noise=(0.0, 0.0),
    )
    style = style if climb else replace(style, rotation=(0.0, 0.0))
    while top + 2 * body < height - 60 and len(texts) < most:
        size = round(body * float(rng.uniform(0.85, 1.2)))
        left = int(rng.integers(60, 130))
        for _ in range(1 if rng.random() < 0.75 else 2):
            text = "".join(rng.choice(list(CHARACTERS), int(rng.integers(3, 14))))
            line = compose_line(text, letters, style, rng, height=size)
            right = left + line.shape[1]
            if right > width - 40:
                break
            part = slice(top, top + size), slice(left, right)
            ink[part] = np.minimum(ink[part], line)
            y, x = (np.flatnonzero((line < 128).any(axis=axis)) for axis in (1, 0))
            texts.append(text)
            places.append((left, top, right, top + size))
            boxes.append((left + x[0], top + y[0], left + x[-1] + 1, top + y[-1] + 1))
            left = right + int(rng.integers(4 * size, 6 * size))
        top += round(size * float(rng.uniform(1.35, 2.4))) + room
    return ink, texts, places, boxes


def _printed(rng, rules, places):
    """Print rules and frames on an empty sheet."""
    width, height = SIZE
    sheet = Image.new("L", SIZE, 255)
    draw = ImageDraw.Draw(sheet)
    for left, top, right, bottom in places:
        if rules == "under":
            draw.line([left - 10, bottom + 3, right + 30, bottom + 3], 90, 2)
        if rules == "frames":
            draw.rectangle([left - 14, top - 8, right + 14, bottom + 8], outline=60, width=2)
    if rules == "paper":
        for y in range(40, height, int(rng.integers(24, 50))):
            draw.line([0, y, width, y], 170, 1)
        draw.line([50, 0, 50, height], 140, 2)
    if rules == "form":
        draw.rectangle([25, 25, width - 26, height - 26], outline=40, width=3)
        for y in sorted({bottom for *_, bottom in places})[::3]:
            draw.line([25, y + 9, width - 26, y + 9], 60, 2)
    return np.asarray(sheet, float)


def _light(rng):
    """Let a lamp shine from somewhere: levels of the paper, up to 30 % darker on one side."""
    rows, columns = np.mgrid[0 : SIZE[1], 0 : SIZE[0]]
    a, b = rng.uniform(-1, 1, 2)
    slope = (a * columns / SIZE[0] + b * rows / SIZE[1]) / max(abs(a) + abs(b), 1e-9)
    return rng.uniform(190, 250) * (1 + rng.uniform(0, 0.3) * (slope - slope.max()))


def found_shares(page, lines):
    """Give for each true line the best area in common over the area of both (IoU)."""
    found = [_mask(line.corners()) for line in lines]
    best = []
    for corners in page.corners:
        true = _mask(corners)
        shares = [(true & one).sum() / max((true | one).sum(), 1) for one in found]
        best.append(max(shares, default=0.0))
    return best


def _turned(box, degrees):
    left, top, right, bottom = box
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], float)
    angle = math.radians(degrees)
    cosine, sine = math.cos(angle), math.sin(angle)
    middle = np.array(SIZE) / 2
    x, y = (corners - middle).T
    return np.stack([x * cosine + y * sine, -x * sine + y * cosine], axis=1) + middle


def _mask(corners):
    image = Image.new("1", (SIZE[0] // 2, SIZE[1] // 2))
    points = [tuple(point) for point in (np.asarray(corners) / 2).tolist()]
    ImageDraw.Draw(image).polygon(points, fill=1)
    return np.asarray(image)
