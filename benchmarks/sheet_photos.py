"""Sheets filled by a pen, and photos of them: aslant, in uneven light, blurred, compressed."""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from imagier.datasets.synthetic import Glyphs
from imagier.datasets.synthetic.sheets import SheetLayout
from imagier.datasets.synthetic.sheets.drawing import DOTS

__all__ = ["fill_sheet", "photograph", "tick"]

Page = NDArray[np.uint8]
Levels = NDArray[np.float32]
Points = NDArray[np.float64]


def fill_sheet(
    page: Page,
    layout: SheetLayout,
    glyphs: Glyphs,
    generator: np.random.Generator,
    *,
    leave: float = 0.2,
    ink: tuple[float, float] = (20, 110),
) -> tuple[Page, list[int]]:
    """Write a glyph into most cells; give the page and the numbers of the cells written in.

    Args:
        page: The sheet as it was printed.
        layout: Its layout.
        glyphs: What is written.
        generator: Where chance comes from.
        leave: The share of cells that are left empty.
        ink: The range of the pen's level.
    """
    page = page.copy()
    level = generator.uniform(*ink)
    written = []
    for number, cell in enumerate(layout.cells):
        if generator.random() < leave:
            continue
        ways = glyphs.of(cell.name)
        picture = Image.fromarray(ways[int(generator.integers(len(ways)))].ink)
        side = cell.box.height * DOTS
        tall = generator.uniform(0.45, 0.8) * side
        size = (max(1, int(picture.width * tall / picture.height)), int(tall))
        drawn = np.asarray(picture.resize(size, Image.Resampling.BICUBIC), np.float64) / 255
        drawn = drawn[: int(side - 3 * DOTS), : int(side - 3 * DOTS)]
        top, left = (
            generator.uniform(0.25, 0.75) * (side - drawn.shape[0]),
            generator.uniform(0.25, 0.75) * (side - drawn.shape[1]),
        )
        row, column = int(cell.box.top * DOTS + top), int(cell.box.left * DOTS + left)
        place = page[row : row + drawn.shape[0], column : column + drawn.shape[1]]
        place[:] = (place + (level - place.astype(np.float64)) * drawn).clip(0, 255)
        written.append(number)
    return page, written


def tick(page: Page, layout: SheetLayout, number: int) -> Page:
    """Cross the boxes of a writer's number."""
    image = Image.fromarray(page)
    draw = ImageDraw.Draw(image)
    for boxes, digit in zip(layout.ticks, divmod(number, 10), strict=True):
        box = boxes[digit]
        left, top = box.left * DOTS, box.top * DOTS
        right, bottom = left + box.width * DOTS, top + box.height * DOTS
        draw.line((left, top, right, bottom), fill=60, width=7)
        draw.line((left, bottom, right, top), fill=60, width=7)
    return np.asarray(image)


def photograph(
    page: Page,
    generator: np.random.Generator,
    *,
    size: tuple[int, int] = (1200, 1600),
    turn: int = 0,
    aslant: float = 0.08,
    light: float = 0.5,
    blur: float = 1.0,
    noise: float = 4,
) -> tuple[Page, bytes]:
    """Give the photo of a page on a table, (H, W, 3), and as a JPEG file.

    Args:
        page: The sheet.
        generator: Where chance comes from.
        size: Width and height of the photo before it is turned.
        turn: How far the telephone was turned, in degrees.
        aslant: How far each corner lies beside its place, in shares of half the page.
        light: Which share of the light the darkest corner lacks.
        blur: The radius of the blur, in pixels.
        noise: The standard deviation of the noise, in levels.
    """
    width, height = size
    page = np.asarray(Image.fromarray(page).reduce(2))  # as sharp as such photos can be
    scale = generator.uniform(0.8, 0.92) * min(width / page.shape[1], height / page.shape[0])
    half = np.array([page.shape[1], page.shape[0]]) * scale / 2
    angle = np.deg2rad(generator.uniform(-6, 6))
    spin = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half
    corners = corners @ spin.T + np.array([width, height]) / 2
    corners += generator.uniform(-aslant, aslant, (4, 2)) * half
    inside = _warp(np.full_like(page, 255), corners, size) / 255
    rough = generator.standard_normal((height, width), np.float32)
    table = generator.uniform(40, 120) + 8 * rough
    grey = _warp(page, corners, size) * inside + table * (1 - inside)
    rows, columns = np.linspace(-1, 1, height)[:, None], np.linspace(-1, 1, width)[None]
    tilt = generator.uniform(0, 2 * np.pi)
    falling = 1 - light * (1 + np.cos(tilt) * rows + np.sin(tilt) * columns) / 2
    grey = grey * falling * generator.uniform(0.8, 1)
    grey = grey + noise * generator.standard_normal(grey.shape, np.float32)
    image = Image.fromarray(grey.clip(0, 255).astype(np.uint8)).convert("RGB")
    image = image.filter(ImageFilter.GaussianBlur(blur))
    if turn:
        image = image.rotate(turn, expand=True)
    file = BytesIO()
    image.save(file, "JPEG", quality=80)
    return np.asarray(Image.open(file)), file.getvalue()


def _warp(page: Page, corners: Points, size: tuple[int, int]) -> Levels:
    """Bring a page's corners to these places, by four points as a text book does it."""
    height, width = page.shape
    there = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)
    rows = []
    for (x, y), (u, v) in zip(corners.tolist(), there.tolist(), strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    solved = np.linalg.lstsq(np.array(rows), there.ravel(), rcond=None)[0]
    image = Image.fromarray(page).transform(
        size, Image.Transform.PERSPECTIVE, tuple(solved.tolist()), Image.Resampling.BILINEAR
    )
    return np.asarray(image, np.float32)
