"""A photo of a filled sheet becomes its cells: found, laid flat, its light made even, cut apart.

*Light.* Paper is wide and ink is narrow: closing fills every stroke, and what is left, smoothed, is
the light on the paper. Divided by it, paper is 1 everywhere and ink is below.

*Place.* Four marks give one homography for the whole page. A page in the hand is bent a little; so
each cell is moved by the few tenths of a millimetre by which its printed frame is seen beside where
it should be, and cut inside of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from imagier.datasets.synthetic.sheets.corner_marks import (
    apply_homography,
    find_marks,
    homographies,
)
from imagier.datasets.synthetic.sheets.layout import (
    HEIGHT,
    VERSION,
    WIDTH,
    Box,
    Identity,
    SheetLayout,
    names_code,
    square_boxes,
)
from imagier.errors import PictureError
from imagier.images.morphology import closing

__all__ = ["CELL_SIZE", "FilledCell", "FilledSheet", "read_sheet"]

CELL_SIZE = 64  # pixels of a cell's picture
INSIDE = 1.0  # millimetres from the middle of a frame that are cut off
SCALE = CELL_SIZE / 11.0  # pixels a millimetre of the flat page
LOOKED_AT = 1600  # pixels of the longer side on which marks are looked for
COARSE = 400  # pixels of the longer side on which the light is looked at
LIGHT_WINDOW = 0.02  # of the longer side
DARK, LIGHT = 0.55, 0.75  # shares of the paper's light: below is black, above is white
REACH = 1.6  # millimetres by which a frame may stand beside its place
INK = 0.2  # share of the paper's light that a stroke takes at least
LEAST_INK = 0.006  # of a cell's pixels, in a cell that is written in
MOST_DARK = 0.6  # that counts of a line of a frame
LEAST_TICK, CLEARER = 0.06, 2.0  # share of a box's light; times the next box's

Levels = NDArray[np.float32]
Points = NDArray[np.float64]


class FilledCell(NamedTuple):
    """What was written into a cell: its name, where it stands, and its picture, (64, 64)."""

    name: str
    number: int
    pixels: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FilledSheet:
    """What a photo of a sheet holds.

    Attributes:
        names: All names that could be written.
        writer: The writer's number, printed or ticked; None where none is clearly ticked.
        cells: The cells that are written in.
        empty: How many are not.
    """

    names: tuple[str, ...]
    writer: int | None
    cells: Sequence[FilledCell]
    empty: int


def read_sheet(
    pixels: NDArray[np.uint8], *, path: str, known: Iterable[tuple[str, ...]]
) -> FilledSheet:
    """Read a photo of a filled sheet.

    Args:
        pixels: The photo, (H, W, C), 0 to 255.
        path: What it is called in errors.
        known: Lists of names, one of which is that of the sheet.

    Raises:
        PictureError: `sheet_corners`, when no four marks are found; `sheet_identity`, when what
            stands between them cannot be read; `sheet_version`; `sheet_unknown_names`.
    """
    image = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    grey = np.asarray(image.convert("L"))
    matrix, identity = _find_page(grey, path)
    if identity.version != VERSION:
        raise PictureError("sheet_version", path=path, version=identity.version)
    of_length = (names for names in known if len(names) == identity.names)
    names = next((one for one in of_length if names_code(one) == identity.code), None)
    if names is None:
        raise PictureError("sheet_unknown_names", path=path, n=identity.names)
    layout = SheetLayout(names=names, rows=identity.rows, writer=identity.writer)
    page = _flat_page(grey, matrix)
    cells = [_cut(page, cell.box) for cell in layout.cells]
    filled = [
        FilledCell(cell.name, number, _as_levels(cut))
        for number, (cell, cut) in enumerate(zip(layout.cells, cells, strict=True))
        if _is_written(cut)
    ]
    writer = identity.writer or _ticked(page, layout)
    return FilledSheet(names=names, writer=writer, cells=filled, empty=len(cells) - len(filled))


def _find_page(grey: NDArray[np.uint8], path: str) -> tuple[Points, Identity]:
    """Find how the page lies in the photo, and what it says it is."""
    factor = max(1, round(max(grey.shape) / LOOKED_AT))
    small = np.asarray(Image.fromarray(grey).reduce(factor))
    small = np.asarray(Image.fromarray(small).filter(ImageFilter.GaussianBlur(1)))  # no specks
    light = _evened(small, radius=max(2, round(LIGHT_WINDOW * COARSE)), coarse=COARSE)
    marks = find_marks(light < DARK)
    for matrix in homographies(marks, float(small.size)):
        for is_top in (True, False):
            identity = _read_identity(light, matrix, is_top=is_top)
            if identity is not None and identity.is_top == is_top:
                return np.diag([factor, factor, 1.0]) @ matrix, identity
    code = "sheet_corners" if len(marks) < 4 else "sheet_identity"
    raise PictureError(code, path=path, found=min(len(marks), 4))


def _read_identity(light: Levels, matrix: Points, *, is_top: bool) -> Identity | None:
    boxes = square_boxes(is_top=is_top)
    spots = np.array([(dx, dy) for dy in (0.35, 0.5, 0.65) for dx in (0.35, 0.5, 0.65)])
    places = np.array([(box.left, box.top) for box in boxes])[:, None] + spots * boxes[0].width
    seen = apply_homography(matrix, places.reshape(-1, 2)).astype(int)
    x, y = seen.T
    if x.min() < 0 or y.min() < 0 or x.max() >= light.shape[1] or y.max() >= light.shape[0]:
        return None
    levels = light[y, x].reshape(len(boxes), -1).mean(axis=1)
    return Identity.read(levels < (DARK + LIGHT) / 2)


def _evened(grey: NDArray[np.uint8], *, radius: int, coarse: int) -> Levels:
    """Divide a picture by the light on its paper.

    Args:
        grey: The picture.
        radius: Of the window that is wider than strokes, in pixels of the coarse picture.
        coarse: The longer side of that one, in pixels.
    """
    image = Image.fromarray(grey)
    small = image.reduce(max(1, round(max(grey.shape) / coarse)))
    paper = closing(np.asarray(small, np.float32), radius)
    smooth = Image.fromarray(np.clip(paper, 1, 255).astype(np.uint8))
    smooth = smooth.filter(ImageFilter.GaussianBlur(radius / 2))
    whole: Levels = np.asarray(smooth.resize(image.size, Image.Resampling.BILINEAR), np.float32)
    even = np.asarray(image, np.float32) / np.maximum(whole, 1)
    return even.astype(np.float32, copy=False)


def _flat_page(grey: NDArray[np.uint8], matrix: Points) -> Levels:
    """Lay the page flat, its light even: 1 for paper, less for ink."""
    corners = np.array([(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)], float)
    sides = np.linalg.norm(np.diff(apply_homography(matrix, corners), axis=0), axis=1)
    finer = float((sides / (WIDTH, HEIGHT, WIDTH)).mean()) / SCALE
    factor = max(1, int(finer))
    image = Image.fromarray(grey).reduce(factor)
    way = np.diag([1 / factor, 1 / factor, 1]) @ matrix @ np.diag([1 / SCALE, 1 / SCALE, 1])
    way /= way[2, 2]
    size = (round(WIDTH * SCALE), round(HEIGHT * SCALE))
    flat = image.transform(
        size,
        Image.Transform.PERSPECTIVE,
        tuple(way.ravel()[:8].tolist()),
        Image.Resampling.BILINEAR,
    )
    return _evened(np.asarray(flat), radius=4, coarse=220)


def _cut(page: Levels, box: Box) -> Levels:
    """Cut a cell out of a flat page, inside its frame, where that frame is seen."""
    left = box.left + _shift(page, box, is_across=True)
    top = box.top + _shift(page, box, is_across=False)
    side = round((box.width - 2 * INSIDE) * SCALE)
    row, column = round((top + INSIDE) * SCALE), round((left + INSIDE) * SCALE)
    return page[row : row + side, column : column + side]


def _shift(page: Levels, box: Box, *, is_across: bool) -> float:
    """Tell by how many millimetres the two lines of a frame stand beside their places."""
    near = round(REACH * SCALE)
    top, left = round(box.top * SCALE), round(box.left * SCALE)
    rows, columns = round(box.height * SCALE), round(box.width * SCALE)
    if is_across:
        part = page[top : top + rows, left - near : left + columns + near + 1]
        length = columns
    else:
        part = page[top - near : top + rows + near + 1, left : left + columns].T
        length = rows
    dark = np.clip(1 - part, 0, MOST_DARK).mean(axis=0)
    lines = np.convolve(dark, (0.5, 1, 0.5), "same")
    both = lines[: 2 * near + 1] + lines[length : length + 2 * near + 1]
    nearness = 1 - 0.2 * np.abs(np.arange(-near, near + 1)) / near
    return (int(np.argmax(both * nearness)) - near) / SCALE


def _is_written(cut: Levels) -> bool:
    blurred = Image.fromarray(_as_levels(cut)).filter(ImageFilter.BoxBlur(1))
    share = (np.asarray(blurred) < 255 * (1 - INK)).mean()
    return bool(share >= LEAST_INK)


def _as_levels(cut: Levels) -> NDArray[np.uint8]:
    levels: NDArray[np.uint8] = np.rint(np.clip(cut, 0, 1) * 255).astype(np.uint8)
    return levels


def _ticked(page: Levels, layout: SheetLayout) -> int | None:
    """Read the number of the writer: the box of each row that is clearly the darkest."""
    number = 0
    for boxes in layout.ticks:
        darkness = np.array([float((1 - _cut(page, box)).clip(0, 1).mean()) for box in boxes])
        best, next_best = np.argsort(-darkness)[:2].tolist()
        if darkness[best] < LEAST_TICK or darkness[best] < CLEARER * darkness[next_best]:
            return None
        number = 10 * number + best
    return number
