import numpy as np
import pytest

from imagier.errors import DataError, ModelError
from imagier.testing.leakage import learnt_hashes, unseen

SPLIT = b'file,hash,group,part\na.png,h1,1,train\n"b,\n.png",h2,2,validation\nc.png,h3,3,test\n'


def test_learnt_pictures_are_those_of_training_and_validation():
    assert learnt_hashes({"split.csv": SPLIT}) == {"h1", "h2"}


def test_a_single_file_does_not_say():
    assert learnt_hashes({}) is None


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00", b"file,group\na,b\n", b'file,hash,part\n"a,b\n']
)
def test_a_damaged_list_is_refused(content):
    with pytest.raises(ModelError) as caught:
        learnt_hashes({"split.csv": content})
    assert caught.value.code == "split_damaged"


def test_learnt_pictures_are_left_out_whatever_they_are_called(dataset_of):
    dataset = dataset_of([0, 1, 2, 0], [0, 1, 2, 0])
    learnt = frozenset([str(dataset.hashes[1]), str(dataset.hashes[3])])
    assert unseen(dataset, np.arange(4), learnt).tolist() == [0, 2]


def test_when_all_were_learnt_the_test_is_refused(dataset_of):
    dataset = dataset_of([0, 1], [0, 1])
    with pytest.raises(DataError) as caught:
        unseen(dataset, np.arange(2), frozenset(map(str, dataset.hashes)))
    assert caught.value.code == "all_seen"
