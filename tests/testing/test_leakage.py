from dataclasses import replace

import numpy as np
import pytest
import safetensors.numpy

from imagier.datasets import Signatures, keyed_hash
from imagier.errors import DataError, ModelError
from imagier.testing.leakage import KnownPictures, known_pictures, rows_to_test

SPLIT = (
    b"file,hash,group,part\n"
    b'a.png,h1,1,train\n"b,\n.png",h2,2,validation\nc.png,h3,3,test\nd.png,h1,4,test\n'
)


def known(dataset, learnt=(), set_aside=()):
    return KnownPictures(
        learnt=frozenset(str(dataset.hashes[row]) for row in learnt),
        set_aside=frozenset(str(dataset.hashes[row]) for row in set_aside),
    )


def test_learnt_pictures_are_those_of_training_and_validation():
    found = known_pictures({"split.csv": SPLIT})
    assert (found.learnt, found.set_aside) == ({"h1", "h2"}, {"h3"})


def test_a_single_file_does_not_say():
    assert known_pictures({}) is None


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00", b"file,group\na,b\n", b'file,hash,part\n"a,b\n']
)
def test_a_damaged_list_is_refused(content):
    with pytest.raises(ModelError) as caught:
        known_pictures({"split.csv": content})
    assert caught.value.code == "split_damaged"


def test_learnt_pictures_are_left_out_beside_those_set_aside(dataset_of):
    dataset = dataset_of([0, 1, 2, 0], [0, 1, 2, 0])
    rows, are_learnt = rows_to_test(dataset, known(dataset, learnt=[1, 3], set_aside=[0]))
    assert rows.tolist() == [0, 2]
    assert are_learnt.tolist() == [False, True, False, True]


def test_a_test_set_that_overlaps_is_refused(dataset_of):
    dataset = dataset_of([0, 1, 2, 0], [0, 1, 2, 0])
    with pytest.raises(DataError) as caught:
        rows_to_test(dataset, known(dataset, learnt=[1]))
    assert (caught.value.code, caught.value.facts["overlap"]) == ("overlap", "1")
    rows, are_learnt = rows_to_test(dataset, known(dataset, learnt=[1]), allow_overlap=True)
    assert rows.tolist() == [0, 1, 2, 3]
    assert are_learnt.sum() == 1


def test_when_all_were_learnt_the_test_is_refused(dataset_of):
    dataset = dataset_of([0, 1], [0, 1])
    with pytest.raises(DataError) as caught:
        rows_to_test(dataset, known(dataset, learnt=[0, 1]))
    assert caught.value.code == "all_seen"


def test_hashes_under_a_key_are_known_too():
    pictures = KnownPictures(
        learnt=frozenset([keyed_hash("h1", "k" * 32)]), set_aside=frozenset(), key="k" * 32
    )
    np.testing.assert_array_equal(pictures.are_learnt(["h1", "h2"]), [True, False])


def photos(count, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, 64, 64, 3)).astype(np.uint8)


def test_a_copy_of_a_learnt_photo_counts_as_learnt(dataset_of):
    dataset = replace(dataset_of([0, 1, 2, 0], [0, 1, 2, 0]), thumbnails=photos(4))
    learnt = Signatures.of(dataset.thumbnails[[1]][:, :, ::-1])
    pictures = replace(known(dataset, learnt=[2]), signatures=learnt)
    with pytest.raises(DataError) as caught:
        rows_to_test(dataset, pictures)
    hint = str(caught.value.facts["hint"])
    assert caught.value.facts["overlap"] == "2"
    assert str(dataset.names[1]) in hint
    assert "copy" in hint or "copie" in hint
    _, are_learnt = rows_to_test(dataset, pictures, allow_overlap=True)
    assert are_learnt.tolist() == [False, True, True, False]
    assert pictures.compared(dataset) == "copies"


def test_a_picture_that_was_set_aside_is_no_copy_of_a_learnt_one(dataset_of):
    dataset = replace(dataset_of([0, 1], [0, 1]), thumbnails=photos(2))
    aside = replace(known(dataset, set_aside=[1]), signatures=Signatures.of(dataset.thumbnails))
    rows, _ = rows_to_test(dataset, aside)
    assert rows.tolist() == [1]


def test_what_a_model_made_without_pictures_compares_is_said(dataset_of):
    dataset = dataset_of([0, 1], [0, 1])
    assert known(dataset).compared(dataset) is None  # too small for copies
    assert known(dataset).compared(replace(dataset, thumbnails=photos(2))) == "pixels"


def test_damaged_signatures_are_refused():
    content = safetensors.numpy.save({"hashes": np.zeros((2, 8), np.uint8)})
    for spoilt in (b"nothing", content):
        with pytest.raises(ModelError) as caught:
            known_pictures({"split.csv": SPLIT, "signatures.safetensors": spoilt})
        assert caught.value.code == "weights_damaged"
