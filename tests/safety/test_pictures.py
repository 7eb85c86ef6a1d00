"""Pictures made to fill the memory or to take for ever: refused by name, whatever reads them."""

import struct
import threading
import time
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from imagier.errors import PictureError
from imagier.images import Prepare, decode, one_picture, prepare, read_bytes
from imagier.images import unpacking as unpacking_module
from imagier.images.decoding_memory import FILES, PIXELS, MemoryLimit
from imagier.images.file_parts import MAX_PARTS


def saved(image, kind, **options):
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def segment(marker, body):
    return bytes([0xFF, marker]) + struct.pack(">H", 2 + len(body)) + body


def many_scans(side: int, scans: int) -> bytes:
    """A grey progressive JPEG whose scans say in a few bytes that nothing follows."""
    blocks = (-(-side // 8)) ** 2
    one_code = bytes([1] + [0] * 15)
    bits = ("0" + "1" * 14) * (blocks // 2**14 + 2)  # runs of 2^15 - 1 blocks without coefficients
    bits += "1" * (-len(bits) % 8)
    nothing = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\x00")
    return b"".join(
        [
            b"\xff\xd8",
            segment(0xDB, bytes([0] + [1] * 64)),
            segment(0xC2, struct.pack(">BHHB", 8, side, side, 1) + bytes([1, 0x11, 0])),
            segment(0xC4, bytes([0x00]) + one_code + bytes([0x00])),
            segment(0xC4, bytes([0x10]) + one_code + bytes([0xE0])),
            segment(0xDA, bytes([1, 1, 0, 0, 0, 1])) + bytes(blocks // 8 + 2),
            *[segment(0xDA, bytes([1, 1, 0, 1, 63, 1])) + nothing] * scans,
            b"\xff\xd9",
        ]
    )


@pytest.mark.parametrize(("side", "scans"), [(64, 201), (8000, 3000), (4000, 190)])
def test_a_jpeg_of_too_many_scans_is_refused_before_it_is_unpacked(side, scans):
    began = time.perf_counter()
    with pytest.raises(PictureError) as caught:
        decode(many_scans(side, scans), name="slow.jpg")
    assert caught.value.code == "too_many_scans"
    assert caught.value.facts["scans"] == scans + 1
    assert time.perf_counter() - began < 1


def test_a_jpeg_of_many_scans_is_read_where_they_are_quick():
    picture = decode(many_scans(64, 100), name="odd.jpg")
    assert picture.pixels.shape == (64, 64, 1)


def test_the_thumbnail_in_front_of_a_photo_is_not_counted_as_a_scan():
    photo = saved(Image.effect_noise((64, 64), 30), "JPEG")
    thumbnails = b"\xff\xe2" + struct.pack(">H", 2 + 250 * 2) + b"\xff\xda" * 250
    picture = decode(photo[:2] + thumbnails + photo[2:], name="photo.jpg")
    np.testing.assert_array_equal(picture.pixels, decode(photo, name="photo.jpg").pixels)


def strips(number):
    """A TIFF whose first directory announces so many strips."""
    file = saved(Image.new("L", (4, 4)), "TIFF")
    place = file.index(struct.pack("<HH", 273, 4)) + 4
    return file[:place] + struct.pack("<I", number) + file[place + 4 :]


CUT = {
    "JPEG": lambda file: file[:2] + segment(0xEF, b"") * MAX_PARTS + file[2:],
    "PNG": lambda file: file[:33] + b"\0\0\0\0abCd\xc7\xc0\xdd\x2e" * MAX_PARTS + file[33:],
    "TIFF": lambda _: strips(MAX_PARTS + 1),
}


@pytest.mark.parametrize("kind", CUT)
def test_a_picture_of_too_many_parts_is_refused_before_it_is_opened(kind, monkeypatch):
    monkeypatch.setattr(unpacking_module, "_OPENERS", {})
    with pytest.raises(PictureError) as caught:
        decode(CUT[kind](saved(Image.new("L", (4, 4)), kind)), name=f"cut.{kind.lower()}")
    assert caught.value.code == "too_many_parts"


def test_a_tiff_of_a_strip_for_each_row_is_read():
    file = saved(Image.effect_noise((3, 5000), 30), "TIFF", tiffinfo={278: 1})
    assert decode(file, name="rows.tif").pixels.shape == (5000, 3, 1)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "TIFF"])
def test_a_picture_that_takes_too_long_is_given_up(kind, monkeypatch):
    monkeypatch.setattr(unpacking_module, "MAX_SECONDS", -1)
    with pytest.raises(PictureError) as caught:
        decode(saved(Image.effect_noise((300, 300), 30), kind), name=f"slow.{kind.lower()}")
    assert caught.value.code == "too_slow"


@pytest.mark.parametrize(
    "canvas",
    [
        b"VP8L" + struct.pack("<I", 10) + b"\x2f" + struct.pack("<I", 0x0FFFFFFF) + bytes(5),
        b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + b"\xff\x3f\0" * 2,
        b"VP8 " + struct.pack("<I", 10) + b"\0\0\0\x9d\x01\x2a" + b"\xff\x3f" * 2,
    ],
)
def test_a_webp_of_36_bytes_that_asks_for_gigabytes_is_refused_before_it_is_opened(canvas):
    content = b"RIFF" + struct.pack("<I", len(canvas) + 4) + b"WEBP" + canvas
    with pytest.raises(PictureError) as caught:
        decode(content, name="tiny.webp")
    assert caught.value.code == "too_many_pixels"
    assert min(caught.value.facts["width"], caught.value.facts["height"]) >= 16383


@pytest.mark.parametrize(("lossless", "mode"), [(True, "RGB"), (False, "RGB"), (False, "RGBA")])
def test_the_size_of_a_webp_is_read_as_its_decoder_reads_it(lossless, mode):
    content = saved(Image.new(mode, (77, 31), 7), "WEBP", lossless=lossless)
    assert unpacking_module._webp_size(content) == (77, 31)
    animated = saved(
        Image.new(mode, (50, 60), 7),
        "WEBP",
        save_all=True,
        append_images=[Image.new(mode, (50, 60))],
    )
    assert unpacking_module._webp_size(animated) == (50, 60)


def test_a_bmp_whose_jumps_are_longer_than_the_memory_is_refused():
    head = struct.pack("<IiiHHIIiiII", 40, 80_000_000, 1, 1, 8, 1, 8, 1, 1, 0, 0)
    palette = bytes(4 * 256)
    start = 14 + len(head) + len(palette)
    file = b"BM" + struct.pack("<IHHI", start + 8, 0, 0, start) + head + palette
    with pytest.raises(PictureError) as caught:
        decode(file + b"\x00\x02\x00\xff" * 9, name="jump.bmp")
    assert caught.value.code == "too_many_pixels"


def test_threads_that_read_pictures_never_take_more_than_the_limit(monkeypatch):
    """Twelve threads want three quarters of the memory each: one goes after the other."""
    content = saved(Image.effect_noise((64, 64), 30).convert("RGB"), "PNG")
    monkeypatch.setattr(PIXELS, "most", int(64 * 64 * 8.5 / 0.75))
    most, at_once, lock = [], [0], threading.Lock()
    original = unpacking_module._take

    def take(needed, size, path):
        original(needed, size, path)
        with lock:
            at_once[0] += 1
            most.append(at_once[0])

    def read():
        with one_picture():
            prepare(decode(content, name="a.png").pixels, Prepare(height=8, width=8, channels=3))
            time.sleep(0.01)
            with lock:
                at_once[0] -= 1

    monkeypatch.setattr(unpacking_module, "_take", take)
    threads = [threading.Thread(target=read) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert not any(thread.is_alive() for thread in threads)
    assert most == [1] * 12


def test_readers_of_files_and_of_pixels_do_not_wait_for_each_other(tmp_path, monkeypatch):
    """Each thread reads and decodes ten files, with room for one file and one picture in all."""
    content = saved(Image.effect_noise((64, 64), 30), "PNG")
    (tmp_path / "a.png").write_bytes(content)
    monkeypatch.setattr(FILES, "most", len(content))
    monkeypatch.setattr(PIXELS, "most", 64 * 64 * 9)
    done = []

    def read():
        for _ in range(10):
            with one_picture():
                decode(read_bytes(tmp_path / "a.png"), name="a.png")
                decode(read_bytes(tmp_path / "a.png"), name="a.png")
            done.append(1)

    threads = [threading.Thread(target=read, daemon=True) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert len(done) == 80
    assert FILES._used == PIXELS._used == 0


def test_a_thread_that_fails_gives_its_memory_back():
    limit = MemoryLimit(100)
    limit.take(60)
    limit.take(30)
    assert limit._used == 30
    limit.give_back()
    limit.give_back()
    assert limit._used == 0
    used = PIXELS._used
    with pytest.raises(PictureError):
        decode(saved(Image.effect_noise((64, 64), 30), "PNG")[:2000], name="cut.png")
    assert PIXELS._used == used
