"""Changed pictures: a pure function of seed, epoch and index, and never changed too far."""

import numpy as np
import pytest
import torch

from imagier.training.augmentation import changed_pictures, draws, is_changing

RAMP = np.arange(6 * 5 * 7 * 1, dtype=np.uint8).reshape(6, 5, 7, 1)
KINDS = [
    {"shift": 2},
    {"flip": True},
    {"shift": 1, "flip": True},
    {"rotation": 10.0, "stretch": 0.1, "shift": 1, "flip": True},
]


@pytest.mark.parametrize("kind", KINDS)
def test_each_change_hangs_on_seed_epoch_and_index_only(changed, kind):
    plan = changed(**kind)
    together = changed_pictures(RAMP, np.arange(6), plan, 3)
    for index in (0, 5):
        alone = changed_pictures(RAMP, np.array([index]), plan, 3)[0]
        torch.testing.assert_close(alone, together[index])
    assert torch.equal(changed_pictures(RAMP, np.arange(6), plan, 3), together)
    assert not torch.equal(changed_pictures(RAMP, np.arange(6), plan, 4), together)


def test_a_plain_plan_changes_nothing(plan, changed):
    assert not is_changing(plan)
    assert all(is_changing(changed(**kind)) for kind in KINDS)


@pytest.mark.parametrize("index", range(6))
@pytest.mark.parametrize("shift", [1, 2, 4])
def test_a_moved_picture_is_a_window_of_the_mirrored_one(changed, index, shift):
    moved = changed_pictures(RAMP, np.array([index]), changed(shift=shift), index)[0].numpy()
    around = np.pad(RAMP[index], ((shift, shift), (shift, shift), (0, 0)), mode="reflect")
    windows = [
        around[top : top + 5, left : left + 7]
        for top in range(2 * shift + 1)
        for left in range(2 * shift + 1)
    ]
    assert any(np.array_equal(moved, window) for window in windows)


def test_every_move_comes_up(changed):
    pixels = np.zeros((400, 5, 5, 1), np.uint8)
    pixels[:, 2, 2] = 1
    moved = changed_pictures(pixels, np.arange(400), changed(shift=1), 0).numpy()
    places = {tuple(np.argwhere(picture[:, :, 0])[0]) for picture in moved}
    assert len(places) == 9


def test_flips_take_turns(changed):
    plan = changed(flip=True)
    first, second, third = (changed_pictures(RAMP, np.arange(6), plan, n) for n in range(3))
    assert torch.equal(first, third)
    assert torch.equal(first.flip(2), second)


def test_turning_by_nothing_changes_nothing(changed):
    plan = changed(stretch=1e-9)
    found = changed_pictures(RAMP, np.arange(6), plan, 0)
    torch.testing.assert_close(found, torch.from_numpy(RAMP).float(), atol=1e-3, rtol=0)


def test_a_small_turn_stays_small(changed):
    picture = np.zeros((50, 21, 21, 1), np.uint8)
    picture[:, 2:7, 9:12] = 255  # a mark above the middle
    turned = changed_pictures(picture, np.arange(50), changed(rotation=15.0), 0).numpy()
    rows, columns = np.mgrid[:21, :21]
    mass = turned[..., 0].sum((1, 2))
    angle = np.degrees(
        np.arctan2(
            (turned[..., 0] * (columns - 10)).sum((1, 2)) / mass,
            -(turned[..., 0] * (rows - 10)).sum((1, 2)) / mass,
        )
    )
    assert np.abs(angle).max() < 15.5
    assert angle.min() < -8 < 8 < angle.max()


def test_draws_are_even_and_apart():
    numbers = draws(0, 0, np.arange(20_000), 3)
    assert numbers.min() >= 0
    assert numbers.max() < 1
    np.testing.assert_allclose(numbers.mean(0), 0.5, atol=0.01)
    assert np.abs(np.corrcoef(numbers.T) - np.eye(3)).max() < 0.03
    assert not np.array_equal(numbers, draws(1, 0, np.arange(20_000), 3))
