"""Unpacks the first frame of a picture file with Pillow, within limits of memory and of time.

What a file asks for stands in its header, and is judged there:

- memory: what its pixels take while they are unpacked and prepared, against the memory that all
  threads share for that (`decoding_memory`);
- parts: how many segments, chunks or strips it is cut into (`file_parts`);
- time: how often a progressive JPEG passes over its pixels. A file that is slow for another reason
  is given up after `MAX_SECONDS` of this thread's own time, between two blocks of 64 kB.
"""

import math
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import cast

from PIL import (  # each plugin registers its format; loading these six spares Pillow's forty
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from imagier.errors import PictureError
from imagier.images.decoding_memory import PIXELS
from imagier.images.file_parts import check_parts, end_of_header

__all__ = ["MAX_SCANNED_PIXELS", "MAX_SCANS", "MAX_SECONDS", "unpack", "without_warnings"]

MAX_SECONDS = 6.0
MAX_SCANS = 200  # those who write progressive JPEGs make about ten
MAX_SCANNED_PIXELS = 3 * 10**9  # pixels times scans

# Bytes a pixel, measured: the unpacked picture, its levels, and what `prepare` makes of them.
_BYTES = 8.5
_MORE_BYTES = {"WEBP": 20.0, "TIFF": 20.0}  # three canvases; a strip of many wide samples
_LONGEST_JUMP = 2 * 255  # bytes, of rows left empty in a BMP that counts equal pixels
_COEFFICIENT_BYTES = 2  # a channel and pixel, kept by a JPEG of several scans whatever its draft

_OPENERS = {
    "JPEG": JpegImagePlugin.jpeg_factory,
    "PNG": PngImagePlugin.PngImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
}
_ORIENTATION = 0x0112
_START_OF_SCAN = b"\xff\xda"
_quiet = threading.Lock()


def unpack(
    content: bytes, kind: str, path: str, wanted: tuple[int, int] | None, most: int | None = None
) -> tuple[Image.Image, int, tuple[int, int], list[str]]:
    """Judge the header, then unpack the first frame.

    Args:
        content: The whole file.
        kind: Its format.
        path: Its name, printable, for errors.
        wanted: Height and width to keep at least, where a JPEG may be unpacked smaller.
        most: How many pixels whoever asks can do with; None for as many as memory is for.

    Returns:
        The frame as it lies in the file, its EXIF orientation (1 to 8), the height and width that
        the file holds, upright, and the codes of what was odd.

    Raises:
        PictureError: `too_many_parts`, `too_many_pixels`, `too_many_scans` or `too_slow`. What else
            Pillow raises passes through.
    """
    notes: list[str] = []
    turn = 1
    check_parts(content, kind, path)
    file = _TimedFile(content, path)
    if kind == "WEBP":  # its canvases are made when it is opened
        _take(int(math.prod(_webp_size(content)) * _MORE_BYTES[kind]), _webp_size(content), path)
    with without_warnings():
        image = cast(ImageFile.ImageFile, _OPENERS[kind](file, ""))
        width, height = image.size
        if most is not None and width * height > most:
            raise PictureError("too_many_pixels", path=path, width=width, height=height, limit=most)
        if getattr(image, "is_animated", False):
            notes.append("several_frames")
        if kind in ("JPEG", "WEBP"):
            turn = _orientation(image, notes)
        is_kept = _check_scans(image, content, path)
        if wanted and kind == "JPEG":
            rows, columns = wanted if turn < 5 else wanted[::-1]
            image.draft(None, (columns, rows))
    if kind != "WEBP":
        _take(_memory(image, kind, (width, height), is_kept=is_kept), (width, height), path)
    if kind == "TIFF":
        with without_warnings():  # its tags are read once more
            image.load()
        width, height = image.size  # turned already
    image.load()
    if kind == "PNG":
        with without_warnings():  # its metadata may follow the pixels
            turn = _orientation(image, notes)
    return image, turn, (height, width) if turn < 5 else (width, height), notes


class _TimedFile(BytesIO):
    """A file that is no longer read once its picture has taken too long to unpack."""

    def __init__(self, content: bytes, path: str) -> None:
        super().__init__(content)
        self._path = path
        self._end = time.thread_time() + MAX_SECONDS

    def read(self, size: int | None = -1, /) -> bytes:
        if time.thread_time() > self._end:
            raise PictureError("too_slow", path=self._path, seconds=round(MAX_SECONDS))
        return super().read(size)


@contextmanager
def without_warnings() -> Iterator[None]:
    """Hide Pillow's warnings; one thread at a time, since Python's filters are shared."""
    with _quiet, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _check_scans(image: Image.Image, content: bytes, path: str) -> bool:
    """Refuse a JPEG of too many scans; tell whether it has several, which keep coefficients."""
    if image.format != "JPEG":
        return False
    scans = content.count(_START_OF_SCAN, end_of_header(content))
    if scans > min(MAX_SCANS, MAX_SCANNED_PIXELS / (image.width * image.height)):
        raise PictureError("too_many_scans", path=path, scans=scans)
    return scans > 1 or "progression" in image.info


def _memory(image: ImageFile.ImageFile, kind: str, whole: tuple[int, int], *, is_kept: bool) -> int:
    """Tell the bytes that unpacking and preparing take."""
    unpacked = image.width * image.height
    needed = unpacked * _MORE_BYTES.get(kind, _BYTES)
    if any(tile.codec_name == "bmp_rle" for tile in image.tile):
        needed += _LONGEST_JUMP * image.width
    if is_kept:
        kept = whole[0] * whole[1] * len(image.getbands()) * _COEFFICIENT_BYTES
        needed = max(needed, kept + unpacked * 4)
    return int(needed)


def _take(needed: int, size: tuple[int, int], path: str) -> None:
    """Wait for memory; refuse a picture that needs more than all threads have."""
    if needed > PIXELS.most:
        limit = size[0] * size[1] * PIXELS.most // needed
        raise PictureError("too_many_pixels", path=path, width=size[0], height=size[1], limit=limit)
    PIXELS.take(needed)


def _webp_size(content: bytes) -> tuple[int, int]:
    r"""Read width and height of a WebP's canvas; none where its header is cut.

    >>> _webp_size(b"RIFF....WEBPVP8L....\x2f\xff\xff\xff\x0f")
    (16384, 16384)
    """
    head = content[12:30].ljust(18, b"\0")
    if head[:4] == b"VP8X":
        width, height = (1 + int.from_bytes(head[at : at + 3], "little") for at in (12, 15))
    elif head[:4] == b"VP8L":
        bits = int.from_bytes(head[9:13], "little")
        width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    else:
        width, height = (int.from_bytes(head[at : at + 2], "little") & 0x3FFF for at in (14, 16))
    return width, height


def _orientation(image: Image.Image, notes: list[str]) -> int:
    try:
        turn = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - broken metadata raises nearly anything and spoils no pixel
        notes.append("broken_metadata")
        return 1
    return turn if isinstance(turn, int) and 1 <= turn <= 8 else 1
