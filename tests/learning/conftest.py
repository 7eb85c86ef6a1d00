"""What the tests of learning share: sources prepared, deadlines, photos drawn on the disk."""

import time

import numpy as np
import pytest
from PIL import Image

from imagier.learning import TrainOptions
from imagier.learning.data import DataSource
from imagier.learning.progress import silent
from imagier.machine import Deadline


@pytest.fixture
def prepare():
    """Give the function that prepares a source for a network of layers, or at a side for photos."""

    def go(source, network="cnn", *, side=None, options=None):
        opened = DataSource(source, options or TrainOptions(network=network), None, silent)
        if side is None:
            return opened.prepare(opened.settings(network))
        return opened.prepare(opened.sample.choose(limit=side, fit="crop"))

    return go


@pytest.fixture
def deadline():
    """Give the function that makes a deadline so many seconds from now."""
    return lambda seconds: Deadline(started=time.monotonic(), budget=seconds)


@pytest.fixture
def write_photos(tmp_path):
    """Give the function that writes photos: colour, stripes that lie or stand, noise around."""

    def go(n=40, *, size=(96, 96), name="photos", draw=draw_stripes_inside, seed=0):
        generator = np.random.default_rng(seed)
        root = tmp_path / name
        for number in range(n):
            label = number % 2
            picture = generator.integers(60, 190, (*size, 3))
            draw(picture, label, generator)
            place = root / ("lying", "standing")[label]
            place.mkdir(parents=True, exist_ok=True)
            pixels = picture.clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(place / f"{number:03d}.png")
        return root

    return go


def draw_stripes_inside(picture, label, generator):
    """Lay stripes over the whole picture, with a phase, a colour and a period of their own."""
    along = np.arange(picture.shape[label]) / generator.uniform(3.0, 6.0)
    wave = 70 * np.sin(along + generator.uniform(0, 6))
    colour = generator.uniform(0.4, 1.0, 3)
    lines = wave[:, None, None] if label == 0 else wave[None, :, None]
    picture += (lines * colour).astype(picture.dtype)
