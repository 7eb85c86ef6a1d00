import numpy as np
import pytest

from imagier.convolution.plots import Panel, montage, sliding_frames, strip, tinted
from imagier.figures import png


def test_levels_are_grey_and_signs_are_colours():
    grey = tinted(np.array([[0.0, 128.0, 255.0]]), white=255)
    assert grey[0].tolist() == [[0] * 3, [128] * 3, [255] * 3]
    signed = tinted(np.array([[-10.0, 0.0, 5.0]])).astype(int)
    assert signed[0, 0, 0] > signed[0, 0, 2], "orange"
    assert signed[0, 1].tolist() == [255, 255, 255]
    assert signed[0, 2, 2] > signed[0, 2, 0], "blue"
    assert np.ptp(signed[0, 0]) > np.ptp(signed[0, 2]), "the farther from zero the stronger"


def test_a_picture_all_black_stays_black():
    assert tinted(np.zeros((2, 2))).max() == 0


def test_maps_stand_in_a_square_in_their_order():
    maps = np.arange(3.0)[np.newaxis, np.newaxis] * np.ones((2, 3, 3))
    sheet = montage(maps)
    assert sheet.shape == (5, 7)
    assert (sheet[:2, :3] == 0).all()
    assert (sheet[:2, 4:] == 1).all()
    assert (sheet[3:, :3] == 2).all()
    assert np.isnan(sheet[2]).all()
    assert np.isnan(sheet[3:, 4:]).all()


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 900, 1), (1300, 2000, 1), (9, 9, 70)])
def test_a_strip_of_any_size_can_be_drawn(shape):
    maps = np.random.default_rng(0).normal(size=shape)
    figure = strip([Panel(title="a", maps=np.abs(maps)), Panel(title="b", maps=maps)])
    assert png(figure, dots_per_inch=50).startswith(b"\x89PNG")


def test_the_kernel_stands_on_each_place_once():
    picture, kernel = np.arange(12.0).reshape(3, 4), np.ones((2, 2))
    assert len(list(sliding_frames(picture, kernel, ("a", "b")))) == 6
    assert len(list(sliding_frames(picture, kernel, ("a", "b"), stride=2, padding=1))) == 6


def test_an_edge_of_a_large_picture_does_not_cancel_out():
    maps = np.zeros((1200, 1200, 1))
    maps[:, 600], maps[:, 601] = 10, -10
    axes = strip([Panel(title="edge", maps=maps)]).axes[0]
    shades = np.asarray(axes.images[0].get_array())
    assert shades.shape == (600, 600, 3)
    assert shades[:, 300].tolist() == [[0, 114, 178]] * 600
