"""Pages made of composed lines, of which it is known where each stands."""

import math
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from imagier.datasets.synthetic import STYLES, Glyphs, compose_line

CHARACTERS = "0123456789ABCDEFabcdefghijkmnopqrstuy"
SIZE = (1000, 1400)  # width and height
SCALE = 4  # pixels of the page for one of the grid on which areas are counted


@dataclass(frozen=True, kw_only=True)
class Page:
    pixels: np.ndarray
    texts: tuple
    corners: tuple  # of each line, (4, 2) as x and y


def glyphs():
    return Glyphs.of_fonts(["DejaVu Sans", "DejaVu Serif"], CHARACTERS)


def compose_page(seed, letters, *, degrees=None, rules=None, noise=None, lines=None, dark=False):
    """Compose a page; what is not said is drawn.

    Args:
        seed: Of everything that is drawn.
        letters: The glyphs.
        degrees: By how much the sheet is turned.
        rules: What is printed on it: "none", "under", "paper", "frames" or "form".
        noise: The standard deviation of the noise, in levels.
        lines: How many there are at most.
        dark: Whether the writing is light on dark.
    """
    rng = np.random.default_rng(seed)
    width, height = SIZE
    degrees = float(rng.uniform(-3, 3)) if degrees is None else degrees
    rules = (
        str(rng.choice(["none", "under", "paper", "frames", "form"])) if rules is None else rules
    )
    noise = float(rng.uniform(0, 8)) if noise is None else noise
    ink = np.full((height, width), 255.0)
    printed = Image.new("L", SIZE, 255)
    draw = ImageDraw.Draw(printed)
    texts, boxes = [], []
    top = int(rng.integers(70, 140))
    body = int(rng.integers(26, 60))
    style = replace(
        STYLES[str(rng.choice(["codes", "print"]))],
        backgrounds=("plain",),
        paper=(255.0, 255.0),
        ink=(0.0, 90.0),
        noise=(0.0, 0.0),
    )
    while top + 2 * body < height - 60 and len(texts) < (lines or 99):
        size = round(body * float(rng.uniform(0.85, 1.2)))
        left = int(rng.integers(60, 160))
        row, end = [], 0
        for _ in range(1 if rng.random() < 0.75 else 2):  # a column, or two
            n = int(rng.integers(3, 14))
            text = "".join(rng.choice(list(CHARACTERS), n))
            line = compose_line(text, letters, style, rng, height=size)
            if left + line.shape[1] > width - 60:
                break
            dark_rows = np.flatnonzero((line < 128).any(axis=1))
            dark_columns = np.flatnonzero((line < 128).any(axis=0))
            part = (slice(top, top + size), slice(left, left + line.shape[1]))
            ink[part] = np.minimum(ink[part], line)
            box = (
                left + dark_columns[0],
                top + dark_rows[0],
                left + dark_columns[-1] + 1,
                top + dark_rows[-1] + 1,
            )
            texts.append(text)
            boxes.append(box)
            row.append((left, left + line.shape[1]))
            end = left + line.shape[1]
            left = end + int(rng.integers(4 * size, 6 * size))
        for start, stop in row:
            if rules == "under":
                draw.line([start - 10, top + size + 3, stop + 30, top + size + 3], 90, 2)
            if rules == "frames":
                draw.rectangle(
                    [start - 14, top - 8, stop + 14, top + size + 8], outline=60, width=2
                )
        top += round(size * float(rng.uniform(1.35, 2.4))) + (12 if rules == "frames" else 0)
    if rules == "paper":
        step = int(rng.integers(24, 50))
        for y in range(40, height, step):
            draw.line([0, y, width, y], 170, 1)
        draw.line([50, 0, 50, height], 140, 2)
    if rules == "form":
        draw.rectangle([25, 25, width - 26, height - 26], outline=40, width=3)
        for y in sorted({box[3] for box in boxes})[::3]:
            draw.line([25, y + 9, width - 26, y + 9], 60, 2)
    levels = np.minimum(ink, np.asarray(printed, float))
    image = Image.fromarray(levels.astype(np.uint8))
    image = image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255)
    image = image.filter(ImageFilter.GaussianBlur(float(rng.uniform(0, 0.8))))
    rows, columns = np.mgrid[0:height, 0:width]
    a, b = rng.uniform(-1, 1, 2)
    slope = (a * columns / width + b * rows / height) / max(abs(a) + abs(b), 1e-9)
    light = float(rng.uniform(190, 250)) * (1 + float(rng.uniform(0, 0.3)) * (slope - slope.max()))
    paper = np.asarray(image) / 255 * light
    paper += rng.normal(0, noise, paper.shape) if noise else 0
    pixels = np.clip(paper, 0, 255).astype(np.uint8)
    corners = tuple(_turned(box, degrees) for box in boxes)
    return Page(
        pixels=(255 - pixels if dark else pixels)[:, :, None], texts=tuple(texts), corners=corners
    )


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
    image = Image.new("1", (SIZE[0] // SCALE * 2, SIZE[1] // SCALE * 2))
    points = [tuple(point) for point in (np.asarray(corners) * 2 / SCALE).tolist()]
    ImageDraw.Draw(image).polygon(points, fill=1)
    return np.asarray(image)
