"""The conditions under which a recogniser is asked again: "the pigeon tests".

S. Watanabe's pigeons told Van Gogh from Chagall, and still did when the paintings were shown in
black and white or half hidden (deck, chapter 8). A recogniser that has learnt what matters does so
too. Besides: turned pictures, stronger compression, half the size, and the fifteen common
corruptions (`corruptions.py`).

>>> len(CONDITIONS), CONDITIONS[:3]
(86, ('clean', 'greyscale', 'half_top'))
"""

from itertools import product

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imagier.images import Prepare, channel, rescale
from imagier.testing.corruptions import CORRUPTIONS, SEVERITIES, corrupt, jpeg

__all__ = ["CONDITIONS", "SIMPLE", "altered", "is_applicable"]

SIMPLE = (
    *("greyscale", "half_top", "half_bottom", "half_left", "half_right"),
    *("rotated_left", "rotated_right", "quality_50", "quality_10", "half_size"),
)
CONDITIONS = (
    "clean",
    *SIMPLE,
    *(f"{name}_{severity}" for name, severity in product(CORRUPTIONS, SEVERITIES)),
)
ANGLES = {"rotated_left": 15, "rotated_right": -15}  # degrees, anticlockwise
QUALITIES = {"quality_50": 50, "quality_10": 10}
HALVES = {
    "half_top": np.s_[0, 0.5, 0, 1],
    "half_bottom": np.s_[0.5, 1, 0, 1],
    "half_left": np.s_[0, 1, 0, 0.5],
    "half_right": np.s_[0, 1, 0.5, 1],
}
GREY = 128  # what hides, and what stands beyond the corners of a turned photo

Pixels = NDArray[np.uint8]


def is_applicable(condition: str, settings: Prepare) -> bool:
    """Tell whether a condition changes anything: what is seen in grey is not made grey."""
    return condition != "greyscale" or settings.channels == 3


def altered(
    picture: Pixels, condition: str, settings: Prepare, *, key: int, seed: int = 0
) -> Pixels:
    """Give a prepared picture as it looks under a condition.

    Args:
        picture: Levels from 0 to `settings.full_scale`, (H, W, C).
        condition: One of `CONDITIONS`.
        settings: How the model's pictures are prepared.
        key: What makes this picture's draw its own, such as its hash.
        seed: What makes another draw for all pictures.

    Returns:
        Another picture of the same shape and scale.
    """
    if condition == "clean":
        return picture
    paper = 0 if settings.ink else GREY  # ink is white on black
    levels = rescale(picture, settings.full_scale, 255)
    if condition in SIMPLE:
        changed = _simply(levels, condition, paper)
    else:
        name, _, severity = condition.rpartition("_")
        changed = corrupt(levels, name, int(severity), key=key, seed=seed)
    return rescale(changed, 255, settings.full_scale)


def _simply(levels: Pixels, condition: str, paper: int) -> Pixels:
    if condition == "greyscale":
        return np.repeat(channel(levels, "grey"), levels.shape[2], axis=2)
    if condition in HALVES:
        return _half_hidden(levels, condition, paper)
    if condition in QUALITIES:
        return jpeg(levels, QUALITIES[condition])
    if condition in ANGLES:
        return _rotated(levels, ANGLES[condition], paper)
    return _at_half_size(levels)


def _half_hidden(levels: Pixels, condition: str, paper: int) -> Pixels:
    """Hide the half that the condition names."""
    height, width = levels.shape[:2]
    top, bottom, left, right = HALVES[condition]
    hidden = levels.copy()
    hidden[
        round(top * height) : round(bottom * height), round(left * width) : round(right * width)
    ] = paper
    return hidden


def _rotated(levels: Pixels, angle: int, paper: int) -> Pixels:
    fill = (paper,) * levels.shape[2]
    image = _image(levels)
    turned = image.rotate(
        angle, Image.Resampling.BILINEAR, fillcolor=fill if len(fill) > 1 else paper
    )
    return np.asarray(turned).reshape(levels.shape)


def _at_half_size(levels: Pixels) -> Pixels:
    """Give what is left of a picture that was sent at half its size."""
    height, width = levels.shape[:2]
    small = _image(levels).resize((-(-width // 2), -(-height // 2)), Image.Resampling.BICUBIC)
    large = small.resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(large).reshape(levels.shape)


def _image(levels: Pixels) -> Image.Image:
    return Image.fromarray(levels[..., 0] if levels.shape[2] == 1 else levels)
