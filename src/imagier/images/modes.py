"""One meaning for every way of storing colours: grey or red-green-blue, 0 to 255.

| the file holds | becomes | rule |
|---|---|---|
| 1 bit | grey | 0 or 255 |
| grey, grey + opacity | grey | laid on white |
| palette, RGB, RGBA | RGB | laid on white |
| CMYK | RGB | (255 - C)(255 - K) / 255; JPEG files hold it inverted, as Adobe does |
| YCbCr | RGB | ITU-R 601 |
| CIE L*a*b* | RGB | to sRGB |
| 16-bit grey | grey | times 255 / white, white being 65,535 or what the set says |
| 32-bit whole numbers, floats | grey | white is what the set says; else 1 (floats), 255 or 65,535 |

Grey pictures of more than 8 bits do not say which number is white: twelve bits of a microscope lie
in sixteen. One white holds for a whole set: the least of 255, 511, 1,023... 65,535 (of 1 too where
all are floats) that no picture of the sample exceeds (`set_white`). What lies beyond it is white.

A drawing that is white, or nearly, on a transparent page would be white on white: where nothing on
the white page is darker than 224 and some pixels are opaque and some not, what is opaque is black
and what is transparent is white (`by_opacity`).

Floats that are not numbers, negative or larger values are refused: their white is unknown. Colour
profiles (ICC) are ignored, in learning and in use alike.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imagier.errors import PictureError

__all__ = ["by_opacity", "opacity_of", "peak_of", "set_white", "to_pixels"]

_BAND: Final = 2**20  # pixels that are converted at once
_FAINT: Final = 224  # what is lighter cannot be told from a white page
_OPAQUE: Final = 128


def to_pixels(
    image: Image.Image, path: str, *, white: int | None = None, peak: float | None = None
) -> NDArray[np.uint8]:
    """Give a loaded Pillow image as (H, W, C) levels, 0 to 255, C being 1 or 3.

    Args:
        image: The image, whatever its mode.
        path: Its name, printable, for the error.
        white: The number that is white in a grey picture of more than 8 bits; None to decide by
            this picture alone.
        peak: What `peak_of` gave, where it is known already.

    Raises:
        PictureError: `nan_values` or `unsupported_variant`.
    """
    if image.mode.startswith(("I", "F")):
        own = _white_of(image, path, white, peak)
        pixels = _joined(image, lambda band: _from_numbers(band, own))
    else:
        pixels = _joined(image, lambda band: np.asarray(_grey_or_rgb(band, path)))
    return pixels[:, :, np.newaxis] if pixels.ndim == 2 else pixels


def peak_of(image: Image.Image, path: str) -> float | None:
    """Give the highest number of a grey picture of more than 8 bits whose white is not known.

    A float where the picture holds floats. PNM files say which number is white.

    Raises:
        PictureError: `nan_values` or `unsupported_variant`.
    """
    if image.format == "PPM" or not image.mode.startswith(("I", "F")):
        return None
    highest = _extremes(image, path)[1]
    return highest if image.mode == "F" else int(highest)


def set_white(peaks: Iterable[float]) -> int | None:
    """Choose the number that is white in a set, by the highest numbers of its pictures.

    >>> set_white([3100, 4000]), set_white([0.2, 0.9]), set_white([]), set_white([65000])
    (4095, 1, None, 65535)
    """
    found = list(peaks)
    if not found:
        return None
    highest = max(found)
    if all(isinstance(peak, float) for peak in found) and highest <= 1:
        return 1
    whites: list[int] = [(1 << bits) - 1 for bits in range(8, 17)]
    return min(white for white in whites if highest <= white)


def by_opacity(image: Image.Image, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Draw by its opacity what is as light as the page it was laid on.

    Args:
        image: The image.
        pixels: Its levels on white, (H, W, C).
    """
    if not image.has_transparency_data or int(pixels.min()) < _FAINT:
        return pixels
    opacity = opacity_of(image)
    if opacity is None or not int(opacity.min()) < _OPAQUE <= int(opacity.max()):
        return pixels
    drawn: NDArray[np.uint8] = 255 - opacity
    return np.repeat(drawn[:, :, np.newaxis], pixels.shape[2], axis=2)


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


def _white_of(image: Image.Image, path: str, white: int | None, peak: float | None) -> int:
    if image.format == "PPM":
        return 65535
    known = peak_of(image, path) if peak is None else peak
    if white is not None:
        return white
    if image.mode.startswith("I;16"):
        return 65535
    return _white(known or 0.0, floats=image.mode == "F")


def _from_numbers(image: Image.Image, white: int) -> NDArray[np.uint8]:
    numbers: NDArray[Any] = np.minimum(np.asarray(image), white)
    return np.rint(numbers * np.float32(255 / white)).astype(np.uint8)


def _white(highest: float, *, floats: bool) -> int:
    if floats and highest <= 1:
        return 1
    return 255 if highest <= 255 else 65535
