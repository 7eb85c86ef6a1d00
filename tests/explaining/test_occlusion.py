"""The occlusion map: it finds the place that an answer hangs on, for any model."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from imagier.explaining import occlusion_map
from imagier.images import Ink, Prepare

TINY = Path(__file__).parents[1] / "recognizer" / "tiny_models.py"


@pytest.fixture(scope="module")
def recognizer():
    spec = importlib.util.spec_from_file_location("tiny_models", TINY)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.tiny_recognizer()


@pytest.fixture
def picture():
    """A picture whose middle third is a little bright: “middle” to the tiny model."""
    pixels = np.full((9, 9, 1), 20, np.uint8)
    pixels[:, 3:6] = 200
    return pixels


def test_the_bright_third_is_found(recognizer, picture):
    found = occlusion_map(recognizer, picture, 1)
    assert found.before == recognizer.probabilities(picture[np.newaxis])[0, 1]
    by_pixel = found.by_pixel()
    assert by_pixel.shape == (9, 9)
    assert by_pixel[:, 3:6].min() > by_pixel[:, [0, 1, 7, 8]].max()
    row, column = found.deepest
    assert found.falls[row, column] == found.falls.max()
    assert 2 <= found.lefts[column] <= 5


def test_each_place_is_hidden_once_and_answered(recognizer, picture):
    found = occlusion_map(recognizer, picture, 1, patch=4)
    assert found.patch == (4, 4)
    assert found.tops.tolist() == found.lefts.tolist() == list(range(6))
    hidden = picture.copy()
    hidden[2:6, 5:9] = np.rint(picture.mean())
    expected = recognizer.probabilities(hidden[np.newaxis])[0]
    assert found.probabilities[2, 5] == pytest.approx(expected[1], abs=1e-6)
    assert found.answers[2, 5] == expected.argmax()


def test_the_whole_picture_can_be_hidden(recognizer, picture):
    found = occlusion_map(recognizer, picture, 1, patch=9)
    assert found.falls.shape == (1, 1)
    assert found.probabilities[0, 0] == pytest.approx(1 / 3, abs=1e-4)


def test_a_larger_patch_is_tried_where_a_small_one_changes_nothing():
    class Stubborn:
        """Sure of its answer unless more than a tenth of the picture is dark."""

        prepare = Prepare(height=12, width=12, channels=1, ink=Ink(box=0.8, centre="box"))

        def probabilities(self, pixels):
            dark = (pixels == 0).mean(axis=(1, 2, 3)) > 0.1
            return np.stack([1 - dark, dark], axis=1).astype(np.float32)

    found = occlusion_map(Stubborn(), np.full((12, 12, 1), 255, np.uint8), 0)
    assert found.patch == (4, 4)
    assert found.falls.max() == 1
    assert found.answers.max() == 1


def test_the_progress_is_told(recognizer, picture):
    told = []
    occlusion_map(recognizer, picture, 1, patch=2, progress=lambda *step: told.append(step))
    assert told[-1] == (64, 64)


def test_pictures_that_are_not_square_are_covered_to_their_edges(recognizer):
    class Any:
        prepare = Prepare(height=30, width=47, channels=3)

        def probabilities(self, pixels):
            return np.full((len(pixels), 2), 0.5, np.float32)

    found = occlusion_map(Any(), np.zeros((30, 47, 3), np.uint8), 0, patch=7)
    assert found.tops[-1] + 7 == 30
    assert found.lefts[-1] + 7 == 47
    assert np.isfinite(found.by_pixel()).all()
    long = occlusion_map(Any(), np.zeros((2, 4000, 3), np.uint8), 0)
    assert long.falls.size < 1000  # a stranger's model may take a picture of any shape
    assert np.isfinite(long.by_pixel()).all()
