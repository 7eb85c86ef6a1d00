"""A sign drawn by hand, brought to the form of the learning pictures.

MNIST shows white digits on black, 20 pixels long in a field of 28, centred by their mass. A photo
of a 7 on a page is large, dark, off centre and unevenly lit. The ink is separated from the page,
specks and faint printed lines are dropped, and the sign is scaled, given at least the pen's width
of the learning pictures, and laid in the middle. A page without ink gives a black field.

A photo's page is estimated around the strokes. Where most of the border is plain black or white, as
in scans, drawings and the pictures of other data sets, nothing is to be estimated: the page is
known, though the sign may fill its picture from edge to edge and leave no page to look at.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imagier.errors import ModelError
from imagier.images.document_crop import dividing_level, ink_share, sheet_only
from imagier.images.morphology import largest_near, sign_of, smallest_near

__all__ = ["Ink", "draw_ink", "is_black_bordered", "is_white_bordered", "stroke_width"]

_LARGEST, _SMALLEST = 800, 200  # longer side of the picture while the ink is looked for
_LARGEST_PAGE = 2**22  # pixels
_CELL = 4  # pixels to a side of the cells that are joined to pieces
_FINE = 160  # longer side of the sign while its strokes are measured
_FAINTEST = 0.08  # share of the light that ink takes at the very least
_FEWEST = 12  # cells

Levels = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ink:
    """How the signs of the learning pictures stand in their field.

    Attributes:
        box: Longer side of a sign as a share of the field's longer side, up to 1; MNIST: 20/28.
        centre: What is laid in the middle. `mass`: the centre of gravity, on the pixel
            (height // 2, width // 2) as in MNIST. `box`: the middle of the sign's box.
        stroke: Least width of a stroke as a share of the sign's longer side; thinner pens are
            thickened. 0 leaves every stroke as it is.
    """

    box: float
    centre: Literal["mass", "box"]
    stroke: float = 0.1

    def __post_init__(self) -> None:
        rules = {
            "ink.box": _is_number(self.box) and 0 < self.box <= 1,
            "ink.centre": self.centre in ("mass", "box"),
            "ink.stroke": _is_number(self.stroke) and 0 <= self.stroke <= 0.5,
        }
        for field, is_right in rules.items():
            if not is_right:
                received = ascii(getattr(self, field.removeprefix("ink.")))[:200]
                raise ModelError("prepare_invalid", field=field, received=received)


def draw_ink(grey: NDArray[np.uint8], height: int, width: int, ink: Ink) -> NDArray[np.uint8]:
    """Draw the sign found in a picture on a black field, (height, width), 0 to 255.

    Args:
        grey: Ink on a page, or chalk on a board, (H, W), 0 to 255.
        height: Rows of the field.
        width: Columns of the field.
        ink: How the sign shall stand in it.
    """
    page, picture = _plain_page(grey), _at_work_size(grey)
    is_cut_out = page is not None and max(grey.shape) < _SMALLEST  # nobody photographs so small
    sheet = None if is_cut_out else sheet_only(picture)
    sign = None if sheet is None else _find_sign(ink_share(sheet))
    if sign is None:
        sign = _find_sign(ink_share(picture) if page is None else _share_on(picture, page))
    if sign is None:
        return np.zeros((height, width), dtype=np.uint8)
    field = _lay(_thick_enough(_at_fine_size(sign), ink.stroke), height, width, ink)
    drawn: NDArray[np.uint8] = np.rint(np.minimum(field / field.max(), 1) * 255).astype(np.uint8)
    return drawn


def is_black_bordered(pixels: NDArray[np.uint8]) -> bool:
    """Tell whether most of a picture's border is black, at most 10 of 255.

    A sign may touch the border, as scikit-learn's digits of 8 x 8 do at their top and bottom.
    """
    border = _border(pixels)
    return bool(2 * np.count_nonzero(border > 10) < border.size)


def is_white_bordered(pixels: NDArray[np.uint8]) -> bool:
    """Tell whether most of a picture's border is white, at least 245 of 255."""
    border = _border(pixels)
    return bool(2 * np.count_nonzero(border < 245) < border.size)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def stroke_width(sign: Levels) -> float:
    """Measure the mean width of strokes, in pixels: twice their area over their outline."""
    padded = np.pad(sign, 1)
    down, right = np.diff(padded, axis=0)[:, :-1], np.diff(padded, axis=1)[:-1]
    return float(2 * sign.sum() / max(float(np.hypot(down, right).sum()), 1e-6))


def _border(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.concatenate([pixels[0], pixels[-1], pixels[1:-1, 0], pixels[1:-1, -1]])


def _at_work_size(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    image = Image.fromarray(grey)
    side = max(image.size)
    if side > _LARGEST:
        image = image.reduce(-(-side // _LARGEST))
    elif side < _SMALLEST:
        factor = -(-_SMALLEST // side)
        image = image.resize(
            (image.width * factor, image.height * factor), Image.Resampling.BICUBIC
        )
    return np.asarray(image)


def _plain_page(grey: NDArray[np.uint8]) -> int | None:
    """Give the level of the page where it is plain black or white; None elsewhere."""
    if is_black_bordered(grey) or is_white_bordered(grey):
        return int(np.median(_border(grey)))
    return None


def _share_on(grey: NDArray[np.uint8], page: int) -> Levels:
    """Tell which share of the way from a plain page to its contrary each pixel is, (H, W)."""
    furthest = page if page > 127 else page - 255
    share: Levels = np.maximum((page - grey.astype(np.float32)) / np.float32(furthest), 0)
    return share


def _find_sign(share: Levels) -> Levels | None:
    """Give the sign's ink, 0 to 1, cut out along its box; None on an empty page.

    Args:
        share: What share of the page's light the ink takes, (H, W).
    """
    cells = _darkest_of_cells(share)
    sharp = largest_near(cells, 2) - smallest_near(cells, 2)
    level = _ink_level(share, cells, sharp)
    if level is None:
        return None
    half = level / 2
    inked = cells > half
    kept = largest_near(sign_of(inked, np.where(inked, sharp, 0)), 1)
    near = kept.repeat(_CELL, axis=0).repeat(_CELL, axis=1)[: share.shape[0], : share.shape[1]]
    return _cut_out(np.clip(share / half - 0.5, 0, 1) * near)


def _ink_level(share: Levels, cells: Levels, sharp: Levels) -> float | None:
    """Find what share of the light the ink takes: above noise, shadows, faint printed lines."""
    page = float(np.quantile(share[::3, ::3], 0.25))
    steps = np.abs(share[::3, 2::3] - share[::3, :-2:3])
    # 1.05: from the median step to the standard deviation of a normal noise
    noise = 1.05 * float(np.median(steps)) if steps.size else 0.0
    faintest = max(6 * noise, _FAINTEST)
    present = cells[(cells > page + faintest) & (sharp > faintest)]
    if present.size < _FEWEST:
        return None
    return min(2 * dividing_level(present), float(present.max()))  # no ink is inkier than all of it


def _darkest_of_cells(share: Levels) -> Levels:
    height, width = share.shape
    padded = np.pad(share, ((0, -height % _CELL), (0, -width % _CELL)))
    rows = np.maximum.reduceat(padded, range(0, padded.shape[0], _CELL), axis=0)
    return np.maximum.reduceat(rows, range(0, padded.shape[1], _CELL), axis=1)


def _cut_out(solid: Levels) -> Levels | None:
    inked = solid > 0.5
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    if not rows.size:
        return None
    return solid[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _at_fine_size(sign: Levels) -> Levels:
    scale = _FINE / max(sign.shape)
    height, width = (max(1, round(side * scale)) for side in sign.shape)
    smooth = Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC
    fine: Levels = np.asarray(Image.fromarray(sign).resize((width, height), smooth))
    return np.clip(fine, 0, 1)


def _thick_enough(sign: Levels, stroke: float) -> Levels:
    steps = max(0, round((stroke * max(sign.shape) - stroke_width(sign)) / 2))
    padded = np.pad(sign, steps)
    for step in range(steps):
        padded = _thicker(padded, round_corners=step % 3 != 2)
    return padded


def _thicker(sign: Levels, *, round_corners: bool) -> Levels:
    """Widen strokes by one pixel on every side; mixing crosses and squares keeps them round."""
    tall = sign.copy()
    tall[1:] = np.maximum(tall[1:], sign[:-1])
    tall[:-1] = np.maximum(tall[:-1], sign[1:])
    source = sign if round_corners else tall
    wide = tall.copy()
    wide[:, 1:] = np.maximum(wide[:, 1:], source[:, :-1])
    wide[:, :-1] = np.maximum(wide[:, :-1], source[:, 1:])
    return wide


def _lay(sign: Levels, height: int, width: int, ink: Ink) -> Levels:
    """Average the sign over the pixels of the field: one resampling for scale and place."""
    rows, columns = sign.shape
    scale = max(rows, columns) / (ink.box * max(height, width))  # sign pixels in a field pixel
    scale = max(scale, rows / height, columns / width)
    field = np.array([height * scale, width * scale])
    if ink.centre == "mass":
        start = _centre_of_mass(sign) - (np.array([height // 2, width // 2]) + 0.5) * scale
    else:
        start = (np.array(sign.shape) - field) / 2
    start = np.clip(start, np.array(sign.shape) - field, 0)  # nothing of it leaves the field
    before, after = _margins(sign, start, field)
    top, left = start + before
    box = (left, top, left + field[1], top + field[0])
    page = Image.fromarray(np.pad(sign, list(zip(before, after, strict=True))))
    return np.asarray(page.resize((width, height), Image.Resampling.BOX, box=box))


def _margins(
    sign: Levels, start: NDArray[np.float64], field: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the blank rows and columns to add before and after the sign.

    The same on all sides, but where that would be a page of millions of pixels, as for a field of
    one column, no more than the field takes.
    """
    wide = np.repeat(int(np.ceil(field.max())), 2)
    if np.prod(np.array(sign.shape) + 2 * wide) <= _LARGEST_PAGE:
        return wide, wide
    before = np.ceil(np.maximum(0, -start)).astype(np.int64)
    after = np.ceil(np.maximum(0, start + field - np.array(sign.shape))).astype(np.int64)
    return before, after


def _centre_of_mass(sign: Levels) -> NDArray[np.float64]:
    middles = (np.arange(side) + 0.5 for side in sign.shape)
    sums = [float(sign.sum(axis=1 - axis) @ middle) for axis, middle in enumerate(middles)]
    return np.array(sums) / float(sign.sum())
