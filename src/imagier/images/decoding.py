"""From the bytes of a file to its pixels: the only door by which pictures enter.

The size is read in the header and judged before anything is unpacked, so that a small file that
would fill the memory is refused at once. A file is decoded whole or refused: a truncated photo
never comes out half grey. The EXIF orientation is applied, so that an upright photo is upright.
"""

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray
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
from imagier.files import printable
from imagier.images.formats import SUFFIXES, recognise
from imagier.images.modes import opacity_of, to_pixels

__all__ = ["MAX_PIXELS", "Picture", "decode"]

MAX_PIXELS = 120_000_000

_OPENERS = {
    "JPEG": JpegImagePlugin.jpeg_factory,
    "PNG": PngImagePlugin.PngImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
}
_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_RARE = ("cannot handle", "unsupported", "unknown")
_quiet = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A decoded picture.

    Attributes:
        pixels: Levels from 0 to 255, (H, W, C), C being 1 (grey) or 3 (red, green, blue).
        format: One of `FORMATS`, told by the content.
        size: Height and width that the file holds, upright; the pixels may be fewer.
        notes: Codes of what was odd but harmless: `several_frames` (the first is taken),
            `extension_mismatch`, `broken_metadata` (ignored), `constant_picture`. Their sentences
            stand in the catalogues under `images.note.CODE`.
        opacity: How opaque each pixel is, 0 to 255, (H, W); only where it was asked for and the
            file knows transparency. The pixels are laid on white all the same.
    """

    pixels: NDArray[np.uint8]
    format: str
    size: tuple[int, int]
    notes: tuple[str, ...] = ()
    opacity: NDArray[np.uint8] | None = None


def decode(
    content: bytes, *, name: str, wanted: tuple[int, int] | None = None, opacity: bool = False
) -> Picture:
    """Decode a picture file.

    Args:
        content: The whole file.
        name: Its name, for errors and for the note on its extension.
        wanted: Height and width that are to be kept at least. A large JPEG is then decoded at a
            half, a quarter or an eighth of its size, as long as neither side falls below.
        opacity: Whether to keep how opaque each pixel is.

    Raises:
        PictureError: `empty_file`, `not_an_image`, `format_not_allowed`, `placeholder`,
            `truncated`, `damaged`, `too_many_pixels`, `nan_values` or `unsupported_variant`.

    >>> from io import BytesIO
    >>> from PIL import Image
    >>> file = BytesIO()
    >>> Image.new("RGBA", (3, 2), (255, 0, 0, 0)).save(file, "PNG")
    >>> picture = decode(file.getvalue(), name="glass.jpg")
    >>> picture.pixels.shape, int(picture.pixels[0, 0, 0]), picture.notes
    ((2, 3, 3), 255, ('extension_mismatch', 'constant_picture'))
    """
    path = printable(name)
    kind = recognise(content, path)
    try:
        image, size, notes = _open(content, kind, path, wanted)
        pixels = to_pixels(image, path)
        opaque = opacity_of(image) if opacity else None
    except (PictureError, MemoryError):
        raise
    except Exception as error:  # hostile bytes make Pillow raise nearly anything
        code = _diagnose(content, kind, error)
        raise PictureError(code, path=path, format=kind, variant=kind) from error
    if SUFFIXES.get(PurePath(name).suffix.lower(), kind) != kind:
        notes.append("extension_mismatch")
    if _is_constant(pixels):
        notes.append("constant_picture")
    return Picture(pixels=pixels, format=kind, size=size, notes=tuple(notes), opacity=opaque)


def _open(
    content: bytes, kind: str, path: str, wanted: tuple[int, int] | None
) -> tuple[Image.Image, tuple[int, int], list[str]]:
    """Judge the header, then unpack the first frame upright; give its whole size too."""
    notes: list[str] = []
    turn = 1
    with _silence():
        image = cast(ImageFile.ImageFile, _OPENERS[kind](BytesIO(content), ""))
        _check_size(image, path)
        width, height = image.size
        if getattr(image, "is_animated", False):
            notes.append("several_frames")
        if kind in ("JPEG", "WEBP"):
            turn = _orientation(image, notes)
        if wanted and kind == "JPEG":
            rows, columns = wanted if turn < 5 else wanted[::-1]
            image.draft(None, (columns, rows))
        if kind == "TIFF":
            image.load()  # Pillow turns these itself, and may warn about their tags
    image.load()
    if kind == "PNG":
        with _silence():  # its metadata may follow the pixels
            turn = _orientation(image, notes)
    if kind == "TIFF":
        width, height = image.size  # turned already
    size = (height, width) if turn < 5 else (width, height)
    return image.transpose(_UPRIGHT[turn]) if turn in _UPRIGHT else image, size, notes


@contextmanager
def _silence() -> Iterator[None]:
    """Hide Pillow's warnings; one thread at a time, since Python's filters are shared."""
    with _quiet, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _check_size(image: Image.Image, path: str) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise PictureError(
            "too_many_pixels", path=path, width=width, height=height, limit=MAX_PIXELS
        )


def _orientation(image: Image.Image, notes: list[str]) -> int:
    try:
        turn = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - broken metadata raises nearly anything and spoils no pixel
        notes.append("broken_metadata")
        return 1
    return turn if turn in _UPRIGHT else 1


def _diagnose(content: bytes, kind: str, error: Exception) -> str:
    """Tell a file that stops too soon from a rare one and from one that is wrong inside."""
    reason = str(error).lower()
    if isinstance(error, EOFError) or "truncated" in reason or _ends_early(content, kind):
        return "truncated"
    rare = isinstance(error, NotImplementedError) or reason.startswith(_RARE)
    return "unsupported_variant" if rare else "damaged"


def _ends_early(content: bytes, kind: str) -> bool:
    match kind:
        case "PNG":
            return b"IEND" not in content[-64:]
        case "JPEG":
            return b"\xff\xd9" not in content[-4096:]
        case "GIF":
            return not content.rstrip(b"\0").endswith(b";")
        case "WEBP":
            return len(content) < int.from_bytes(content[4:8], "little") + 8
        case "TIFF":
            order: Literal["little", "big"] = "little" if content[:2] == b"II" else "big"
            return len(content) <= int.from_bytes(content[4:8], order)
    return False


def _is_constant(pixels: NDArray[np.uint8]) -> bool:
    first = pixels[0, 0]
    return bool((pixels[::16, ::16] == first).all() and (pixels == first).all())
