"""Sheets filled by a pen, and photographs of them: aslant, in uneven light, blurred, compressed."""

from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from imagier.datasets.synthetic.sheets.drawing import DOTS

__all__ = ["fill_sheet", "photograph", "tick"]


def fill_sheet(page, layout, glyphs, rng, *, leave=0.2, ink=(20, 110)):
    """Write a glyph into most cells; give the page and the numbers of the cells written in."""
    page = page.copy()
    level = rng.uniform(*ink)
    written = []
    for number, cell in enumerate(layout.cells):
        if rng.random() < leave:
            continue
        ways = glyphs.of(cell.name)
        picture = Image.fromarray(ways[int(rng.integers(len(ways)))].ink)
        tall = rng.uniform(0.45, 0.8) * cell.box.height * DOTS
        size = (max(1, int(picture.width * tall / picture.height)), int(tall))
        drawn = np.asarray(picture.resize(size, Image.Resampling.BICUBIC), float) / 255
        limit = int((cell.box.height - 3) * DOTS)
        drawn = drawn[:limit, :limit]
        room = np.array([cell.box.height * DOTS] * 2) - drawn.shape
        top, left = (rng.uniform(0.25, 0.75, 2) * room).astype(int)
        row, column = int(cell.box.top * DOTS) + top, int(cell.box.left * DOTS) + left
        place = page[row : row + drawn.shape[0], column : column + drawn.shape[1]]
        place[:] = (place + (level - place.astype(float)) * drawn).clip(0, 255).astype(np.uint8)
        written.append(number)
    return page, written


def tick(page, layout, number):
    """Cross the boxes of a writer's number."""
    image = Image.fromarray(page)
    draw = ImageDraw.Draw(image)
    for boxes, digit in zip(layout.ticks, divmod(number, 10), strict=True):
        box = boxes[digit]
        ends = (box.left, box.top, box.left + box.width, box.top + box.height)
        left, top, right, bottom = (one * DOTS for one in ends)
        draw.line((left, top, right, bottom), fill=60, width=7)
        draw.line((left, bottom, right, top), fill=60, width=7)
    return np.asarray(image)


def photograph(page, rng, *, size=(1200, 1600), turn=0, aslant=0.08, light=0.5, blur=1.0, noise=4):
    """Give the photo of a page on a table as (H, W, 3), compressed as JPEG."""
    width, height = size
    page = np.asarray(Image.fromarray(page).reduce(2))  # as sharp as these photos can be
    scale = rng.uniform(0.8, 0.92) * min(width / page.shape[1], height / page.shape[0])
    half = np.array([page.shape[1], page.shape[0]]) * scale / 2
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half
    angle = np.deg2rad(rng.uniform(-6, 6))
    spin = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = corners @ spin.T + np.array([width, height]) / 2
    corners += rng.uniform(-aslant, aslant, (4, 2)) * half
    seen = _warp(page, corners, size)
    inside = _warp(np.full_like(page, 255), corners, size) / 255
    table = rng.uniform(40, 120) + 8 * rng.standard_normal((height, width), np.float32)
    grey = (seen * inside + table * (1 - inside)).astype(np.float32)
    rows, columns = np.linspace(-1, 1, height)[:, None], np.linspace(-1, 1, width)[None]
    tilt = rng.uniform(0, 2 * np.pi)
    falling = 1 - light * (1 + np.cos(tilt) * rows + np.sin(tilt) * columns) / 2
    grey = grey * falling * rng.uniform(0.8, 1) + noise * rng.standard_normal(
        grey.shape, np.float32
    )
    image = Image.fromarray(grey.clip(0, 255).astype(np.uint8)).convert("RGB")
    image = image.filter(ImageFilter.GaussianBlur(blur))
    if turn:
        image = image.rotate(turn, expand=True)
    file = BytesIO()
    image.save(file, "JPEG", quality=80)
    return np.asarray(Image.open(file)), file.getvalue()


def _warp(page, corners, size):
    """Bring a page's corners to these places, by four points as a text book does it."""
    height, width = page.shape
    there = [(0, 0), (width, 0), (width, height), (0, height)]
    rows = []
    for (x, y), (u, v) in zip(corners, there, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    solved = np.linalg.lstsq(np.array(rows), np.array(there, float).ravel(), rcond=None)[0]
    image = Image.fromarray(page).transform(
        size, Image.Transform.PERSPECTIVE, tuple(solved), Image.Resampling.BILINEAR
    )
    return np.asarray(image, np.float32)
