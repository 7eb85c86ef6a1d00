"""The cues themselves: what can be measured of a picture without knowing what it shows."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from imagier.auditing.cues import binned
from imagier.images import PictureHeader
from imagier.machine import parallel_map

__all__ = ["corner_cues", "file_cues", "picture_cues"]

PICTURE_CUES = ("brightness", "contrast", "saturation")
CORNER, BORDER = 0.125, 0.0625  # of the side
_AT_ONCE = 128  # pictures
_LEAST_CORNER = 4  # pixels
_GREY = np.array([0.299, 0.587, 0.114], np.float32)

Numbers = NDArray[np.float32]


def picture_cues(pictures: NDArray[np.uint8]) -> dict[str, Numbers]:
    """Measure pictures as wholes, their corners and their borders.

    Args:
        pictures: Of one size, (N, S, S, 3) or (N, S, S, 1).

    Returns:
        The numbers of each cue, (N, D).
    """
    starts = range(0, len(pictures), _AT_ONCE)
    parts = list(parallel_map(lambda start: _measured(pictures[start : start + _AT_ONCE]), starts))
    cues = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return {
        name: binned(table[:, 0]) if name in PICTURE_CUES else table for name, table in cues.items()
    }


def corner_cues(pictures: NDArray[np.uint8]) -> dict[str, Numbers]:
    """Measure the corners alone, which a sign drawn in the middle leaves empty.

    Args:
        pictures: Of one size, (N, S, S, 3) or (N, S, S, 1).

    Returns:
        The numbers of each corner, (N, D); none where pictures are so small that four pixels of a
        corner belong to the sign.
    """
    if round(min(pictures.shape[1:3]) * CORNER) < _LEAST_CORNER:
        return {}
    return {
        name: table for name, table in picture_cues(pictures).items() if name.startswith("corner_")
    }


def _measured(pictures: NDArray[np.uint8]) -> dict[str, Numbers]:
    levels = pictures.astype(np.float32)
    if levels.shape[3] == 1:
        levels = np.repeat(levels, 3, axis=3)
    count, side = len(levels), min(levels.shape[1:3])
    grey = (levels @ _GREY).reshape(count, -1)
    colours = pictures.max(axis=3).astype(np.float32) - pictures.min(axis=3)
    wholes = grey.mean(axis=1), grey.std(axis=1), colours.mean(axis=(1, 2))
    cues = {name: whole[:, np.newaxis] for name, whole in zip(PICTURE_CUES, wholes, strict=True)}
    wide, thin = max(_LEAST_CORNER, round(side * CORNER)), max(1, round(side * BORDER))
    strips = (levels[:, :thin], levels[:, -thin:], levels[:, :, :thin], levels[:, :, -thin:])
    flat = [strip.reshape(count, -1, 3) for strip in strips]
    cues["border"] = np.concatenate(
        [part.mean(axis=1) for part in flat] + [part.std(axis=1) for part in flat], axis=1
    )
    ends = {"top": slice(wide), "bottom": slice(-wide, None)}
    sides = {"left": slice(wide), "right": slice(-wide, None)}
    for end, rows in ends.items():
        for where, columns in sides.items():
            cues[f"corner_{end}_{where}"] = _corner(levels[:, rows, columns])
    return cues


def file_cues(headers: Sequence[PictureHeader | None]) -> dict[str, Numbers]:
    """Measure the files; what all have alike is no cue and left out.

    Args:
        headers: One a picture; None for one without a file of its own.
    """
    if not headers or any(header is None for header in headers):
        return {}
    known = [header for header in headers if header is not None]
    formats = np.array([header.format for header in known])
    sizes = np.array([(header.height, header.width) for header in known], np.float64)
    sizes = np.maximum(sizes, 1)
    weights = np.array([header.bytes for header in known], np.float64)
    cues = {
        "format": (formats[:, np.newaxis] == np.unique(formats)).astype(np.float32),
        "height": binned(sizes[:, 0]),
        "width": binned(sizes[:, 1]),
        "aspect": binned(sizes[:, 1] / sizes[:, 0]),
        "bytes_per_pixel": binned(weights / sizes.prod(axis=1)),
    }
    return {name: table for name, table in cues.items() if table.shape[1] > 1}


def _corner(levels: Numbers) -> Numbers:
    """Describe a corner by its colour, the pattern of its pixels around it and how much they vary.

    A mark is the same pattern on every background: the mean is taken off.
    """
    grey = (levels @ _GREY).reshape(len(levels), -1)
    pattern = grey - grey.mean(axis=1, keepdims=True)
    varies = grey.std(axis=1, keepdims=True)
    colours = levels.mean(axis=(1, 2))
    return np.concatenate([colours, pattern, varies, np.sqrt(varies)], axis=1)
