"""Pictures a little changed each time they are shown, so that what does not matter is not learnt.

A digit moved by a pixel is the same digit. Each picture's change is a pure function of (seed,
epoch, index): it does not hang on the batch it is in, on the order, or on who else draws numbers.
What comes in at an edge is the picture mirrored there.

Nothing is changed unless the plan says so, and never so far that a name could change: a digit is
never flipped, and never turned so that 6 becomes 9.
"""

import math
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from imagier.training.plan import Plan

__all__ = ["changed_pictures", "draws", "is_changing"]

_STEP: Final = np.uint64(0x9E3779B97F4A7C15)  # 2⁶⁴ / golden ratio: SplitMix64's own step
_NUMBERS: Final = 6  # that one picture may need in one epoch


def is_changing(plan: Plan) -> bool:
    """Tell whether the plan changes pictures at all."""
    return bool(plan.shift or plan.rotation or plan.stretch or plan.flip)


def changed_pictures(
    pixels: NDArray[np.uint8], indices: NDArray[np.int64], plan: Plan, epoch: int
) -> torch.Tensor:
    """Give the pictures of a batch as this epoch shows them.

    Args:
        pixels: All pictures, (N, H, W, C).
        indices: The pictures of the batch, (B,).
        plan: Says how far they may be changed.
        epoch: Epochs done before this one.

    Returns:
        Pixel levels, (B, H, W, C): uint8, or float32 where pixels had to be mixed.
    """
    numbers = draws(plan.seed, epoch, indices, _NUMBERS)
    flipped = _flipped(plan, indices, epoch)
    if plan.rotation or plan.stretch:
        pictures = torch.from_numpy(np.take(pixels, indices, axis=0))
        return _turned(pictures, numbers * 2 - 1, flipped, plan)
    return torch.from_numpy(_moved(pixels, indices, numbers, flipped, plan.shift))


def draws(seed: int, epoch: int, indices: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """Draw numbers for each picture that depend on seed, epoch and its index only.

    Returns:
        Numbers in 0..1, 1 left out, (B, count).

    >>> alone = draws(0, 3, np.array([7]), 2)
    >>> bool((draws(0, 3, np.array([5, 6, 7]), 2)[2] == alone[0]).all())
    True
    """
    key = np.random.SeedSequence((seed, epoch)).generate_state(1, np.uint64)
    places = indices.astype(np.uint64)[:, None] * np.uint64(count) + np.arange(count, dtype="u8")
    bits = _mixed(_mixed(places * _STEP + key) + key)
    return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _flipped(plan: Plan, indices: NDArray[np.int64], epoch: int) -> NDArray[np.bool_]:
    """Choose the pictures to mirror: half of them at first, in the next epoch the others."""
    if not plan.flip:
        return np.zeros(len(indices), np.bool_)
    first: NDArray[np.bool_] = draws(plan.seed, 0, indices, _NUMBERS + 1)[:, -1] < 0.5
    return first ^ bool(epoch % 2)


def _moved(
    pixels: NDArray[np.uint8],
    indices: NDArray[np.int64],
    numbers: NDArray[np.float64],
    flipped: NDArray[np.bool_],
    shift: int,
) -> NDArray[np.uint8]:
    """Move pictures by whole pixels: each place is told where its pixel comes from."""
    height, width = pixels.shape[1:3]
    steps = np.floor(numbers[:, :2] * (2 * shift + 1)).astype(np.int64) - shift
    rows = _mirrored(np.arange(height) + steps[:, :1], height)
    columns = _mirrored(np.arange(width) + steps[:, 1:], width)
    columns[flipped] = columns[flipped, ::-1]
    places = (indices[:, None] * height + rows)[:, :, None] * width + columns[:, None, :]
    moved: NDArray[np.uint8] = np.take(pixels.reshape(-1, pixels.shape[3]), places, axis=0)
    return moved


def _mirrored(places: NDArray[np.int64], side: int) -> NDArray[np.int64]:
    """Bring places beyond an edge back inside, as in a mirror standing on the last pixel."""
    period = max(2 * side - 2, 1)
    inside = np.abs(places) % period
    return np.minimum(inside, period - inside) if side > 1 else np.zeros_like(places)


def _turned(
    pictures: torch.Tensor,
    numbers: NDArray[np.float64],
    flipped: NDArray[np.bool_],
    plan: Plan,
) -> torch.Tensor:
    """Turn, stretch, move and mirror pictures at once; each new pixel mixes four old ones."""
    height, width = pictures.shape[1:3]
    angle = numbers[:, 0] * math.radians(plan.rotation)
    down, across = 1 + numbers[:, 1] * plan.stretch, 1 + numbers[:, 2] * plan.stretch
    across = np.where(flipped, -across, across)
    sine, cosine = np.sin(angle), np.cos(angle)
    move_x, move_y = (numbers[:, 3:5] * 2 * plan.shift / np.array([width, height])).T
    aspect = height / width  # the grid counts in half sides, the angle in pixels
    rows = np.stack(
        [
            np.stack([across * cosine, -down * sine * aspect, move_x], axis=1),
            np.stack([across * sine / aspect, down * cosine, move_y], axis=1),
        ],
        axis=1,
    )
    levels = pictures.to(torch.float32).permute(0, 3, 1, 2)
    grid = functional.affine_grid(
        torch.from_numpy(rows.astype(np.float32)), list(levels.shape), align_corners=False
    )
    turned = functional.grid_sample(levels, grid, padding_mode="reflection", align_corners=False)
    return turned.permute(0, 2, 3, 1).contiguous()


def _mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread each bit over all 64 (the finaliser of SplitMix64)."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: NDArray[np.uint64] = bits ^ (bits >> np.uint64(31))
    return mixed
