"""Parts: by the rank of the group within its class, kept when the source brings them."""

import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.datasets import Dataset, split, split_rows, without_empty_classes
from imagier.datasets.loading.fingerprints import row_hashes
from imagier.datasets.splitting import assigning
from imagier.datasets.splitting.split_file import read_split_file
from imagier.errors import DataError, UsageError
from imagier.i18n import use_language
from imagier.images import Prepare


def pictures(n, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, 4, 4, 1), dtype=np.uint8)


def dataset(n=300, *, classes=2, pixels=None, seed=0, **facts):
    pixels = pictures(n, seed) if pixels is None else pixels
    n = len(pixels)
    return Dataset(
        **{
            "name": "photos",
            "classes": tuple(f"class {number}" for number in range(classes)),
            "pixels": pixels,
            "labels": np.arange(n) % classes,
            "names": tuple(f"{row}.png" for row in range(n)),
            "hashes": row_hashes(pixels),
            "parts": ("",) * n,
            "groups": ("",) * n,
            "prepare": Prepare(height=4, width=4, channels=1),
        }
        | facts
    )


def parts_of(data, **wishes):
    """Give the part of each picture by its name, and the split."""
    parts = split(data, **{"seed": 0} | wishes)
    found = dict.fromkeys(data.names, "")
    for part in ("train", "validation", "test"):
        found |= {data.names[row]: part for row in getattr(parts, part)}
    return found, parts


def has_note(parts, *words):
    return any(all(word in note for word in words) for note in parts.notes)


# The rule


def test_the_parts_hold_every_picture_once():
    data = dataset(1_000)
    parts = split(data, seed=0)
    together = np.concatenate([parts.train, parts.validation, parts.test])
    assert sorted(together) == list(range(1_000))
    for rows in (parts.train, parts.validation, parts.test):
        assert rows.dtype == np.int64
        assert (np.diff(rows) > 0).all()


def test_the_shares_are_15_percent_and_15_percent_of_the_rest():
    data = dataset(4_000)
    sizes = np.array(
        [
            [len(p.train), len(p.validation), len(p.test)]
            for p in (split(data, seed=s) for s in range(8))
        ]
    )
    assert sizes.tolist() == [[2_890, 510, 600]] * 8


def test_the_same_seed_gives_the_same_parts_in_any_order():
    data = dataset(200)
    order = np.random.default_rng(1).permutation(200)
    assert parts_of(data)[0] == parts_of(data.take(order))[0]
    assert parts_of(data)[0] != parts_of(data, seed=1)[0]


def test_names_play_no_part():
    data = dataset(200)
    renamed = dataset(200, names=tuple(f"other/{row}.jpg" for row in range(200)))
    assert split(data, seed=0).test.tolist() == split(renamed, seed=0).test.tolist()


def counts_of(data, parts):
    """Count the pictures of each part, class by class, (3, classes)."""
    n = len(data.classes)
    rows = (parts.train, parts.validation, parts.test)
    return np.array([np.bincount(data.labels[some], minlength=n) for some in rows])


def test_every_class_gives_its_share():
    data = dataset(150, classes=3)
    for seed in range(8):
        assert counts_of(data, split(data, seed=seed)).tolist() == [[36] * 3, [7] * 3, [7] * 3]


SETS = st.tuples(
    st.integers(0, 1_000),  # the seed
    st.lists(st.integers(1, 60), min_size=2, max_size=4),  # groups of each class
    st.integers(1, 6),  # pictures of the largest group
)


def grouped(seed, counts, largest):
    """Draw a set whose groups hold up to `largest` pictures of one class."""
    sizes = np.random.default_rng(seed).integers(1, largest + 1, sum(counts))
    labels = np.repeat(np.repeat(np.arange(len(counts)), counts), sizes)
    groups = np.repeat(np.arange(sum(counts)), sizes)
    facts = {"classes": len(counts), "labels": labels}
    data = dataset(len(labels), groups=tuple(f"g{group}" for group in groups), **facts)
    return data, groups


