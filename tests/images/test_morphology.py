"""Pieces, windows, sheets: what the search for ink is made of, against other ways."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from imagier.images.document_crop import dividing_level, sheet_only
from imagier.images.morphology import (
    closing,
    label_blobs,
    largest_near,
    sign_of,
    smallest_near,
)

MASKS = st.tuples(st.integers(1, 9), st.integers(1, 9)).flatmap(lambda s: arrays(np.bool_, s))
LEVELS = st.tuples(st.integers(1, 9), st.integers(1, 9)).flatmap(
    lambda shape: arrays(np.float32, shape, elements=st.integers(0, 9).map(float))
)


@given(MASKS)
def test_pieces_are_those_of_scipy(mask):
    ndimage = pytest.importorskip("scipy.ndimage")
    labels, count = label_blobs(mask)
    expected, number = ndimage.label(mask, structure=np.ones((3, 3)))
    assert count == number
    pairs = set(zip(labels.ravel().tolist(), expected.ravel().tolist(), strict=True))
    assert len(pairs) == count + (not mask.all())


@given(LEVELS, st.integers(0, 4))
def test_windows_are_those_of_scipy(levels, radius):
    ndimage = pytest.importorskip("scipy.ndimage")
    size = 2 * radius + 1
    largest = ndimage.maximum_filter(levels, size, mode="nearest")
    np.testing.assert_array_equal(largest_near(levels, radius), largest)
    smallest = ndimage.minimum_filter(levels, size, mode="nearest")
    np.testing.assert_array_equal(smallest_near(levels, radius), smallest)


@given(LEVELS, st.integers(0, 4))
def test_closing_only_fills(levels, radius):
    closed = closing(levels, radius)
    assert closed.shape == levels.shape
    assert (closed >= levels).all()


def test_closing_leaves_light_that_falls_off():
    slope = np.add.outer(np.arange(40), 2 * np.arange(30)).astype(np.float32)
    np.testing.assert_array_equal(closing(slope, 5), slope)


def test_the_main_piece_and_what_is_near():
    mask = np.zeros((40, 40), bool)
    mask[10:30, 20:23] = True
    mask[5:8, 20:23] = True  # near
    mask[35:38, 2:5] = True  # far
    mask[12, 26] = True  # a speck
    kept = sign_of(mask, mask.astype(np.float32))
    assert kept[15, 21]
    assert kept[6, 21]
    assert not kept[36, 3]
    assert not kept[12, 26]


def test_a_larger_piece_that_runs_out_of_the_picture_is_not_the_main_one():
    mask = np.zeros((40, 40), bool)
    mask[:, 0:2] = True
    mask[15:30, 25:28] = True
    kept = sign_of(mask, mask.astype(np.float32))
    assert kept[20, 26]
    assert not kept[20, 0]


@given(st.lists(st.integers(0, 255), min_size=2, max_size=60))
def test_the_dividing_level_lies_between(values):
    numbers = np.array(values, np.float32)
    assert numbers.min() <= dividing_level(numbers) <= numbers.max()


def test_a_sheet_on_a_table_and_no_sheet():
    page = np.full((400, 300), 60, np.uint8)
    assert sheet_only(page) is None
    page[50:350, 40:260] = 220
    page[150:250, 140:160] = 20
    sheet = sheet_only(page)
    assert 250 < sheet.shape[0] <= 300
    assert 180 < sheet.shape[1] <= 220
    assert sheet.min() == 20
    assert set(np.unique(sheet)) == {20, 220}
    assert sheet_only(255 - page) is None
