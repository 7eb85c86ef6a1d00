"""A line of characters as a reader wants it: dark ink on light paper, one height, its start left.

Whatever its size, the picture is brought to the input's height and keeps its proportions; what is
left of the input on its right is paper. A line a little longer than the input is squeezed into it.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imagier.errors import PictureError
from imagier.files import printable
from imagier.i18n import integer

__all__ = ["fit_line", "line_width"]

LONGEST = 1.5  # times the input's width, a line that is still squeezed into it
NARROWEST = 4  # pixels, once it has the input's height
EXTREMES = (2, 98)  # percentiles of a picture's levels: its darkest and its lightest

Pixels = NDArray[np.uint8]


def fit_line(
    pixels: Pixels, height: int, width: int, *, name: str, longest: float = LONGEST
) -> Pixels:
    """Lay a line into an input of one size.

    Args:
        pixels: A grey line, (H, W, 1), light on dark or dark on light.
        height: Rows of the input.
        width: Columns of the input.
        name: What the picture is called in messages.
        longest: How many times the input's width a line may have.

    Returns:
        Dark on light, (height, width, 1).

    Raises:
        PictureError: `line_too_long` or `line_too_narrow`.

    >>> line = np.zeros((4, 8, 1), np.uint8)
    >>> line[1:3, 2:4] = 200
    >>> fit_line(line, 4, 10, name="a.png")[1, :, 0].tolist()
    [255, 255, 55, 55, 255, 255, 255, 255, 255, 255]
    """
    rows, columns = pixels.shape[:2]
    natural = line_width((rows, columns), height)
    if natural > longest * width:
        facts = {"width": integer(natural), "longest": integer(int(longest * width))}
        raise PictureError("line_too_long", path=printable(name), **facts)
    if natural < NARROWEST:
        facts = {"width": integer(columns), "height": integer(rows)}
        raise PictureError("line_too_narrow", path=printable(name), **facts)
    line, paper = _dark_on_light(pixels[:, :, 0])
    size = min(natural, width), height
    if size != (columns, rows):
        image = Image.fromarray(line).resize((size[0], rows), Image.Resampling.BILINEAR)
        line = np.asarray(image.resize(size, Image.Resampling.BILINEAR))
    field = np.full((height, width, 1), paper, np.uint8)
    field[:, : size[0], 0] = line
    return field


def line_width(size: tuple[int, int], height: int) -> int:
    """Give the columns of a picture once it has so many rows, its proportions kept.

    Args:
        size: Its rows and columns.
        height: The rows it is brought to.

    >>> line_width((64, 400), 32)
    200
    """
    rows, columns = size
    return int(columns * height / rows + 0.5)


def _dark_on_light(grey: Pixels) -> tuple[Pixels, int]:
    """Turn light ink on dark paper round; give the level of the paper too.

    Paper is what most of the border is, and most of the picture: a box around the line makes the
    first dark, a glare leaves the second below the middle of all levels. The second counts twice.
    """
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    most, edge = float(np.median(grey)), float(np.median(border))
    darkest, lightest = np.percentile(grey, EXTREMES)
    if 2 * most + edge >= 1.5 * (darkest + lightest):
        return grey, int(max(most, edge))
    return 255 - grey, 255 - int(min(most, edge))
