import json

import numpy as np
import pytest

from imagier.datasets.arrays import ArrayPictures
from imagier.datasets.listing import Listing, check_classes, merge_classes, skip
from imagier.errors import DataError, PictureError, UsageError
from imagier.i18n import use_language


class Remembered:
    """Pictures that are only numbers, for what needs no pixels."""

    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n

    def read(self, index):
        return b"bytes of %d" % index

    def decode(self, index, content, wanted=None, white=None):
        raise PictureError("missing", path=f"{index}, {len(content)}, {wanted}, {white}")


def listing(*labels, pictures=None):
    n = len(labels)
    return Listing(
        name="photos",
        pictures=pictures or Remembered(n),
        names=tuple(f"{row}.png" for row in range(n)),
        labels=labels,
        parts=tuple("train" if row % 2 else "test" for row in range(n)),
        groups=tuple(f"g{row}" for row in range(n)),
        skipped=(skip("picture_without_class", "x.png"),),
        notes=("seen",),
    )


def test_classes_stand_in_natural_order():
    assert listing("10", "2", "cat", "2", "Dog").classes == ("2", "10", "cat", "Dog")


def test_taking_keeps_every_column_in_step():
    taken = listing("a", "b", "c", "d").take([3, 1, 1])
    assert taken.names == ("3.png", "1.png", "1.png")
    assert (taken.labels, taken.parts) == (("d", "b", "b"), ("train",) * 3)
    assert taken.groups == ("g3", "g1", "g1")
    assert len(taken) == len(taken.pictures) == 3
    assert taken.pictures.read(0) == b"bytes of 3"
    assert taken.take([0]).pictures.read(0) == b"bytes of 3"
    with pytest.raises(PictureError, match=r"."):
        taken.pictures.decode(1, b"", wanted=(2, 3))
    assert taken.skipped
    assert taken.notes == ("seen",)


def test_taking_from_an_array_stays_an_array():
    array = np.arange(12, dtype=np.uint8).reshape(3, 2, 2, 1)
    taken = listing("a", "b", "c", pictures=ArrayPictures(array)).take([2, 0])
    assert isinstance(taken.pictures, ArrayPictures)
    assert (taken.pictures.array == array[[2, 0]]).all()


def test_taking_nothing_gives_an_empty_listing():
    assert len(listing("a", "b").take([])) == 0


def test_merging_puts_the_rest_into_one_class():
    merged = merge_classes(listing("cat", "dog", "cow", "hen"), ["cat", "dog"], "rest")
    assert merged.labels == ("cat", "dog", "rest", "rest")
    assert merged.classes == ("cat", "dog", "rest")
    assert len(merged.pictures) == 4


def test_merging_without_other_leaves_the_rest_out():
    merged = merge_classes(listing("cat", "cow", "dog", "cow"), ["dog", "cat"], None)
    assert merged.names == ("0.png", "2.png")
    assert merged.pictures.read(1) == b"bytes of 2"


def test_the_rest_may_join_a_class_that_exists():
    merged = merge_classes(listing("cat", "cow", "rest"), ["cat"], "rest")
    assert merged.labels == ("cat", "rest", "rest")


def test_merging_nothing_changes_nothing():
    whole = listing("a", "b")
    assert merge_classes(whole, [], None) is whole


@pytest.mark.parametrize(
    ("classes", "other", "code", "said"),
    [
        (["cta"], None, "unknown_class", "Did you mean “cat”?"),
        (["cat", "x"], "rest", "unknown_class", "cat, cow"),
        (["cat"], "cat", "other_is_a_class", "cat"),
        ([], "rest", "other_without_classes", "rest"),
    ],
)
def test_a_wrong_choice_of_classes_is_refused(classes, other, code, said):
    with use_language("en"), pytest.raises(UsageError) as caught:
        merge_classes(listing("cat", "cow"), classes, other)
    assert caught.value.code == code
    with use_language("en"):
        assert said in caught.value.message


def test_one_class_cannot_be_learned():
    with pytest.raises(DataError) as caught:
        check_classes(listing("cat", "cat"))
    assert caught.value.code == "one_class"


def test_a_class_of_one_picture_is_kept_and_noted():
    with use_language("en"):
        checked = check_classes(listing("cat", "cat", "dog", "hen"))
    assert len(checked) == 4
    assert checked.notes[0] == "seen"
    assert "dog, hen" in checked.notes[1]


def test_two_good_classes_need_no_note():
    whole = listing("cat", "cat", "dog", "dog")
    assert check_classes(whole) is whole


def test_a_skipped_file_is_written_on_one_line():
    skipped = skip("link_broken", "caf\udce9\n.png")
    assert skipped.path == "caf\udce9\n.png"
    written = json.loads(json.dumps(skipped.to_json()))
    assert written["path"] == "caf\\xe9\\n.png"
    assert "caf\\xe9" in written["message"]
