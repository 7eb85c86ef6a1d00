"""Glyphs: ink cut close, from pictures of either polarity and from fonts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.datasets.synthetic import Glyphs, find_fonts, installed_fonts, standard_fonts
from imagier.errors import DataError, MachineError


def drawings(boxes, size=28):
    """White rectangles on black, (N, size, size, 1)."""
    pixels = np.zeros((len(boxes), size, size, 1), np.uint8)
    for picture, (top, left, height, width) in zip(pixels, boxes, strict=True):
        picture[top : top + height, left : left + width] = 255
    return pixels


box = st.tuples(*[st.integers(1, 9), st.integers(1, 9), st.integers(1, 17), st.integers(1, 17)])


@given(st.lists(box, min_size=1, max_size=9), st.booleans(), st.integers(0, 80))
def test_ink_is_cut_close_whatever_the_polarity(boxes, is_dark, faded):
    pixels = drawings(boxes)
    pixels = np.where(pixels > 0, 255 - faded, faded).astype(np.uint8)
    labels = np.arange(len(boxes)) % 2
    glyphs = Glyphs.of_dataset(255 - pixels if is_dark else pixels, labels, ["a", "b"])
    found = [glyphs.of("ab"[row % 2])[row // 2].ink.shape for row in range(len(boxes))]
    assert found == [(height, width) for _, _, height, width in boxes]
    assert all((one.ink == 255).all() for character in "ab" for one in glyphs.of(character))


def test_few_of_each_class_are_kept_and_empty_pictures_are_not():
    pixels = drawings([(2, 2, 10, 5)] * 9)
    pixels[1] = 0
    glyphs = Glyphs.of_dataset(pixels, np.array([0, 0, 0, 0, 1, 1, 1, 1, 1]), ["x", "y"], most=3)
    assert [len(glyphs.of(one)) for one in "xy"] == [2, 3]
    assert glyphs.characters == ("x", "y")
    assert len(glyphs) == 5


def test_heights_are_told_in_units_of_the_usual_one():
    glyphs = Glyphs.of_dataset(
        drawings([(2, 2, 20, 8)] * 3 + [(2, 2, 10, 8)]), np.zeros(4, int), ["l"]
    )
    assert [one.top for one in glyphs.of("l")] == [1, 1, 1, 0.5]


def test_a_class_that_is_no_character_is_refused():
    with pytest.raises(DataError) as caught:
        Glyphs.of_dataset(drawings([(2, 2, 9, 9)]), np.zeros(1, int), ["trousers"])
    assert caught.value.code == "glyphs_not_characters"
    with pytest.raises(DataError) as caught:
        Glyphs.of_dataset(np.zeros((3, 8, 8, 1), np.uint8), np.zeros(3, int), ["0"])
    assert caught.value.code == "glyphs_none"


def test_fonts_tell_where_characters_stand():
    glyphs = Glyphs.of_fonts(["DejaVu Sans"], "Hgp.-' ", size=60)
    capital, tail, dot, dash = (glyphs.of(one)[0] for one in "Hg.-")
    assert capital.top == pytest.approx(1, abs=0.05)
    assert capital.bottom == pytest.approx(0, abs=0.02)
    assert tail.bottom > 0.2 > dot.top > 0
    assert dash.bottom < -0.2
    assert glyphs.of(" ") == ()


def test_each_font_is_a_hand():
    glyphs = Glyphs.of_fonts(["DejaVu Sans", "DejaVu Serif"], "01")
    assert len(glyphs.hands) == 2
    assert len((glyphs + glyphs).hands) == 4


@pytest.mark.parametrize("word", ["DejaVu Sans", "dejavusans", "dejavu-sans", "DEJAVU SANS book"])
def test_a_font_is_found_by_its_name_as_people_write_it(word):
    assert [font.name for font in find_fonts([word])] == ["DejaVu Sans"]


def test_fonts_are_found_by_pattern_and_path_each_once():
    path = find_fonts(["DejaVu Serif"])[0].path
    fonts = find_fonts([str(path), "DejaVu Serif*", "all"])
    assert fonts[0].path == path
    assert len(fonts) == len(set(fonts)) >= len(standard_fonts()) == 12
    assert len(installed_fonts()) >= 12


def test_a_font_that_is_not_there_is_named_with_what_to_type(tmp_path):
    with pytest.raises(MachineError) as caught:
        find_fonts(["DejaVu Sanz"])
    assert caught.value.code == "fonts_missing"
    assert "DejaVu Sans" in caught.value.message
    assert "apt-get install" in caught.value.next_step
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    with pytest.raises(DataError) as caught:
        find_fonts([broken])
    assert caught.value.code == "font_unreadable"


def test_characters_that_a_font_lacks_are_named():
    with pytest.raises(DataError) as caught:
        Glyphs.of_fonts(["DejaVu Sans"], "a漢b字")
    assert caught.value.code == "font_lacks"
    assert caught.value.facts["characters"] == "漢 字"
