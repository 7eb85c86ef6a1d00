"""Which input suits the pictures."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from imagier.errors import DataError
from imagier.images import choose_prepare, is_ink

NOISE = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)


def crossed(size=28, width=3, paper=0, ink=255):
    """Draw a cross of thin strokes in the middle of a page."""
    image = Image.new("L", (size, size), paper)
    draw = ImageDraw.Draw(image)
    low, high, middle = size // 6, size - size // 6, size // 2
    draw.line((low, middle, high, middle), fill=ink, width=width)
    draw.line((middle, low, middle, high), fill=ink, width=width)
    return np.asarray(image)[..., None]


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([(28, 28)] * 3, (28, 28)),
        ([(20, 50)] * 3, (20, 50)),
        ([(300, 400), (400, 300), (350, 350)], (64, 64)),
        ([(400, 400)] * 4, (64, 64)),
        ([(30, 33), (31, 29), (29, 31)], (28, 28)),
        ([(100, 400)] * 2, (32, 128)),
        ([(400, 100)] * 2, (128, 32)),
        ([(2, 3), (3, 3)], (8, 8)),
    ],
)
def test_the_size_rule(sizes, expected):
    settings = choose_prepare([NOISE], sizes)
    assert (settings.height, settings.width) == expected


@pytest.mark.parametrize(
    ("sizes", "limit", "expected"),
    [
        ([(300, 400), (400, 300)], 224, (224, 224)),
        ([(100, 400)] * 2, 64, (64, 64)),
        ([(534, 400)] * 3, 384, (384, 384)),
        ([(130, 500), (130, 490)], 384, (128, 128)),
        ([(32, 32)] * 3, 224, (32, 32)),
    ],
)
def test_cropped_pictures_fill_a_square_and_are_not_enlarged(sizes, limit, expected):
    settings = choose_prepare([NOISE], sizes, limit=limit, fit="crop")
    assert (settings.height, settings.width, settings.fit) == (*expected, "crop")


def test_ink_keeps_its_shape_though_pictures_may_be_cropped():
    settings = choose_prepare([crossed()] * 3, [(100, 400)] * 3, ink=True, fit="crop")
    assert (settings.height, settings.width) == (32, 128)


def test_channels():
    assert choose_prepare([NOISE], [(64, 64)]).channels == 3
    grey = np.repeat(NOISE[..., :1], 3, axis=2)
    assert choose_prepare([grey], [(64, 64)]).channels == 1
    assert choose_prepare([grey, NOISE], [(64, 64)]).channels == 3


@pytest.mark.parametrize(("paper", "ink"), [(0, 255), (255, 0)])
def test_thin_strokes_on_an_even_page_are_ink(paper, ink):
    sample = [crossed(paper=paper, ink=ink)] * 5
    assert is_ink(sample)
    settings = choose_prepare(sample, [(28, 28)])
    assert settings.ink.box == pytest.approx(21 / 28, abs=0.08)
    assert settings.channels == 1


def test_blots_photos_and_blank_pages_are_not_ink():
    blot = crossed(width=16)
    assert not is_ink([blot] * 5)
    assert not is_ink([NOISE] * 5)
    assert not is_ink([np.zeros((28, 28, 1), np.uint8)] * 5)
    assert not is_ink([])


def test_the_user_may_decide():
    assert choose_prepare([NOISE], [(64, 64)], ink=True).ink is not None
    assert choose_prepare([crossed()] * 3, [(28, 28)], ink=False).ink is None


def test_nothing_to_look_at():
    with pytest.raises(DataError) as caught:
        choose_prepare([], [])
    assert caught.value.code == "no_sample"


def test_real_sets_are_told_apart(imagier_data):
    from imagier.datasets import open_source, sample

    mnist = sample(open_source(imagier_data / "mnist")).choose()
    assert mnist.ink is not None
    assert (mnist.ink.box, mnist.ink.centre) == (pytest.approx(20 / 28, abs=0.001), "mass")
    assert sample(open_source(imagier_data / "clothing" / "train")).choose().ink is None
    digits = sample(open_source("digits")).choose()
    assert digits.ink is not None
    assert digits.full_scale == 16


def test_clothes_are_not_ink():
    from pathlib import Path

    from imagier.datasets import open_source, sample

    if not Path("/usr/share/datasets/fashion-mnist").is_dir():
        pytest.skip("needs Debian's dataset-fashion-mnist")
    assert sample(open_source("fashion-mnist")).choose().ink is None
