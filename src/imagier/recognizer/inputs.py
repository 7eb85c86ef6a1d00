"""From whatever a user holds (a file, bytes, a Pillow image, an array) to the network's input."""

import os
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageOps

from imagier.errors import PictureError
from imagier.files import printable
from imagier.images import (
    Prepare,
    as_pixels,
    decode,
    one_picture,
    prepare,
    read_named,
    to_pixels,
)

__all__ = ["Picturable", "read_picture"]

Picturable: TypeAlias = str | os.PathLike[str] | bytes | Image.Image | ArrayLike


def read_picture(
    picture: Picturable, settings: Prepare, *, scale: int | None = None
) -> tuple[str, NDArray[np.uint8]]:
    """Read a picture and prepare it for the network.

    Args:
        picture: A file's name, a file's content, a Pillow image, or an array of levels.
        settings: How the network wants its input.
        scale: The level that is white in an array; None for the scale the network learnt on.

    Returns:
        The picture's name on one line, and its input, (H, W, C).

    Raises:
        PictureError: With the reason why it cannot be read.
    """
    if isinstance(picture, str | os.PathLike):
        with one_picture():
            return _from_file(os.fspath(picture), settings)
    if isinstance(picture, bytes | bytearray | memoryview):
        return "<bytes>", _from_bytes(bytes(picture), "<bytes>", settings)
    if isinstance(picture, Image.Image):
        name = printable(getattr(picture, "filename", "") or "<image>")
        return name, prepare(_from_pillow(picture, name), settings)
    white = settings.full_scale if scale is None else scale
    return "<array>", prepare(as_pixels(np.asarray(picture), scale=white), settings, scale=white)


def _from_file(name: str, settings: Prepare) -> tuple[str, NDArray[np.uint8]]:
    try:
        content = read_named(name or "\0")
    except PictureError as error:
        raise PictureError(error.code, **error.facts | {"path": printable(name)}) from None
    return printable(name), _from_bytes(content, name, settings)


def _from_bytes(content: bytes, name: str, settings: Prepare) -> NDArray[np.uint8]:
    try:
        with one_picture():
            return prepare(decode(content, name=name, wanted=settings.wanted).pixels, settings)
    except MemoryError as error:
        raise PictureError("no_memory", path=printable(name)) from error


def _from_pillow(image: Image.Image, name: str) -> NDArray[Any]:
    try:
        image.load()
        upright = ImageOps.exif_transpose(image)
    except Exception as error:  # a file half read makes Pillow raise nearly anything
        raise PictureError("damaged", path=name, format=image.format or image.mode) from error
    return to_pixels(upright, name)
