"""Hostile pictures: small files that ask for much memory, much time, or a reader's mistake.

`PICTURES` gives each by the file name it bears, which says what it is; a function writes its bytes.
Those of `PICTURES_TAKEN` are odd rather than wrong: a reader may also show them.
"""

import struct
import zlib
from collections.abc import Callable
from functools import partial

from tests.safety.picture_bytes import (
    LARGE,
    animated_webp,
    apng,
    big_tiff,
    bmp,
    cyclic_exif,
    entry,
    exif_segments,
    frame,
    frames_tiff,
    gif,
    gif_frame,
    jpeg,
    lzw_zeros,
    many_strips,
    many_tags,
    mpo,
    overlapping_exif,
    pixel,
    png,
    png_of,
    progressive,
    saved,
    scan,
    segment,
    small_jpeg,
    strip,
    swollen,
    tiled,
    vp8l,
    zeros,
)

__all__ = ["PICTURES", "PICTURES_TAKEN"]

FAR_NAN = struct.pack("<f", float("nan")) * 16
TEXT = b"Comment\0\0" + swollen(64 << 20)

PICTURES: dict[str, Callable[[], bytes]] = {
    "progressive, 3,000 scans of 8,000².jpg": partial(progressive, 8000, 3000),
    "progressive, 600 scans of 10,000².jpg": partial(progressive, 10_000, 600, colours=3),
    "progressive, 100,000 scans of 64².jpg": partial(progressive, 64, 100_000),
    "arithmetic.jpg": lambda: jpeg(frame(8000, 8000, marker=0xC9), scan()),
    "arithmetic and progressive.jpg": lambda: jpeg(frame(8000, 8000, marker=0xCA), scan(last=0)),
    "twelve bits.jpg": lambda: jpeg(frame(8000, 8000, depth=12), scan()),
    "lossless.jpg": lambda: jpeg(frame(LARGE, LARGE, marker=0xC3), scan(first=1, last=0)),
    "119 megapixels, no data.jpg": lambda: jpeg(frame(LARGE, LARGE), scan()),
    "119 megapixels in colour.jpg": partial(saved, "RGB", LARGE, "JPEG", quality=1),
    "119 megapixels of CMYK.jpg": partial(saved, "CMYK", LARGE, "JPEG", quality=1),
    "65,535 × 65,535.jpg": lambda: jpeg(frame(65_535, 65_535), scan()),
    "1 × 65,535, no data.jpg": lambda: jpeg(frame(1, 65_535), scan()),
    "255 colours.jpg": lambda: jpeg(frame(800, 800, colours=255), scan()),
    "no size.jpg": lambda: jpeg(frame(0, 0), scan()),
    "no scan.jpg": lambda: jpeg(frame(8000, 8000)),
    "4 million segments.jpg": lambda: small_jpeg(segment(0xEF) * 4_000_000),
    "500,000 EXIF segments.jpg": lambda: small_jpeg(segment(0xE1, b"Exif\0\0MM") * 500_000),
    "300,000 ICC segments.jpg": lambda: small_jpeg(segment(0xE2, b"ICC_PROFILE\0\1\1") * 300_000),
    "a million resources.jpg": lambda: small_jpeg(
        segment(0xED, b"Photoshop 3.0\0" + b"8BIM\4\4\0\0\0\0\0\0" * 5000) * 200
    ),
    "EXIF of 42 GB.jpg": overlapping_exif,
    "EXIF that goes round.jpg": cyclic_exif,
    "EXIF of 4 billion numbers.jpg": lambda: small_jpeg(
        *exif_segments([entry(0x0112, 5, 2**29, 8), entry(0x8769, 7, 2**32 - 1, 8)])
    ),
    "4 billion pictures.jpg": partial(mpo, 2**32 - 1),
    "10,000 pictures.jpg": partial(mpo, 10_000),
    "50,000² of 1 bit.png": lambda: png(
        (50_000, 50_000), [(b"IDAT", zeros(6251 * 50_000))], depth=1
    ),
    "2 billion squared.png": lambda: png((2**31 - 1, 2**31 - 1), [(b"IDAT", b"")]),
    "119 megapixels of 1 bit.png": partial(png_of, LARGE, mode="1"),
    "119 megapixels in grey.png": partial(png_of, LARGE, mode="L"),
    "119 megapixels in colour.png": partial(png_of, LARGE, mode="RGB"),
    "119 megapixels with a palette.png": partial(png_of, LARGE, mode="P"),
    "119 megapixels of grey glass.png": partial(png_of, LARGE, mode="LA"),
    "119 megapixels of glass.png": partial(png_of, LARGE, mode="RGBA"),
    "119 megapixels of 16 bits.png": partial(png_of, LARGE, mode="I;16"),
    "119 megapixels of 16-bit glass.png": partial(png_of, LARGE, mode="RGBA;16"),
    "interlaced.png": lambda: png((LARGE, LARGE), [(b"IDAT", zeros(130_000_000))], interlaced=True),
    "zTXt of 64 MB.png": lambda: pixel((b"zTXt", TEXT)),
    "60 texts of 64 MB.png": lambda: pixel(*[(b"zTXt", TEXT)] * 60),
    "iTXt of 64 MB.png": lambda: pixel((b"iTXt", b"XML\0\1\0\0\0" + swollen(64 << 20))),
    "iCCP of 64 MB.png": lambda: pixel((b"iCCP", TEXT)),
    "text after the pixels.png": lambda: pixel(after=[(b"zTXt", TEXT)] * 10),
    "a chunk of 2 GB.png": lambda: pixel()[:-12] + struct.pack(">I", 2**31 - 1) + b"tEXtabc",
    "2 million chunks.png": lambda: pixel(*[(b"abCd", b"")] * 2_000_000),
    "2 million empty texts.png": lambda: pixel(*[(b"tEXt", b"a\0")] * 2_000_000),
    "a million pieces of pixels.png": lambda: png(
        (1, 1), [*[(b"IDAT", b"")] * 1_000_000, (b"IDAT", zlib.compress(bytes(2)))]
    ),
    "EXIF of a million bytes.png": lambda: pixel(
        (b"eXIf", b"".join(exif_segments([entry(n, 7, 700_000, 8) for n in range(5000)]))[10:])
    ),
    "12,000 frames.png": partial(apng, 12_000),
    "2 billion frames.png": lambda: pixel((b"acTL", struct.pack(">II", 2**31 - 1, 0))),
    "36 bytes of 16,383².webp": partial(vp8l, 16_383, 16_383),
    "119 megapixels.webp": partial(vp8l, LARGE, LARGE),
    "12,000 frames.webp": partial(animated_webp, 1, 12_000),
    "12,000 frames on 119 megapixels.webp": partial(animated_webp, LARGE, 12_000),
    "a frame on 65,535².webp": partial(animated_webp, 65_535, 1),
    "a frame on 16,384².webp": partial(animated_webp, 16_384, 1),
    "12,000 frames.gif": lambda: gif((1, 1), [gif_frame(1, 1)] * 12_000),
    "a pixel on 65,535².gif": lambda: gif((65_535, 65_535), [gif_frame(1, 1)]),
    "a pixel on 119 megapixels.gif": lambda: gif((LARGE, LARGE), [gif_frame(1, 1)] * 2),
    "a frame beyond its screen.gif": lambda: gif((1, 1), [gif_frame(60_000, 60_000)]),
    "a second frame beyond.gif": lambda: gif((1, 1), [gif_frame(1, 1), gif_frame(65_000, 65_000)]),
    "a comment of 20 MB.gif": lambda: gif(
        (1, 1), [gif_frame(1, 1)], extra=b"!\xfe" + b"\1a" * 10_000_000 + b"\0"
    ),
    "2 million extensions.gif": lambda: gif(
        (1, 1), [gif_frame(1, 1)], extra=b"!\xff\x0bNETSCAPE2.0\0" * 2_000_000
    ),
    "rows that end early.bmp": lambda: bmp(LARGE, LARGE, b"\1\0\0\0" * LARGE, packed=1),
    "one row of 119 million.bmp": lambda: bmp(118_000_000, 1, b"\1\0\0\0", packed=1),
    "a jump of 30 GB.bmp": lambda: bmp(118_000_000, 1, b"\0\2\0\xff" * 9, packed=1),
    "2 million squared.bmp": lambda: bmp(2**31 - 1, 2**31 - 1, b"", bits=24),
    "a negative height.bmp": lambda: bmp(100, -(2**31), b"", bits=24),
    "pixels far away.bmp": lambda: bmp(10, 10, b"")[:10] + b"\xff" * 4 + bytes(60),
    "a header of 4 GB.bmp": lambda: bmp(1, 1, b"")[:14] + b"\xff" * 44,
    "119 megapixels, 43 runs a row.bmp": lambda: bmp(
        LARGE, LARGE, (b"\xff\0" * (LARGE // 255) + b"\xbe\0\0\0") * LARGE, packed=1
    ),
    "a directory that goes round.tif": partial(frames_tiff, 3, cyclic=True),
    "50,000 frames.tif": partial(frames_tiff, 50_000),
    "64,000 tags of 700 kB.tif": partial(many_tags, 64_000, 700_000),
    "a tile of 4 GB.tif": partial(tiled, 1000, 65_536),
    "a tile of 2^60 bytes.tif": partial(tiled, 1000, 2**30),
    "a million strips.tif": partial(many_strips, 100, 1_000_000),
    "119 megapixels of one strip.tif": partial(many_strips, LARGE, LARGE),
    "119 megapixels of decimals.tif": lambda: strip(
        LARGE, LARGE, zeros(4 * LARGE**2), bits=32, packed=8, kind=3
    ),
    "119 megapixels of integers.tif": lambda: strip(
        LARGE, LARGE, zeros(4 * LARGE**2), bits=32, packed=8, kind=2
    ),
    "119 megapixels by deflate.tif": lambda: strip(LARGE, LARGE, zeros(LARGE**2), packed=8),
    "119 megapixels by LZW.tif": lambda: strip(LARGE, LARGE, lzw_zeros(LARGE**2), packed=5),
    "119 megapixels by JPEG.tif": lambda: strip(
        LARGE, LARGE, saved("L", LARGE, "JPEG", quality=1), packed=7
    ),
    "a JPEG of another size.tif": lambda: strip(
        64, 64, jpeg(frame(65_000, 65_000), scan()), packed=7
    ),
    "119 megapixels by fax.tif": lambda: strip(LARGE, LARGE, b"\xff" * 2000, bits=1, packed=4),
    "119 megapixels of CMYK.tif": partial(saved, "CMYK", LARGE, "TIFF", compression="tiff_lzw"),
    "Lab of 119 megapixels.tif": partial(saved, "LAB", LARGE, "TIFF", compression="tiff_lzw"),
    "65,535 samples a pixel.tif": lambda: strip(1000, 1000, bytes(99), samples=65_535),
    "not a number.tif": lambda: strip(4, 4, FAR_NAN, bits=32, kind=3),
    "a directory at 2^63.tif": partial(big_tiff, 2**63),
    "a directory at its own head.tif": partial(big_tiff, 0),
}

ODD = (
    *("frames", "EXIF", "segments", "resources", "texts", "chunks", "119 megapixels", "strips"),
    *("zTXt", "iTXt", "iCCP", "comment", "extensions", "goes round", "pieces", "after the"),
    *("pictures", "scans", "arithmetic", "interlaced", "lossless", "tags", "rows that end"),
    *("one row", "a jump", "beyond", "36 bytes", "a chunk"),
)
PICTURES_TAKEN = {name for name in PICTURES if any(word in name for word in ODD)}
