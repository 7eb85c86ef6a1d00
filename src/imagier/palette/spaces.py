"""Which numbers measure how far two colours are apart? The deck's, weighted, or those of the eye.

The deck's distance is a·(r - r′)² + b·(g - g′)² + c·(b - b′)², here on sRGB levels from 0 to 255.
Multiplying each coordinate by the square root of its weight makes it the plain distance, so k-means
needs to know nothing of weights.

*Oklab* gives a lightness and two axes of colour, made so that equal distances look equally large.
sRGB levels are undone to linear light, mixed into the answers of three kinds of cones, whose cube
roots are mixed once more.

Source: B. Ottosson, "A perceptual color space for image processing", 2020; IEC 61966-2-1 for sRGB.

>>> to_oklab(np.array([[255, 255, 255], [255, 0, 0]])).round(3).tolist()
[[1.0, 0.0, 0.0], [0.628, 0.225, 0.126]]
>>> from_oklab(to_oklab(np.array([[12, 200, 77]]))).round(6).tolist()
[[12.0, 200.0, 77.0]]
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from imagier.errors import UsageError, did_you_mean
from imagier.files import printable

__all__ = ["SPACES", "Distance", "Space", "check_weights", "from_oklab", "read_colour", "to_oklab"]

Space = Literal["srgb", "oklab"]
SPACES: tuple[Space, ...] = get_args(Space)
Numbers = NDArray[np.float64]
_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_AXES = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_LINEAR, _CURVED, _SLOPE, _OFFSET, _POWER = 0.04045, 0.0031308, 12.92, 0.055, 2.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """How colours are compared.

    Attributes:
        space: Whose coordinates.
        weights: What each of the three coordinates counts; 0 leaves it out.
    """

    space: Space = "srgb"
    weights: tuple[float, float, float] = (1.0, 1.0, 1.0)

    def __post_init__(self) -> None:
        if self.space not in SPACES:
            hint = did_you_mean(self.space, SPACES)
            known = ", ".join(SPACES)
            received = printable(self.space)
            raise UsageError("palette_space", received=received, known=known, hint=hint)
        check_weights(self.weights, 3)

    def place(self, colours: NDArray[Any]) -> Numbers:
        """Give colours, (N, 3) in sRGB, their place in a space where plain distance is this one."""
        coordinates = self.coordinates(colours)
        return coordinates if self.is_plain else coordinates * np.sqrt(self.weights)

    @property
    def is_plain(self) -> bool:
        """Whether all three coordinates count 1."""
        return self.weights == (1, 1, 1)

    def coordinates(self, colours: NDArray[Any]) -> Numbers:
        """Give the coordinates of colours, (N, 3), before any weight."""
        return to_oklab(colours) if self.space == "oklab" else colours.astype(np.float64)

    def colours(self, coordinates: Numbers) -> NDArray[np.uint8]:
        """Give the nearest colours that a screen has, (N, 3): the way back of `coordinates`."""
        levels = from_oklab(coordinates) if self.space == "oklab" else coordinates
        return np.clip(np.floor(levels + 0.5), 0, 255).astype(np.uint8)


def check_weights(weights: Sequence[float], count: int) -> None:
    """Make sure of finite weights, none negative, not all 0.

    Raises:
        UsageError: `palette_weights`.
    """
    numbers = np.asarray(weights, np.float64)
    fine = numbers.shape == (count,) and np.isfinite(numbers).all() and (numbers >= 0).all()
    if not fine or not numbers.any():
        shown = ", ".join(f"{number:g}" for number in numbers.ravel())
        raise UsageError("palette_weights", received=shown)


def to_oklab(colours: NDArray[Any]) -> Numbers:
    """Give lightness (0..1) and two axes of colour, from sRGB levels 0..255, (N, 3) to (N, 3)."""
    levels = colours / 255
    light = np.where(
        levels <= _LINEAR,
        levels / _SLOPE,
        ((np.maximum(levels, _LINEAR) + _OFFSET) / (1 + _OFFSET)) ** _POWER,
    )
    return np.asarray(np.cbrt(light @ _CONES.T) @ _AXES.T)


def from_oklab(coordinates: Numbers) -> Numbers:
    """Give sRGB levels, not rounded, below 0 or above 255 where no screen has the colour."""
    cones = (coordinates @ np.linalg.inv(_AXES).T) ** 3
    light = cones @ np.linalg.inv(_CONES).T
    bent = (1 + _OFFSET) * np.maximum(light, _CURVED) ** (1 / _POWER) - _OFFSET
    return 255 * np.where(light <= _CURVED, light * _SLOPE, bent)


def read_colour(text: str) -> tuple[int, int, int]:
    """Read a colour as it is written on the web.

    Raises:
        UsageError: `palette_colour`.

    >>> read_colour("#ff8000"), read_colour("F80")
    ((255, 128, 0), (255, 136, 0))
    """
    digits = text.strip().removeprefix("#")
    if not re.fullmatch("[0-9a-fA-F]{3}|[0-9a-fA-F]{6}", digits):
        raise UsageError("palette_colour", received=printable(text[:40]))
    whole = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    return int(whole[:2], 16), int(whole[2:4], 16), int(whole[4:], 16)
