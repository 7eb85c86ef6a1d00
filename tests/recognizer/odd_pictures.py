"""Thirty odd pictures: what other programs must prepare as imagier does (docs/model.md)."""

from io import BytesIO

import numpy as np
from PIL import Image, ImageCms, ImageDraw

__all__ = ["DECODED_WHOLE", "ONLY_IN_PYTHON", "odd_pictures"]

ONLY_IN_PYTHON = {"cmyk.jpg", "plain.bmp", "plain.ppm"}  # sharp opens or converts them otherwise
DECODED_WHOLE = {"half.jpg", "odd-half.jpg", "quarter.jpg", "turn-half.jpg", "wide-half.jpg"}


def photo(width, height, seed=0):
    """Give a picture with slopes, edges and noise."""
    rows, columns = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    colours = np.stack([columns, rows, 1 - columns * rows], axis=-1) * 180 + 20
    noise = np.random.default_rng(seed).integers(0, 50, colours.shape)
    image = Image.fromarray((colours + noise).astype(np.uint8))
    box = (width // 5, height // 4, max(width // 5, width // 2), max(height // 4, height // 2))
    ImageDraw.Draw(image).ellipse(box, fill=(230, 40, 60))
    return image


def odd_pictures(size):
    """Give each picture's file name and content.

    Args:
        size: Height and width of a network's input: one picture is of that size already.
    """
    yield from _photos(size)
    yield from _turned()
    yield from _transparent()
    yield from _few_colours()
    yield from _shapes()


def _photos(size):
    yield "plain.jpg", saved(photo(200, 150), "JPEG")
    yield "odd.jpg", saved(photo(201, 133), "JPEG", quality=60)
    yield "half.jpg", saved(photo(1200, 1032), "JPEG")
    yield "quarter.jpg", saved(photo(2208, 2056), "JPEG")
    yield "odd-half.jpg", saved(photo(1201, 1031), "JPEG")
    yield "wide-half.jpg", saved(photo(2600, 1050), "JPEG")
    yield "progressive.jpg", saved(photo(300, 220), "JPEG", progressive=True)
    yield "full-colour.jpg", saved(photo(150, 120), "JPEG", subsampling=0)
    yield "grey.jpg", saved(photo(200, 150).convert("L"), "JPEG")
    yield "cmyk.jpg", saved(photo(100, 90).convert("CMYK"), "JPEG")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    yield "profile.png", saved(photo(90, 70), "PNG", icc_profile=profile)
    yield "ready.png", saved(photo(size[1], size[0]), "PNG")
    yield "plain.bmp", saved(photo(60, 50), "BMP")
    yield "plain.ppm", saved(photo(60, 50), "PPM")
    yield "plain.webp", saved(photo(160, 120), "WEBP", quality=80)
    yield "plain.tif", saved(photo(60, 80), "TIFF")


def _turned():
    for turn in (2, 3, 5, 6, 8):
        exif = Image.Exif()
        exif[0x0112] = turn
        yield f"turn-{turn}.jpg", saved(photo(180, 100), "JPEG", exif=exif)
    exif = Image.Exif()
    exif[0x0112] = 6
    yield "turn-half.jpg", saved(photo(1300, 1100), "JPEG", exif=exif)


def _transparent():
    alpha = Image.fromarray(np.tile(np.arange(120, dtype=np.uint8) * 2, (90, 1)))
    glass = photo(120, 90)
    glass.putalpha(alpha)
    yield "glass.png", saved(glass, "PNG")
    yield "glass.webp", saved(glass, "WEBP", lossless=True, exact=True)
    yield "glass-grey.png", saved(glass.convert("LA"), "PNG")
    white = Image.new("RGBA", (120, 90), (255, 255, 255, 0))
    ImageDraw.Draw(white).line((20, 20, 90, 70), fill=(250, 250, 250, 255), width=9)
    yield "white-ink.png", saved(white, "PNG")


def _few_colours():
    yield "bits.png", saved(photo(70, 50).convert("1"), "PNG")
    yield "palette.png", saved(photo(70, 50).quantize(32), "PNG")
    yield "palette.gif", saved(photo(70, 50).quantize(64), "GIF")
    deep = (np.add.outer(np.arange(60), np.arange(80)) * 400).astype(np.uint16)
    yield "deep.png", saved(Image.fromarray(deep), "PNG")


def _shapes():
    yield "dot.png", saved(photo(1, 1), "PNG")
    yield "column.png", saved(photo(3, 200), "PNG")
    yield "row.png", saved(photo(900, 7), "PNG")


def saved(image, kind, **options):
    """Give an image as the bytes of a file."""
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()
