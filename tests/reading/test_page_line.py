"""A line on its page: its corners, its box, and how it is cut out."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from imagier.reading.page_line import PageLine

SIDES = st.integers(1, 200)


@given(left=SIDES, top=SIDES, width=SIDES, height=SIDES, climb=st.floats(-0.1, 0.1))
def test_a_box_holds_the_corners_and_no_more(left, top, width, height, climb):
    line = PageLine(left=left, top=top, width=width, height=height, climb=climb)
    corners = line.corners()
    x0, y0, x1, y1 = line.box()
    assert np.abs(corners.min(axis=0) - (x0, y0)).max() <= 0.5
    assert np.abs(corners.max(axis=0) - (x1, y1)).max() <= 0.5
    sides = np.linalg.norm(np.diff(corners, axis=0), axis=1)
    assert sides == pytest.approx([width, height, width])


def test_a_line_that_climbs_ends_higher_than_it_begins():
    line = PageLine(left=10, top=100, width=200, height=20, climb=math.radians(3))
    corners = line.corners()
    assert corners[1][1] < corners[0][1] - 10
    assert line.box(150, 0, 160, 20)[1] < line.box(0, 0, 10, 20)[1]


def test_a_straight_line_is_cut_as_it_is():
    page = np.random.default_rng(0).integers(0, 256, (60, 90, 3)).astype(np.uint8)
    line = PageLine(left=10, top=20, width=50, height=15)
    assert np.array_equal(line.cut(page), page[20:35, 10:60])


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("degrees", [-3, 2])
def test_a_crooked_line_is_cut_straight(degrees, channels):
    straight = np.full((200, 300), 230, np.uint8)
    straight[90:110, 60:240] = 20
    turned = np.asarray(
        Image.fromarray(straight).rotate(degrees, Image.Resampling.BICUBIC, fillcolor=230)
    )
    page = np.repeat(turned[:, :, None], channels, axis=2)
    angle = math.radians(degrees)
    x, y = 50 - 150, 80 - 100  # of the corner, from the middle about which the page is turned
    left = 150 + x * math.cos(angle) + y * math.sin(angle)
    top = 100 - x * math.sin(angle) + y * math.cos(angle)
    line = PageLine(left=left, top=top, width=200, height=40, climb=angle)
    cut = line.cut(page)
    assert cut.shape == (40, 200, channels)
    expected = np.repeat(straight[80:120, 50:250, None], channels, axis=2).astype(int)
    assert np.mean(np.abs(cut.astype(int) - expected)) < 6


def test_what_lies_beside_the_page_is_paper():
    page = np.full((50, 50, 1), 200, np.uint8)
    cut = PageLine(left=-10, top=20, width=40, height=20, climb=0.0).cut(page)
    assert (cut == 200).all()
