"""Pictures whose white nobody says: twelve bits in sixteen, floats, drawings on glass."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from imagier.datasets import load, open_source, sample
from imagier.images import Prepare, decode, set_white
from imagier.recognizer.inputs import read_picture


def saved(image, kind):
    file = BytesIO()
    image.save(file, kind)
    return file.getvalue()


def deep(levels, *, kind="PNG"):
    return saved(Image.fromarray(levels), kind)


RAMP = np.arange(4096, dtype=np.uint16).reshape(64, 64)


def test_twelve_bits_in_sixteen_keep_their_levels_where_the_white_is_known():
    content = deep(RAMP)
    assert len(np.unique(decode(content, name="a.png").pixels)) == 17
    picture = decode(content, name="a.png", white=4095)
    assert len(np.unique(picture.pixels)) == 256
    assert (picture.pixels.min(), picture.pixels.max(), picture.peak) == (0, 255, 4095)
    assert decode(content, name="a.png", white=1023).notes == ("beyond_white",)


@pytest.mark.parametrize(
    ("peaks", "white"),
    [
        ([200], 255),
        ([900, 1023], 1023),
        ([4095, 10], 4095),
        ([4096], 8191),
        ([65535], 65535),
        ([0.5, 1.0], 1),
        ([0.5, 200.0], 255),
        ([1], 255),
        ([], None),
    ],
)
def test_the_white_of_a_set(peaks, white):
    assert set_white(peaks) == white


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "float"])
def test_one_white_holds_for_a_set_and_for_what_is_shown_later(tmp_path, kind):
    rng = np.random.default_rng(0)
    for label, high in (("dim", 900), ("bright", 4000)):
        (tmp_path / label).mkdir()
        for number in range(6):
            levels = rng.integers(0, high, (24, 24)).astype(np.uint16)
            levels[0, 0] = high
            if kind == "float":
                content = deep((levels / 4095 * 200).astype(np.float32), kind="TIFF")
            else:
                content = deep(levels, kind=kind)
            (tmp_path / label / f"{number}.{'png' if kind == 'PNG' else 'tif'}").write_bytes(
                content
            )
    listing = open_source(tmp_path)
    looked = sample(listing)
    settings = looked.choose()
    assert settings.deep_white == (255 if kind == "float" else 4095)
    assert len(looked.notes) == 1
    data = load(listing, settings)
    highest = {
        label: data.pixels[data.labels == place].max() for place, label in enumerate(data.classes)
    }
    assert highest["bright"] > 190
    assert highest["dim"] < 60
    _, pixels = read_picture(next(tmp_path.glob("dim/*")), settings)
    assert pixels.max() < 60
    assert Prepare.from_json(settings.to_json()) == settings


def test_settings_without_deep_pictures_are_written_as_before():
    assert "deep_white" not in Prepare(height=2, width=2, channels=1).to_json()


def test_a_nearly_black_set_is_said(tmp_path):
    for label in ("a", "b"):
        (tmp_path / label).mkdir()
        for number in range(4):
            levels = np.full((20, 20), number % 2 + 1, np.uint8)
            levels[number] = 0
            Image.fromarray(levels).save(tmp_path / label / f"{number}.png")
    notes = sample(open_source(tmp_path)).notes
    assert len(notes) == 1
    assert " 2 " in notes[0]


# Drawings on glass


def on_glass(ink, *, size=40):
    levels = np.zeros((size, size), np.uint8)
    levels[8:32, 18:22] = 255
    image = Image.new("RGBA", (size, size), ink)
    image.putalpha(Image.fromarray(levels))
    return saved(image, "PNG"), levels


@pytest.mark.parametrize("ink", [(255, 255, 255), (235, 235, 235), (250, 255, 240)])
def test_white_ink_on_glass_is_drawn_by_its_opacity(ink):
    content, levels = on_glass(ink)
    pixels = decode(content, name="a.png").pixels
    np.testing.assert_array_equal(pixels[:, :, 0], 255 - levels)


def test_dark_ink_on_glass_lies_on_white_as_before():
    content, levels = on_glass((0, 0, 0))
    np.testing.assert_array_equal(decode(content, name="a.png").pixels[:, :, 0], 255 - levels)
    red, _ = on_glass((255, 0, 0))
    assert decode(red, name="a.png").pixels[20, 20].tolist() == [255, 0, 0]


def test_a_light_photo_that_is_opaque_stays_what_it_is():
    image = Image.new("RGBA", (9, 9), (240, 240, 240, 255))
    assert decode(saved(image, "PNG"), name="a.png").pixels.min() == 240


def test_what_is_transparent_throughout_is_an_empty_white_page():
    image = Image.new("RGBA", (9, 9), (255, 255, 255, 0))
    picture = decode(saved(image, "PNG"), name="a.png")
    assert picture.pixels.min() == 255
    assert "constant_picture" in picture.notes


def test_who_asks_for_opacity_gets_the_colours_as_they_are():
    content, _ = on_glass((255, 255, 255))
    assert decode(content, name="a.png", opacity=True).pixels.min() == 255
