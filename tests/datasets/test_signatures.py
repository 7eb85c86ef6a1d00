import numpy as np
import pytest
import safetensors.numpy
from PIL import Image

from imagier.datasets import Signatures
from imagier.datasets.thumbnails import make_thumbnail


def picture(seed, size=(150, 110)):
    """Make a picture with large and small shapes, as photos have."""
    levels = np.random.default_rng(seed).integers(0, 256, (7, 9, 3)).astype(np.uint8)
    return Image.fromarray(levels).resize(size, Image.Resampling.BICUBIC)


def thumbnails(*images):
    return np.stack([make_thumbnail(np.asarray(image)) for image in images])


LEARNT = [picture(seed) for seed in range(30)]


@pytest.fixture(scope="module")
def signatures():
    content = Signatures.of(thumbnails(*LEARNT)).to_bytes()
    return Signatures.of_tables(safetensors.numpy.load(content))


@pytest.mark.parametrize(
    "copy",
    [
        lambda one: one.resize((75, 66)),
        lambda one: one.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        lambda one: one.transpose(Image.Transpose.ROTATE_90),
        lambda one: one.transpose(Image.Transpose.TRANSVERSE),
    ],
)
def test_copies_are_known_again_after_writing_and_reading(signatures, copy):
    assert signatures.resembled_by(thumbnails(*map(copy, LEARNT))).all()


def test_other_pictures_and_flat_ones_are_not(signatures):
    others = [picture(seed) for seed in range(100, 160)]
    flat = np.full((1, 64, 64, 3), 128, np.uint8)
    assert not signatures.resembled_by(thumbnails(*others)).any()
    assert not Signatures.of(flat).resembled_by(flat).any()
    assert (
        len(Signatures.of_tables(safetensors.numpy.load(Signatures.of(flat).to_bytes())).hashes)
        == 0
    )


def test_nothing_resembles_no_picture_and_no_picture_resembles(signatures):
    none = np.empty((0, 64, 64, 3), np.uint8)
    assert signatures.resembled_by(none).shape == (0,)
    assert not Signatures.of(none).resembled_by(thumbnails(*LEARNT[:2])).any()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda tables: tables.pop("cells"),
        lambda tables: tables.update(cells=tables["cells"][1:]),
        lambda tables: tables.update(contrast=tables["contrast"].astype(np.float64)),
        lambda tables: tables.update(contrast=np.float32(3)),
    ],
)
def test_other_tables_are_refused(spoil):
    tables = safetensors.numpy.load(Signatures.of(thumbnails(*LEARNT)).to_bytes())
    spoil(tables)
    with pytest.raises(ValueError, match=r"."):
        Signatures.of_tables(tables)
