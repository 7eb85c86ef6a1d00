import dataclasses

import numpy as np
import pytest

from imagier.errors import DataError
from imagier.i18n import use_language
from imagier.testing import evaluate, match_classes

CLASSES = ("cat", "dog", "rest")


def test_answers_are_counted(obedient, dataset_of):
    dataset = dataset_of([0, 0, 1, 2], [0, 1, 1, 2], classes=CLASSES)
    found = evaluate(obedient(CLASSES), dataset)
    assert found.score.correct == 3
    assert found.counts.tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 1]]
    assert found.confidence == pytest.approx(np.full(4, 0.9))


def test_pictures_pass_in_batches_and_only_those_that_are_asked_for(obedient, dataset_of):
    dataset = dataset_of([0] * 10, [0] * 10, classes=CLASSES)
    recognizer, told = obedient(CLASSES), []
    rows = np.array([9, 1, 3, 5, 7])
    found = evaluate(
        recognizer, dataset, rows, batch=2, progress=lambda done, total: told.append((done, total))
    )
    assert recognizer.batches == [2, 2, 1]
    assert told == [(2, 5), (4, 5), (5, 5)]
    assert found.indices.tolist() == rows.tolist()


def test_the_batch_size_changes_no_figure(obedient, dataset_of):
    rng = np.random.default_rng(0)
    labels, answers = rng.integers(0, 3, 50), rng.integers(0, 3, 50)
    dataset = dataset_of(labels, answers, sure=rng.integers(40, 100, 50))
    scores = [evaluate(obedient("012"), dataset, batch=batch).score for batch in (1, 7, 50, 500)]
    assert len(set(scores)) == 1


def test_classes_are_matched_by_name_never_by_position(obedient, dataset_of):
    # the folder holds dog then cat, and no rest; the recogniser knows cat, dog, rest
    dataset = dataset_of([0, 0, 1], [1, 1, 0], classes=("dog", "cat"))
    found = evaluate(obedient(CLASSES), dataset)
    assert found.score.correct == 3
    assert found.counts.tolist() == [[1, 0, 0], [0, 2, 0], [0, 0, 0]]
    assert found.score.balanced_accuracy == 1.0


def test_an_unknown_name_counts_as_the_class_of_the_rest(obedient, dataset_of):
    dataset = dataset_of([0, 1, 2], [2, 0, 2], classes=("lion", "cat", "owl"))
    found = evaluate(obedient(CLASSES, other="rest"), dataset)
    assert found.counts.tolist() == [[1, 0, 0], [0, 0, 0], [0, 0, 2]]


def test_an_unknown_name_is_refused_where_there_is_no_class_of_the_rest(obedient, dataset_of):
    dataset = dataset_of([0, 0, 1], [0, 0, 0], classes=("dgo", "cat"))
    with pytest.raises(DataError) as caught, use_language("en"):
        evaluate(obedient(CLASSES), dataset)
    assert caught.value.code == "unknown_labels"
    with use_language("en"):
        assert "2 pictures" in caught.value.message
        assert "dgo" in caught.value.message
        assert "Did you mean “dog”?" in caught.value.message
        assert "cat, dog, rest" in caught.value.next_step


def test_an_unknown_name_without_pictures_does_no_harm(obedient, dataset_of):
    dataset = dataset_of([1, 1], [0, 0], classes=("owl", "cat"))
    assert evaluate(obedient(CLASSES), dataset).score.correct == 2


def test_matching_finds_positions():
    assert match_classes(["b", "x"], ["a", "b"], None).tolist() == [1, -1]
    assert match_classes(["b", "x"], ["a", "b"], "a").tolist() == [1, 0]


def test_a_memory_mapped_set_is_not_copied_whole(obedient, dataset_of, tmp_path):
    dataset = dataset_of([0, 1, 2] * 4, [0, 1, 1] * 4)
    file = np.lib.format.open_memmap(
        tmp_path / "pixels.npy", mode="w+", dtype=np.uint8, shape=dataset.pixels.shape
    )
    file[:] = dataset.pixels
    mapped = dataclasses.replace(dataset, pixels=file)
    assert evaluate(obedient("012"), mapped, batch=5).score.correct == 8
