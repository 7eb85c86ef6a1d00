"""The window of a picture that another shows is found."""

import numpy as np
import pytest

from imagier.auditing.alignment import align, windows


@pytest.mark.parametrize("edges", [(0, 1, 0, 1), (0.04, 0.99, 0.02, 0.96), (0, 0.95, 0.05, 1)])
def test_a_window_is_found_again(drawn, edges):
    grey = drawn(6).mean(axis=3).astype(np.float32)
    wanted = np.tile(np.float32(edges), (6, 1))
    found = align(grey, windows(grey, wanted))
    assert np.abs(found - wanted).max() < 0.01


def test_colours_are_cut_like_grey_levels(drawn):
    pictures = drawn(2).astype(np.float32)
    edges = np.tile(np.float32([0.1, 0.9, 0, 1]), (2, 1))
    both = windows(pictures, edges)
    assert np.array_equal(both[..., 1], windows(pictures[..., 1], edges))


def test_flat_pictures_throw_nothing_about():
    flat = np.full((2, 32, 32), 90, np.float32)
    assert np.abs(align(flat, flat + 5) - [0, 1, 0, 1]).max() < 0.5
