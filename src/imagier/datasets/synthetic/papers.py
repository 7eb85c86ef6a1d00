"""Paper: what lies under the ink of a composed line, and what is printed on it.

Cheques are printed with fine waves that cross; forms have a line to write on. Each paper is one
array of levels, made from a few numbers that the generator draws.
"""

import numpy as np
from numpy.typing import NDArray

from imagier.datasets.synthetic.line_style import LineStyle

__all__ = ["draw_paper"]

Levels = NDArray[np.float32]

GRADIENT = 45.0  # levels between its lightest and its darkest place, at most
SLOW = (0.15, 0.9)  # radians a pixel along the waves' way
BENT = (0.0, 5.0)  # pixels by which the waves are bent


def draw_paper(
    style: LineStyle, level: float, shape: tuple[int, int], generator: np.random.Generator
) -> Levels:
    """Make the paper of a line.

    Args:
        style: Which papers there may be, and how dark their print is.
        level: The level of the bare paper.
        shape: Height and width of the picture.
        generator: Where chance comes from.

    Returns:
        Levels, (height, width), not yet within 0 to 255.
    """
    numbers = generator.random(16, dtype=np.float32)
    kind = style.backgrounds[int(numbers[0] * len(style.backgrounds))]
    depth = style.pattern[0] + float(numbers[1]) * (style.pattern[1] - style.pattern[0])
    paper = np.full(shape, level, np.float32)
    if kind == "gradient":
        paper += _slope(shape, numbers)
    elif kind == "pattern":
        paper -= depth * _waves(shape, numbers)
    elif kind == "ruled":
        _rule(paper, depth, numbers)
    return paper


def _slope(shape: tuple[int, int], numbers: NDArray[np.float32]) -> Levels:
    """Give light that falls from one side, 0 in the middle."""
    angle, amount = 2 * np.pi * numbers[2], GRADIENT * numbers[3]
    rows, columns = _grid(shape)
    sloped: Levels = amount * (np.sin(angle) * (rows - 0.5) + np.cos(angle) * (columns - 0.5))
    return sloped


def _grid(shape: tuple[int, int]) -> tuple[Levels, Levels]:
    rows = np.linspace(0, 1, shape[0], dtype=np.float32)[:, None]
    return rows, np.linspace(0, 1, shape[1], dtype=np.float32)[None]


def _waves(shape: tuple[int, int], numbers: NDArray[np.float32]) -> Levels:
    """Give one or two families of bent lines, 0 where the paper is bare and 1 where they cross."""
    rows = np.arange(shape[0], dtype=np.float32)[:, None]
    columns = np.arange(shape[1], dtype=np.float32)[None]
    print_ = _family(rows, columns, numbers[2:8])
    if numbers[14] < 0.6:
        print_ = np.maximum(print_, _family(rows, columns, numbers[8:14]))
    return print_


def _family(rows: Levels, columns: Levels, numbers: NDArray[np.float32]) -> Levels:
    """Give the lines of one family: cosines of a bent phase, their crests made narrow."""
    angle = np.pi * numbers[0]
    speed = 0.4 + 1.6 * numbers[1]
    swing = numbers[2] * BENT[1]
    slow = SLOW[0] + numbers[3] * (SLOW[1] - SLOW[0])
    bend = swing * np.sin(0.3 * slow * columns + 6.3 * numbers[4])
    phase = speed * (np.cos(angle) * columns + np.sin(angle) * (rows + bend))
    crest = np.cos(phase + 6.3 * numbers[5])
    share = numbers[3]  # 0: broad waves; 1: fine lines
    lines: Levels = np.maximum(crest - 0.8 * share, 0) / (1 - 0.8 * share)
    return lines


def _rule(paper: Levels, depth: float, numbers: NDArray[np.float32]) -> None:
    """Draw a horizontal line to write on, and at times a second or an upright one."""
    height, width = paper.shape
    thick = 1 + int(numbers[2] * 2)
    row = int((0.7 + 0.28 * numbers[3]) * height)
    paper[row : row + thick] -= depth
    if numbers[4] < 0.3:
        row = int(0.2 * numbers[5] * height)
        paper[row : row + thick] -= depth
    if numbers[6] < 0.2:
        column = int(numbers[7] * width)
        paper[:, column : column + thick] -= depth
