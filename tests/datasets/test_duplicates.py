"""Groups: given ones, identical pixels and near-duplicates; what is too large or contradicts."""

import gzip

import numpy as np
import pytest

from imagier.datasets import Dataset, group_pictures
from imagier.datasets.loading.fingerprints import row_hashes
from imagier.datasets.splitting.duplicates import largest_group
from imagier.datasets.thumbnails import make_thumbnails
from imagier.images import Prepare


def dataset(pixels, *, labels=None, groups=None, names=None):
    n, height, width, channels = pixels.shape
    labels = np.zeros(n, dtype=np.int64) if labels is None else np.array(labels)
    return Dataset(
        name="photos",
        classes=tuple(f"class {label}" for label in range(int(labels.max()) + 1)),
        pixels=pixels,
        labels=labels,
        names=tuple(names or (f"{row}.png" for row in range(n))),
        hashes=row_hashes(pixels),
        parts=("",) * n,
        groups=tuple(groups or ("",) * n),
        prepare=Prepare(height=height, width=width, channels=channels),
        thumbnails=make_thumbnails(pixels),
    )


def noise(n, side=8, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (n, side, side, 3), dtype=np.uint8)


def near(pixels, seed=1):
    """Copy pictures with a little noise."""
    rng = np.random.default_rng(seed)
    moved = pixels.astype(int) + rng.integers(-2, 3, pixels.shape)
    return np.clip(moved, 0, 255).astype(np.uint8)


def test_identical_pictures_are_one_group():
    grouping = group_pictures(dataset(noise(5)[[0, 1, 0, 2, 1, 0]]))
    assert grouping.ids.tolist() == [0, 1, 0, 3, 1, 0]
    assert (grouping.oversized, grouping.conflicts) == ((), ())


def test_near_duplicates_count_from_64_pixels_on():
    for side, expected in ((63, [0, 1, 2, 3]), (64, [0, 1, 0, 1])):
        pixels = noise(2, side)
        grouping = group_pictures(dataset(np.concatenate([pixels, near(pixels)])))
        assert grouping.ids.tolist() == expected


def test_the_short_side_decides():
    pixels = noise(2, 96)[:, :60]
    both = np.concatenate([pixels, near(pixels)])
    assert group_pictures(dataset(both)).duplicates.tolist() == [0, 1, 2, 3]


def test_duplicates_of_duplicates_are_duplicates():
    pixels = noise(3, 64)
    copy = near(pixels[:1])
    order = np.concatenate([pixels, copy, pixels[:1], copy])
    assert group_pictures(dataset(order)).duplicates.tolist() == [0, 1, 2, 0, 0, 0]


def test_groups_of_the_source_come_first():
    pixels = noise(4)[[0, 1, 0, 2, 3]]
    grouping = group_pictures(dataset(pixels, groups=["ada", "ada", "bob", "bob", "cy"]))
    assert grouping.ids.tolist() == [0, 0, 2, 2, 4]
    assert grouping.duplicates.tolist() == [0, 1, 0, 3, 4]


def test_a_picture_without_a_group_follows_its_duplicate():
    pixels = noise(4)[[0, 1, 0, 2, 2, 3]]
    grouping = group_pictures(dataset(pixels, groups=["ada", "ada", "", "", "", "bob"]))
    assert grouping.ids.tolist() == [0, 0, 0, 3, 3, 5]


def test_a_picture_without_a_group_joins_no_two_given_groups():
    pixels = noise(1)[[0, 0, 0]]
    grouping = group_pictures(dataset(pixels, groups=["", "ada", "bob"]))
    assert grouping.ids[1] != grouping.ids[2]
    assert grouping.ids[0] == grouping.ids[1]


def test_given_groups_may_be_large():
    grouping = group_pictures(dataset(noise(40), groups=["ada"] * 30 + ["bob"] * 10))
    assert len(np.unique(grouping.ids)) == 2
    assert grouping.oversized == ()


@pytest.mark.parametrize(
    ("n", "limit"), [(3, 10), (60, 10), (1_000, 10), (1_999, 19), (60_000, 600)]
)
def test_how_many_duplicates_are_one_group(n, limit):
    assert largest_group(n) == limit


def test_too_many_identical_pictures_are_reported_not_merged():
    pixels = np.concatenate([np.repeat(noise(1), 11, axis=0), noise(20, seed=2)])
    grouping = group_pictures(dataset(pixels))
    assert grouping.oversized == (tuple(range(11)),)
    assert len(np.unique(grouping.ids)) == 31
    assert len(np.unique(grouping.duplicates)) == 21  # they stay duplicates: leaks are counted


def test_ten_identical_pictures_are_merged():
    pixels = np.concatenate([np.repeat(noise(1), 10, axis=0), noise(20, seed=2)])
    grouping = group_pictures(dataset(pixels))
    assert grouping.oversized == ()
    assert len(np.unique(grouping.ids)) == 21


def test_a_long_chain_of_near_duplicates_falls_back_to_identical_ones():
    one = noise(1, 64)
    burst = np.concatenate([near(one, seed) for seed in range(12)])
    pixels = np.concatenate([burst, burst[:3], noise(5, 64, seed=5)])
    grouping = group_pictures(dataset(pixels))
    assert grouping.oversized == (tuple(range(15)),)
    assert grouping.ids[:15].tolist() == [*range(12), 0, 1, 2]


def test_identical_pictures_under_two_classes_contradict():
    pixels = noise(3)[[0, 1, 0, 1, 2, 2]]
    grouping = group_pictures(dataset(pixels, labels=[0, 1, 1, 1, 2, 0]))
    assert grouping.conflicts == ((0, 2), (4, 5))


def test_near_duplicates_under_two_classes_do_not_contradict():
    pixels = noise(1, 64)
    both = dataset(np.concatenate([pixels, near(pixels)]), labels=[0, 1])
    assert group_pictures(both).conflicts == ()


def test_the_order_does_not_change_who_belongs_together():
    pixels = noise(6, 64)
    pixels = np.concatenate([pixels, near(pixels[:3]), pixels[:2]])
    order = np.random.default_rng(0).permutation(len(pixels))
    ids, turned = group_pictures(dataset(pixels)).ids, group_pictures(dataset(pixels[order])).ids
    assert np.array_equal(ids[order][:, None] == ids[order], turned[:, None] == turned)


# Real pictures


def test_the_digits_of_scikit_learn_have_no_duplicates():
    digits = pytest.importorskip("sklearn.datasets").load_digits()
    pixels = digits.images.astype(np.uint8)[..., np.newaxis]
    grouping = group_pictures(dataset(pixels, labels=digits.target))
    assert len(np.unique(grouping.ids)) == 1797
    assert grouping.conflicts == ()


def test_the_digits_of_mnist_have_no_duplicates(imagier_data):
    pixels = read_mnist(imagier_data)
    grouping = group_pictures(dataset(pixels))
    assert len(np.unique(grouping.ids)) == len(pixels) == 10_000


def read_mnist(folder):
    path = folder / "mnist" / "t10k-images-idx3-ubyte.gz"
    if not path.is_file():
        pytest.skip("needs MNIST in IMAGIER_DATA/mnist")
    return np.frombuffer(gzip.decompress(path.read_bytes()), np.uint8)[16:].reshape(-1, 28, 28, 1)
