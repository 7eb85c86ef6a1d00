"""Headers are read without decoding, and positions are found."""

import io

import pytest
from PIL import Image

from imagier.images import read_header

GPS = 0x8825


def saved(kind, *, exif=None, size=(30, 20)):
    file = io.BytesIO()
    more = {} if exif is None else {"exif": exif}
    Image.new("RGB", size).save(file, kind, **more)
    return file.getvalue()


def notes(*, position=False, orientation=1):
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    exif[0x0112] = orientation
    if position:
        exif.get_ifd(GPS)[1] = "N"
        exif.get_ifd(GPS)[2] = (48.0, 51.0, 24.0)
    return exif


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"])
def test_format_and_size_are_read(kind):
    content = saved(kind)
    header = read_header(content)
    assert (header.format, header.height, header.width) == (kind, 20, 30)
    assert header.bytes == len(content)
    assert not header.has_exif
    assert not header.has_position


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_notes_and_positions_are_told_apart(kind):
    plain, placed = (saved(kind, exif=notes(position=place)) for place in (False, True))
    assert read_header(plain).has_exif
    assert not read_header(plain).has_position
    assert read_header(placed).has_position


def test_the_maker_of_a_tiff_is_a_note():
    assert read_header(saved("TIFF", exif=notes())).has_exif


def test_a_turned_photo_has_the_size_it_is_seen_in():
    header = read_header(saved("JPEG", exif=notes(orientation=6)))
    assert (header.height, header.width) == (30, 20)


@pytest.mark.parametrize("content", [b"", b"no picture", saved("JPEG")[:30], b"RIFF....WEBP"])
def test_what_has_no_header_gives_none(content):
    header = read_header(content)
    assert header is None or header.width == 0
