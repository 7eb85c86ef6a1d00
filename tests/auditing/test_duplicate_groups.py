"""Copies become groups; those across parts are leaks, those under two names conflicts."""

import dataclasses

import numpy as np
import pytest

from imagier.auditing import find_duplicates

PARTS = ["train"] * 20 + ["test"] * 10


@pytest.fixture
def thumbnails(drawn):
    return drawn(30).copy()


def test_a_mirrored_copy_in_the_test_part_is_a_leak(thumbnails, dataset_of):
    thumbnails[25] = thumbnails[3, :, ::-1]
    found = find_duplicates(dataset_of(thumbnails, [0] * 30, parts=PARTS))
    (group,) = found.groups
    assert (group.rows, group.kinds, group.parts) == ((3, 25), ("mirrored",), ("train", "test"))
    assert group.is_leak
    assert not group.is_conflict
    assert found.leak_rate == pytest.approx(0.1)


def test_copies_of_copies_are_one_group(thumbnails, dataset_of):
    thumbnails[1] = thumbnails[0]
    thumbnails[2] = np.rot90(thumbnails[1])
    hashes = ["same", "same", *map(str, range(28))]
    found = find_duplicates(dataset_of(thumbnails, [0, 0, 1] + [0] * 27, hashes=hashes))
    (group,) = found.groups
    assert (group.rows, group.kinds) == ((0, 1, 2), ("identical", "turned"))
    assert group.is_conflict
    assert found.ids[[0, 1, 2]].tolist() == [0, 0, 0]


def test_without_parts_there_is_no_leak_rate(thumbnails, dataset_of):
    found = find_duplicates(dataset_of(thumbnails, [0] * 30))
    assert found.leak_rate is None
    assert found.groups == ()
    assert found.is_thorough


def test_without_a_test_part_validation_judges(thumbnails, dataset_of):
    thumbnails[29] = thumbnails[0]
    parts = ["train"] * 20 + ["validation"] * 10
    assert find_duplicates(dataset_of(thumbnails, [0] * 30, parts=parts)).leak_rate == 0.1


def test_a_set_too_large_is_searched_for_plain_copies_only(thumbnails, dataset_of, monkeypatch):
    monkeypatch.setattr("imagier.auditing.duplicate_groups.MOST_COMPARED", 10)
    thumbnails[1], thumbnails[2] = thumbnails[0], thumbnails[0, :, ::-1]
    found = find_duplicates(dataset_of(thumbnails, [0] * 30))
    assert [group.rows for group in found.groups] == [(0, 1)]
    assert not found.is_thorough


def test_small_pictures_in_colours_are_compared_too(drawn, dataset_of):
    small = drawn(30, side=32).copy()
    small[9] = np.rot90(small[2])
    dataset = dataclasses.replace(dataset_of(small, [0] * 30), thumbnails=None)
    found = find_duplicates(dataset)
    assert [(group.rows, group.kinds) for group in found.groups] == [((2, 9), ("turned",))]
    assert found.is_thorough


@pytest.mark.parametrize(("side", "colours"), [(32, 1), (24, 3)])
def test_grey_and_tiny_pictures_are_copies_only_where_identical(drawn, dataset_of, side, colours):
    small = drawn(30, side=side)[..., :colours].copy()
    small[9] = small[2, :, ::-1]
    dataset = dataclasses.replace(dataset_of(small, [0] * 30), thumbnails=None)
    found = find_duplicates(dataset)
    assert found.groups == ()
    assert not found.is_thorough