@given(SETS)
def test_every_class_share_is_within_one_group(drawn):
    seed, counts, largest = drawn
    data, groups = grouped(seed, [*counts, 20, 20], largest)
    done = split(data, seed=seed)
    train, validation, test = counts_of(data, done)
    of_class = train + validation + test
    biggest = np.array([np.bincount(groups[data.labels == k]).max() for k in range(len(of_class))])
    assert (np.abs(test - 0.15 * of_class) <= biggest).all()
    assert (np.abs(test + validation - 0.2775 * of_class) <= 2 * biggest).all()
    assert (train > 0).all()
    for k, number in enumerate([*counts, 20, 20]):
        assert number < 3 or (test[k] > 0 and validation[k] > 0)
    part = np.empty(len(data), dtype=int)
    for number, rows in enumerate((done.train, done.validation, done.test)):
        part[rows] = number
    assert all(len(set(part[groups == group])) == 1 for group in set(groups.tolist()))


@given(SETS)
def test_the_order_plays_no_part(drawn):
    seed, counts, largest = drawn
    data, _ = grouped(seed, [*counts, 20, 20], largest)
    order = np.random.default_rng(seed).permutation(len(data))
    assert parts_of(data, seed=seed)[0] == parts_of(data.take(order), seed=seed)[0]


@given(SETS, st.integers(0, 10_000))
def test_a_picture_more_moves_at_most_a_group_at_each_boundary(drawn, extra):
    seed, counts, largest = drawn
    data, groups = grouped(seed, [max(3, count) for count in counts] + [20, 20], largest)
    sizes = np.bincount(groups)
    of_class = np.bincount(data.labels)[data.labels]
    if (sizes[groups] > 0.25 * of_class).any():
        return  # the last group that is not too large for its class may become so
    left = extra % len(data)
    before, _ = parts_of(data.take(row for row in range(len(data)) if row != left), seed=seed)
    after, _ = parts_of(data, seed=seed)
    moved = {
        (data.classes[data.labels[row]], before[name], after[name], data.groups[row])
        for row, name in enumerate(data.names)
        if row != left and before[name] != after[name]
    }
    assert {place[0] for place in moved} <= {data.classes[data.labels[left]]}
    kinds = [frozenset(place[1:3]) for place in moved]
    assert frozenset(("train", "test")) not in kinds
    assert len(kinds) == len(set(kinds)) <= 2


@given(st.integers(0, 10_000), st.integers(1, 5))
def test_copies_stay_where_their_picture_is(seed, copies):
    data = dataset(150, seed=seed)
    extra = np.random.default_rng(seed).choice(150, copies, replace=False)
    parts, done = parts_of(data.take([*range(150), *extra.tolist()]), seed=seed)
    assert done.leak_rate == 0
    rows = {row for some in (done.train, done.validation, done.test) for row in some.tolist()}
    assert len(rows) == 150 + copies
    assert set(parts.values()) == {"train", "validation", "test"}


@pytest.mark.parametrize("largest", [1, 4])
def test_validation_never_has_more_than_5000_pictures(monkeypatch, largest):
    monkeypatch.setattr(assigning, "LARGEST_VALIDATION", 30)
    for seed in range(4):
        data, _ = grouped(seed, [200, 100, 40], largest)
        train, validation, test = counts_of(data, split(data, seed=seed))
        of_class = train + validation + test
        assert 22 <= validation.sum() <= 30
        assert (np.abs(validation - 30 * of_class / of_class.sum()) <= largest).all()
        assert (np.abs(test - 0.15 * of_class) <= largest).all()


def test_a_group_that_fills_much_of_its_class_is_learnt_from():
    groups = ("big",) * 40 + tuple(f"g{row}" for row in range(60))
    labels = np.array([0] * 60 + [1] * 40)
    data = dataset(100, groups=groups, labels=labels)
    for seed in range(10):
        train, validation, test = counts_of(data, split(data, seed=seed))
        assert (train[0], validation[0] + test[0]) == (43, 17) or train[0] >= 40
        assert 1 <= test[0] <= 17


