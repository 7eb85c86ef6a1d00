"""How well are photos of filled sheets read? Simulated ones, of growing difficulty.

    python -m benchmarks.sheet_study 30

Digits of the set `digits` and of a font are written into a sheet, a number is ticked, and the sheet
is photographed in four directions and three sizes. A photo is right when the cells that were
written in, and no other, are found, and the number is the one that was ticked.
"""

import sys
import time

import numpy as np

from benchmarks.sheet_photos import fill_sheet, photograph, tick
from imagier.datasets.synthetic import Glyphs, source_glyphs
from imagier.datasets.synthetic.sheets import (
    KNOWN_NAMES,
    FilledSheet,
    SheetLayout,
    draw_sheet,
    read_sheet,
)
from imagier.errors import PictureError

__all__ = ["main"]

SIZES = ((1200, 1600), (1800, 2400), (3000, 4000))
LEVELS: dict[str, dict[str, float]] = {
    "usual": {"aslant": 0.08, "light": 0.5, "blur": 1.0, "noise": 4},
    "hard": {"aslant": 0.16, "light": 0.65, "blur": 1.8, "noise": 7},
}
PENS = {"usual": (20.0, 110.0), "hard": (20.0, 150.0)}


def main(count: int) -> None:
    """Photograph `count` sheets of each difficulty, and print how many are read right."""
    names = tuple("0123456789")
    layout = SheetLayout(names=names)
    empty = draw_sheet(layout)
    glyphs = source_glyphs("digits", most=100) + Glyphs.of_fonts(["DejaVu Sans"], names)
    for level, settings in LEVELS.items():
        right, cells, seconds = 0, 0, []
        for seed in range(count):
            generator = np.random.default_rng(seed)
            number = int(generator.integers(100))
            page = tick(empty, layout, number)
            page, written = fill_sheet(page, layout, glyphs, generator, ink=PENS[level])
            size, turn = SIZES[seed % 3], 90 * (seed % 4)
            photo, _ = photograph(page, generator, size=size, turn=turn, **settings)
            started = time.process_time()
            sheet = _read(photo)
            seconds.append(time.process_time() - started)
            if sheet is not None:
                cells += len(sheet.cells)
                found = [cell.number for cell in sheet.cells]
                right += found == written and sheet.writer == number
        spent = f"{np.min(seconds):.2f} to {np.max(seconds):.2f} s of processor time"
        print(f"{level}: {right} of {count} photos right, {cells} cells, {spent}")


def _read(photo: np.typing.NDArray[np.uint8]) -> FilledSheet | None:
    try:
        return read_sheet(photo, path="photo", known=KNOWN_NAMES)
    except PictureError:
        return None


if __name__ == "__main__":
    main(int(sys.argv[1]))
