"""Lines a little changed each time they are shown: wider, slanted, moved, bent, paler.

What may not change the text is drawn anew for each line of each epoch, as a function of seed, epoch
and line. A line is changed far less than a single picture may be: a slanted 1 is a 7 soon enough.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from imagier.reading.line_data import used_columns

__all__ = ["CHANGES", "changed_lines"]

STRETCH = 0.2  # of the width, up to so much each way
SCALE = 0.15  # of the height
SLANT = 0.3  # columns a row
ROTATION = 0.04  # rows a column
SHIFT = (4.0, 3.0)  # columns and rows
LEFTWARDS = 2.0  # columns less: a line begins near the edge, and must not lose its beginning
KNOTS = 3  # places from top to bottom that are moved by themselves
BEND = 2.0  # pixels, their standard deviation at most
WAVE = 2.5  # columns by which a place is moved against another
CUT = 0.15  # of half its height, what it may lose above or below
CONTRAST = 0.4
BRIGHTNESS = 30.0  # levels
THICKNESS = 0.6  # of the way to the darkest, or the lightest, of the nine pixels around
NOISE = 8.0  # levels
CHANGES = 14  # numbers that one line needs


def changed_lines(pixels: NDArray[np.uint8], numbers: NDArray[np.float64]) -> torch.Tensor:
    """Give lines as one epoch shows them.

    Args:
        pixels: Prepared lines, (B, H, W, 1).
        numbers: Drawn for each, 0..1, (B, `CHANGES`).

    Returns:
        Levels, float32 (B, H, W, 1), 0 to 255.
    """
    height, width = pixels.shape[1:3]
    either = numbers * 2 - 1
    wide, high = 1 + either[:, 0] * STRETCH, 1 + either[:, 1] * SCALE
    used = used_columns(pixels) / width
    wide = np.maximum(wide, used)
    # the grid says where each pixel comes from, in half sides from the middle; lines begin left
    shift = (either[:, 2] * SHIFT[0] - LEFTWARDS) / width
    begin = wide - 1 + 2 * np.maximum(shift, used - wide)  # nor may it lose its end
    slant = either[:, 4] * SLANT * height / width
    climb = either[:, 5] * ROTATION * width / height
    down = either[:, 3] * 2 * SHIFT[1] / height
    high = np.maximum(high, 1 + np.abs(climb) * used + np.abs(down) - CUT)
    down = down - climb * (used - 1)  # it is turned about the middle of what is written
    rows = np.stack(
        [np.stack([wide, slant, begin], axis=1), np.stack([climb, high, down], axis=1)], axis=1
    )
    levels = torch.from_numpy(pixels.astype(np.float32)).permute(0, 3, 1, 2)
    grid = functional.affine_grid(
        torch.from_numpy(rows.astype(np.float32)), list(levels.shape), align_corners=False
    )
    grid[..., 0] += _wave(either[:, 8:11], width)
    grid += _bends(numbers[:, 13], height, width)
    moved = functional.grid_sample(levels, grid, padding_mode="border", align_corners=False)
    moved = _thickened(moved, _column(either[:, 11] * THICKNESS))
    middle = moved.mean(dim=(1, 2, 3), keepdim=True)
    shown = (moved - middle) * _column(1 + either[:, 6] * CONTRAST) + middle
    shown += _column(either[:, 7] * BRIGHTNESS) + _noise(numbers[:, 12], shown.shape)
    return shown.clamp_(0, 255).permute(0, 2, 3, 1).contiguous()


def _wave(either: NDArray[np.float64], width: int) -> torch.Tensor:
    """Draw how far each column is moved: two slow waves, (B, 1, W), in half sides."""
    places = np.linspace(0, 2 * np.pi, width)[None, :]
    first, second, phase = (either[:, [place]] for place in range(3))
    moved = first * np.sin(places + phase * np.pi) + second * np.sin(2 * places - phase * np.pi)
    return torch.from_numpy((moved * WAVE * 2 / width).astype(np.float32))[:, None, :]


def _bends(numbers: NDArray[np.float64], height: int, width: int) -> torch.Tensor:
    """Draw how far each place is moved as if the paper were rubber, (B, H, W, 2), in half sides.

    Source: P. Simard et al., "Best practices for convolutional neural networks applied to visual
    document analysis", ICDAR 2003.
    """
    knots = 1 + KNOTS, 1 + KNOTS * width // height
    seeds = (numbers * 2**52).astype(np.int64).tolist()
    drawn = [np.random.default_rng(s).standard_normal((2, *knots), np.float32) for s in seeds]
    moved = torch.from_numpy(np.stack(drawn)) * _column(numbers * BEND)
    moved = functional.interpolate(moved, (height, width), mode="bicubic", align_corners=True)
    return moved.permute(0, 2, 3, 1) * (2 / torch.tensor([width, height]))


def _thickened(levels: torch.Tensor, amount: torch.Tensor) -> torch.Tensor:
    """Let ink spread, or shrink where the amount is negative."""
    lightest = functional.max_pool2d(levels, 3, stride=1, padding=1)
    darkest = -functional.max_pool2d(-levels, 3, stride=1, padding=1)
    other = torch.where(amount > 0, darkest, lightest)
    return levels + (other - levels) * amount.abs()


def _noise(numbers: NDArray[np.float64], shape: torch.Size) -> torch.Tensor:
    """Draw the noise of each line from its own number."""
    seeds = (numbers * 2**53).astype(np.int64).tolist()
    drawn = [np.random.default_rng(seed).standard_normal(shape[1:], np.float32) for seed in seeds]
    return torch.from_numpy(np.stack(drawn)) * _column(numbers * NOISE)


def _column(numbers: NDArray[np.float64]) -> torch.Tensor:
    """Give numbers, (B,), as they multiply lines, (B, 1, 1, 1)."""
    return torch.from_numpy(numbers.astype(np.float32))[:, None, None, None]
