import dataclasses

import numpy as np
import pytest

from imagier.datasets import Dataset, Skipped, tensor
from imagier.datasets.loading.fingerprints import pixel_hash, row_hashes
from imagier.images import Prepare


def dataset(n=6, **changes):
    pixels = np.arange(n * 12, dtype=np.uint8).reshape(n, 2, 2, 3)
    facts = {
        "name": "photos",
        "classes": ("cat", "dog", "eel"),
        "pixels": pixels,
        "labels": np.arange(n) % 2,
        "names": tuple(f"{row}.png" for row in range(n)),
        "hashes": row_hashes(pixels),
        "parts": ("",) * n,
        "groups": tuple(str(row // 2) for row in range(n)),
        "prepare": Prepare(height=2, width=2, channels=3),
    }
    return Dataset(**facts | changes)


def test_counts_name_every_class_even_an_empty_one():
    assert dataset(5).counts() == {"cat": 3, "dog": 2, "eel": 0}


def test_take_keeps_the_columns_together():
    whole = dataset()
    some = whole.take([4, 1])
    assert len(some) == 2
    assert (some.names, some.groups) == (("4.png", "1.png"), ("2", "0"))
    assert some.labels.tolist() == [0, 1]
    assert some.hashes.tolist() == [whole.hashes[4], whole.hashes[1]]
    assert np.array_equal(some.pixels, whole.pixels[[4, 1]])
    assert some.classes == whole.classes


def test_taking_everything_copies_no_pixel():
    whole = dataset()
    assert np.shares_memory(whole.take(range(len(whole))).pixels, whole.pixels)
    assert not np.shares_memory(whole.take([0, 1]).pixels, whole.pixels)


def test_a_dataset_cannot_be_written_to():
    whole = dataset()
    for name in ("pixels", "labels", "hashes"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(whole, name)[0] = 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        whole.name = "other"


def test_the_caller_s_own_array_stays_writeable():
    pixels = np.zeros((6, 2, 2, 3), dtype=np.uint8)
    dataset(pixels=pixels)
    pixels[0] = 1
    assert pixels[0, 0, 0, 0] == 1


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="different lengths"):
        dataset(names=("1.png",))


def test_a_large_selection_stays_on_the_disk(monkeypatch):
    monkeypatch.setattr(tensor, "memory_share", lambda: 30)
    whole = dataset()
    some = whole.take([5, 0, 2, 3])
    assert isinstance(some.pixels, np.memmap)
    assert np.array_equal(some.pixels, whole.pixels[[5, 0, 2, 3]])
    assert not isinstance(whole.take([5, 0]).pixels, np.memmap)


def test_the_fingerprint_is_of_pictures_and_labels_not_of_order_or_names():
    whole = dataset()
    turned = whole.take([3, 1, 0, 2, 5, 4])
    renamed = dataset(names=tuple("abcdef"), skipped=(Skipped(path="x", code="y", message="z"),))
    assert whole.fingerprint() == turned.fingerprint() == renamed.fingerprint()
    assert whole.fingerprint() != dataset(labels=np.array([1, 1, 0, 1, 0, 1])).fingerprint()
    assert whole.fingerprint() != whole.take(range(5)).fingerprint()


def test_the_memory_share_is_a_quarter_of_what_is_granted(monkeypatch):
    monkeypatch.setattr(tensor, "available_memory", lambda: 4096)
    assert tensor.memory_share() == 1024
    assert tensor.exceeds_memory((5, 205))
    assert not tensor.exceeds_memory((4, 256))


# Names made from pixels


def test_rows_of_an_array_are_named_as_single_pictures_are():
    array = np.random.default_rng(0).integers(0, 256, (5, 4, 3, 1), dtype=np.uint8)
    assert row_hashes(array).tolist() == [pixel_hash(picture) for picture in array]
    assert row_hashes(array).dtype == np.dtype("U32")
    assert row_hashes(array[::2]).tolist() == [pixel_hash(picture) for picture in array[::2]]
    assert row_hashes(array[:0]).tolist() == []


def test_the_shape_belongs_to_the_name():
    flat = np.zeros((2, 6, 1), dtype=np.uint8)
    names = {pixel_hash(flat.reshape(shape)) for shape in [(2, 6, 1), (6, 2, 1), (2, 2, 3)]}
    assert len(names) == 3


def test_one_level_changes_the_name():
    picture = np.zeros((8, 8, 3), dtype=np.uint8)
    other = picture.copy()
    other[7, 7, 2] = 1
    assert pixel_hash(picture) != pixel_hash(other)


def test_a_view_is_named_as_its_copy():
    picture = np.random.default_rng(0).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    assert pixel_hash(picture[::2, ::-1]) == pixel_hash(picture[::2, ::-1].copy())
