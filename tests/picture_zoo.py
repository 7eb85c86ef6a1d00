"""A zoo of odd and bad pictures, and of files that pass for pictures.

`write_picture_zoo(folder)` writes every kind once and says of each whether it can be used and, if
not, under which code it must be refused. `write_special_files(folder)` adds what is no file at all.
"""

import os
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

__all__ = ["ZooEntry", "photo", "write_picture_zoo", "write_special_files"]

Files = Iterator[tuple[str, str, bytes, str | None]]  # name, kind, content, code of the refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class ZooEntry:
    """One animal: its file name, what it is, and what must become of it."""

    name: str
    kind: str
    usable: bool
    code: str | None


def write_picture_zoo(folder: Path) -> list[ZooEntry]:
    """Write one file of every kind into `folder` (made if need be); names never clash."""
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for name, kind, content, code in _animals():
        if _write(folder / name, content):
            entries.append(ZooEntry(name=name, kind=kind, usable=code is None, code=code))
    return entries


def write_special_files(folder: Path) -> list[ZooEntry]:
    """Write what is no regular file: folder, pipe, links. All must be refused, none may block."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [("folder.jpg", "folder")]
    (folder / "folder.jpg").mkdir()
    if sys.platform != "win32":
        os.mkfifo(folder / "pipe.jpg")
        (folder / "broken-link.jpg").symlink_to("nowhere.jpg")
        (folder / "loop.jpg").symlink_to("loop.jpg")
        names += [("pipe.jpg", "pipe"), ("broken-link.jpg", "link"), ("loop.jpg", "link")]
    return [ZooEntry(name=n, kind=k, usable=False, code="not_a_file") for n, k in names]


def photo(width: int = 48, height: int = 32, *, seed: int = 0) -> Image.Image:
    """Draw a colourful picture, different in all four corners, with some noise."""
    rows, columns = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    colours = np.stack([columns, rows, 1 - columns * rows], axis=-1) * 200 + 20
    noise = np.random.default_rng(seed).integers(0, 30, colours.shape)
    return Image.fromarray((colours + noise).astype(np.uint8))


def _write(path: Path, content: bytes) -> bool:
    try:
        path.write_bytes(content)
    except (OSError, UnicodeEncodeError):  # a file system without such names
        return False
    return True


def _animals() -> Files:
    yield from _not_pictures()
    yield from _other_formats()
    yield from _cut_short()
    yield from _damaged()
    yield from _several_frames()
    yield from _modes()
    yield from _numbers()
    yield from _metadata()
    yield from _shapes()
    yield from _names()


def _not_pictures() -> Files:
    no = "not_an_image"
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.txt", "a")
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
    yield "empty.jpg", "empty file", b"", "empty_file"
    yield "eleven-bytes.jpg", "eleven bytes", b"hello world", no
    yield "text.jpg", "text named .jpg", b"This is not a picture.\n" * 20, no
    yield "page.jpg", "HTML named .jpg", b"<!DOCTYPE html><html><body>404</body></html>", no
    yield "paper.jpg", "PDF header", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(200), no
    yield "archive.png", "zip", archive.getvalue(), no
    yield "film.jpg", "MP4 header", b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(90), no
    yield "sound.gif", "WAV header", b"RIFF\x24\0\0\0WAVEfmt " + bytes(40), no
    yield "zeros.jpg", "zero bytes only", bytes(4096), no
    yield "noise.jpg", "random bytes", b"\x81" + np.random.default_rng(1).bytes(999), no
    yield "pointer.jpg", "git-lfs pointer", pointer, "placeholder"
    yield "Thumbs.db", "Windows thumbnails", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504), no
    yield ".DS_Store", "macOS folder view", b"\0\0\0\1Bud1\0\0\x10\0" + bytes(90), no
    yield "._x.jpg", "AppleDouble", b"\0\5\x16\7\0\2\0\0Mac OS X        " + bytes(90), no
    yield "pickle.png", "pickle", b"\x80\x04\x95\x0b\0\0\0\0\0\0\0\x8c\x07exploit\x94.", no


def _other_formats() -> Files:
    no = "format_not_allowed"
    svg = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
    yield "drawing.svg", "SVG", svg, no
    yield "icon.ico", "ICO", _saved(photo(16, 16), "ICO"), no
    yield "plain.ppm", "PPM", _saved(photo(), "PPM"), None
    yield "plain.pgm", "PGM", _saved(photo().convert("L"), "PPM"), None
    yield "plain.pbm", "PBM", _saved(photo().convert("1"), "PPM"), None
    yield "typed.pgm", "PGM as text", b"P2\n# typed\n2 1\n15\n0 15\n", None
    yield "grid.pam", "PAM", b"P7\nWIDTH 1\nHEIGHT 1\nDEPTH 1\nMAXVAL 255\nENDHDR\n\0", no
    yield "print.eps", "EPS", _saved(photo(), "EPS"), no
    yield "jp2.jp2", "JPEG 2000", b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14ftypjp2 " + bytes(40), no
    yield "phone.heic", "HEIC header", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(90), no
    yield "layers.psd", "PSD header", b"8BPS\0\1" + bytes(90), no


def _cut_short() -> Files:
    for kind, suffix in (
        *(("JPEG", "jpg"), ("PNG", "png"), ("GIF", "gif"), ("WEBP", "webp")),
        ("PPM", "ppm"),
    ):
        whole = _saved(photo(160, 120), kind)
        yield f"half.{suffix}", f"truncated {kind}", whole[: len(whole) // 2], "truncated"
    progressive = _saved(photo(160, 120), "JPEG", progressive=True)
    half = progressive[: len(progressive) // 2]
    yield "half-progressive.jpg", "truncated progressive", half, "truncated"
    bitmap = _saved(photo(160, 120), "BMP")
    yield "half.bmp", "truncated BMP", bitmap[: len(bitmap) // 2], "truncated"
    strips = _saved(photo(160, 120), "TIFF", compression="tiff_lzw")
    yield "half.tif", "truncated TIFF", _tiff_without_pixels(strips), "truncated"
    yield "header-only.jpg", "only a header", _saved(photo(), "JPEG")[:20], "truncated"
    yield "magic-only.png", "only the signature", b"\x89PNG\r\n\x1a\n", "truncated"


def _damaged() -> Files:
    whole = bytearray(_saved(photo(160, 120), "PNG"))
    whole[len(whole) // 2] ^= 0xFF
    yield "bad-crc.png", "bad checksum in a PNG", bytes(whole), "damaged"
    yield "bomb.png", "50,000 x 50,000 in its header", _png_bomb(), "too_many_pixels"
    text = _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(80_000_000)))
    yield "text-bomb.png", "80 MB of text in a PNG", _with_chunk(text), None
    flat = _saved(photo(), "JPEG")
    start = flat.index(b"\xff\xc0")
    deep = flat[: start + 4] + b"\x0c" + flat[start + 5 :]
    yield "twelve-bits.jpg", "12-bit JPEG", deep, "unsupported_variant"
    no_size = bytearray(_saved(photo(), "PNG"))
    no_size[16:24] = bytes(8)
    no_size[29:33] = struct.pack(">I", zlib.crc32(no_size[12:29]))
    yield "no-size.png", "0 x 0 PNG", bytes(no_size), "damaged"


def _several_frames() -> Files:
    more = [photo(seed=number) for number in (1, 2)]
    first = photo()
    yield "film.gif", "animated GIF", _saved(first, "GIF", save_all=True, append_images=more), None
    yield "film.png", "animated PNG", _saved(first, "PNG", save_all=True, append_images=more), None
    film = _saved(first, "WEBP", save_all=True, append_images=more)
    yield "film.webp", "animated WebP", film, None
    pages = _saved(first, "TIFF", save_all=True, append_images=more)
    yield "pages.tif", "multi-page TIFF", pages, None
    yield "cycle.tif", "TIFF whose pages go in a circle", _cyclic_tiff(), None
    stereo = _saved(first, "MPO", save_all=True, append_images=more)
    yield "stereo.mpo", "MPO", stereo, None
    yield "stereo.jpg", "MPO named .jpg", stereo, None


def _modes() -> Files:
    colours = photo()
    veil = Image.linear_gradient("L").resize(colours.size)
    glass = colours.copy()
    glass.putalpha(veil)
    palette = colours.quantize(16)
    yield "one-bit.png", "1 bit", _saved(colours.convert("1"), "PNG"), None
    yield "grey.png", "grey", _saved(colours.convert("L"), "PNG"), None
    yield "grey-glass.png", "grey and opacity", _saved(glass.convert("LA"), "PNG"), None
    yield "glass.png", "RGBA", _saved(glass, "PNG"), None
    yield "invisible.png", "fully transparent", _saved(Image.new("RGBA", (9, 7)), "PNG"), None
    yield "palette.png", "palette", _saved(palette, "PNG"), None
    yield (
        "palette-hole.png",
        "palette and one clear colour",
        _saved(palette, "PNG", transparency=3),
        None,
    )
    veils = bytes(range(0, 256, 16))
    yield (
        "palette-glass.png",
        "palette and opacities",
        _saved(palette, "PNG", transparency=veils),
        None,
    )
    yield (
        "clear-colour.png",
        "RGB and one clear colour",
        _saved(colours, "PNG", transparency=(20, 20, 220)),
        None,
    )
    yield "ink.jpg", "CMYK JPEG as Adobe writes it", _saved(colours.convert("CMYK"), "JPEG"), None
    yield "ycck.jpg", "YCCK JPEG", ycck_jpeg(colours), None
    yield "ink.tif", "CMYK TIFF", _saved(colours.convert("CMYK"), "TIFF"), None
    yield "lab.tif", "L*a*b* TIFF", _saved(lab(colours), "TIFF"), None
    video = _saved(colours.convert("YCbCr"), "TIFF", compression="jpeg")
    yield "video.tif", "YCbCr TIFF", video, None
    yield "progressive.jpg", "progressive JPEG", _saved(colours, "JPEG", progressive=True), None
    yield "lossless.webp", "lossless WebP", _saved(glass, "WEBP", lossless=True), None
    yield "plain.bmp", "BMP", _saved(colours, "BMP"), None


def _numbers() -> Files:
    ramp = np.linspace(0, 65535, 48 * 32).reshape(32, 48)
    deep = Image.fromarray(ramp.astype(np.uint16))
    floats = Image.fromarray((ramp / 65535).astype(np.float32))
    hole = (ramp / 65535).astype(np.float32)
    hole[3, 4] = np.nan
    yield "deep.png", "16-bit grey PNG", _saved(deep, "PNG"), None
    yield "deep.tif", "I;16 TIFF", _saved(deep, "TIFF"), None
    yield (
        "wide.tif",
        "32-bit whole numbers",
        _saved(Image.fromarray(ramp.astype(np.int32)), "TIFF"),
        None,
    )
    yield "float.tif", "float TIFF", _saved(floats, "TIFF"), None
    yield "nan.tif", "float with NaN", _saved(Image.fromarray(hole), "TIFF"), "nan_values"
    below = Image.fromarray((ramp / 65535 - 0.5).astype(np.float32))
    yield "below-zero.tif", "float below 0", _saved(below, "TIFF"), "unsupported_variant"


def _metadata() -> Files:
    for turn in (1, 2, 3, 4, 5, 6, 7, 8, 99):
        exif = Image.Exif()
        exif[0x0112] = turn
        kind = f"EXIF orientation {turn}"
        yield f"turn-{turn}.jpg", kind, _saved(photo(), "JPEG", exif=exif.tobytes()), None
    broken = b"Exif\0\0II*\0\xff\xff\xff\x7f" + b"\xa5" * 40
    yield "bad-exif.jpg", "broken EXIF", _saved(photo(), "JPEG", exif=broken), None
    profile = b"this is no colour profile"
    yield "bad-icc.jpg", "broken ICC profile", _saved(photo(), "JPEG", icc_profile=profile), None
    yield "bad-icc.png", "broken ICC profile", _saved(photo(), "PNG", icc_profile=profile), None
    trailing = _saved(photo(), "JPEG") + b"and then some" * 99
    yield "trailing.jpg", "data after the end", trailing, None
    yield "jpeg.png", "JPEG named .png", _saved(photo(), "JPEG"), None
    yield "gif.jpg", "GIF named .jpg", _saved(photo(), "GIF"), None
    yield "png.jpg", "PNG named .jpg", _saved(photo(), "PNG"), None
    yield "no-extension", "no extension", _saved(photo(), "PNG"), None


def _shapes() -> Files:
    for width, height in ((1, 1), (1, 500), (500, 1), (1, 20000)):
        size = f"{width}x{height}"
        yield f"size-{size}.png", f"{size} pixels", _saved(photo(width, height), "PNG"), None
    yield "constant.png", "one colour", _saved(Image.new("RGB", (40, 30), "teal"), "PNG"), None


def _names() -> Files:
    content = _saved(photo(), "PNG")
    names = {
        "accents": "été à Noël.png",
        "spaces": "  two  spaces .png",
        "emoji": "cat 🐈‍⬛.png",
        "newline": "two\nlines.png",
        "tab and quotes": "a\t\"b\" 'c'.png",
        "leading dash": "-rf.png",
        "markup": "<b>bold&amp;.png",
        "formula": "=1+1.png",
        "braces": "{path}%s.png",
        "terminal escape": "\x1b[31mred.png",
        "not UTF-8": os.fsdecode(b"caf\xe9.png"),
        "very long": "l" * 250 + ".png",
        "upper-case extension": "SHOUT.PNG",
    }
    for kind, name in names.items():
        yield name, f"name with {kind}", content, None


def ycck_jpeg(colours: Image.Image) -> bytes:
    """Write the four planes that a YCCK decoder turns into `colours`, and mark them so."""
    stored = 255 - np.asarray(colours.convert("CMYK")).astype(np.uint8)  # Adobe inverts
    luma = Image.fromarray(255 - stored[:, :, :3]).convert("YCbCr")
    planes = np.dstack([np.asarray(luma), stored[:, :, 3]])
    content = bytearray(_saved(Image.fromarray(255 - planes, "CMYK"), "JPEG", quality=95))
    content[content.index(b"Adobe") + 11] = 2
    return bytes(content)


def lab(colours: Image.Image) -> Image.Image:
    """Convert to CIE L*a*b*."""
    from PIL import ImageCms

    profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    return ImageCms.profileToProfile(colours, *profiles, outputMode="LAB")


def _saved(image: Image.Image, kind: str, **settings: object) -> bytes:
    file = BytesIO()
    image.save(file, kind, **settings)
    return file.getvalue()


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def _with_chunk(chunk: bytes) -> bytes:
    whole = _saved(photo(), "PNG")
    return whole[:33] + chunk + whole[33:]


def _png_bomb() -> bytes:
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(6251) * 200)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", rows)
        + _chunk(b"IEND", b"")
    )


def _tiff_without_pixels(whole: bytes) -> bytes:
    """Shorten a TIFF to its directory: Pillow writes it first, the pixels after."""
    return whole[: len(whole) // 2]


def _cyclic_tiff() -> bytes:
    whole = bytearray(_saved(photo(), "TIFF"))
    (directory,) = struct.unpack_from("<I", whole, 4)
    (entries,) = struct.unpack_from("<H", whole, directory)
    struct.pack_into("<I", whole, directory + 2 + 12 * entries, directory)
    return bytes(whole)