# Groups

# Groups


def test_a_given_group_stays_together_and_its_name_decides():
    groups = tuple(f"writer {row // 5}" for row in range(500))
    data = dataset(500, groups=groups)
    parts, done = parts_of(data)
    for start in range(0, 500, 5):
        assert len({parts[f"{row}.png"] for row in range(start, start + 5)}) == 1
    other = dataset(500, groups=groups, seed=9)  # other pictures of the same writers
    assert parts_of(other)[0] == parts
    assert not has_note(done, "person")


def test_copies_stay_together():
    data = dataset(pixels=np.tile(pictures(150), (2, 1, 1, 1)))
    parts, done = parts_of(data)
    assert all(parts[f"{row}.png"] == parts[f"{row + 150}.png"] for row in range(150))
    assert done.leak_rate == 0
    assert done.groups.tolist() == [*range(150), *range(150)]


def test_unknown_groups_are_said():
    assert has_note(split(dataset(), seed=0), "person")
    some = ("ada", *[""] * 299)
    assert has_note(split(dataset(groups=some), seed=0), "person")


def test_too_many_duplicates_are_said_and_counted_as_leaks():
    pixels = np.concatenate([np.repeat(pictures(1), 60, axis=0), pictures(140, seed=2)])
    data = dataset(pixels=pixels, labels=np.array([0] * 60 + [0, 1] * 70))
    done = split(data, seed=0)
    assert has_note(done, "60 pictures", "flatters")
    assert len(np.unique(done.groups)) == 200
    apart = [int((rows < 60).sum()) for rows in (done.train, done.validation, done.test)]
    assert min(apart) > 0
    assert done.leak_rate == pytest.approx(apart[2] / len(done.test))
    again, _ = parts_of(data.take(np.random.default_rng(0).permutation(200)))
    assert again == parts_of(data)[0]


# Classes with few pictures


def small(counts):
    labels = np.repeat(np.arange(len(counts)), counts)
    return dataset(sum(counts), classes=len(counts), labels=labels)


@pytest.mark.parametrize("seed", range(6))
def test_a_class_of_three_gets_every_part(seed):
    data = small([3, 60, 3, 4])
    done = split(data, seed=seed)
    for rows in (done.train, done.validation, done.test):
        assert set(data.labels[rows]) == {0, 1, 2, 3}


@given(st.lists(st.integers(1, 9), min_size=2, max_size=6), st.integers(0, 1000))
def test_each_class_can_be_learnt_and_those_of_three_tested(counts, seed):
    data = small([*counts, 12, 12])
    done = split(data, seed=seed)
    assert not has_note(done, "moved")
    assert set(data.labels[done.train]) == set(range(len(counts) + 2))
    for label, count in enumerate(counts):
        if count >= 3:
            assert label in data.labels[done.test]
            assert label in data.labels[done.validation]
    assert done.leak_rate == 0
    untested = set(range(len(counts))) - set(data.labels[done.test])
    assert has_note(done, "no picture in the test") == bool(untested)


def test_classes_of_two_share_the_test_among_them():
    data = small([2] * 100)
    train, validation, test = counts_of(data, split(data, seed=0))
    assert (train > 0).all()
    assert [part.sum() for part in (train, validation, test)] == [145, 25, 30]


def test_three_copies_are_one_group_and_have_no_right_to_every_part():
    pixels = np.concatenate([np.repeat(pictures(1), 3, axis=0), pictures(60, seed=2)])
    data = dataset(pixels=pixels, labels=np.array([0] * 3 + [1] * 60))
    parts, done = parts_of(data)
    assert {parts[f"{row}.png"] for row in range(3)} == {"train"}
    assert has_note(done, "class 0", "no picture in the test")


