"""Series that file names hide are found where their pictures look alike, and only there."""

import numpy as np
import pytest

from imagier.auditing import find_series
from imagier.datasets import name_groups

OBJECTS, FRAMES = 12, 8


@pytest.fixture(scope="module")
def frames():
    rng = np.random.default_rng(0)
    objects = rng.normal(size=(OBJECTS, 20))
    vectors = np.repeat(objects, FRAMES, axis=0) + rng.normal(0, 0.2, (OBJECTS * FRAMES, 20))
    return vectors, np.repeat(np.arange(OBJECTS) % 2, FRAMES)


def names(form):
    return [form.format(number, frame) for number in range(OBJECTS) for frame in range(FRAMES)]


@pytest.mark.parametrize(
    ("form", "group"),
    [
        ("cat/{:05d}_{:05d}.png", "00000"),
        ("obj{}__{}.jpg", "obj0"),
        ("p{:02d}-view{}.jpg", "p00"),
        ("scan7_{:03d}_{}.jpg", "scan7_000"),
    ],
)
def test_the_pattern_is_found(frames, form, group):
    vectors, labels = frames
    found = find_series(names(form), labels, vectors)
    assert (found.group, found.groups) == (group, OBJECTS)
    assert found.nearest > 0.95
    assert found.chance < 0.3
    assert len(set(name_groups(names(form), found.pattern))) == OBJECTS


def test_names_alone_are_no_series(frames):
    _, labels = frames
    others = np.random.default_rng(1).normal(size=(OBJECTS * FRAMES, 20))
    assert find_series(names("{:05d}_{:05d}.png"), labels, others) is None


def test_a_running_number_is_no_series(frames):
    vectors, labels = frames
    numbered = [f"cat.{number}.jpg" for number in range(OBJECTS * FRAMES)]
    assert find_series(numbered, labels, vectors) is None


def test_names_without_numbers_are_no_series(frames):
    vectors, labels = frames
    assert find_series(["cat.jpg"] * len(labels), labels, vectors) is None
