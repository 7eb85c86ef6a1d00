"""From the bytes of a file to its pixels: the only door by which pictures enter.

What a file asks for is judged in its header (`unpacking`). A file is decoded whole or refused: a
truncated photo never comes out half grey. The EXIF orientation is applied, so that an upright photo
is upright.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from imagier.errors import PictureError
from imagier.files import printable
from imagier.images.decoding_memory import one_picture
from imagier.images.formats import SUFFIXES, recognise
from imagier.images.modes import by_opacity, opacity_of, peak_of, to_pixels
from imagier.images.unpacking import unpack

__all__ = ["Picture", "decode"]

_Array = NDArray[Any]
_UPRIGHT: dict[int, Callable[[_Array], _Array]] = {  # by EXIF orientation, of rows and columns
    2: lambda levels: levels[:, ::-1],
    3: lambda levels: levels[::-1, ::-1],
    4: lambda levels: levels[::-1],
    5: lambda levels: levels.swapaxes(0, 1),
    6: lambda levels: levels.swapaxes(0, 1)[:, ::-1],
    7: lambda levels: levels.swapaxes(0, 1)[::-1, ::-1],
    8: lambda levels: levels.swapaxes(0, 1)[::-1],
}
_RARE = ("cannot handle", "unsupported", "unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A decoded picture.

    Attributes:
        pixels: Levels from 0 to 255, (H, W, C), C being 1 (grey) or 3 (red, green, blue).
        format: One of `FORMATS`, told by the content.
        size: Height and width that the file holds, upright; the pixels may be fewer.
        notes: Codes of what was odd but harmless: `several_frames` (the first is taken),
            `extension_mismatch`, `broken_metadata` (ignored), `no_end_mark`, `beyond_white`,
            `constant_picture`. Their sentences stand in the catalogues under `images.note.CODE`.
        opacity: How opaque each pixel is, 0 to 255, (H, W); only where it was asked for and the
            file knows transparency. The pixels are laid on white all the same.
        peak: The highest number in a grey picture of more than 8 bits whose format does not say
            which number is white, as a float where the picture holds floats; None for others.
    """

    pixels: NDArray[np.uint8]
    format: str
    size: tuple[int, int]
    notes: tuple[str, ...] = ()
    opacity: NDArray[np.uint8] | None = None
    peak: float | None = None


def decode(
    content: bytes,
    *,
    name: str,
    wanted: tuple[int, int] | None = None,
    opacity: bool = False,
    most: int | None = None,
    white: int | None = None,
) -> Picture:
    """Decode a picture file.

    Args:
        content: The whole file.
        name: Its name, for errors and for the note on its extension.
        wanted: Height and width that are to be kept at least. A large JPEG is then decoded at a
            half, a quarter or an eighth of its size, as long as neither side falls below.
        opacity: Whether to keep how opaque each pixel is.
        most: How many pixels whoever asks can do with; None for as many as memory is for.
        white: The number that is white in pictures that have a `peak`; None for the rule of
            `modes`, by this picture alone.

    Raises:
        PictureError: `empty_file`, `not_an_image`, `format_not_allowed`, `placeholder`,
            `truncated`, `damaged`, `too_many_parts`, `too_many_pixels`, `too_many_scans`,
            `too_slow`, `nan_values` or `unsupported_variant`.

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
    with one_picture():
        try:
            image, turn, size, notes = unpack(content, kind, path, wanted, most)
            peak = peak_of(image, path)
            pixels = to_pixels(image, path, white=white, peak=peak)
            opaque = opacity_of(image) if opacity else None
            if not opacity:
                pixels = by_opacity(image, pixels)
        except (PictureError, MemoryError):
            raise
        except Exception as error:  # hostile bytes make Pillow raise nearly anything
            code = _diagnose(content, kind, error)
            raise PictureError(code, path=path, format=kind, variant=kind) from error
        del image
        pixels = _upright(pixels, turn)
        opaque = None if opaque is None else _upright(opaque, turn)
    if SUFFIXES.get(PurePath(name).suffix.lower(), kind) != kind:
        notes.append("extension_mismatch")
    if peak is not None and white is not None and peak > white:
        notes.append("beyond_white")
    if _is_constant(pixels):
        notes.append("constant_picture")
    return Picture(
        pixels=pixels, format=kind, size=size, notes=tuple(notes), opacity=opaque, peak=peak
    )


def _upright(levels: NDArray[np.uint8], turn: int) -> NDArray[np.uint8]:
    return np.ascontiguousarray(_UPRIGHT[turn](levels)) if turn in _UPRIGHT else levels


def _diagnose(content: bytes, kind: str, error: Exception) -> str:
    """Tell a file that stops too soon from a rare one and from one that is wrong inside."""
    reason = str(error).lower()
    is_short = "truncated" in reason or "not enough image data" in reason
    if isinstance(error, EOFError) or is_short or _ends_early(content, kind):
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
