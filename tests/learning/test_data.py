"""The folds of a run keep groups together, share classes evenly, and do not see files' names."""

import dataclasses
import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.datasets import Split
from imagier.learning import TrainOptions
from imagier.learning.class_weights import class_weights
from imagier.learning.data import PreparedData


def prepared(labels, groups, *, seed=0, test=()):
    """Give pictures nobody looks at, with their labels, groups and hashes."""
    rows = np.arange(len(labels))
    learnt = np.setdiff1d(rows, test)

    class Pictures:
        hashes = np.array([f"{row:08x}" for row in rows])

    Pictures.labels = np.asarray(labels)
    parts = Split(
        train=learnt[::2],
        validation=learnt[1::2],
        test=np.asarray(test, np.int64),
        groups=np.asarray(groups),
        leak_rate=None,
    )
    return PreparedData(dataset=Pictures(), split=parts, options=TrainOptions(seed=seed))


members = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 30)), min_size=5, max_size=120)


@given(members=members, seed=st.integers(0, 9), chance=st.randoms(use_true_random=False))
def test_folds_keep_groups_together_whatever_the_order(members, seed, chance):
    """Pictures of one group are in one fold; shuffled pictures keep the fold they had."""
    labels, groups = (np.array(one) for one in zip(*members, strict=True))
    data = prepared(labels, groups, seed=seed)
    folds = data.folds(5)
    assert set(folds.tolist()) <= set(range(5))
    for group in np.unique(groups):
        assert len(set(folds[groups == group])) == 1
    order = list(range(len(members)))
    chance.shuffle(order)
    moved = prepared(labels[order], 100 - groups[order], seed=seed)
    moved.dataset.hashes = data.dataset.hashes[order]
    np.testing.assert_array_equal(moved.folds(5), folds[order])


@given(labels=st.lists(st.integers(0, 3), min_size=10, max_size=200), seed=st.integers(0, 9))
def test_folds_share_every_class_evenly(labels, seed):
    data = prepared(labels, np.arange(len(labels)), seed=seed, test=[0, 3])
    folds, labels = data.folds(5), np.array(labels)[data.learnable]
    assert len(folds) == len(labels)
    for label in set(labels.tolist()):
        counts = np.bincount(folds[labels == label], minlength=5)
        assert counts.max() - counts.min() <= 1


def test_another_seed_gives_other_folds():
    labels, groups = np.arange(100) % 2, np.arange(100)
    folds = [prepared(labels, groups, seed=seed).folds(5).tolist() for seed in (0, 0, 1)]
    assert folds[0] == folds[1] != folds[2]


def test_folds_of_a_folder_do_not_depend_on_its_names(stripes_folder, prepare, tmp_path):
    other = tmp_path / "renamed"
    for place in stripes_folder.iterdir():
        (other / place.name).mkdir(parents=True)
        for number, path in enumerate(sorted(place.iterdir(), reverse=True)):
            shutil.copy(path, other / place.name / f"{number:03d}.png")
    found = []
    for source in (stripes_folder, other):
        data = prepare(source, side=64)
        names = data.dataset.hashes[data.learnable].tolist()
        found.append(dict(zip(names, data.folds(5).tolist(), strict=True)))
    assert found[0] == found[1]


def test_groups_of_a_table_stay_in_one_fold(stripes_folder, prepare, tmp_path):
    """Four pictures of each animal: its pictures are in one fold, as they are in one part."""
    files = sorted(stripes_folder.glob("*/*.png"))
    lines = ["file,label,animal"]
    for number, path in enumerate(files):
        label = path.parent.name
        lines.append(f"{path.relative_to(tmp_path)},{label},{label}{number // 4}")
    table = tmp_path / "table.csv"
    table.write_text("\n".join(lines) + "\n")
    data = prepare(table, side=64, options=TrainOptions(group="animal"))
    folds, animals = data.folds(5), np.array(data.dataset.groups)[data.learnable]
    assert all(len(set(folds[animals == animal])) == 1 for animal in set(animals.tolist()))
    assert set(folds.tolist()) == {0, 1, 2, 3, 4}


def test_golden_pictures_and_references_are_of_validation(stripes_folder, prepare):
    data = prepare(stripes_folder)
    validation = {picture.tobytes() for picture in data.dataset.pixels[data.split.validation]}
    assert {picture.tobytes() for picture in data.golden()} <= validation
    assert len(data.golden()) == 2
    assert len(data.reference_inputs(5)) <= 5
    assert {picture.tobytes() for picture in data.reference_inputs()} == validation
    hidden = dataclasses.replace(data, options=TrainOptions(pictures=False))
    assert len(hidden.golden()) == 0


@pytest.mark.parametrize("counts", [(90, 10), (1, 2), (5, 5, 50), (199, 100)])
def test_weights_of_classes_have_mean_1_over_the_pictures(counts):
    labels = np.repeat(np.arange(len(counts)), counts)
    weights = np.array(class_weights(labels, len(counts)))
    assert (weights[labels]).mean() == pytest.approx(1)
    is_even = max(counts) < 2 * min(counts)
    assert (len(set(weights.tolist())) == 1) is is_even
    assert sorted(weights) == list(weights[np.argsort(counts)[::-1]])
