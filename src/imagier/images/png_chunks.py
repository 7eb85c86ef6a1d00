"""The chunks of a PNG that make its pixels; texts, profiles and the like stay out.

Whoever writes a workflow of megabytes, a profile or a wrong checksum beside a picture has not
spoilt the picture. What decides its pixels, its orientation and its number of frames is kept.

Source: PNG (W3C, third edition), sections 5 and 11.
"""

import zlib

__all__ = ["MOST_EXIF", "picture_chunks"]

MOST_EXIF = 1 << 20  # bytes
_SIGNATURE = 8
_PIXELS = frozenset(
    (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"acTL", b"fcTL", b"fdAT")
)  # the last three are those of a moving PNG
_SIZES = {b"acTL": 8, b"fcTL": 26}  # of another size, or with nothing in it, one says nothing
_END = b"\0\0\0\0IEND\xaeB`\x82"


def picture_chunks(content: bytes) -> tuple[list[memoryview], bool]:
    r"""Give the pieces of a PNG that make the picture, in order, and whether EXIF was left out.

    Nothing is copied. What follows a chunk that is longer than the file is given as it is: that
    the file is cut is found out by whoever unpacks it.

    >>> start = b"\x89PNG\r\n\x1a\n"
    >>> pieces, _ = picture_chunks(start + b"\0\0\0\1tEXtx1234" + _END)
    >>> b"".join(pieces) == start + _END
    True
    """
    view, at, start = memoryview(content), _SIGNATURE, 0
    pieces: list[memoryview] = []
    is_broken = False
    while at + 12 <= len(content):
        end = at + 12 + int.from_bytes(content[at : at + 4], "big")
        name = content[at + 4 : at + 8]
        if end > len(content):
            return [*pieces, view[start:]], is_broken
        if name == b"IEND":
            break
        size = end - at - 12
        is_kept = name[:1].isupper() or (name in _PIXELS and size == _SIZES.get(name, size or None))
        if name == b"eXIf":
            is_kept = end - at <= MOST_EXIF and _is_right(view[at:end])
            is_broken |= not is_kept
        if not is_kept:
            pieces.append(view[start:at])
            start = end
        at = end
    return [*pieces, view[start:at], memoryview(_END)], is_broken


def _is_right(chunk: memoryview) -> bool:
    return zlib.crc32(chunk[4:-4]) == int.from_bytes(chunk[-4:], "big")
