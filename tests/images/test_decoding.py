"""From bytes to pixels: every kind of picture by its rule, every bad file by its name."""

import threading
import warnings
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from imagier.errors import PictureError
from imagier.i18n import use_language
from imagier.images import FORMATS, decode, read_bytes
from imagier.images.decoding_memory import PIXELS

KINDS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")


def saved(image, kind="PNG", **options):
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def pixels_of(content, **options):
    return decode(content, name="picture", **options).pixels


def levels_of(image):
    return np.asarray(image).astype(int)


def answer_to(content, name, **options):
    """Give the picture or the refusal, and None for the other."""
    try:
        return decode(content, name=name, **options), None
    except PictureError as error:
        return None, error


# The zoo


@pytest.fixture(scope="module")
def animals(zoo, tmp_path_factory):
    """Write the zoo once: its folder and its entries."""
    folder = tmp_path_factory.mktemp("zoo")
    return folder, zoo.write_picture_zoo(folder)


def test_every_animal_gets_its_answer(animals):
    folder, entries = animals
    assert len({entry.kind for entry in entries}) >= 90
    wrong = []
    for entry in entries:
        try:
            content = read_bytes(folder / entry.name)
        except PictureError as error:
            picture, refusal = None, error
        else:
            picture, refusal = answer_to(content, entry.name, wanted=(28, 28))
        code = refusal and refusal.code
        if code != entry.code or (refusal and "\n" in refusal.message):
            wrong.append((entry.kind, entry.code, code))
        if picture:
            assert picture.pixels.dtype == np.uint8
            assert picture.pixels.ndim == 3
            assert picture.pixels.shape[2] in (1, 3)
            assert picture.format in FORMATS
    assert wrong == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_refusal_has_a_sentence_and_a_next_step(animals, language):
    folder, entries = animals
    refused = [entry for entry in entries if not entry.usable]
    assert len(refused) >= 30
    for entry in refused:
        with use_language(language), pytest.raises(PictureError) as caught:
            decode(read_bytes(folder / entry.name), name=entry.name)
        assert caught.value.message
        assert caught.value.next_step


@pytest.mark.parametrize(
    ("name", "notes"),
    [
        ("film.gif", ("several_frames",)),
        ("pages.tif", ("several_frames",)),
        ("stereo.jpg", ("several_frames",)),
        ("png.jpg", ("extension_mismatch",)),
        ("constant.png", ("constant_picture",)),
        ("no-extension", ()),
        ("SHOUT.PNG", ()),
        ("progressive.jpg", ()),
    ],
)
def test_what_is_odd_is_noted(animals, name, notes):
    assert decode((animals[0] / name).read_bytes(), name=name).notes == notes


# Colours


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "P"])
def test_plain_modes_keep_their_levels(zoo, mode):
    image = zoo.photo().quantize(16) if mode == "P" else zoo.photo().convert(mode)
    shown = levels_of(image.convert("L" if mode in "1L" else "RGB"))
    np.testing.assert_array_equal(pixels_of(saved(image)), shown.reshape(32, 48, -1))


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_what_is_clear_is_laid_on_white(zoo, mode):
    image = zoo.photo().convert(mode)
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    colours, share = levels_of(image)[..., :-1], levels_of(image)[..., -1:] / 255
    expected = colours * share + 255 * (1 - share)
    np.testing.assert_allclose(pixels_of(saved(image)), expected, atol=1)


def test_a_clear_palette_colour_is_white(zoo):
    image = zoo.photo().quantize(16)
    shown = pixels_of(saved(image, transparency=3))
    clear = np.asarray(image) == 3
    assert clear.any()
    assert (shown[clear] == 255).all()
    assert (shown[~clear] == np.asarray(image.convert("RGB"))[~clear]).all()


@pytest.mark.parametrize(("way", "gap"), [("cmyk", 9), ("ycck", 9), ("lab", 9), ("ycbcr", 9)])
def test_other_colour_spaces_come_near_the_original(zoo, way, gap):
    image = zoo.photo().resize((48, 32), Image.Resampling.BICUBIC)
    content = {
        "cmyk": lambda: saved(image.convert("CMYK"), "JPEG", quality=95),
        "ycck": lambda: zoo.ycck_jpeg(image),
        "lab": lambda: saved(zoo.lab(image), "TIFF"),
        "ycbcr": lambda: saved(image.convert("YCbCr"), "TIFF", compression="jpeg", quality=95),
    }[way]()
    assert np.abs(pixels_of(content) - levels_of(image)).mean() < gap


