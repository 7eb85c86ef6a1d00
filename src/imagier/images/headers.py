"""What the header of a picture file says: format, size, and whether it tells where it was taken.

Nothing is decoded. Of EXIF, the notes that cameras and telephones write into a picture, it is only
said whether there are any and whether a position (GPS) is among them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import islice

from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
)

from imagier.errors import PictureError
from imagier.images.file_parts import check_parts
from imagier.images.formats import recognise
from imagier.images.unpacking import without_warnings

__all__ = ["PictureHeader", "read_header"]

MOST_METADATA = 1 << 20  # bytes of EXIF that are read; cameras write some thousand
_MOST_CHUNKS = 64
_ORIENTATION, _GPS = 0x0112, 0x8825
_TIFF_NOTES = (_GPS, 0x8769, 0x010F, 0x0110)  # its other tags say how the pixels are written
_OPENERS: dict[str, Callable[[BytesIO, str], ImageFile.ImageFile]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "PNM": PpmImagePlugin.PpmImageFile,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureHeader:
    """What the header of a file says.

    Attributes:
        format: One of `FORMATS`, told by the content.
        height: Of the upright picture.
        width: Likewise.
        bytes: Of the whole file.
        has_exif: Whether a camera or a program left notes in it.
        has_position: Whether the notes hold a position.
    """

    format: str
    height: int
    width: int
    bytes: int
    has_exif: bool
    has_position: bool


def read_header(content: bytes) -> PictureHeader | None:
    """Read the header of a picture file; None where it has none that can be read.

    >>> file = BytesIO()
    >>> Image.new("L", (3, 2)).save(file, "PNG")
    >>> header = read_header(file.getvalue())
    >>> header.format, header.height, header.width, header.has_exif
    ('PNG', 2, 3, False)
    """
    try:
        kind = recognise(content, "")
        if kind == "WEBP":
            size, exif = _webp(content)
        else:
            check_parts(content, kind, "")
            with without_warnings():
                image = _OPENERS[kind](BytesIO(content), "")
                size, exif = image.size, _notes(image)
    except PictureError:
        return None
    except Exception:  # noqa: BLE001 - hostile bytes make Pillow raise nearly anything
        return None
    width, height = size
    if exif.get(_ORIENTATION, 1) in (5, 6, 7, 8):
        width, height = height, width
    return PictureHeader(
        format=kind,
        height=height,
        width=width,
        bytes=len(content),
        has_exif=any(tag in exif for tag in _TIFF_NOTES) if kind == "TIFF" else len(exif) > 0,
        has_position=_has_position(exif),
    )


def _notes(image: Image.Image) -> Image.Exif:
    """Give the EXIF of a picture, none where it is too long."""
    if len(image.info.get("exif", b"")) > MOST_METADATA:
        return Image.Exif()
    return image.getexif()


def _has_position(exif: Image.Exif) -> bool:
    try:
        with without_warnings():
            return bool(exif.get_ifd(_GPS)) or bool(exif.get(_GPS))
    except Exception:  # noqa: BLE001 - as above; a position that cannot be read is one all the same
        return _GPS in exif


def _webp(content: bytes) -> tuple[tuple[int, int], Image.Exif]:
    """Read the chunks of a WebP, whose canvases would be made if it were opened."""
    exif, width, height = Image.Exif(), 0, 0
    for name, data in islice(_chunks(content), _MOST_CHUNKS):
        if name == b"VP8X":
            width, height = (1 + int.from_bytes(data[at : at + 3], "little") for at in (4, 7))
        elif name == b"VP8L" and not width:
            bits = int.from_bytes(data[1:5], "little")
            width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        elif name == b"VP8 " and not width:
            sides = [int.from_bytes(data[at : at + 2], "little") & 0x3FFF for at in (6, 8)]
            width, height = sides
        elif name == b"EXIF" and len(data) <= MOST_METADATA:
            with without_warnings():
                exif.load(data)
    return (width, height), exif


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(content):
        length = int.from_bytes(content[at + 4 : at + 8], "little")
        yield content[at : at + 4], content[at + 8 : at + 8 + length]
        at += 8 + length + length % 2
