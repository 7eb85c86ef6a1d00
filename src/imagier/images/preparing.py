"""From pixels of any size to the network's input: the one road, in learning, test and use.

The settings travel with the model, so that a picture is brought to the same form wherever it is
shown: command, server, page. Grey is the luma of ITU-R 601; grey becomes colour by repetition. A
picture of another shape is padded with the median colour of its border, cut to its middle, or a
third of the way between the two; what suits the pictures, or what was asked. A line of characters
keeps its left end on the left, dark ink on light paper. `docs/model.md` tells every step, with
programs that take them without imagier.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imagier.errors import ModelError, PictureError
from imagier.images.ink import Ink, draw_ink, is_black_bordered, is_white_bordered
from imagier.images.line_fit import fit_line

__all__ = ["ARRAY", "Fit", "Prepare", "as_pixels", "prepare", "rescale"]

Fit = Literal["crop-pad", "crop", "pad", "stretch", "line"]
BETWEEN = 1 / 3  # of the way from cropping to padding, for `crop-pad`
Pixels = NDArray[np.uint8]
LARGEST_SIDE = 4096
LONGEST_INK = 64  # times its shorter side, a field in which ink is laid
LEAST_DECODED = 512
ARRAY = "<array>"  # what messages call a picture without a file


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepare:
    """How a picture becomes the network's input.

    Attributes:
        height: Rows of the input.
        width: Columns of the input; of lines, the most there are.
        channels: 1 for grey, 3 for red, green, blue.
        full_scale: The level that is white: 255, or 16 for scikit-learn's digits.
        fit: What happens to a picture of another shape.
        ink: How signs drawn on paper are found and centred; None for pictures of other kinds.
        deep_white: The number that is white in grey files of more than 8 bits; None where none was
            learnt from.
    """

    height: int
    width: int
    channels: int
    full_scale: int = 255
    fit: Fit = "pad"
    ink: Ink | None = None
    deep_white: int | None = None

    def __post_init__(self) -> None:
        sides = all(
            type(side) is int and 1 <= side <= LARGEST_SIDE for side in (self.height, self.width)
        )
        scale = type(self.full_scale) is int and 1 <= self.full_scale <= 255
        is_grey_ink = self.ink is None or self.channels == 1
        if sides and self.ink is not None:
            is_grey_ink &= max(self.height, self.width) <= LONGEST_INK * min(
                self.height, self.width
            )
        rules = {
            "height, width": sides,
            "full_scale": scale,
            "channels": type(self.channels) is int and self.channels in (1, 3),
            "fit": self.fit in get_args(Fit)
            and (self.fit != "line" or (self.ink is None and self.channels == 1)),
            "ink": is_grey_ink,
            "deep_white": self.deep_white is None
            or (type(self.deep_white) is int and 1 <= self.deep_white <= 65535),
        }
        for field, is_right in rules.items():
            if not is_right:
                received = ", ".join(ascii(getattr(self, name))[:200] for name in field.split(", "))
                raise ModelError("prepare_invalid", field=field, received=received)

    @property
    def wanted(self) -> tuple[int, int] | None:
        """The height and width that decoding must keep at least; None for the whole picture.

        Never less than 512, so that all inputs up to that size decode the same pixels: identical
        pictures are recognised as such, and parts are the same, whatever the input's size. Ink
        may fill little of a large photo, which is then needed whole.
        """
        if self.ink is not None:
            return None
        side = max(self.height, self.width, LEAST_DECODED)
        return side, side

    def to_json(self) -> dict[str, Any]:
        """Give the settings as they are stored in the model."""
        settings = asdict(self)
        if self.deep_white is None:  # as in models made before there was such a setting
            del settings["deep_white"]
        return settings

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Prepare":
        """Read settings from a model, trusting nothing in them.

        Raises:
            ModelError: `prepare_invalid`.
        """
        try:
            ink = data["ink"]
            return cls(**{**data, "ink": None if ink is None else Ink(**ink)})
        except (KeyError, TypeError, ValueError) as error:
            received = ascii(data)[:200]
            raise ModelError("prepare_invalid", field="prepare", received=received) from error


def prepare(pixels: Pixels, settings: Prepare, *, scale: int = 255, name: str = ARRAY) -> Pixels:
    """Bring a picture to the network's input.

    A picture that already has the input's size is not touched, but for its channels and scale. Ink
    is white on black in the input: with a black border it is not touched either, with a white one
    it is inverted, and any other page is searched for its sign.

    Args:
        pixels: A picture, (H, W, 1) or (H, W, 3).
        settings: Those of the model.
        scale: The level that is white in `pixels`.
        name: What the picture is called in messages.

    Returns:
        Levels from 0 to `settings.full_scale`, (height, width, channels).

    Raises:
        PictureError: `line_too_long` or `line_too_narrow`, of lines alone.
    """
    pixels = _with_channels(pixels, settings.channels)
    if settings.fit == "line":
        line = fit_line(rescale(pixels, scale, 255), settings.height, settings.width, name=name)
        return rescale(line, 255, settings.full_scale)
    if pixels.shape[:2] == (settings.height, settings.width):
        ready = pixels if settings.ink is None else _white_on_black(pixels, scale)
        if ready is not None:
            return rescale(ready, scale, settings.full_scale)
    pixels = rescale(pixels, scale, 255)
    if settings.ink:
        field = draw_ink(pixels[:, :, 0], settings.height, settings.width, settings.ink)
        pixels = field[:, :, np.newaxis]
    else:
        pixels = _resize(pixels, settings)
    return rescale(pixels, 255, settings.full_scale)


def as_pixels(array: NDArray[Any], *, scale: float) -> Pixels:
    """Read a user's array as a picture.

    Args:
        array: Levels of grey, (H, W) or (H, W, 1), or of red, green, blue, (H, W, 3).
        scale: The level that is white, any number above 0.

    Returns:
        The levels as bytes, (H, W, C), white being 255 whatever the scale.

    Raises:
        PictureError: `array_shape`; `array_type`; `nan_values`; `array_range` when levels are
            negative, beyond the scale, or floats or truth values up to 1 that speak of another.

    >>> as_pixels(np.array([[0.0, 0.5, 1.0]]), scale=1).ravel().tolist()
    [0, 128, 255]
    """
    levels = np.asarray(array)
    shape = levels.shape
    levels = levels[:, :, np.newaxis] if levels.ndim == 2 else levels
    if not (levels.ndim == 3 and levels.shape[2] in (1, 3) and levels.size > 0):
        raise PictureError("array_shape", path=ARRAY, received=str(shape))
    if levels.dtype.kind not in "buif":
        raise PictureError("array_type", path=ARRAY, received=str(levels.dtype))
    low, high = float(levels.min()), float(levels.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        raise PictureError("nan_values", path=ARRAY)
    is_fraction = levels.dtype.kind in "bf" and scale > 1 and 0 < high <= 1
    if not 0 <= low <= high <= scale or is_fraction:
        facts = {"lowest": f"{low:g}", "highest": f"{high:g}", "scale": f"{scale:g}"}
        raise PictureError("array_range", path=ARRAY, **facts)
    if levels.dtype == np.uint8 and scale == 255:
        return np.ascontiguousarray(levels)
    return np.rint(levels * np.float64(255 / scale)).astype(np.uint8)


def _white_on_black(pixels: Pixels, scale: int) -> Pixels | None:
    """Give a sign of the input's size as it is or inverted; None where its page is neither."""
    grey = rescale(pixels, scale, 255)[:, :, 0]
    if is_black_bordered(grey):
        return pixels
    return scale - pixels if is_white_bordered(grey) else None


