"""Counting colours: exact, in the order of the curve, additive."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from imagier.errors import UsageError
from imagier.palette import Histogram, histogram, merge
from imagier.palette.histogram import places_of

SHAPES = st.tuples(st.integers(1, 7), st.integers(1, 7), st.just(3))
# few levels, so that colours repeat, and every level now and then
PICTURES = SHAPES.flatmap(
    lambda shape: (
        arrays(np.uint8, shape, elements=st.sampled_from([0, 1, 4, 127, 128, 255]))
        | arrays(np.uint8, shape)
    )
)


def plain(pixels):
    colours, counts = np.unique(pixels.reshape(-1, 3), axis=0, return_counts=True)
    return dict(zip(map(tuple, colours.tolist()), counts.tolist(), strict=True))


def as_dict(counted):
    return dict(zip(map(tuple, counted.colours.tolist()), counted.counts.tolist(), strict=True))


@given(PICTURES)
def test_the_counts_are_those_of_numpy(pixels):
    counted = histogram(pixels)
    assert as_dict(counted) == plain(pixels)
    assert counted.pixels == pixels.shape[0] * pixels.shape[1]
    assert (np.diff(counted.places.astype(np.int64)) > 0).all()


def test_every_colour_has_its_own_place():
    levels = np.arange(256, dtype=np.uint8)
    for place in range(3):
        colours = np.full((256, 3), 77, np.uint8)
        colours[:, place] = levels
        places = places_of(colours)
        assert len(set(places.tolist())) == 256
        one = Histogram(places=places, counts=np.ones(256, np.int64))
        assert (one.colours == colours).all()
    every = np.arange(0, 2**24, 4099, dtype=np.uint32)
    again = Histogram(places=every, counts=np.ones(len(every), np.int64)).colours
    assert (places_of(again) == every).all()


@given(st.lists(PICTURES, max_size=4))
def test_histograms_add_up(pictures):
    counted = merge(histogram(pixels) for pixels in pictures)
    rows = [pixels.reshape(-1, 3) for pixels in pictures]
    assert as_dict(counted) == (plain(np.concatenate(rows)) if rows else {})


def test_the_order_of_the_pictures_does_not_matter():
    rng = np.random.default_rng(0)
    parts = [histogram(rng.integers(0, 256, (20, 20, 3), np.uint8)) for _ in range(3)]
    one, other = merge(parts), merge([merge(parts[1:]), parts[0]])
    assert (one.places == other.places).all()
    assert (one.counts == other.counts).all()


@given(PICTURES, st.integers(1, 4))
def test_boxes_keep_weight_and_mean(pixels, bits):
    counted = histogram(pixels)
    points = counted.colours.astype(np.float64)
    ((means, weights),) = counted.boxes(points, [bits])
    rows = pixels.reshape(-1, 3).astype(np.float64)
    assert weights.sum() == len(rows)
    assert weights @ means == pytest.approx(rows.sum(axis=0))
    assert len(means) == len(np.unique(rows // 2**bits, axis=0))


def test_larger_boxes_are_those_of_smaller_ones():
    pixels = np.random.default_rng(1).integers(0, 256, (60, 60, 3), np.uint8)
    counted = histogram(pixels)
    points = counted.colours.astype(np.float64)
    step_by_step = counted.boxes(points, [2, 3, 4])[-1]
    (at_once,) = counted.boxes(points, [4])
    assert step_by_step[0] == pytest.approx(at_once[0])
    assert step_by_step[1] == pytest.approx(at_once[1])


@pytest.mark.parametrize(
    "pixels", [np.zeros((2, 2, 3)), np.zeros((2, 2, 4), np.uint8), np.zeros(3, np.uint8)]
)
def test_what_is_no_picture_is_refused(pixels):
    with pytest.raises(UsageError) as error:
        histogram(pixels)
    assert error.value.code == "palette_pixels"
