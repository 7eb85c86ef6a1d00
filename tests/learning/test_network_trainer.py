"""Mirrored pictures are learnt from only where left and right do not matter."""

import numpy as np
import pytest
from PIL import Image

from imagier.learning.network_trainer import Mirroring, NetworkTrainer, _try_mirroring
from imagier.learning.trainers import Run
from imagier.training import Tier


def drawn(draw, n=600, side=16):
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
def draw_data(tmp_path, prepare):
    """Give the function that prepares 600 pictures drawn so."""

    def make(draw):
        for row, (picture, label) in enumerate(zip(*drawn(draw), strict=True)):
            folder = tmp_path / f"class{label}"
            folder.mkdir(exist_ok=True)
            Image.fromarray(picture[:, :, 0]).save(folder / f"{row}.png")
        return prepare(tmp_path)

    return make


def test_left_against_right_is_never_mirrored(draw_data):
    found = _try_mirroring(draw_data(one_sided))
    assert found.straight > 0.9
    assert found.mirrored < 0.5
    assert not found.is_harmless
    assert "left and right matter" in found.sentence()


def test_above_against_below_may_be_mirrored(draw_data):
    found = _try_mirroring(draw_data(two_sided))
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


@pytest.mark.parametrize(("draw", "both_ways"), [(one_sided, False), (two_sided, True)])
def test_what_is_learnt_from_mirrored_is_answered_both_ways(draw_data, deadline, draw, both_ways):
    tier = Tier(network="cnn:4", min_epochs=1, max_epochs=2, may_mirror=True)
    run = Run(deadline=deadline(120.0))
    trainer = NetworkTrainer(draw_data(draw), "cnn:4", run, tier=tier)
    trainer.fit()
    plan = trainer.loop.plan
    assert (plan.flip, plan.flip_tta) == (both_ways, both_ways)
    recognizer = trainer.export()
    pixels = trainer.data.reference_inputs()
    mirrored = np.ascontiguousarray(pixels[:, :, ::-1])
    moved = np.abs(recognizer.probabilities(pixels) - recognizer.probabilities(mirrored)).max()
    assert bool(moved < 1e-6) is both_ways
