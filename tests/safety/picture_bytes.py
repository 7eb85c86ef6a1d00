"""Bytes of pictures that say what their writer wants: six formats by hand."""

import io
import struct
import zlib
from collections.abc import Iterable

from PIL import Image

__all__ = [
    "DATA",
    "LARGE",
    "animated_webp",
    "apng",
    "big_tiff",
    "bmp",
    "cyclic_exif",
    "entry",
    "exif_segments",
    "frame",
    "frames_tiff",
    "gif",
    "gif_frame",
    "jpeg",
    "lzw_zeros",
    "many_strips",
    "many_tags",
    "mpo",
    "overlapping_exif",
    "pixel",
    "png",
    "png_of",
    "progressive",
    "riff",
    "saved",
    "scan",
    "segment",
    "small_jpeg",
    "strip",
    "swollen",
    "tiff",
    "tiled",
    "vp8l",
    "webp",
    "zeros",
]

LARGE = 10_900  # squared it is 119 megapixels, a little less than what is decoded at most


def png_of(side: int, *, mode: str = "RGB") -> bytes:
    """Write a PNG of one colour, a thousand times smaller than its pixels."""
    depth, colour, channels = {
        "1": (1, 0, 1),
        "L": (8, 0, 1),
        "P": (8, 3, 1),
        "RGB": (8, 2, 3),
        "LA": (8, 4, 2),
        "RGBA": (8, 6, 4),
        "I;16": (16, 0, 2),
        "RGBA;16": (16, 6, 8),
    }[mode]
    row = bytes(1 + (-(-side // 8) if depth == 1 else side * channels))
    packer = zlib.compressobj(9)
    content = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    palette = [(b"PLTE", bytes(range(6))), (b"tRNS", b"\x80\xff")] if mode == "P" else []
    return png((side, side), [*palette, (b"IDAT", content)], depth=depth, colour=colour)


def png(
    size: tuple[int, int],
    chunks: Iterable[tuple[bytes, bytes]],
    *,
    depth: int = 8,
    colour: int = 0,
    interlaced: bool = False,
) -> bytes:
    """Write a PNG of these chunks between its header and its end."""
    header = struct.pack(">IIBBBBB", *size, depth, colour, 0, 0, interlaced)
    pieces = [b"\x89PNG\r\n\x1a\n"]
    for name, content in [(b"IHDR", header), *chunks, (b"IEND", b"")]:
        pieces += [struct.pack(">I", len(content)), name, content]
        pieces.append(struct.pack(">I", zlib.crc32(name + content)))
    return b"".join(pieces)


def pixel(*before: tuple[bytes, bytes], after: Iterable[tuple[bytes, bytes]] = ()) -> bytes:
    """Write a PNG of one grey pixel with chunks before and after it."""
    return png((1, 1), [*before, (b"IDAT", zlib.compress(bytes(2))), *after])


def swollen(size: int) -> bytes:
    """Compress so many letters a thousand times."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(b"a" * 2**20) for _ in range(size >> 20)) + packer.flush()


def segment(marker: int, content: bytes = b"") -> bytes:
    """Write one segment of a JPEG."""
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def frame(
    width: int, height: int, *, marker: int = 0xC0, depth: int = 8, colours: int = 1
) -> bytes:
    """Write the segment of a JPEG that says its size."""
    parts = b"".join(bytes([number + 1, 0x11, 0]) for number in range(colours))
    return segment(marker, struct.pack(">BHHB", depth, height, width, colours) + parts)


def scan(colour: int = 1, *, first: int = 0, last: int = 63, content: bytes = b"") -> bytes:
    """Write a scan of one colour."""
    return segment(0xDA, bytes([1, colour, 0, first, last, 0])) + content


START, END = b"\xff\xd8", b"\xff\xd9"
QUANTA = segment(0xDB, bytes(1) + b"\1" * 64)
# one code of one bit in each table: nothing changes (0), or a run of 16,384 empty blocks (0xe0)
CODES = segment(0xC4, b"\0\1" + bytes(15) + b"\0") + segment(0xC4, b"\x10\1" + bytes(15) + b"\xe0")


def jpeg(*segments: bytes) -> bytes:
    """Write a JPEG of these segments."""
    return b"".join([START, QUANTA, CODES, *segments, END])


def small_jpeg(*segments: bytes) -> bytes:
    """Write a sound JPEG of 16 × 16 pixels with segments in front."""
    file = io.BytesIO()
    Image.new("RGB", (16, 16), (200, 30, 90)).save(file, "JPEG")
    return START + b"".join(segments) + file.getvalue()[2:]


def progressive(side: int, scans: int, *, colours: int = 1) -> bytes:
    """Write a progressive JPEG of scans that change nothing, each over the whole picture."""
    runs = -(-((side // 8) ** 2) // 16384)
    empty = b"\x00" * (-(-runs * 15 // 8) + 1)  # a code of one bit and 14 bits more, each time
    each = [scan(1 + n % colours, first=1, content=empty) for n in range(scans)]
    return jpeg(frame(side, side, marker=0xC2, colours=colours), *each)


def exif_segments(
    entries: list[bytes], *, tail: bytes = b"", order: bytes = b"MM\0*"
) -> list[bytes]:
    """Write an EXIF directory as segments of a JPEG, however long it is."""
    directory = order + struct.pack(">IH", 8, len(entries)) + b"".join(entries) + bytes(4) + tail
    pieces = [directory[place : place + 65_000] for place in range(0, len(directory), 65_000)]
    return [segment(0xE1, b"Exif\0\0" + piece) for piece in pieces]


def entry(tag: int, kind: int, count: int, value: int) -> bytes:
    """Write one entry of a directory, most significant byte first."""
    return struct.pack(">HHII", tag, kind, count, value)


def overlapping_exif() -> bytes:
    """Let 60,000 entries all hold the same megabyte."""
    entries = [entry(tag, 7, 700_000, 8) for tag in range(60_000)]
    return small_jpeg(*exif_segments(entries))


def cyclic_exif() -> bytes:
    """Let each directory of an EXIF name the first one as the next."""
    entries = [entry(tag, 4, 1, 8) for tag in (0x0112, 0x8769, 0x8825, 0xA005, 0x014A)]
    return small_jpeg(*exif_segments(entries))


def mpo(count: int) -> bytes:
    """Write a JPEG that says it holds so many pictures."""
    directory = b"MM\0*" + struct.pack(">IH", 8, 3)
    directory += entry(0xB000, 7, 4, 0x30313030) + entry(0xB001, 4, 1, count)
    directory += entry(0xB002, 7, 16 * min(count, 4), 50) + bytes(4) + bytes(16 * 4)
    return small_jpeg(segment(0xE2, b"MPF\0" + directory))


def vp8l(width: int, height: int) -> bytes:
    """Write a lossless WEBP of one colour: five codes without bits are all it takes."""
    bits = f"{width - 1:014b}"[::-1] + f"{height - 1:014b}"[::-1] + "0" + "000" + "000"
    bits += "1000" * 5  # a code of one symbol, and that is 0
    number = int(bits[::-1], 2)
    content = b"\x2f" + number.to_bytes(-(-len(bits) // 8) + 1, "little")
    return webp([(b"VP8L", content)])


def webp(chunks: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Write a WEBP of these chunks."""
    body = b"WEBP" + b"".join(riff(name, content) for name, content in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def riff(name: bytes, content: bytes) -> bytes:
    """Write one chunk of a WEBP."""
    return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


def animated_webp(canvas: int, frames: int) -> bytes:
    """Write an animated WEBP of frames of one pixel on a canvas of any size."""
    sides = struct.pack("<I", canvas - 1)[:3] * 2
    one = riff(b"VP8L", vp8l(1, 1)[20:])
    body = (b"ANMF", bytes(6) + bytes(6) + b"\x0a\0\0\0" + one)
    return webp([(b"VP8X", b"\x12\0\0\0" + sides), (b"ANIM", bytes(6)), *[body] * frames])


def gif(size: tuple[int, int], frames: Iterable[bytes], *, extra: bytes = b"") -> bytes:
    """Write a GIF of these frames."""
    header = b"GIF89a" + struct.pack("<HHBBB", *size, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return header + extra + b"".join(frames) + b";"


def gif_frame(width: int, height: int, *, left: int = 0, content: bytes = b"\x02\x44\x01") -> bytes:
    """Write one frame of a GIF."""
    image = b"," + struct.pack("<HHHHB", left, 0, width, height, 0) + b"\2"
    return image + bytes([len(content)]) + content + b"\0"


def bmp(width: int, height: int, content: bytes, *, bits: int = 8, packed: int = 0) -> bytes:
    """Write a BMP."""
    colours = bytes(4 << bits) if bits <= 8 else b""
    start = 14 + 40 + len(colours)
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, packed, len(content), 1, 1, 0, 0)
    head = b"BM" + struct.pack("<IHHI", start + len(content), 0, 0, start)
    return head + info + colours + content


def tiff(
    entries: dict[int, tuple[int, int, int]], data: bytes = b"", *, following: int = 0
) -> bytes:
    """Write a TIFF of one directory; 0 as a place means the data, which follow the directory.

    Args:
        entries: Kind, count and value by tag.
        data: What follows.
        following: Where the next directory is.
    """
    start = 8 + 2 + 12 * len(entries) + 4
    lines = b"".join(
        struct.pack("<HHII", tag, kind, count, value if value >= 0 else start - value - 1)
        for tag, (kind, count, value) in sorted(entries.items())
    )
    head = b"II*\0" + struct.pack("<IH", 8, len(entries))
    return head + lines + struct.pack("<I", following) + data


DATA = -1  # the place where the data of a TIFF begin; -1 - n is n bytes further


def strip(
    width: int,
    height: int,
    data: bytes,
    *,
    bits: int = 8,
    samples: int = 1,
    packed: int = 1,
    kind: int = 1,
    **more: tuple[int, int, int],
) -> bytes:
    """Write a TIFF of one strip."""
    entries = {
        256: (4, 1, width),
        257: (4, 1, height),
        258: (3, 1, bits),
        259: (3, 1, packed),
        262: (3, 1, {1: 1, 3: 2, 4: 5}.get(samples, 1)),
        273: (4, 1, DATA),
        277: (3, 1, samples),
        278: (4, 1, height),
        279: (4, 1, len(data)),
        339: (3, 1, kind),
    }
    extra = {int(tag[1:]): value for tag, value in more.items()}
    return tiff({**entries, **extra}, data)


def zeros(size: int) -> bytes:
    """Compress so many zeros a thousand times."""
    packer = zlib.compressobj(9)
    block = bytes(2**20)
    pieces = [packer.compress(block) for _ in range(size >> 20)]
    return b"".join([*pieces, packer.compress(bytes(size & 0xFFFFF)), packer.flush()])


def lzw_zeros(size: int) -> bytes:
    """Write zeros as TIFF's LZW does, its table cleared whenever it is full."""
    bits, done, width = [], 0, 9
    while done < size:
        bits.append(f"{256:0{width}b}")
        width, codes = 9, 258
        bits.append(f"{0:09b}")
        done, longest = done + 1, 1
        while codes < 4093 and done < size:
            bits.append(f"{codes:0{width}b}")
            longest += 1
            done += longest
            codes += 1
            width = 10 if codes == 511 else 11 if codes == 1023 else 12 if codes == 2047 else width
    bits.append(f"{257:0{width}b}")
    text = "".join(bits)
    return int(text + "0" * (-len(text) % 8), 2).to_bytes(-(-len(text) // 8), "big")


def tiled(side: int, tile: int, *, packed: int = 8) -> bytes:
    """Write a TIFF of one tile, as large as one likes."""
    data = zlib.compress(bytes(1000))
    entries = {
        256: (4, 1, side),
        257: (4, 1, side),
        258: (3, 1, 8),
        259: (3, 1, packed),
        262: (3, 1, 1),
        277: (3, 1, 1),
        322: (4, 1, tile),
        323: (4, 1, tile),
        324: (4, 1, DATA),
        325: (4, 1, len(data)),
    }
    return tiff(entries, data)


def many_strips(width: int, height: int, *, bits: int = 8) -> bytes:
    """Write a TIFF of which all the strips are the same few bytes."""
    row = bytes(width * bits // 8)
    size = 4 * height
    places = struct.pack("<I", 8 + 2 + 12 * 9 + 4 + 2 * size) * height
    counts = struct.pack("<I", len(row)) * height
    entries = {
        256: (4, 1, width),
        257: (4, 1, height),
        258: (3, 1, bits),
        259: (3, 1, 1),
        262: (3, 1, 1),
        273: (4, height, DATA),
        277: (3, 1, 1),
        278: (4, 1, 1),
        279: (4, height, DATA - size),
    }
    return tiff(entries, places + counts + row)


def many_tags(count: int, size: int) -> bytes:
    """Write a TIFF of very many tags that all hold the same bytes."""
    entries = {
        256: (4, 1, 1),
        257: (4, 1, 1),
        258: (3, 1, 8),
        259: (3, 1, 1),
        262: (3, 1, 1),
        273: (4, 1, 8),
        277: (3, 1, 1),
        278: (4, 1, 1),
        279: (4, 1, 1),
    }
    more = dict.fromkeys(range(1000, 1000 + count), (7, size, 8))
    return tiff({**entries, **more}, bytes(max(0, size - 12 * count)))


def frames_tiff(count: int, *, cyclic: bool = False) -> bytes:
    """Write a TIFF of so many directories, the last of which may lead to the first."""
    size = 2 + 12 * 8 + 4
    pieces = [b"II*\0" + struct.pack("<I", 8)]
    for number in range(count):
        following = 8 + size * (number + 1) if number + 1 < count else 8 if cyclic else 0
        sides = [(256, 4, 1), (257, 4, 1), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8)]
        lines = [struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in sides]
        lines += [struct.pack("<HHII", tag, 4, 1, 1) for tag in (278, 279)]
        pieces.append(struct.pack("<H", 8) + b"".join(lines) + struct.pack("<I", following))
    return b"".join(pieces)


def big_tiff(offset: int) -> bytes:
    """Write a TIFF of 64 bits whose directory is far away."""
    return b"II+\0" + struct.pack("<HHQ", 8, 0, offset) + bytes(40)


def apng(frames: int) -> bytes:
    """Write an animated PNG of so many frames of one pixel."""
    control = struct.pack(">IIIIIHHBB", 0, 1, 1, 0, 0, 1, 10, 0, 0)
    data = zlib.compress(bytes(2))
    each = [
        chunk
        for number in range(1, frames)
        for chunk in (
            (b"fcTL", struct.pack(">I", 2 * number - 1) + control[4:]),
            (b"fdAT", struct.pack(">I", 2 * number) + data),
        )
    ]
    animation = (b"acTL", struct.pack(">II", frames, 0))
    return png((1, 1), [animation, (b"fcTL", control), (b"IDAT", data), *each])


def saved(mode: str, side: int, form: str, **settings: object) -> bytes:
    """Let Pillow write a picture of one colour."""
    file = io.BytesIO()
    Image.new(mode, (side, side)).save(file, form, **settings)
    return file.getvalue()