@given(st.lists(st.integers(0, 65535), min_size=4, max_size=4))
def test_sixteen_bits_are_divided_by_257(levels):
    deep = np.array(levels, np.uint16).reshape(2, 2)
    expected = np.floor(deep / 257 + 0.5)
    for kind in ("PNG", "TIFF"):
        np.testing.assert_array_equal(
            pixels_of(saved(Image.fromarray(deep), kind))[..., 0], expected
        )


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([[0.0, 0.5], [1.0, 0.25]], [[0, 128], [255, 64]]),
        ([[0.0, 100.0], [255.0, 3.0]], [[0, 100], [255, 3]]),
        ([[0.0, 25700.0], [65535.0, 257.0]], [[0, 100], [255, 1]]),
    ],
)
def test_floats_are_read_by_their_largest_value(values, expected):
    content = saved(Image.fromarray(np.array(values, np.float32)), "TIFF")
    assert pixels_of(content)[..., 0].tolist() == expected


# Orientation


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("wanted", [None, (20, 60)])
def test_photos_are_turned_upright(zoo, turn, kind, wanted):
    exif = Image.Exif()
    exif[0x0112] = turn
    options = {"lossless": True} if kind == "WEBP" else {}
    content = saved(zoo.photo(160, 120), kind, exif=exif.tobytes(), **options)
    with Image.open(BytesIO(content)) as image:
        expected = ImageOps.exif_transpose(image)
        expected.load()
    picture = decode(content, name="photo", wanted=wanted)
    shown = picture.pixels
    assert picture.size == expected.size[::-1]
    if wanted and kind == "JPEG":
        assert shown.shape[:2] == tuple(side // 2 for side in expected.size[::-1]) or (
            shown.shape[:2] == expected.size[::-1]
        )
        expected = expected.resize(shown.shape[1::-1], Image.Resampling.BOX)
        np.testing.assert_allclose(shown, levels_of(expected), atol=40)
    else:
        np.testing.assert_array_equal(shown, levels_of(expected))


# Sizes


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ((200, 200), (300, 400)),
        ((120, 120), (150, 200)),
        ((1200, 20), (1200, 1600)),
        (None, (1200, 1600)),
    ],
)
def test_a_large_jpeg_is_decoded_small_but_not_below_what_is_wanted(zoo, wanted, expected):
    content = saved(zoo.photo(1600, 1200), "JPEG")
    picture = decode(content, name="large.jpg", wanted=wanted)
    assert picture.pixels.shape[:2] == expected
    assert picture.size == (1200, 1600)


def test_the_size_is_judged_before_anything_is_unpacked(zoo, monkeypatch):
    content = saved(zoo.photo(), "PNG")
    monkeypatch.setattr(PIXELS, "most", 48 * 32 * 8)
    with pytest.raises(PictureError) as caught:
        decode(content[:60], name="cut.png")  # its pixels are not even there
    assert caught.value.code == "too_many_pixels"
    assert (caught.value.facts["width"], caught.value.facts["height"]) == (48, 32)


# Damage


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("wanted", [None, (20, 20)])
def test_a_cut_file_is_refused_or_whole(zoo, kind, wanted):
    content = saved(zoo.photo(120, 90), kind)
    whole = pixels_of(content, wanted=wanted)
    for end in range(1, len(content), max(1, len(content) // 60)):
        picture, _ = answer_to(content[:end], "cut", wanted=wanted)
        if picture:
            np.testing.assert_array_equal(picture.pixels, whole)


@settings(max_examples=150)
@given(data=st.data(), kind=st.sampled_from(KINDS))
def test_hostile_bytes_give_a_picture_or_a_refusal(data, kind):
    ramp = np.add.outer(np.arange(24), np.arange(20)).astype(np.uint8) * 5
    content = bytearray(saved(Image.fromarray(ramp), kind))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    picture, refusal = answer_to(bytes(content), "x")
    if picture:
        assert picture.pixels.ndim == 3
    else:
        assert refusal.message
        assert refusal.next_step


def test_broken_metadata_spoils_no_pixel(zoo, monkeypatch):
    content = saved(zoo.photo(), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0" + b"\xff" * 40)

    def broken(self):
        raise ValueError

    monkeypatch.setattr(Image.Image, "getexif", broken)
    picture = decode(content, name="x.jpg")
    assert picture.notes == ("broken_metadata",)
    assert picture.pixels.shape == (32, 48, 3)


def test_threads_decode_at_once_and_leave_the_warnings_alone(animals):
    folder, entries = animals
    usable = [entry.name for entry in entries if entry.usable]
    contents = [((folder / name).read_bytes(), name) for name in usable]
    alone = [decode(content, name=name).pixels for content, name in contents]
    filters, failures = list(warnings.filters), []

    def work():
        for (content, name), expected in zip(contents, alone, strict=True):
            if not np.array_equal(decode(content, name=name).pixels, expected):
                failures.append(name)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert list(warnings.filters) == filters
