"""Segments: k-means on (x, y, r, g, b), whichever road leads there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from imagier.errors import ImagierError
from imagier.segmentation import (
    NOWHERE,
    balanced,
    describe,
    flat,
    mask_of,
    outlined,
    outlines,
    segment,
)

PICTURES = st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3)).flatmap(
    lambda shape: arrays(np.uint8, shape, elements=st.sampled_from([0, 40, 200, 255]))
)
WEIGHTS = st.tuples(*[st.sampled_from([0.0, 0.5, 1.0, 30.0])] * 4).filter(any)


def photo(height=150, width=210, seed=0):
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width] / 45.0
    waves = [np.sin(x + a) + np.cos(1.3 * y + b) for a, b in rng.uniform(0, 6, (3, 2))]
    levels = 128 + 55 * np.stack(waves, axis=2) + rng.normal(0, 8, (height, width, 3))
    return np.clip(levels, 0, 255).astype(np.uint8)


def points_of(pixels, weights):
    y, x = np.mgrid[: pixels.shape[0], : pixels.shape[1]]
    table = np.dstack([x, y, pixels]).reshape(-1, 5).astype(np.float64)
    return table, table * np.sqrt([weights[0], *weights])


@given(PICTURES, st.integers(1, 6), WEIGHTS)
def test_the_segments_are_what_they_say(pixels, k, weights):
    found = segment(pixels, k, weights=weights)
    table, points = points_of(pixels, weights)
    labels = found.labels.ravel()
    assert len(found.sizes) == min(k, len(np.unique(points, axis=0)))
    assert np.bincount(labels).tolist() == found.sizes.tolist()
    for index, centre in enumerate(found.centres):
        assert centre == pytest.approx(table[labels == index].mean(axis=0))
    centres = found.centres * np.sqrt([weights[0], *weights])
    assert found.inertia == pytest.approx(((points - centres[labels]) ** 2).sum(), abs=1e-6)
    assert found.centres[:, 0].tolist() == sorted(found.centres[:, 0].tolist())


@pytest.mark.parametrize("weights", [None, (0, 1, 1, 1), (0.02, 1, 1, 1), (5, 1, 1, 2)])
def test_the_cost_is_that_of_scikit_learn_or_hardly_more(weights):
    from sklearn.cluster import KMeans

    ratios = []
    for seed in range(3):
        pixels = photo(seed=seed)
        found = segment(pixels, 8, weights=weights)
        _, points = points_of(pixels, found.weights)
        theirs = [KMeans(8, n_init=1, random_state=s).fit(points).inertia_ for s in range(3)]
        ratios.append(found.inertia / np.mean(theirs))
    assert np.exp(np.mean(np.log(ratios))) <= 1.005


def test_nearly_every_pixel_is_at_its_nearest_centre():
    pixels = photo()
    found = segment(pixels, 8)
    weights = np.sqrt([found.weights[0], *found.weights])
    _, points = points_of(pixels, found.weights)
    squares = ((points[:, None] - (found.centres * weights)[None]) ** 2).sum(axis=2)
    assert (squares.argmin(axis=1) == found.labels.ravel()).mean() > 0.99


def test_place_alone_makes_compact_segments():
    found = segment(photo(), 6, weights=(1, 0, 0, 0))
    assert [region.pieces for region in describe(found)] == [1] * 6


def test_colour_alone_finds_what_is_scattered():
    pixels = np.zeros((60, 90, 3), np.uint8)
    pixels[::2] = (250, 10, 10)
    one, two = describe(segment(pixels, 2, weights=(0, 1, 1, 1)))
    assert {one.colour, two.colour} == {(250, 10, 10), (0, 0, 0)}
    assert (one.pieces, two.pieces) == (30, 30)


def test_a_heavier_place_makes_fewer_pieces():
    pixels = photo()
    counts = [
        sum(region.pieces for region in describe(segment(pixels, 6, weights=(place, 1, 1, 1))))
        for place in (0, 1, 30)
    ]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[2]


def test_transparent_pixels_belong_to_no_segment():
    pixels, seen = photo(), np.ones((150, 210), bool)
    seen[:, 100:] = False
    found = segment(pixels, 4, mask=seen)
    assert ((found.labels == NOWHERE) == ~seen).all()
    assert found.sizes.sum() == seen.sum()
    assert (flat(found)[~seen] == 255).all()
    alone = segment(pixels[:, :100], 4, weights=found.weights)
    assert found.inertia == pytest.approx(alone.inertia, rel=1e-2)


def test_masks_cover_the_picture_once():
    found = segment(photo(), 5)
    masks = [mask_of(found, index) for index in range(5)]
    assert (np.sum(masks, axis=0) == 1).all()
    assert [int(mask.sum()) for mask in masks] == found.sizes.tolist()


def test_outlines_lie_between_segments():
    pixels = np.zeros((20, 20, 3), np.uint8)
    pixels[:, 10:] = 255
    found = segment(pixels, 2, weights=(0, 1, 1, 1))
    lines = outlines(found)
    assert lines[:, 9].all()
    assert lines.sum() == 20
    drawn = outlined(pixels, found)
    assert (drawn[:, 9] == 255).all()  # white on black
    assert (drawn[~lines] == pixels[~lines]).all()


def test_boxes_hold_their_segments():
    found = segment(photo(), 5)
    for index, region in enumerate(describe(found)):
        left, top, right, bottom = region.box
        mask = mask_of(found, index)
        assert mask[top:bottom, left:right].sum() == mask.sum() == region.pixels
        assert mask[top].any()
        assert mask[:, right - 1].any()


def test_the_same_seed_gives_the_same_segments():
    one, other = (segment(photo(), 6, seed=2) for _ in range(2))
    assert (one.labels == other.labels).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1)])
def test_thin_pictures(shape):
    found = segment(photo(*shape), 4)
    assert found.labels.shape == shape
    assert len(found.sizes) == min(4, shape[0] * shape[1])
    assert len(list(describe(found))) == len(found.sizes)


def test_balanced_weights_depend_on_the_size_only():
    assert balanced(100, 255)[0] == balanced(255, 100)[0] == 1
    assert segment(photo(), 2).weights == balanced(150, 210)


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"k": 0}, "segment_k"),
        ({"k": 257}, "segment_k"),
        ({"k": 2, "weights": (0, 0, 0, 0)}, "segment_weights"),
        ({"k": 2, "weights": (1, -1, 1, 1)}, "segment_weights"),
        ({"k": 2, "weights": (1, float("nan"), 1, 1)}, "segment_weights"),
        ({"k": 2, "mask": np.zeros((4, 5), bool)}, "segment_nothing"),
    ],
)
def test_what_cannot_be_done_is_refused(settings, code):
    with pytest.raises(ImagierError) as error:
        segment(photo(4, 5), **settings)
    assert error.value.code == code
    assert error.value.message
    assert error.value.next_step