def _with_channels(pixels: Pixels, channels: int) -> Pixels:
    if pixels.shape[2] == channels:
        return pixels
    if channels == 3:
        return np.repeat(pixels, 3, axis=2)
    return np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).convert("L"))[:, :, np.newaxis]


def rescale(pixels: Pixels, scale: int, white: int) -> Pixels:
    """Bring levels from one scale to another: with `scale` 16 and `white` 255, 16 becomes 255."""
    if scale == white:
        return pixels
    levels = np.rint(np.arange(256) * (white / scale)).astype(np.uint8)
    rescaled: Pixels = levels[pixels]  # looked up: no large picture is held as floats
    return rescaled


def _resize(pixels: Pixels, settings: Prepare) -> Pixels:
    image = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    (width, height), whole = image.size, (settings.width, settings.height)
    factors = whole[0] / width, whole[1] / height
    size, box = whole, (0.0, 0.0, float(width), float(height))
    if settings.fit == "pad":
        size = _rounded(width * min(factors)), _rounded(height * min(factors))
    elif settings.fit != "stretch":
        part = BETWEEN if settings.fit == "crop-pad" else 0.0
        factor = max(factors) ** (1 - part) * min(factors) ** part
        sides = _rounded(width * factor), _rounded(height * factor)
        size = min(whole[0], sides[0]), min(whole[1], sides[1])
        box = _middle(image.size, (whole[0] / factor, whole[1] / factor))
    image = _resampled(image, size, box)
    resized = np.asarray(image).reshape(size[1], size[0], -1)
    return resized if size == whole else _padded(resized, settings, border=_border_colour(pixels))


def _resampled(
    image: Image.Image, size: tuple[int, int], box: tuple[float, float, float, float]
) -> Image.Image:
    """Resize along the rows, then along the columns: which is first differs with Pillow's versions.

    Args:
        image: The picture.
        size: Width and height of what comes out.
        box: Left, top, right and bottom of what is resized.
    """
    left, top, right, bottom = box
    bilinear = Image.Resampling.BILINEAR
    wide = image.resize((size[0], image.height), bilinear, box=(left, 0, right, image.height))
    return wide.resize(size, bilinear, box=(0, top, size[0], bottom))


def _rounded(side: float) -> int:
    return max(1, int(side + 0.5))


def _middle(size: tuple[int, int], kept: tuple[float, float]) -> tuple[float, float, float, float]:
    """Give the box of a picture's middle: only what is kept is resized."""
    left, top = (max(0.0, (side - part) / 2) for side, part in zip(size, kept, strict=True))
    return left, top, size[0] - left, size[1] - top


def _padded(pixels: Pixels, settings: Prepare, *, border: Pixels) -> Pixels:
    """Lay a picture in the middle of the input, on the colour of its border."""
    field = np.empty((settings.height, settings.width, pixels.shape[2]), np.uint8)
    field[:] = border
    rows, columns = pixels.shape[:2]
    top, left = (settings.height - rows) // 2, (settings.width - columns) // 2
    field[top : top + rows, left : left + columns] = pixels
    return field


def _border_colour(pixels: Pixels) -> Pixels:
    edges = (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1])
    colour: Pixels = np.median(np.concatenate(edges), axis=0).astype(np.uint8)
    return colour
