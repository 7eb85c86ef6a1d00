"""The gradient map: the slope that a linear network has by its formula, for any model."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from imagier.explaining import gradient_map
from imagier.images import Prepare

TINY = Path(__file__).parents[1] / "recognizer" / "tiny_models.py"


@pytest.fixture(scope="module")
def tiny():
    spec = importlib.util.spec_from_file_location("tiny_models", TINY)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def odds(probabilities, target):
    others = np.delete(probabilities, target).sum()
    return float(np.log(probabilities[target]) - np.log(others))


@pytest.mark.parametrize("target", [0, 1, 2])
def test_the_slopes_are_those_of_the_formula(tiny, target):
    """Softmax of sums z: the log-odds of class t gain w_t less the mean of the others' weights."""
    recognizer = tiny.tiny_recognizer()
    pixels = np.random.default_rng(0).integers(30, 220, (9, 9, 1), dtype=np.uint8)
    weights = tiny.third_weights()  # (81, 3), of light from 0 to 1
    shares = np.delete(recognizer.probabilities(pixels[np.newaxis])[0], target)
    others = np.delete(weights, target, axis=1) @ (shares / shares.sum())
    found = gradient_map(recognizer, pixels, target)
    assert found.cell == (1, 1)
    expected = (weights[:, target] - others).reshape(9, 9)
    np.testing.assert_allclose(found.slopes, expected, atol=0.01)
    np.testing.assert_array_equal(found.by_pixel(), found.slopes)


class Saturated:
    """Sure to the sixth digit; its odds still move with the brightness of one corner."""

    prepare = Prepare(height=30, width=20, channels=3)

    def probabilities(self, pixels):
        light = pixels[:, :3, :2].mean(axis=(1, 2, 3)) / 255
        other = np.exp(-16 - 2 * light)
        return np.stack([1 - other, other], axis=1).astype(np.float32)


def test_cells_hold_several_pixels_and_sure_answers_have_slopes():
    pixels = np.full((30, 20, 3), 100, np.uint8)
    seen = []
    found = gradient_map(Saturated(), pixels, 0, progress=lambda done, n: seen.append((done, n)))
    assert found.cell == (3, 2)
    assert found.slopes.shape == (10, 10)
    assert found.slopes[0, 0] == pytest.approx(2, rel=1e-3)
    assert np.abs(found.slopes.ravel()[1:]).max() == 0
    assert found.steepest == (0, 0)
    assert found.by_pixel()[:4, :3].round(3).tolist() == [[2, 2, 0]] * 3 + [[0, 0, 0]]
    assert seen[-1] == (100, 100)


@pytest.mark.parametrize("level", [0, 255])
def test_black_only_grows_brighter_and_white_darker(level):
    pixels = np.full((30, 20, 3), level, np.uint8)
    assert gradient_map(Saturated(), pixels, 0).slopes[0, 0] == pytest.approx(2, rel=1e-3)
    against = gradient_map(Saturated(), pixels, 1)
    assert against.slopes[0, 0] == pytest.approx(-2, rel=1e-3)


def test_the_last_cells_may_be_smaller():
    found = gradient_map(Saturated(), np.full((30, 20, 3), 9, np.uint8), 0)
    uneven = gradient_map(Odd(), np.full((29, 17, 3), 9, np.uint8), 0)
    assert found.by_pixel().shape == (30, 20)
    assert uneven.by_pixel().shape == (29, 17)


class Odd(Saturated):
    prepare = Prepare(height=29, width=17, channels=3)
