"""Pictures made for timing: their content matters to nobody, their sizes and formats do."""

from pathlib import Path

import numpy as np
from PIL import Image

__all__ = ["write_photos", "write_small_pictures"]

PHOTO = (400, 300)  # width and height of a photo as found in the sets measured, in pixels
CLASSES = 10


def write_photos(folder: Path, number: int, *, size: tuple[int, int] = PHOTO) -> None:
    """Write JPEG photos of clouds of colour into ten class folders, each unlike the others."""
    generator = np.random.default_rng(0)
    for index in range(number):
        label = index % CLASSES
        place = folder / f"class{label}"
        place.mkdir(parents=True, exist_ok=True)
        coarse = generator.integers(0, 256, (12, 16, 3), np.uint8)
        coarse[..., label % 3] //= 1 + label // 3
        Image.fromarray(coarse).resize(size).save(place / f"{index}.jpg", quality=85)


def write_small_pictures(folder: Path, number: int, *, seed: int) -> None:
    """Write grey PNGs of 8 x 8 pixels, black at their border as digits are, into one folder."""
    folder.mkdir(parents=True)
    generator = np.random.default_rng(seed)
    for index in range(number):
        pixels = np.pad(generator.integers(0, 256, (6, 6), np.uint8), 1)
        Image.fromarray(pixels).save(folder / f"{index}.png")
