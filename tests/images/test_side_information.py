"""What stands beside the pixels of a file spoils none of them; a lost pixel is found out."""

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from imagier.errors import PictureError
from imagier.images import decode
from imagier.images.jpeg_end import lacks_end
from imagier.images.spliced_file import SplicedFile


def photo(seed=1):
    rows, columns = np.mgrid[0:90, 0:120]
    colours = np.stack([columns * 2, rows * 2, columns + rows], axis=2)
    noise = np.random.default_rng(seed).integers(0, 40, colours.shape)
    return Image.fromarray((colours + noise).clip(0, 255).astype(np.uint8))


def saved(image, kind, **options):
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def chunk(name, data, *, is_right=True):
    checksum = zlib.crc32(name + data) ^ (0 if is_right else 1)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", checksum)


def with_chunk(content, extra, *, before=b"IDAT"):
    at = content.index(before) - 4
    return content[:at] + extra + content[at:]


def notes(content, name="x.png"):
    picture = decode(content, name=name)
    np.testing.assert_array_equal(picture.pixels, np.asarray(photo()))
    return picture.notes


TEXT = zlib.compress(b"x" * 3_000_000)
PROFILE = chunk(b"iCCP", b"wide\0\0" + zlib.compress(bytes(2_000_000)))


@pytest.mark.parametrize(
    "extra",
    [
        chunk(b"zTXt", b"workflow\0\0" + TEXT),
        chunk(b"iTXt", b"workflow\0\1\0\0\0" + TEXT),
        chunk(b"tEXt", b"workflow\0" + b"x" * 2_000_000),
        PROFILE,
        chunk(b"tEXt", b"k\0v", is_right=False),
        chunk(b"gAMA", b"\0\0", is_right=False),
        chunk(b"pHYs", b""),
        chunk(b"prVt", b"mine"),
        chunk(b"acTL", b""),
        chunk(b"fcTL", b"\0\0"),
        chunk(b"tRNS", b""),
        b"".join(chunk(b"zTXt", b"c%d\0\0" % k + zlib.compress(b"y" * 900_000)) for k in range(80)),
    ],
    ids=[
        "zTXt",
        "iTXt",
        "tEXt",
        "iCCP",
        "text CRC",
        "gAMA CRC",
        "short pHYs",
        "own",
        "acTL",
        "fcTL",
        "tRNS",
        "many",
    ],
)
@pytest.mark.parametrize("before", [b"IDAT", b"IEND"])
def test_what_stands_beside_the_pixels_of_a_png_is_ignored(extra, before):
    assert notes(with_chunk(saved(photo(), "PNG"), extra, before=before)) == ()


def test_a_png_without_its_end_is_whole_and_one_without_pixels_is_not():
    content = saved(photo(), "PNG")
    assert notes(content[:-12]) == ()
    assert notes(content[:-5]) == ()
    with pytest.raises(PictureError) as caught:
        decode(content[:-40], name="x.png")
    assert caught.value.code == "truncated"


def test_the_orientation_of_a_png_is_kept_and_a_spoilt_one_is_said():
    exif = Image.Exif()
    exif[0x0112] = 6
    content = saved(photo(), "PNG", exif=exif)
    assert decode(content, name="x.png").pixels.shape == (120, 90, 3)
    at = content.index(b"eXIf")
    spoilt = bytearray(content)
    spoilt[at + 4 + struct.unpack(">I", content[at - 4 : at])[0]] ^= 255
    assert notes(bytes(spoilt)) == ("broken_metadata",)


def test_a_moving_png_still_says_so():
    frames = [photo(1), photo(2)]
    content = saved(frames[0], "PNG", save_all=True, append_images=frames[1:])
    info = PngImagePlugin.PngImageFile(BytesIO(content))
    assert info.is_animated
    assert "several_frames" in decode(content, name="x.png").notes


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("lost", [1, 2])
def test_a_jpeg_without_its_end_mark_is_whole(progressive, lost):
    content = saved(photo(), "JPEG", progressive=progressive)
    whole = decode(content, name="x.jpg").pixels
    picture = decode(content[:-lost], name="x.jpg")
    np.testing.assert_array_equal(picture.pixels, whole)
    assert picture.notes == ("no_end_mark",)
    assert lacks_end(content[:-lost])
    assert not lacks_end(content)


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_that_lost_pixels_is_refused(progressive):
    content = saved(photo(), "JPEG", progressive=progressive)
    for lost in (8, 12, 30, 200, 1000, len(content) // 2):
        with pytest.raises(PictureError) as caught:
            decode(content[:-lost], name="x.jpg")
        assert caught.value.code == "truncated", lost


def test_broken_exif_of_a_jpeg_without_its_end_warns_nobody():
    exif = b"Exif\0\0II*\0\x08\0\0\0\x09\0" + b"\x12\1\2\0\xff\xff\0\0\xff\xff\0\0"
    content = saved(photo(), "JPEG", exif=exif)
    assert "no_end_mark" in decode(content[:-2], name="x.jpg").notes  # warnings are errors here


def test_a_spliced_file_is_read_as_one():
    content = bytes(range(100))
    pieces = [memoryview(content)[start:end] for start, end in ((0, 7), (7, 7), (7, 60), (60, 100))]
    ours, plain = SplicedFile(pieces), BytesIO(content)
    for place, size in ((0, 3), (5, 10), (58, 4), (99, 9), (100, 1), (0, -1), (120, 5)):
        assert ours.seek(place) == plain.seek(place)
        assert ours.read(size) == plain.read(size)
        assert ours.tell() == plain.tell()
