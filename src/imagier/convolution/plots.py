"""The stages of a chain side by side, and the kernel on its way over a small picture.

A stage without negative numbers is drawn in grey, from 0 (black) to its white. A signed one is no
picture of levels, and is not forced to look like one: white is 0, blue is positive, orange is
negative, the stronger the farther from 0.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from imagier.convolution.sliding import convolve, places
from imagier.figures import BLUE, INK, ORANGE, RULE, drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Panel", "montage", "sliding_frames", "strip", "tinted"]

MOST_WRITTEN = 120  # numbers of a panel that are written into it
MOST_MAPS = 64
MOST_PIXELS = 600  # of a panel, on its longer side
_PANEL, _TITLE = 2.1, 0.35  # inches
_TURNED_ON = "#ffd24d"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Panel:
    """One picture of a strip.

    Attributes:
        title: What it is.
        maps: Its numbers, (H, W, K); several maps are laid out in a square.
        white: The number that is drawn white; None for the greatest of its own.
    """

    title: str
    maps: NDArray[np.float64]
    white: float | None = None


def tinted(
    numbers: NDArray[np.float64], *, white: float | None = None, signed: bool = False
) -> NDArray[np.uint8]:
    """Colour numbers: grey where none is negative, else orange, white and blue about 0.

    Args:
        numbers: (H, W); what is not a number is left blank.
        white: The number that is white in grey; None for the greatest.
        signed: Whether to use colours even though none of these numbers is negative.

    Returns:
        The picture, (H, W, 3).

    >>> tinted(np.array([[0.0, 5.0, 10.0]]))[0, :, 0].tolist()
    [0, 128, 255]
    >>> tinted(np.array([[-8.0, 0.0, 8.0]]))[0].tolist()
    [[196, 80, 12], [255, 255, 255], [0, 114, 178]]
    """
    known = np.nan_to_num(numbers.astype(np.float32))
    shades: NDArray[Any]
    if known.min() >= 0 and not signed:
        levels = np.clip(known / (white or known.max() or 1.0), 0, 1)[..., np.newaxis]
        shades = np.repeat(levels, 3, axis=2)
    else:
        strength = np.abs(known / (np.abs(known).max() or 1.0))[..., np.newaxis]
        ends = np.where(known[..., np.newaxis] < 0, _channels(ORANGE), _channels(BLUE)) / 255
        shades = 1 - strength * (1 - ends)
    shades = np.where(np.isnan(numbers)[..., np.newaxis], _channels(RULE) / 255, shades)
    colours: NDArray[np.uint8] = np.rint(255 * shades).astype(np.uint8)
    return colours


def montage(maps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lay maps out in a square, a line of nothing between them.

    Args:
        maps: (H, W, K); of many, the first 64.

    Returns:
        One table of numbers, NaN between the maps; the map itself where it is alone.

    >>> montage(np.zeros((3, 4, 5))).shape, montage(np.zeros((3, 4, 1))).shape
    ((7, 14), (3, 4))
    """
    count = min(maps.shape[2], MOST_MAPS)
    if count == 1:
        return maps[:, :, 0]
    height, width = maps.shape[0] + 1, maps.shape[1] + 1
    columns = math.ceil(math.sqrt(count))
    rows = -(-count // columns)
    sheet = np.full((rows * height - 1, columns * width - 1), np.nan)
    for number in range(count):
        top, left = (number // columns) * height, (number % columns) * width
        sheet[top : top + maps.shape[0], left : left + maps.shape[1]] = maps[:, :, number]
    return sheet


def strip(panels: Sequence[Panel]) -> "Figure":
    """Draw the stages of a chain from left to right.

    Args:
        panels: The stages; of one with many maps, the first 64 are drawn, and large ones smaller.
    """
    sheets = [_reduced(montage(panel.maps)) for panel in panels]
    shapes = [sheet.shape for sheet in sheets]
    widths = [max(0.4, min(3.0, width / height)) for height, width in shapes]
    with drawing((_PANEL * sum(widths), _PANEL + _TITLE)) as figure:
        grid = figure.subplots(1, len(panels), width_ratios=widths, squeeze=False)
        for axes, panel, sheet in zip(grid[0], panels, sheets, strict=True):
            signed = bool(panel.maps.min() < 0)
            _draw(axes, sheet, tinted(sheet, white=panel.white, signed=signed), panel.title)
    return figure


def sliding_frames(
    picture: NDArray[np.float64],
    kernel: NDArray[np.float64],
    titles: tuple[str, str],
    *,
    stride: int = 1,
    padding: int = 0,
) -> Iterator["Figure"]:
    """Draw the kernel on each place, with its sum written into the result as it goes.

    Args:
        picture: The numbers, (H, W).
        kernel: The kernel, (h, w).
        titles: What stands over the picture and over the result.
        stride: By how many pixels it steps.
        padding: Rows and columns of zeros around.
    """
    result = convolve(picture, kernel, stride=stride, padding=padding)
    bordered = np.pad(picture, padding)
    height, width = places(picture.shape, kernel.shape, stride=stride, padding=padding)
    for row, column in np.ndindex(height, width):
        shown = np.full_like(result, np.nan)
        done = row * width + column + 1
        shown.ravel()[:done] = result.ravel()[:done]
        corner = (row * stride, column * stride)
        yield _frame(bordered, kernel, corner, shown, (row, column), titles)


def _frame(
    picture: NDArray[np.float64],
    kernel: NDArray[np.float64],
    corner: tuple[int, int],
    shown: NDArray[np.float64],
    place: tuple[int, int],
    titles: tuple[str, str],
) -> "Figure":
    ratios = [picture.shape[1], shown.shape[1]]
    tall = max(picture.shape[0], shown.shape[0])
    scale = min(0.5, 9.0 / sum(ratios), 5.0 / tall)
    with drawing((scale * sum(ratios) + 0.6, scale * tall + 1.1)) as figure:
        left, right = figure.subplots(1, 2, width_ratios=ratios)
        _draw(left, picture, None, titles[0])
        _frame_cells(left, corner, kernel)
        terms = _sum_in_words(picture, kernel, corner)
        _draw(right, shown, None, titles[1])
        _outline(right, place, (1, 1))
        figure.supxlabel(terms, fontsize=9.5, color=INK)
    return figure


def _frame_cells(axes: "Axes", corner: tuple[int, int], kernel: NDArray[np.float64]) -> None:
    """Write the kernel's numbers, small, into the corners of the cells it lies on."""
    _outline(axes, corner, kernel.shape)
    for (row, column), weight in np.ndenumerate(kernel):
        place = (corner[1] + column + 0.44, corner[0] + row + 0.42)
        axes.text(*place, f"×{weight:g}", fontsize=6, color=BLUE, ha="right", va="bottom")


def _outline(axes: "Axes", corner: tuple[int, int], size: tuple[int, ...]) -> None:
    from matplotlib.patches import Rectangle

    low = (corner[1] - 0.5, corner[0] - 0.5)
    frame: dict[str, Any] = {"facecolor": _TURNED_ON, "alpha": 0.45, "edgecolor": "none"}
    axes.add_patch(Rectangle(low, size[1], size[0], **frame, zorder=1.5))
    axes.add_patch(Rectangle(low, size[1], size[0], fill=False, edgecolor=BLUE, linewidth=1.6))


def _sum_in_words(
    picture: NDArray[np.float64], kernel: NDArray[np.float64], corner: tuple[int, int]
) -> str:
    rows = slice(corner[0], corner[0] + kernel.shape[0])
    under = picture[rows, corner[1] : corner[1] + kernel.shape[1]]
    pairs = zip(kernel.ravel(), under.ravel(), strict=True)
    terms = [f"{weight:g}·{number:g}" for weight, number in pairs]
    shown = terms if len(terms) <= 9 else [*terms[:4], "…", *terms[-2:]]
    return f"{' + '.join(shown)} = {(kernel * under).sum():g}".replace("-", "−")


def _draw(
    axes: "Axes", numbers: NDArray[np.float64], shades: NDArray[np.uint8] | None, title: str
) -> None:
    """Draw a table of numbers, written out where it is small; without shades, on ruled paper."""
    on_paper = shades is None
    if shades is None:
        shades = np.full((*numbers.shape, 3), 255, np.uint8)
    axes.imshow(shades, interpolation="none")
    axes.set_title(title, fontsize=9, color=INK)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(visible=False)
    for side in axes.spines.values():
        side.set_visible(True)
    if on_paper:
        _rule(axes, numbers.shape)
    if numbers.size <= MOST_WRITTEN:
        _write_numbers(axes, numbers, shades)


def _rule(axes: "Axes", shape: tuple[int, ...]) -> None:
    lines: dict[str, Any] = {"color": RULE, "linewidth": 0.6, "zorder": 1}
    for row in range(1, shape[0]):
        axes.axhline(row - 0.5, **lines)
    for column in range(1, shape[1]):
        axes.axvline(column - 0.5, **lines)


def _write_numbers(axes: "Axes", numbers: NDArray[np.float64], shades: NDArray[np.uint8]) -> None:
    longest = max(len(f"{number:.4g}") for number in numbers.ravel())
    size = min(9.0, 115 / max(numbers.shape) / max(longest, 2) * 1.5)
    for (row, column), number in np.ndenumerate(numbers):
        if not np.isnan(number):
            is_dark = shades[row, column].mean() < 140
            text = f"{number:.4g}".replace("-", "−")
            colour = "white" if is_dark else INK
            axes.text(column, row, text, ha="center", va="center", fontsize=size, color=colour)


def _reduced(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bring a picture down to what a panel shows: of each block its mean.

    Where there are signs, a mean would cancel both sides of an edge: the number farthest from zero
    is taken.
    """
    side = min(max(numbers.shape) // MOST_PIXELS, *numbers.shape)
    if side < 2:
        return numbers
    height, width = numbers.shape[0] // side, numbers.shape[1] // side
    blocks = numbers[: height * side, : width * side].reshape(height, side, width, side)
    highest, lowest = blocks.max(axis=(1, 3)), blocks.min(axis=(1, 3))
    smaller: NDArray[np.float64] = blocks.mean(axis=(1, 3))
    if numbers.min() < 0:
        smaller = np.where(highest >= -lowest, highest, lowest)
    return smaller


def _channels(colour: str) -> NDArray[np.float64]:
    return np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)], np.float64)
