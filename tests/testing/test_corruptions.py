"""The common corruptions: the same for the same picture, and the stronger the worse."""

import numpy as np
import pytest

from imagier.datasets import open_source
from imagier.testing.corruptions import CORRUPTIONS, SEVERITIES, corrupt

WITHOUT_CHANCE = {"defocus_blur", "zoom_blur", "brightness", "contrast", "pixelate", "jpeg"}
SHAPES = [(8, 8, 1), (8, 8, 3), (9, 13, 3), (28, 28, 1), (64, 40, 3)]


def picture_of(shape, seed=0):
    """Draw waves of colour, grain, and bright squares here and there."""
    height, width, channels = shape
    rows, columns = np.mgrid[:height, :width]
    rng = np.random.default_rng(seed)
    waves = [
        128 + 60 * np.sin(rows / height * rng.uniform(3, 9) + columns / width * rng.uniform(3, 9))
        for _ in range(channels)
    ]
    picture = np.stack(waves, axis=-1) + rng.normal(0, 8, shape)
    for _ in range(6):
        top, left = rng.integers(0, height), rng.integers(0, width)
        picture[top : top + height // 4, left : left + width // 4] += rng.uniform(-80, 80)
    return picture.clip(0, 255).astype(np.uint8)


def psnr(spoilt, picture):
    error = np.mean((spoilt.astype(float) - picture) ** 2)
    return 10 * np.log10(255**2 / max(error, 1e-3))


def test_there_are_the_fifteen_of_the_paper():
    assert len(CORRUPTIONS) == 15


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", CORRUPTIONS)
def test_shape_and_type_are_kept(name, shape):
    picture = picture_of(shape)
    before = picture.copy()
    for severity in SEVERITIES:
        spoilt = corrupt(picture, name, severity, key=1)
        assert (spoilt.dtype, spoilt.shape) == (np.uint8, shape)
    assert np.array_equal(picture, before), "the picture itself is left alone"


@pytest.mark.parametrize("level", [0, 255])
@pytest.mark.parametrize("name", CORRUPTIONS)
def test_black_and_white_pictures_are_survived(name, level):
    for side in (1, 2, 8, 33):
        picture = np.full((side, side, 3), level, np.uint8)
        assert corrupt(picture, name, 5, key=0).shape == picture.shape


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_it_depends_on_picture_key_and_seed_alone(name):
    picture = picture_of((32, 32, 3))
    first = corrupt(picture, name, 3, key=7, seed=1)
    corrupt(picture_of((32, 32, 3), 5), name, 3, key=8, seed=1)
    assert np.array_equal(corrupt(picture, name, 3, key=7, seed=1), first)


@pytest.mark.parametrize("name", sorted(set(CORRUPTIONS) - WITHOUT_CHANCE))
def test_another_key_or_seed_is_another_draw(name):
    picture = picture_of((32, 32, 1))
    first = corrupt(picture, name, 3, key=7, seed=1)
    assert not np.array_equal(corrupt(picture, name, 3, key=8, seed=1), first)
    assert not np.array_equal(corrupt(picture, name, 3, key=7, seed=2), first)


@pytest.mark.parametrize("side", [28, 100])
@pytest.mark.parametrize("name", CORRUPTIONS)
def test_the_more_severe_the_worse_on_average(name, side):
    pictures = [picture_of((side, side, 3), seed) for seed in range(12)]
    means = [
        np.mean([psnr(corrupt(one, name, s, key=key), one) for key, one in enumerate(pictures)])
        for s in SEVERITIES
    ]
    assert np.all(np.diff(means) < 0.3), means  # pixelate: whole pixels, so steps may be equal
    assert means[-1] < means[0] - 1, means


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_ink_is_spoilt_too(name):
    digits = open_source("digits").pictures.array[:20].astype(np.uint8) * 15
    changed = [
        not np.array_equal(corrupt(one, name, 5, key=key), one) for key, one in enumerate(digits)
    ]
    assert sum(changed) >= 18
