"""Glyphs out of a source of labelled pictures: MNIST, one's own folders, filled sheets.

Of a source that brings its own parts only those to learn from are taken: a line composed of test
pictures would teach what is to be asked.

>>> glyphs = source_glyphs("digits", most=20)
>>> "".join(glyphs.characters), len(glyphs)
('0123456789', 200)
"""

import os

import numpy as np

from imagier.datasets.loading import load, sample
from imagier.datasets.sources import open_source
from imagier.datasets.synthetic.glyphs import MOST_PER_CLASS, Glyphs
from imagier.errors import DataError
from imagier.files import printable

__all__ = ["source_glyphs"]

LARGEST = 64  # pixels: larger pictures are made smaller first


def source_glyphs(source: str | os.PathLike[str], *, most: int = MOST_PER_CLASS) -> Glyphs:
    """Cut glyphs out of the pictures of a source that are there to learn from.

    Args:
        source: What `imagier train` takes; its classes are single characters.
        most: How many pictures of each class are kept.

    Raises:
        DataError: What `open_source` and `Glyphs.of_dataset` refuse; `glyphs_no_training`.
    """
    listing = open_source(source)
    learnt = [row for row, part in enumerate(listing.parts) if part in ("", "train")]
    if not learnt:
        raise DataError("glyphs_no_training", name=printable(os.fspath(source)))
    listing = listing.take(learnt)
    settings = sample(listing).choose(limit=LARGEST, ink=False)
    dataset = load(listing, settings)
    pixels = dataset.pixels
    if settings.full_scale != 255:
        levels = np.clip(np.rint(pixels * (255 / settings.full_scale)), 0, 255)
        pixels = levels.astype(np.uint8)
    return Glyphs.of_dataset(pixels, dataset.labels, dataset.classes, most=most)
