"""Colour spaces: there and back without loss, and the weights of the distance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.errors import UsageError
from imagier.palette import Distance, from_oklab, read_colour, to_oklab

COLOURS = st.lists(st.tuples(*[st.integers(0, 255)] * 3), min_size=1, max_size=20)


@given(COLOURS)
def test_oklab_and_back_is_exact(colours):
    levels = np.array(colours)
    assert from_oklab(to_oklab(levels)) == pytest.approx(levels, abs=1e-6)
    assert (Distance(space="oklab").colours(to_oklab(levels)) == levels).all()


def test_every_grey_comes_back():
    levels = np.repeat(np.arange(256)[:, None], 3, axis=1)
    lab = to_oklab(levels)
    assert (Distance(space="oklab").colours(lab) == levels).all()
    assert np.abs(lab[:, 1:]).max() < 1e-6  # grey has no colour
    assert (np.diff(lab[:, 0]) > 0).all()


@pytest.mark.parametrize(
    ("xyz", "expected"),
    [((0.950, 1.000, 1.089), (1.000, 0.000, 0.000)), ((1, 0, 0), (0.450, 1.236, -0.019))],
)
def test_the_numbers_of_the_article(xyz, expected):
    """The article's table gives XYZ; sRGB's own matrix leads from there to linear light."""
    to_linear = np.array(
        [[3.2404542, -1.5371385, -0.4985314], [-0.9692660, 1.8760108, 0.0415560],
         [0.0556434, -0.2040259, 1.0572252]]
    )  # fmt: skip
    from imagier.palette.spaces import _AXES, _CONES

    light = to_linear @ np.array(xyz)
    assert np.cbrt(_CONES @ light) @ _AXES.T == pytest.approx(expected, abs=2e-3)


@given(COLOURS, st.tuples(*[st.floats(0, 50)] * 3).filter(any))
def test_the_place_measures_the_weighted_distance(colours, weights):
    levels = np.array(colours)
    places = Distance(weights=weights).place(levels)
    plain = ((places[0] - places) ** 2).sum(axis=1)
    assert plain == pytest.approx(((levels[0] - levels) ** 2) @ np.array(weights), abs=1e-6)


def test_colours_no_screen_has_are_brought_in():
    far = np.array([[0.9, 0.5, 0.5], [-0.1, 0.0, 0.0]])
    assert Distance(space="oklab").colours(far).dtype == np.uint8
    assert Distance().colours(np.array([[-3.0, 255.7, 12.5]])).tolist() == [[0, 255, 13]]


@pytest.mark.parametrize(
    "weights", [(0, 0, 0), (1, -1, 1), (1, np.nan, 1), (1, np.inf, 1), (1, 1), (1, 1, 1, 1)]
)
def test_weights_that_measure_nothing_are_refused(weights):
    with pytest.raises(UsageError) as error:
        Distance(weights=weights)
    assert error.value.code == "palette_weights"


def test_an_unknown_space_is_refused_with_the_nearest():
    with pytest.raises(UsageError) as error:
        Distance(space="oklap")
    assert error.value.code == "palette_space"
    assert "oklab" in error.value.message


@pytest.mark.parametrize("text", ["", "red", "#12", "#12345", "#1234567", "#gg0000", "#ff 000"])
def test_what_is_no_colour_is_refused(text):
    with pytest.raises(UsageError) as error:
        read_colour(text)
    assert error.value.code == "palette_colour"
