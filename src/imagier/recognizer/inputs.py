"""From whatever a user holds (a file, bytes, a Pillow image, an array) to the network's input."""

import os
from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageOps

from imagier.arguments import number, received
from imagier.errors import PictureError, UsageError
from imagier.files import printable
from imagier.images import (
    ARRAY,
    MAX_BYTES,
    Prepare,
    ReadableFile,
    as_pixels,
    by_opacity,
    decode,
    is_stream,
    one_picture,
    prepare,
    read_named,
    read_stream,
    to_pixels,
)

__all__ = ["Picturable", "check_many", "decode_picture", "read_picture"]

Picturable: TypeAlias = (
    str | os.PathLike[str] | bytes | bytearray | memoryview | ReadableFile | Image.Image | ArrayLike
)


def read_picture(
    picture: Picturable, settings: Prepare, *, scale: float | None = None
) -> tuple[str, NDArray[np.uint8]]:
    """Read a picture and prepare it for the network.

    Args:
        picture: A file's name, a file's content, a file opened for reading bytes, a Pillow image,
            or an array of levels.
        settings: How the network wants its input.
        scale: The level that is white in an array; None for the scale the network learnt on.

    Returns:
        The picture's name on one line, and its input, (H, W, C).

    Raises:
        PictureError: With the reason why it cannot be read.
        UsageError: `bad_argument`, `scale_without_array`.
    """
    with one_picture():
        name, pixels = decode_picture(picture, settings, scale=scale)
        try:
            return printable(name), prepare(pixels, settings, name=name)
        except MemoryError as error:
            raise PictureError("no_memory", path=printable(name)) from error


def decode_picture(
    picture: Picturable, settings: Prepare, *, scale: float | None = None, whole: bool = False
) -> tuple[str, NDArray[np.uint8]]:
    """Read a picture as it is, at any size.

    Args:
        picture: As `read_picture` takes it.
        settings: How the network wants its input: a JPEG is decoded no larger than that needs.
        scale: As `read_picture` takes it.
        whole: Whether it is decoded at its full size.

    Returns:
        The picture's name, and its levels, (H, W, C), white being 255.

    Raises:
        PictureError, UsageError: As `read_picture`.
    """
    white = settings.full_scale if scale is None else number("scale", scale, above=0, most=None)
    is_array = not isinstance(
        picture, str | os.PathLike | bytes | bytearray | memoryview | Image.Image
    ) and not is_stream(picture)
    if scale is not None and not is_array:
        raise UsageError("scale_without_array", received=received(picture))
    if isinstance(picture, str | os.PathLike):
        name = os.fsdecode(picture)
        return name, _from_bytes(_content(name), name, settings, whole=whole)
    if isinstance(picture, bytes | bytearray | memoryview):
        return "<bytes>", _from_bytes(bytes(picture), "<bytes>", settings, whole=whole)
    if isinstance(picture, Image.Image):
        name = printable(getattr(picture, "filename", "") or "<image>")
        return name, _from_pillow(picture, name, settings.deep_white)
    if is_stream(picture):
        name, content = read_stream(picture, most=MAX_BYTES)
        return name, _from_bytes(content, name, settings, whole=whole)
    return ARRAY, as_pixels(_as_array(picture), scale=white)


def check_many(pictures: object) -> Iterable[Any]:
    """Give what can be gone through picture by picture.

    Raises:
        UsageError: `one_for_many`: one picture was given, whose letters, bytes or rows would have
            been taken for pictures.
    """
    is_one = isinstance(pictures, str | os.PathLike | bytes | bytearray | memoryview | Image.Image)
    shape = getattr(pictures, "shape", None)
    if isinstance(shape, tuple):
        is_one = len(shape) < 3 or (len(shape) == 3 and shape[2] in (1, 3))
    if is_one or is_stream(pictures) or not isinstance(pictures, Iterable):
        raise UsageError("one_for_many", received=received(pictures))
    return pictures


def _as_array(picture: object) -> NDArray[Any]:
    """Read what is neither a file nor a Pillow image as one array.

    Raises:
        PictureError: `not_a_picture`, or `several_pictures` for a list of them.
    """
    if isinstance(picture, list | tuple) and any(map(_is_picture, picture)):
        raise PictureError("several_pictures", path="<list>", count=len(picture))
    try:
        levels = np.asarray(picture)
    except Exception as error:  # a ragged list, or a class whose own conversion fails
        raise PictureError("not_a_picture", path=ARRAY, received=received(picture)) from error
    if levels.dtype.kind in "OSUV" or levels.ndim == 0:
        raise PictureError("not_a_picture", path=ARRAY, received=received(picture))
    return levels


def _is_picture(one: object) -> bool:
    if isinstance(one, str | os.PathLike | bytes | Image.Image) or is_stream(one):
        return True
    return isinstance(one, np.ndarray) and one.ndim >= 2


def _content(name: str) -> bytes:
    try:
        return read_named(name or "\0")
    except PictureError as error:
        raise PictureError(error.code, **error.facts | {"path": printable(name)}) from None


def _from_bytes(content: bytes, name: str, settings: Prepare, *, whole: bool) -> NDArray[np.uint8]:
    try:
        wanted = None if whole else settings.wanted
        return decode(content, name=name, wanted=wanted, white=settings.deep_white).pixels
    except MemoryError as error:
        raise PictureError("no_memory", path=printable(name)) from error


def _from_pillow(image: Image.Image, name: str, white: int | None) -> NDArray[np.uint8]:
    try:
        image.load()
        upright = ImageOps.exif_transpose(image)
    except Exception as error:  # a file half read makes Pillow raise nearly anything
        raise PictureError("damaged", path=name, format=image.format or image.mode) from error
    if 0 in upright.size:
        raise PictureError("array_shape", path=name, received=str(upright.size[::-1]))
    return by_opacity(upright, to_pixels(upright, name, white=white))
