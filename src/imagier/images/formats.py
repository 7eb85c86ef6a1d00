"""What a file is, told by its first bytes: never by its name.

Seven formats are opened. Other picture formats are named so that the user can convert them; what is
no picture at all is named too, because "holiday.jpg is a web page" is the whole answer.
"""

from imagier.errors import PictureError
from imagier.i18n import t

__all__ = ["FORMATS", "SUFFIXES", "recognise"]

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PNM")

SUFFIXES = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".jpe": "JPEG",
    ".jfif": "JPEG",
    ".mpo": "JPEG",
    ".png": "PNG",
    ".apng": "PNG",
    ".webp": "WEBP",
    ".gif": "GIF",
    ".bmp": "BMP",
    ".dib": "BMP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".pbm": "PNM",
    ".pgm": "PNM",
    ".ppm": "PNM",
    ".pnm": "PNM",
}

_OPENED = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    *((b"P%d%c" % (number, space), "PNM") for number in range(1, 7) for space in b" \t\r\n#"),
)
_OTHER_PICTURES = (
    (b"\0\0\1\0", "ICO"),
    (b"\0\0\2\0", "CUR"),
    (b"%!PS", "EPS"),
    (b"\xc5\xd0\xd3\xc6", "EPS"),
    (b"8BPS", "PSD"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\xff\x0a", "JPEG XL"),
    (b"SIMPLE  =", "FITS"),
    (b"icns", "ICNS"),
    (b"DDS ", "DDS"),
    (b"qoif", "QOI"),
    (b"AT&TFORM", "DjVu"),
    (b"v/1\x01", "OpenEXR"),
    (b"#?RADIANCE", "Radiance HDR"),
    (b"gimp xcf", "XCF"),
    (b"P7\n", "PAM"),
    (b"PF\n", "PFM"),
    (b"Pf\n", "PFM"),
)
_OTHER_FILES = (
    (b"%PDF", "PDF"),
    (b"PK\3\4", "ZIP"),
    (b"PK\5\6", "ZIP"),
    (b"\x1f\x8b", "GZIP"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!", "RAR"),
    (b"\x1aE\xdf\xa3", "Matroska/WebM"),
    (b"ID3", "MP3"),
    (b"\0\5\x16\7", "AppleDouble (._)"),
    (b"\0\0\0\1Bud1", ".DS_Store"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "OLE (Thumbs.db)"),
    (b"SQLite format 3", "SQLite"),
    (b"\x93NUMPY", "NumPy"),
    (b"\x7fELF", "ELF"),
    (b"MZ", "EXE"),
)
_HEIF = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"}
_AVIF = {b"avif", b"avis"}
_LFS = b"version https://git-lfs.github.com/spec/"


def recognise(content: bytes, path: str) -> str:
    """Tell which of `FORMATS` a file is.

    Args:
        content: The whole file.
        path: Its name, printable, for the error.

    Raises:
        PictureError: `empty_file`, `placeholder`, `format_not_allowed` or `not_an_image`.
    """
    if not content:
        raise PictureError("empty_file", path=path)
    if content.startswith(_LFS):
        raise PictureError("placeholder", path=path)
    found = _starting(content, _OPENED) or _container(content)
    if found in FORMATS:
        return found
    picture = found or _starting(content, _OTHER_PICTURES) or _markup_picture(content)
    if picture:
        raise PictureError(
            "format_not_allowed", path=path, format=picture, allowed=", ".join(FORMATS)
        )
    raise PictureError("not_an_image", path=path, found=_describe(content))


def _starting(content: bytes, signatures: tuple[tuple[bytes, str], ...]) -> str:
    return next((name for magic, name in signatures if content.startswith(magic)), "")


def _container(content: bytes) -> str:
    """Name the picture formats whose signature stands after a length."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    if content[4:8] != b"ftyp":
        return ""
    brand = content[8:12]
    return "HEIF" if brand in _HEIF else "AVIF" if brand in _AVIF else ""


def _markup_picture(content: bytes) -> str:
    head = content[:2048].lower()
    return "SVG" if b"<svg" in head and head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else ""


def _describe(content: bytes) -> str:
    name = _starting(content, _OTHER_FILES)
    if content[4:8] == b"ftyp":
        name = "MP4"
    elif content[:4] == b"RIFF":
        name = content[8:12].decode("ascii", "replace").strip() or "RIFF"
    if name:
        return t("images.found.file", kind=name)
    return _describe_text(content)


def _describe_text(content: bytes) -> str:
    head = content[:2048]
    if not any(head):
        return t("images.found.zeros")
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return t("images.found.file", kind="HTML")
    if all(byte >= 32 or byte in b"\t\r\n\f" for byte in head):
        return t("images.found.text")
    return t("images.found.unknown")
