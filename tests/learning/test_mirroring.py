"""Mirrored pictures are learnt from only where left and right do not matter."""

import numpy as np
import pytest

from imagier.learning.mirroring import Mirroring, try_mirroring
from imagier.learning.wishes import Wishes


def task_of(draw, n=600, side=16):
    """Draw pictures of two classes, each a bright field somewhere."""
    generator = np.random.default_rng(0)
    labels = np.arange(n) % 2
    pixels = generator.integers(0, 60, (n, side, side, 1)).astype(np.uint8)
    for row, label in enumerate(labels):
        draw(pixels[row, :, :, 0], int(label), generator)
    return pixels, labels


def one_sided(field, label, generator):
    column = int(generator.integers(0, 4)) + (10 if label else 0)
    field[4:12, column : column + 3] = 220


def two_sided(field, label, generator):
    row, column = int(generator.integers(0, 4)) + (10 if label else 0), int(generator.integers(14))
    field[row : row + 3, column : column + 3] = 220


@pytest.fixture
def make_task(make_parts):
    def make(draw):
        pixels, labels = task_of(draw)
        return make_parts(pixels, labels)

    return make


@pytest.fixture
def make_parts(tmp_path):
    from PIL import Image

    from imagier.learning.material import Material

    def make(pixels, labels):
        for row, (picture, label) in enumerate(zip(pixels, labels, strict=True)):
            folder = tmp_path / f"class{label}"
            folder.mkdir(exist_ok=True)
            Image.fromarray(picture[:, :, 0]).save(folder / f"{row}.png")
        return Material(tmp_path, Wishes(network="cnn"), None, lambda _: None).task("cnn")

    return make


def test_left_against_right_is_never_mirrored(make_task):
    found = try_mirroring(make_task(one_sided))
    assert found.straight > 0.9
    assert found.mirrored < 0.5
    assert not found.is_harmless
    assert "left and right matter" in found.sentence()


def test_above_against_below_may_be_mirrored(make_task):
    found = try_mirroring(make_task(two_sided))
    assert found.straight > 0.9
    assert found.is_harmless
    assert "also shown mirrored" in found.sentence()


@pytest.mark.parametrize(
    ("mirrored", "harmless"), [(0.9, True), (0.89, True), (0.95, True), (0.85, False)]
)
def test_the_difference_must_stay_within_the_noise(mirrored, harmless):
    assert Mirroring(straight=0.9, mirrored=mirrored, n=2_000).is_harmless is harmless


def test_a_pilot_without_errors_still_has_noise():
    assert Mirroring(straight=1.0, mirrored=1.0, n=10).is_harmless
