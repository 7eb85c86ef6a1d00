"""Lines a little changed each time they are shown: wider, slanted, moved, paler.

What may not change the text is drawn anew for each line of each epoch, as a function of seed, epoch
and line. A line is changed far less than a single picture may be: a slanted 1 is a 7 soon enough.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

__all__ = ["CHANGES", "changed_lines"]

STRETCH = 0.15  # of the width, up to so much each way
SCALE = 0.12  # of the height
SLANT = 0.2  # columns a row
ROTATION = 0.03  # rows a column
SHIFT = (4.0, 2.0)  # columns and rows
CONTRAST = 0.3
BRIGHTNESS = 25.0  # levels
CHANGES = 8  # numbers that one line needs


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
    # the grid says where each pixel comes from, in half sides from the middle; lines begin left
    begin = wide - 1 + either[:, 2] * 2 * SHIFT[0] / width
    slant = either[:, 4] * SLANT * height / width
    climb = either[:, 5] * ROTATION * width / height
    rows = np.stack(
        [
            np.stack([wide, slant, begin], axis=1),
            np.stack([climb, high, either[:, 3] * 2 * SHIFT[1] / height], axis=1),
        ],
        axis=1,
    )
    levels = torch.from_numpy(pixels.astype(np.float32)).permute(0, 3, 1, 2)
    grid = functional.affine_grid(
        torch.from_numpy(rows.astype(np.float32)), list(levels.shape), align_corners=False
    )
    moved = functional.grid_sample(levels, grid, padding_mode="border", align_corners=False)
    contrast = torch.from_numpy((1 + either[:, 6] * CONTRAST).astype(np.float32))
    brightness = torch.from_numpy((either[:, 7] * BRIGHTNESS).astype(np.float32))
    middle = moved.mean(dim=(1, 2, 3), keepdim=True)
    shown = (moved - middle) * contrast[:, None, None, None] + middle
    shown += brightness[:, None, None, None]
    return shown.clamp_(0, 255).permute(0, 2, 3, 1).contiguous()
