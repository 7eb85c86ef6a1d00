"""Photos of signs on paper, as a phone takes them: light from one side, shadow, noise, JPEG."""

from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

__all__ = ["on_a_table", "printed_digit", "take"]


def printed_digit(digit, size=200):
    """Draw a digit in Pillow's own font: coverage (size, size), 0 to 1."""
    image = Image.new("L", (size, size))
    font = ImageFont.load_default(size * 0.9)
    ImageDraw.Draw(image).text((size / 2, size / 2), str(digit), 255, font, anchor="mm")
    return np.asarray(image) / 255


def take(sign, generator, *, shape=(480, 360), size=None, pen=0.0, board=False, ruled=False):
    """Photograph a sign on a page and give the JPEG file.

    Args:
        sign: How much ink, (S, S), 0 to 1.
        generator: Whence light, place and noise come.
        shape: Height and width of the photo.
        size: Side of the sign in the photo, in pixels.
        pen: Wider (above 0) or finer (below 0) strokes, as a share of the sign's side.
        board: Chalk on a blackboard instead of ink on paper.
        ruled: Paper with printed lines.
    """
    height, width = shape
    size = size or int(generator.uniform(0.35, 0.8) * width)
    cover = np.zeros(shape)
    top, left = generator.integers(0, height - size), generator.integers(0, width - size)
    cover[top : top + size, left : left + size] = _drawn(sign, size, pen)
    light = _light(shape, generator)
    if board:
        page, ink = generator.uniform(0.1, 0.22), generator.uniform(0.6, 0.9)
    else:
        page, ink = generator.uniform(0.8, 0.97), generator.uniform(0.05, 0.3)
    reflected = page * (1 - _lines(shape, generator)) if ruled else page
    levels = 255 * light * (reflected * (1 - cover) + ink * cover)
    levels = levels[..., None] * [1, 0.985, 0.94] + generator.normal(0, 4, (*shape, 1))
    return _jpeg(levels, generator)


def on_a_table(photo, generator):
    """Lay a photographed sheet on a dark table and photograph both."""
    with Image.open(BytesIO(photo)) as image:
        sheet = image.convert("RGBA").resize((225, 300)).rotate(4, expand=True, resample=2)
    grain = generator.normal(0, 12, (80, 6)).astype(np.float32)
    wood = np.asarray(Image.fromarray(grain).resize((360, 480), Image.Resampling.BICUBIC))
    table = Image.fromarray((wood[..., None] + [90, 60, 40]).clip(0, 255).astype(np.uint8))
    table.paste(sheet, (int(generator.integers(20, 100)), int(generator.integers(20, 130))), sheet)
    return _jpeg(np.asarray(table, dtype=np.float64), generator)


def _drawn(sign, size, pen):
    image = Image.fromarray((np.asarray(sign) * 255).astype(np.uint8))
    image = image.resize((size, size), Image.Resampling.BICUBIC)
    image = image.filter(ImageFilter.GaussianBlur(0.012 * size))
    levels = np.clip((np.asarray(image) / 255 - 0.5) / 0.1 + 0.5, 0, 1)
    if pen:
        image = Image.fromarray((levels * 255).astype(np.uint8))
        grow = ImageFilter.MaxFilter if pen > 0 else ImageFilter.MinFilter
        levels = np.asarray(image.filter(grow(2 * round(abs(pen) * size / 2) + 1))) / 255
    return levels


def _light(shape, generator):
    rows, columns = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    turn, other = generator.uniform(0, 2 * np.pi, 2)
    slope = np.cos(turn) * rows + np.sin(turn) * columns
    light = 1 - generator.uniform(0.1, 0.5) * (slope + 1.4) / 2.8
    across = np.cos(other) * rows + np.sin(other) * columns - generator.uniform(-0.7, 0.9)
    shadow = 1 / (1 + np.exp(-across / generator.uniform(0.05, 0.25)))
    return light * (1 - generator.uniform(0, 0.45) * shadow)


def _lines(shape, generator):
    image = Image.new("L", shape[::-1])
    draw = ImageDraw.Draw(image)
    for row in range(5, shape[0] + 20, 24):
        draw.line((0, row, shape[1], row - generator.integers(0, 6)), fill=90, width=1)
    return np.asarray(image) / 255


def _jpeg(levels, generator):
    file = BytesIO()
    image = Image.fromarray(levels.clip(0, 255).astype(np.uint8))
    image = image.filter(ImageFilter.GaussianBlur(generator.uniform(0, 1)))
    image.save(file, "JPEG", quality=int(generator.integers(60, 93)))
    return file.getvalue()