def test_a_group_of_several_classes_counts_in_its_most_frequent_one():
    groups = tuple(f"patient {row // 10}" for row in range(600))
    labels = np.array(([0] * 9 + [1]) * 20 + ([1] * 9 + [0]) * 40)
    data = dataset(600, groups=groups, labels=labels)
    for seed in range(5):
        done = split(data, seed=seed)
        patients = {int(row) // 10 for row in done.test}
        assert (len(patients & set(range(20))), len(patients & set(range(20, 60)))) == (3, 6)
        assert done.leak_rate == 0


def test_a_group_that_alone_holds_a_class_is_learnt_from():
    groups = tuple(f"patient {row // 10}" for row in range(100))
    labels = np.arange(100) % 2
    labels[33] = 2
    data = dataset(100, classes=3, groups=groups, labels=labels)
    assert all(33 in split(data, seed=seed).train for seed in range(20))


def test_groups_of_several_classes_keep_every_class_learnable():
    groups = tuple(f"patient {row // 6}" for row in range(60))
    data = dataset(60, classes=3, groups=groups)
    for seed in range(10):
        done = split(data, seed=seed)
        for rows in (done.train, done.validation, done.test):
            assert set(data.labels[rows]) == {0, 1, 2}
        assert done.leak_rate == 0


# Parts that the source brings


def own(n, test=0, validation=0):
    return ("train",) * (n - test - validation) + ("validation",) * validation + ("test",) * test


def test_parts_of_the_source_are_kept():
    data = dataset(300, parts=own(300, test=60, validation=40))
    done = split(data, seed=0)
    assert done.train.tolist() == list(range(200))
    assert done.validation.tolist() == list(range(200, 240))
    assert done.test.tolist() == list(range(240, 300))


def test_a_missing_validation_part_comes_from_training():
    done = split(dataset(300, parts=own(300, test=60)), seed=0)
    assert done.test.tolist() == list(range(240, 300))
    assert 0 < len(done.validation) < 70
    assert done.validation.max() < 240


def test_a_missing_test_part_comes_from_training():
    done = split(dataset(300, parts=own(300, validation=60)), seed=0)
    assert done.validation.tolist() == list(range(240, 300))
    assert 0 < len(done.test) < 80
    assert done.test.max() < 240


def test_small_classes_do_not_alter_parts_of_the_source():
    labels = np.array([0] * 3 + [1] * 57 + [1] * 20)
    data = dataset(80, labels=labels, parts=own(80, test=20))
    done = split(data, seed=0)
    assert done.test.tolist() == list(range(60, 80))
    assert set(data.labels[done.validation]) == {0, 1}
    assert has_note(done, "class 0", "no picture in the test")


def test_copies_across_parts_of_the_source_are_counted_not_moved():
    pixels = np.concatenate([pictures(80), pictures(80)[:5], pictures(15, seed=3)])
    data = dataset(pixels=pixels, labels=np.arange(100) % 2, parts=own(100, test=20))
    labels = data.labels.copy()
    labels[80:85] = labels[:5]
    data = dataset(pixels=pixels, labels=labels, parts=own(100, test=20))
    done = split(data, seed=0)
    assert done.test.tolist() == list(range(80, 100))
    assert done.leak_rate == pytest.approx(5 / 20)


def test_a_given_group_across_parts_of_the_source_is_counted():
    groups = tuple(f"writer {row % 40}" for row in range(100))
    data = dataset(100, groups=groups, parts=own(100, test=20))
    assert split(data, seed=0).leak_rate == 1


def test_a_class_only_the_test_has_is_said():
    labels = np.array([0, 1] * 40 + [0, 1, 2] * 6 + [0, 1])
    data = dataset(100, classes=3, labels=labels, parts=own(100, test=20))
    assert has_note(split(data, seed=0), "class 2", "never be recognised")


def test_a_table_that_gives_some_parts():
    parts = tuple("test" if row < 30 else "" for row in range(200))
    done = split(dataset(200, parts=parts), seed=0)
    assert done.test.tolist() == list(range(30))
    assert len(done.train) + len(done.validation) == 170


def test_few_test_pictures_are_said():
    assert has_note(split(dataset(60), seed=0), "test part", "interval")
    assert not has_note(split(dataset(600), seed=0), "interval")


# Refused


def refused(data, kind=DataError, **wishes):
    with pytest.raises(kind) as caught:
        split(data, **{"seed": 0} | wishes)
    assert caught.value.message
    assert caught.value.next_step
    return caught.value


def test_one_class_is_refused():
    error = refused(dataset(20, labels=np.zeros(20, dtype=np.int64)))
    assert (error.code, error.facts["label"]) == ("one_class", "class 0")


def test_one_class_in_the_training_part_is_refused():
    labels = np.array([0] * 80 + [0, 1] * 10)
    assert refused(dataset(100, labels=labels, parts=own(100, test=20))).code == "one_class"


@pytest.mark.parametrize("counts", [[1, 1], [1, 40], [2, 2], [2, 1, 1]])
def test_too_few_pictures_are_refused(counts):
    error = refused(small(counts))
    assert error.code == "too_few_pictures"
    assert error.exit_code == 4


def test_copies_are_no_substitute_for_pictures():
    pixels = np.repeat(pictures(2), 9, axis=0)
    error = refused(dataset(pixels=pixels, labels=np.repeat([0, 1], 9)))
    assert error.code == "too_few_pictures"


# The same picture under two classes


def contradicting(n=1_000, parts=None):
    pixels = pictures(n)
    pixels[50] = pixels[3]
    pixels[70] = pixels[3]
    pixels[91] = pixels[8]
    labels = np.arange(n) % 2
    labels[70] = labels[3]
    names = tuple(f"{'cat' if label == 0 else 'dog'}/{row}.png" for row, label in enumerate(labels))
    facts = {} if parts is None else {"parts": parts}
    return dataset(pixels=pixels, labels=labels, names=names, classes=2, **facts)


def test_a_few_pictures_under_two_classes_are_named_and_left_out():
    data = contradicting()
    parts, done = parts_of(data)
    left = {name for name, part in parts.items() if not part}
    assert left == {"dog/3.png", "cat/50.png", "dog/70.png", "cat/8.png", "dog/91.png"}
    assert {one.path for one in done.skipped} == left
    assert {one.code for one in done.skipped} == {"picture_conflict"}
    first = next(one for one in done.skipped if one.path == "dog/3.png")
    assert "cat/50.png" in first.message
    assert "class 0" in first.message
    assert has_note(done, "5 pictures were left out")


def test_many_are_refused():
    error = refused(contradicting(499))
    assert error.code == "label_conflict"
    assert error.facts["n"] == 2
    assert "dog/3.png" in error.message
    assert "cat/50.png" in error.message
    assert "--strict" in error.next_step
    assert len(split(contradicting(500), seed=0).skipped) == 5  # 1 % exactly


def test_a_strict_split_refuses_a_single_one():
    assert refused(contradicting(), strict=True).facts["n"] == 2


def test_leaving_contradictions_out_moves_no_other_picture():
    data = contradicting()
    parts, _ = parts_of(data)
    clean = data.take(row for row in range(1_000) if row not in (3, 50, 70, 8, 91))
    assert parts_of(clean)[0] == {name: part for name, part in parts.items() if part}


@pytest.mark.parametrize("strict", [False, True])
def test_a_contradiction_of_a_published_test_is_noted_not_refused(strict):
    data = contradicting(100, own(100, test=60))  # 50 and 70 stand in the test, and so does 91
    done = split(data, seed=0, strict=strict)
    assert done.test.tolist() == list(range(40, 100))
    assert done.skipped == ()
    assert has_note(done, "2 pictures", "dog/3.png")
    assert done.leak_rate == pytest.approx(3 / 60)


def test_a_contradiction_inside_training_counts_whatever_the_test_holds():
    parts = own(1_000, test=930)  # 3 and 50 are both learnt from; 70 and 91 are in the test
    assert refused(contradicting(parts=parts), strict=True).facts["n"] == 1
    done = split(contradicting(parts=parts), seed=0)
    assert {one.path for one in done.skipped} == {"dog/3.png", "cat/50.png"}
    assert done.test.tolist() == list(range(70, 1_000))


# split.csv, and its use


def test_the_file_tells_what_the_split_is(tmp_path):
    data = contradicting()
    parts, done = parts_of(data)
    text = split_rows(data, done)
    (tmp_path / "split.csv").write_text(text, "utf-8")
    file = read_split_file(tmp_path / "split.csv")
    assert {name: part for (name, _), part in file.by_row.items()} == parts
    row = text.splitlines()[4].split(",")
    smallest = min(data.hashes[[3, 50, 70]])
    assert row == ["dog/3.png", data.hashes[3], smallest, ""]


def test_given_groups_stand_in_the_file():
    data = dataset(100, groups=tuple(f"=writer {row % 30}" for row in range(100)))
    lines = split_rows(data, split(data, seed=0)).splitlines()
    assert lines[1].split(",")[2] == "'=writer 0"


@pytest.fixture
def kept(tmp_path):
    """Split 200 pictures with seed 5 and write the file."""
    data = dataset(200)
    done = split(data, seed=5)
    path = tmp_path / "split.csv"
    path.write_text(split_rows(data, done), "utf-8")
    return data, parts_of(data, seed=5)[0], path


def test_a_split_is_used_again(kept):
    data, parts, path = kept
    assert parts_of(data, seed=0, reuse=path)[0] == parts != parts_of(data, seed=0)[0]


def test_a_renamed_picture_keeps_its_part(kept):
    _, parts, path = kept
    renamed = dataset(200, names=tuple(f"new/{row}.png" for row in range(200)))
    again, done = parts_of(renamed, reuse=path)
    assert again == {f"new/{name}": part for name, part in parts.items()}
    assert not has_note(done, "split file")


def test_new_pictures_get_a_part_and_missing_ones_are_said(kept):
    _, parts, path = kept
    pixels = np.concatenate([pictures(200)[20:], pictures(40, seed=7)])
    names = tuple([f"{row}.png" for row in range(20, 200)] + [f"n{row}.png" for row in range(40)])
    again, done = parts_of(dataset(pixels=pixels, names=names), reuse=path)
    assert {name: again[name] for name in names[:180]} == {n: parts[n] for n in names[:180]}
    assert {again[name] for name in names[180:]} == {"train", "validation", "test"}
    assert has_note(done, "20 pictures", "split file", "0.png")
    assert has_note(done, "40 pictures", "split file", "n0.png")


def test_a_new_copy_of_a_known_picture_goes_where_that_is(kept):
    _, parts, path = kept
    pixels = np.concatenate([pictures(200), pictures(200)])
    names = tuple([f"{row}.png" for row in range(200)] + [f"copy{row}.png" for row in range(200)])
    again, done = parts_of(dataset(pixels=pixels, names=names), reuse=path)
    assert all(again[f"copy{row}.png"] == parts[f"{row}.png"] for row in range(200))
    assert done.leak_rate == 0


def test_a_new_picture_of_a_known_group_goes_where_that_is(tmp_path):
    groups = tuple(f"writer {row % 40}" for row in range(200))
    data = dataset(200, groups=groups)
    path = tmp_path / "split.csv"
    path.write_text(split_rows(data, split(data, seed=5)), "utf-8")
    grown = dataset(240, groups=tuple(f"writer {row % 40}" for row in range(240)))
    assert split(grown, seed=0, reuse=path).leak_rate == 0


def test_a_picture_left_out_stays_left_out(tmp_path):
    data = contradicting()
    path = tmp_path / "split.csv"
    parts, done = parts_of(data)
    path.write_text(split_rows(data, done), "utf-8")
    assert parts_of(data, reuse=path)[0] == parts


def test_the_file_goes_before_the_parts_of_the_source(kept):
    _, parts, path = kept
    other = dataset(200, parts=own(200, test=30))
    assert parts_of(other, reuse=path)[0] == parts


def test_a_damaged_or_missing_file_is_refused(kept, tmp_path):
    data, _, path = kept
    path.write_text(path.read_text("utf-8").replace("train", "tain", 1), "utf-8")
    assert refused(data, UsageError, reuse=path).code == "split_file_damaged"
    assert refused(data, UsageError, reuse=tmp_path / "no.csv").code == "split_file_missing"


# What it says


def test_all_notes_exist_in_french():
    data = contradicting(100, own(100, test=60))
    with use_language("fr"):
        done = split(data, seed=0)
    assert len(done.notes) == len(split(data, seed=0).notes)
    assert set(done.notes).isdisjoint(split(data, seed=0).notes)


def test_names_with_stray_bytes_can_be_said():
    names = tuple(f"caf\udce9\n{row}.png" for row in range(100))
    data = contradicting(100)
    data = dataset(pixels=data.pixels, labels=data.labels, names=names)
    error = refused(data)
    json.dumps(error.to_json()).encode("utf-8")
    data = contradicting()
    names = tuple(f"caf\udce9\n{row}.png" for row in range(1_000))
    data = dataset(pixels=data.pixels, labels=data.labels, names=names)
    done = split(data, seed=0)
    json.dumps([one.to_json() for one in done.skipped], ensure_ascii=False).encode("utf-8")
    split_rows(data, done).encode("utf-8")


# Classes of which nothing is left


def test_a_class_that_only_repeats_another_is_left_out_with_the_reason():
    pixels = pictures(300)
    pixels[299] = pixels[0]
    labels = np.arange(300) % 2
    labels[299] = 2
    data = dataset(pixels=pixels, classes=3, labels=labels)
    data, parts = without_empty_classes(data, split(data, seed=0))
    assert data.classes == ("class 0", "class 1")
    assert len(data) == len(parts.groups) == 299
    assert set(data.labels.tolist()) == {0, 1}
    used = np.concatenate([parts.train, parts.validation, parts.test])
    assert sorted(used.tolist()) == list(range(1, 299))  # nobody knows which name of 0 is right
    assert any(note.startswith("The class class 2 is left out") for note in parts.notes)
    assert "299.png" in parts.notes[-1]


def test_parts_keep_their_pictures_when_a_class_goes(tmp_path):
    data = dataset(90, classes=3)
    before = split(data, seed=0)
    text = split_rows(data, before).splitlines()
    gone = {f"{row}.png" for row in range(1, 90, 3)}
    rows = [
        re.sub(r",(train|validation|test)$", ",", row) if row.split(",")[0] in gone else row
        for row in text
    ]
    (tmp_path / "split.csv").write_text("\n".join(rows) + "\n")
    data, parts = without_empty_classes(data, split(data, seed=0, reuse=tmp_path / "split.csv"))
    assert data.classes == ("class 0", "class 2")
    for part in ("train", "validation", "test"):
        names = {f"{row}.png" for row in getattr(before, part)} - gone
        assert {data.names[row] for row in getattr(parts, part)} == names


def test_classes_that_are_all_there_change_nothing():
    data = dataset(90, classes=3)
    parts = split(data, seed=0)
    assert without_empty_classes(data, parts) == (data, parts)


@pytest.mark.parametrize(
    ("each", "shares"),
    [(3, (1, 1, 1)), (7, (5, 1, 1)), (10, (7, 1, 2)), (20, (14, 3, 3)), (50, (36, 7, 7))],
)
def test_the_test_is_never_smaller_than_the_validation(each, shares):
    data = dataset(4 * each, classes=4)
    parts = split(data, seed=3)
    found = [
        np.bincount(data.labels[getattr(parts, part)], minlength=4).tolist()
        for part in ("train", "validation", "test")
    ]
    assert found == [[share] * 4 for share in shares]
