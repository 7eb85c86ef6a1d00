"""The one road from pixels to the input."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from imagier.errors import ModelError, PictureError
from imagier.images import Fit, Ink, Prepare, as_pixels, prepare

GREY = Prepare(height=8, width=8, channels=1)
COLOUR = Prepare(height=16, width=24, channels=3)


@given(
    rows=st.integers(1, 60),
    columns=st.integers(1, 60),
    channels=st.sampled_from([1, 3]),
    fit=st.sampled_from(["pad", "crop", "crop-pad", "stretch"]),
    full_scale=st.sampled_from([16, 255]),
)
def test_any_picture_becomes_the_input(rows, columns, channels, fit, full_scale):
    pixels = np.random.default_rng(rows).integers(0, 256, (rows, columns, channels), np.uint8)
    settings = Prepare(height=10, width=14, channels=3, fit=fit, full_scale=full_scale)
    prepared = prepare(pixels, settings)
    assert prepared.shape == (10, 14, 3)
    assert prepared.dtype == np.uint8
    assert prepared.max() <= full_scale


def test_a_picture_of_the_right_size_is_not_touched():
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8, 1), np.uint8)
    assert prepare(pixels, GREY) is pixels


def test_a_wide_picture_is_padded_and_loses_nothing():
    strip = np.full((10, 60, 1), 200, np.uint8)
    strip[:, 0] = strip[:, -1] = 0
    prepared = prepare(strip, Prepare(height=30, width=30, channels=1))
    assert (prepared[0] == 200).all()  # the median of the border
    middle = prepared[15, :, 0]
    assert middle[0] < 150
    assert middle[-1] < 150


def test_cropping_and_stretching_only_when_asked():
    halves = np.zeros((10, 40, 1), np.uint8)
    halves[:, 20:] = 255
    cropped = prepare(halves, Prepare(height=10, width=10, channels=1, fit="crop"))
    stretched = prepare(halves, Prepare(height=10, width=10, channels=1, fit="stretch"))
    for result in (cropped, stretched):
        assert result[0, 0, 0] == 0
        assert result[0, -1, 0] == 255


def test_between_cropping_and_padding_a_third_of_the_way():
    """A strip four times as wide as high is enlarged by 0.84, cropping by 1.33, padding by 0.33."""
    strip = np.repeat(np.arange(0, 240, 2, np.uint8)[np.newaxis, :, np.newaxis], 30, axis=0)
    prepared = prepare(strip, Prepare(height=40, width=40, channels=1, fit="crop-pad"))[..., 0]
    is_border = (prepared == prepared[0, 0]).all(axis=1)
    assert np.flatnonzero(~is_border).tolist() == list(range(7, 32))
    assert int(prepared[20, 0]) == pytest.approx(120 - 48, abs=3)
    assert int(prepared[20, -1]) == pytest.approx(120 + 47, abs=3)


def test_a_square_is_the_same_in_every_fit():
    square = np.random.default_rng(0).integers(0, 256, (48, 48, 3), np.uint8)
    results = [
        prepare(square, Prepare(height=32, width=32, channels=3, fit=fit))
        for fit in get_args(Fit)
        if fit != "line"  # which is grey
    ]
    assert len(results) == 4
    for other in results[1:]:
        np.testing.assert_array_equal(results[0], other)


def test_grey_becomes_colour_by_repetition_and_colour_becomes_luma():
    grey = np.full((16, 24, 1), 77, np.uint8)
    assert (prepare(grey, COLOUR) == 77).all()
    red = np.zeros((8, 8, 3), np.uint8)
    red[..., 0] = 255
    expected = np.asarray(Image.fromarray(red).convert("L"))
    np.testing.assert_array_equal(prepare(red, GREY)[..., 0], expected)


def test_sixteen_levels_come_back_exactly_from_a_picture_of_256():
    levels = (np.arange(64).reshape(8, 8, 1) % 17).astype(np.uint8)
    digits = Prepare(height=8, width=8, channels=1, full_scale=16)
    shown = np.rint(levels * (255 / 16)).astype(np.uint8)
    np.testing.assert_array_equal(prepare(shown, digits), levels)
    assert prepare(levels, digits, scale=16) is levels


def test_settings_survive_json():
    for settings in (
        GREY,
        COLOUR,
        Prepare(height=28, width=28, channels=1, ink=Ink(box=0.7, centre="mass")),
    ):
        assert Prepare.from_json(settings.to_json()) == settings


@pytest.mark.parametrize(
    "damage",
    [
        {"height": 0},
        {"width": "9"},
        {"channels": 2},
        {"full_scale": 0},
        {"fit": "squash"},
        {"ink": {"box": 0.7}},
        {"ink": 3},
        {"colour": 1},
        {"height": 10**9},
    ],
)
def test_damaged_settings_are_refused(damage):
    with pytest.raises(ModelError) as caught:
        Prepare.from_json(GREY.to_json() | damage)
    assert caught.value.code == "prepare_invalid"
    assert caught.value.message


@pytest.mark.parametrize(
    ("array", "code"),
    [
        (np.zeros(5), "array_shape"),
        (np.zeros((2, 4, 4)), "array_shape"),
        (np.zeros((0, 4)), "array_shape"),
        (np.array([["a", "b"]]), "array_type"),
        (np.array([[0.0, 0.5], [1.0, 0.2]]), "array_range"),
        (np.array([[True, False]]), "array_range"),
        (np.array([[-1, 3]]), "array_range"),
        (np.array([[256, 3]]), "array_range"),
        (np.array([[np.nan, 3.0]]), "nan_values"),
    ],
)
def test_arrays_that_are_no_pictures(array, code):
    with pytest.raises(PictureError) as caught:
        as_pixels(array, scale=255)
    assert caught.value.code == code
    assert caught.value.next_step


def test_arrays_on_several_scales():
    assert as_pixels(np.array([[0.0, 1.0]]), scale=1).max() == 255
    assert as_pixels(np.full((8, 8), 16.0), scale=16).max() == 255
    assert as_pixels(np.full((8, 8, 3), 255), scale=255).shape == (8, 8, 3)
