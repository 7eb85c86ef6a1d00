"""Pictures and data sets to audit, drawn here."""

import numpy as np
import pytest
from PIL import Image

from imagier.datasets import Dataset
from imagier.images import Prepare


def draw(n, *, side=64, seed=0):
    """Draw different pictures with large shapes and fine stripes, uint8 (n, side, side, 3)."""
    rng = np.random.default_rng(seed)
    place = np.linspace(0, 1, side)
    pictures = np.empty((n, side, side, 3), np.uint8)
    for number in range(n):
        coarse = rng.integers(20, 236, (5, 5, 3)).astype(np.uint8)
        levels = np.asarray(Image.fromarray(coarse).resize((side, side)), np.float64)
        wave = np.sin(place * rng.uniform(20, 60))[:, None, None] * rng.uniform(8, 25)
        pictures[number] = (levels + wave).clip(0, 255)
    return pictures


@pytest.fixture(scope="session")
def drawn():
    """Give the function that draws pictures."""
    return draw


def as_dataset(thumbnails, labels, *, parts=None, names=None, hashes=None, groups=None):
    """Make a data set of thumbnails."""
    count = len(thumbnails)
    labels = np.asarray(labels, np.int64)
    classes = tuple(f"class{number}" for number in range(int(labels.max()) + 1))
    return Dataset(
        name="drawn",
        classes=classes,
        pixels=thumbnails,
        labels=labels,
        names=tuple(names or (f"{classes[label]}/{row}.jpg" for row, label in enumerate(labels))),
        hashes=np.array(hashes or [str(row) for row in range(count)]),
        parts=tuple(parts or [""] * count),
        groups=tuple(groups or [""] * count),
        prepare=Prepare(height=64, width=64, channels=3),
        thumbnails=thumbnails,
    )


@pytest.fixture(scope="session")
def dataset_of():
    """Give the function that makes a data set of thumbnails."""
    return as_dataset
