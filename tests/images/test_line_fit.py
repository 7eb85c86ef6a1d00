"""Lines become dark on light, one height, their start on the left."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.errors import ModelError, PictureError
from imagier.images import Prepare, prepare
from imagier.images.ink import Ink
from imagier.images.line_fit import fit_line, line_width

SETTINGS = Prepare(height=32, width=160, channels=1, fit="line")


def written(height=32, width=100, *, ink=20, paper=230):
    line = np.full((height, width, 1), paper, np.uint8)
    line[height // 4 : -height // 4, width // 10 : width // 5] = ink
    return line


def test_what_has_the_height_is_only_padded():
    line = written()
    fitted = prepare(line, SETTINGS)
    assert fitted.shape == (32, 160, 1)
    np.testing.assert_array_equal(fitted[:, :100], line)
    assert (fitted[:, 100:] == 230).all()


@given(st.integers(8, 200), st.integers(20, 900))
def test_proportions_are_kept_up_to_the_width_of_the_input(height, width):
    natural = line_width((height, width), 32)
    if not 4 <= natural <= 240:
        return
    fitted = prepare(written(height, width), SETTINGS)
    dark = np.flatnonzero(fitted[16, :, 0] < 125)
    scale = min(natural, 160) / width
    assert fitted.shape == (32, 160, 1)
    assert abs(dark[0] - width // 10 * scale) <= 2 if len(dark) else scale * width / 10 < 2


def test_light_ink_on_dark_paper_is_turned_round():
    fitted = prepare(written(ink=240, paper=10), SETTINGS)
    np.testing.assert_array_equal(fitted, 255 - prepare_plain(written(ink=240, paper=10)))


@pytest.mark.parametrize("is_light", [False, True])
def test_a_box_around_the_line_does_not_turn_it_round(is_light):
    line = written(width=150)
    line[[0, -1]], line[:, [0, -1]] = 60, 60  # as wide as it is, most of the border is the box
    fitted = prepare(255 - line if is_light else line, SETTINGS)
    assert np.median(fitted[4:-4, :140]) == 230
    assert (fitted[:, 150:] == 230).all()  # paper behind it, not the box


def test_a_glare_does_not_turn_a_line_round():
    line = written(paper=145, ink=75)
    line[:8, :] = 225  # so that paper is darker than the middle of all levels
    line[-1:], line[:, [0, -1]] = 165, 165
    np.testing.assert_array_equal(prepare(line, SETTINGS)[:, :100], line)


def prepare_plain(line):
    field = np.full((32, 160, 1), 10, np.uint8)
    field[:, : line.shape[1]] = line
    return field


def test_colours_become_grey():
    assert prepare(np.repeat(written(), 3, axis=2), SETTINGS).shape == (32, 160, 1)


def test_a_line_too_long_is_refused_by_name():
    with pytest.raises(PictureError) as caught:
        prepare(written(32, 250), SETTINGS, name="long.png")
    assert caught.value.code == "line_too_long"
    assert caught.value.facts["path"] == "long.png"
    assert prepare(written(32, 240), SETTINGS).shape == (32, 160, 1)  # squeezed


def test_a_line_too_narrow_is_refused():
    with pytest.raises(PictureError) as caught:
        fit_line(written(400, 30), 32, 160, name="a.png")
    assert caught.value.code == "line_too_narrow"


@pytest.mark.parametrize("wrong", [{"channels": 3}, {"ink": Ink(box=0.7, centre="mass")}])
def test_lines_are_grey_and_no_signs(wrong):
    with pytest.raises(ModelError) as caught:
        Prepare(**{"height": 32, "width": 160, "channels": 1, "fit": "line"} | wrong)
    assert caught.value.code == "prepare_invalid"
