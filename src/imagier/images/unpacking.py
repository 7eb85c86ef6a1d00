"""Unpacks the first frame of a picture file with Pillow, within limits of memory and of time.

What a file asks for stands in its header, and is judged there:

- memory: what its pixels take while they are unpacked and prepared, against the memory that all
  threads share for that (`decoding_memory`);
- parts: how many segments, chunks or strips it is cut into (`file_parts`);
- time: how often a progressive JPEG passes over its pixels. A file that is slow for another reason
  is given up after `MAX_SECONDS` of this thread's own time, between two blocks of 64 kB.
"""

import hashlib
import math
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import IO, cast

from PIL import (  # each plugin registers its format; loading these seven spares Pillow's forty
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from imagier.errors import PictureError
from imagier.forks import in_forked_child
from imagier.images.decoding_memory import PIXELS
from imagier.images.file_parts import check_parts, end_of_header
from imagier.images.jpeg_end import END, is_whole, lacks_end
from imagier.images.png_chunks import picture_chunks
from imagier.images.spliced_file import SplicedFile

__all__ = ["MAX_SCANNED_PIXELS", "MAX_SCANS", "MAX_SECONDS", "unpack", "without_warnings"]

MAX_SECONDS = 6.0
MAX_SCANS = 200  # those who write progressive JPEGs make about ten
MAX_SCANNED_PIXELS = 3 * 10**9  # pixels times scans

# Bytes a pixel, measured: the unpacked picture, its levels, and what `prepare` makes of them.
_BYTES = 8.5
_MORE_BYTES = {"WEBP": 20.0, "TIFF": 20.0, "PNM": 20.0}  # canvases; strips; lists of numbers
_LONGEST_JUMP = 2 * 255  # bytes, of rows left empty in a BMP that counts equal pixels
_COEFFICIENT_BYTES = 2  # a channel and pixel, kept by a JPEG of several scans whatever its draft

_OPENERS = {
    "JPEG": JpegImagePlugin.jpeg_factory,
    "PNG": PngImagePlugin.PngImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "PNM": PpmImagePlugin.PpmImageFile,
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
    file, is_cut = _opened(content, kind, path, notes)
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
    if is_cut:
        _check_whole(content, image, path)
        notes.append("no_end_mark")
    if kind == "TIFF":
        with without_warnings():  # its tags are read once more
            image.load()
        width, height = image.size  # turned already
    image.load()
    if kind == "PNG":
        with without_warnings():  # its metadata may follow the pixels
            turn = _orientation(image, notes)
    return image, turn, (height, width) if turn < 5 else (width, height), notes


def _opened(content: bytes, kind: str, path: str, notes: list[str]) -> tuple[IO[bytes], bool]:
    """Give the file as Pillow is to see it, and whether it is a JPEG that lacks its end mark."""
    if kind == "PNG":
        pieces, is_broken = picture_chunks(content)
        notes += ["broken_metadata"] if is_broken else []
        return cast(IO[bytes], _TimedPieces(pieces, path)), False
    if kind == "JPEG" and lacks_end(content):
        pieces = [memoryview(content), memoryview(END)]
        return cast(IO[bytes], _TimedPieces(pieces, path)), True
    return _TimedFile(content, path), False


def _check_whole(content: bytes, image: Image.Image, path: str) -> None:
    """Refuse a JPEG without its end mark that lacks more than that."""
    if not is_whole(content, end_of_header(content), len(image.getbands()), _hash_of(path)):
        raise PictureError("truncated", path=path, format="JPEG")


class _TimedFile(BytesIO):
    """A file that is no longer read once its picture has taken too long to unpack."""

    def __init__(self, content: bytes, path: str) -> None:
        super().__init__(content)
        self._check_time = _time_limit(path)

    def read(self, size: int | None = -1, /) -> bytes:
        self._check_time()
        return super().read(size)


class _TimedPieces(SplicedFile):
    """The same of a file in pieces."""

    def __init__(self, pieces: Sequence[memoryview], path: str) -> None:
        super().__init__(pieces)
        self._check_time = _time_limit(path)

    def read(self, size: int | None = -1, /) -> bytes:
        self._check_time()
        return super().read(size)


def _time_limit(path: str) -> Callable[[], None]:
    end = time.thread_time() + MAX_SECONDS

    def check() -> None:
        if time.thread_time() > end:
            raise PictureError("too_slow", path=path, seconds=round(MAX_SECONDS))

    return check


def _hash_of(path: str) -> Callable[[list[memoryview]], bytes]:
    """Give a function that unpacks a JPEG in pieces and names its pixels by their hash."""

    def unpacked(pieces: list[memoryview]) -> bytes:
        with without_warnings():
            image = JpegImagePlugin.JpegImageFile(cast(IO[bytes], _TimedPieces(pieces, path)), "")
        image.load()
        digest = hashlib.sha256()
        for top in range(0, image.height, 256):
            digest.update(image.crop((0, top, image.width, min(image.height, top + 256))).tobytes())
        return digest.digest()

    return unpacked


def _renew_quiet() -> None:
    global _quiet  # noqa: PLW0603 - it may be held by a thread that a forked child has not
    _quiet = threading.Lock()


in_forked_child(_renew_quiet)


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
