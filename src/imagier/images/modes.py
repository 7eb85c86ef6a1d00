"""One meaning for every way of storing colours: grey or red-green-blue, 0 to 255.

| the file holds | becomes | rule |
|---|---|---|
| 1 bit | grey | 0 or 255 |
| grey, grey + opacity | grey | laid on white |
| palette, RGB, RGBA | RGB | laid on white |
| CMYK | RGB | (255 - C)(255 - K) / 255; JPEG files hold it inverted, as Adobe does |
| YCbCr | RGB | ITU-R 601 |
| CIE L*a*b* | RGB | to sRGB |
| 16-bit grey | grey | divided by 257 and rounded, so that 65,535 becomes 255 |
| 32-bit whole numbers, floats | grey | white is 1 (floats), 255 or 65,535, the least of them |

Floats that are not numbers, negative or larger values are refused: their white is unknown. Colour
profiles (ICC) are ignored, in learning and in use alike.
"""

import math
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imagier.errors import PictureError

__all__ = ["opacity_of", "to_pixels"]

_BAND: Final = 2**20  # pixels that are converted at once


def to_pixels(image: Image.Image, path: str) -> NDArray[np.uint8]:
    """Give a loaded Pillow image as (H, W, C) levels, 0 to 255, C being 1 or 3.

    Args:
        image: The image, whatever its mode.
        path: Its name, printable, for the error.

    Raises:
        PictureError: `nan_values` or `unsupported_variant`.
    """
    if image.mode.startswith("I;16"):
        pixels = _joined(image, lambda band: _from_numbers(band, 65535))
    elif image.mode in ("I", "F"):
        white = _white(_extremes(image, path)[1], floats=image.mode == "F")
        pixels = _joined(image, lambda band: _from_numbers(band, white))
    else:
        pixels = _joined(image, lambda band: np.asarray(_grey_or_rgb(band, path)))
    return pixels[:, :, np.newaxis] if pixels.ndim == 2 else pixels


def opacity_of(image: Image.Image) -> NDArray[np.uint8] | None:
    """Give how opaque each pixel is, 0 to 255, (H, W); None where the image knows no transparency.

    >>> opacity_of(Image.new("RGBA", (2, 1), (255, 0, 0, 7))), opacity_of(Image.new("L", (1, 1)))
    (array([[7, 7]], dtype=uint8), None)
    """
    if not image.has_transparency_data:
        return None
    return _joined(image, _alpha)


def _alpha(image: Image.Image) -> NDArray[np.uint8]:
    straight = image.convert("LA") if image.mode == "La" else image
    return np.asarray(straight.convert("RGBA").getchannel("A"))


def _grey_or_rgb(image: Image.Image, path: str) -> Image.Image:
    if image.mode in ("L", "RGB") and not image.has_transparency_data:
        return image
    if image.has_transparency_data:
        return _on_white(image)
    if image.mode == "1":
        return image.convert("L")
    if image.mode == "LAB":
        return _from_lab(image)
    if image.mode in ("P", "RGBX", "CMYK", "YCbCr", "HSV"):
        return image.convert("RGB")
    raise PictureError("unsupported_variant", path=path, variant=image.mode)


def _on_white(image: Image.Image) -> Image.Image:
    is_grey = image.mode in ("1", "L", "LA", "La")
    straight = image.convert("LA") if image.mode == "La" else image
    coloured = straight.convert("RGBA")
    page = Image.new("RGB", image.size, "white")
    page.paste(coloured.convert("RGB"), mask=coloured.getchannel("A"))
    return page.getchannel("G") if is_grey else page


def _from_lab(image: Image.Image) -> Image.Image:
    from PIL import ImageCms

    converted = ImageCms.profileToProfile(
        image, ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    assert converted is not None  # noqa: S101 - None only when it is told to work in place
    return converted


def _joined(
    image: Image.Image, convert: Callable[[Image.Image], NDArray[np.uint8]]
) -> NDArray[np.uint8]:
    """Convert a picture band by band: what becomes of a pixel depends on it alone.

    Converting takes several copies of what is converted: of a band, not of a large whole.
    """
    bands = _bands(image)
    first = convert(next(bands))
    if len(first) == image.height:
        return first
    pixels = np.empty((image.height, *first.shape[1:]), np.uint8)
    pixels[: len(first)] = first
    top = len(first)
    for band in bands:
        pixels[top : top + band.height] = convert(band)
        top += band.height
    return pixels


def _bands(image: Image.Image) -> Iterator[Image.Image]:
    width, height = image.size
    rows = max(1, _BAND // width)
    if rows >= height:
        yield image
        return
    for top in range(0, height, rows):
        yield image.crop((0, top, width, min(top + rows, height)))


def _extremes(image: Image.Image, path: str) -> tuple[float, float]:
    """Give the least and the greatest number of a picture whose white is unknown."""
    lowest, highest = math.inf, -math.inf
    for band in _bands(image):
        values = np.asarray(band)
        if not np.isfinite(values).all():
            raise PictureError("nan_values", path=path)
        lowest, highest = min(lowest, float(values.min())), max(highest, float(values.max()))
    if lowest < 0 or highest > 65535:
        raise PictureError("unsupported_variant", path=path, variant=f"{lowest:g}…{highest:g}")
    return lowest, highest


def _from_numbers(image: Image.Image, white: int) -> NDArray[np.uint8]:
    levels = np.rint(np.asarray(image) * np.float32(255 / white))
    return levels.astype(np.uint8)


def _white(highest: float, *, floats: bool) -> int:
    if floats and highest <= 1:
        return 1
    return 255 if highest <= 255 else 65535
