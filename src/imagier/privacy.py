"""What a picture file tells besides its pixels, taken out without touching one of them.

A phone writes into each photo where and when it was taken, with which camera, often a small copy of
what was there before it was cropped, and programs add notes. `strip` copies the pieces of a file
that its pixels need, bit by bit, and leaves the others out: the picture is not decoded, so it loses
nothing. One number stays: which side is up, without which a photo would lie on its side.

What stays: pixels, colour profile, transparency, the frames of a moving picture. What goes: EXIF
(place, time, camera, thumbnail), XMP, IPTC, comments and texts, unknown pieces, and whatever stands
behind the end of the picture.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from imagier.errors import PictureError
from imagier.files import printable
from imagier.images import decode
from imagier.images.formats import recognise

__all__ = ["STRIPPED_FORMATS", "Stripped", "strip"]

STRIPPED_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")

_GPS, _ORIENTATION = 0x8825, 0x0112
_EXIF, _XMP = b"Exif\0\0", b"http://ns.adobe.com/"
_PNG_KEPT = {
    *(b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT"),
    *(b"bKGD", b"pHYs", b"cICP", b"acTL", b"fcTL", b"fdAT"),
}
_PNG_NAMES = {b"eXIf": "EXIF", b"tEXt": "text", b"zTXt": "text", b"iTXt": "text", b"tIME": "time"}
_WEBP_KEPT = {b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"}
_WEBP_NAMES = {b"EXIF": "EXIF", b"XMP ": "XMP"}
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stripped:
    """A file without what it need not tell.

    Attributes:
        content: The file.
        removed: What was taken out, each kind once: `EXIF`, `GPS`, `XMP`, `IPTC`, `comment`,
            `text`, `time`, `thumbnail`, `other`, `trailing`.
    """

    content: bytes
    removed: tuple[str, ...]


def strip(content: bytes, *, name: str) -> Stripped:
    """Take out of a picture file what its pixels do not need.

    Args:
        content: The whole file.
        name: Its name, for errors.

    Raises:
        PictureError: As `decode` tells; `strip_format` for TIFF, in which pixels and notes are
            woven together.

    >>> from PIL import Image
    >>> file = BytesIO()
    >>> Image.new("L", (8, 8)).save(file, "JPEG", comment=b"for Marie")
    >>> strip(file.getvalue(), name="a.jpg").removed
    ('comment',)
    """
    path = printable(name)
    kind = recognise(content, path)
    if kind not in STRIPPED_FORMATS:
        allowed = ", ".join(STRIPPED_FORMATS)
        raise PictureError("strip_format", path=path, format=kind, allowed=allowed)
    before = decode(content, name=name)  # a file that cannot be read is not half copied
    turn = _orientation(content, kind)
    removed: dict[str, None] = {}
    try:
        pieces = list(_WALKS[kind](content, turn, removed))
    except (struct.error, IndexError) as error:
        raise PictureError("damaged", path=path, format=kind) from error
    made = _finished(kind, pieces)
    if "EXIF" in removed and _has_gps(content, kind):
        removed["GPS"] = None
    after = decode(made, name=name)
    if after.pixels.shape != before.pixels.shape or (after.pixels != before.pixels).any():
        raise PictureError("damaged", path=path, format=kind)
    return Stripped(content=made, removed=tuple(removed))


def _finished(kind: str, pieces: list[bytes]) -> bytes:
    body = b"".join(pieces)
    if kind != "WEBP":
        return body
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _jpeg(content: bytes, turn: int, removed: dict[str, None]) -> Iterator[bytes]:
    """Walk over the segments; between them stand the compressed pixels, up to the end mark."""
    yield content[:2]
    if turn != 1:
        exif = _EXIF + _exif_of(turn)
        yield b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    place = 2
    while content[place : place + 2] != b"\xff\xd9":
        if content[place] != 0xFF:
            raise IndexError
        mark = content[place + 1]
        if mark == 0xFF:
            place += 1
            continue
        end = place + 2 + struct.unpack_from(">H", content, place + 2)[0]
        body = content[place + 4 : end]
        if mark == 0xDA:
            end = _end_of_scan(content, end)
            yield content[place:end]
        elif kind := _jpeg_note(mark, body):
            if body != _EXIF + _exif_of(turn):
                removed[kind] = None
        else:
            yield content[place:end]
        place = end
    yield b"\xff\xd9"
    if content[place + 2 :]:
        removed["trailing"] = None


def _jpeg_note(mark: int, body: bytes) -> str:
    """Name what a segment tells besides the pixels; nothing for what they need."""
    if mark == 0xFE:
        return "comment"
    if mark == 0xE1:
        return "EXIF" if body.startswith(_EXIF) else "XMP" if body.startswith(_XMP) else "other"
    if mark == 0xED:
        return "IPTC"
    if mark == 0xE0:
        return "" if body.startswith(b"JFIF\0") and body[12:14] == b"\0\0" else "thumbnail"
    is_needed = mark == 0xEE or (mark == 0xE2 and body.startswith(b"ICC_PROFILE\0"))
    return "other" if 0xE0 <= mark <= 0xEF and not is_needed else ""


def _end_of_scan(content: bytes, place: int) -> int:
    """Find the next mark that is neither a filled-up FF nor a restart."""
    while True:
        place = content.find(b"\xff", place)
        if place < 0 or place + 1 >= len(content):
            raise IndexError
        if content[place + 1] not in (0x00, *range(0xD0, 0xD8)):
            return place
        place += 2


def _png(content: bytes, turn: int, removed: dict[str, None]) -> Iterator[bytes]:
    yield content[:8]
    place = 8
    while True:
        length, kind = struct.unpack_from(">I4s", content, place)
        end = place + 12 + length
        if kind in _PNG_KEPT:
            yield content[place:end]
        elif content[place + 8 : end - 4] != _exif_of(turn):
            removed[_PNG_NAMES.get(kind, "other")] = None
        if kind == b"IHDR" and turn != 1:
            yield _png_chunk(b"eXIf", _exif_of(turn))
        place = end
        if kind == b"IEND":
            break
    if content[place:]:
        removed["trailing"] = None


def _png_chunk(kind: bytes, body: bytes) -> bytes:
    import zlib

    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _webp(content: bytes, turn: int, removed: dict[str, None]) -> Iterator[bytes]:
    size = 8 + struct.unpack_from("<I", content, 4)[0]
    place, notes = 12, 0x08 | 0x04  # the flags that announce EXIF and XMP
    while place + 8 <= size:
        kind, length = struct.unpack_from("<4sI", content, place)
        end = place + 8 + length + (length & 1)
        if kind == b"VP8X":
            flags = content[place + 8] & ~notes | (0x08 if turn != 1 else 0)
            yield content[place : place + 8] + bytes([flags]) + content[place + 9 : end]
        elif kind in _WEBP_KEPT:
            yield content[place:end]
        elif content[place + 8 : place + 8 + length] != _exif_of(turn):
            removed[_WEBP_NAMES.get(kind, "other")] = None
        place = end
    if turn != 1:
        exif = _exif_of(turn)
        yield b"EXIF" + struct.pack("<I", len(exif)) + exif + bytes(len(exif) & 1)
    if content[size + (size & 1) :]:
        removed["trailing"] = None


def _gif(content: bytes, _: int, removed: dict[str, None]) -> Iterator[bytes]:
    flags = content[10]
    place = 13 + (3 << ((flags & 7) + 1) if flags & 0x80 else 0)
    yield content[:place]
    while content[place] != 0x3B:
        start, mark = place, content[place]
        if mark == 0x2C:  # a frame
            flags = content[place + 9]
            place = _after_blocks(
                content, place + 11 + (3 << ((flags & 7) + 1) if flags & 0x80 else 0)
            )
            yield content[start:place]
            continue
        if mark != 0x21:
            raise IndexError
        place = _after_blocks(content, start + 2)
        label = content[start + 1]
        if label == 0xF9 or (label == 0xFF and content[start + 3 : start + 14] in _LOOPS):
            yield content[start:place]
        else:
            is_xmp = content[start + 3 : start + 11] == b"XMP Data"
            removed["comment" if label == 0xFE else "XMP" if is_xmp else "other"] = None
    yield b"\x3b"
    if content[place + 1 :].strip(b"\0"):
        removed["trailing"] = None


def _after_blocks(content: bytes, place: int) -> int:
    while content[place]:
        place += 1 + content[place]
    return place + 1


def _bmp(content: bytes, _: int, removed: dict[str, None]) -> Iterator[bytes]:
    size = struct.unpack_from("<I", content, 2)[0]
    start = struct.unpack_from("<I", content, 10)[0]
    end = size if start < size < len(content) else len(content)
    yield content[:end]
    if content[end:]:
        removed["trailing"] = None


def _exif_of(turn: int) -> bytes:
    """Write EXIF that holds the orientation and nothing else."""
    return struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, _ORIENTATION, 3, 1, turn, 0, 0)


def _orientation(content: bytes, kind: str) -> int:
    from PIL import Image

    try:
        with Image.open(BytesIO(content), formats=[kind]) as image:
            turn = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - broken metadata raises nearly anything and turns nothing
        return 1
    return turn if isinstance(turn, int) and 1 <= turn <= 8 else 1


def _has_gps(content: bytes, kind: str) -> bool:
    from PIL import Image

    try:
        with Image.open(BytesIO(content), formats=[kind]) as image:
            return bool(image.getexif().get_ifd(_GPS))
    except Exception:  # noqa: BLE001 - broken metadata raises nearly anything
        return False


_WALKS = {"JPEG": _jpeg, "PNG": _png, "WEBP": _webp, "GIF": _gif, "BMP": _bmp}
