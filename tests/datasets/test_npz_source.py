import io
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from imagier.datasets.sources.arrays import to_levels
from imagier.datasets.sources.npz import open_npz
from imagier.errors import DataError
from imagier.i18n import use_language

PIXELS = np.arange(36, dtype=np.uint8).reshape(4, 3, 3) * 7


@pytest.fixture
def npz(tmp_path):
    def write(**content):
        np.savez(tmp_path / "set.npz", **content)
        return tmp_path / "set.npz"

    return write


def test_parts_stand_one_after_the_other(npz):
    path = npz(
        X_test=PIXELS[3:],
        y_test=[5],
        x_val=PIXELS[2:3],
        y_val=[4],
        x_train=PIXELS[:2],
        y_train=[9, 4],
    )
    listing = open_npz(path)
    assert listing.name == "set"
    assert listing.parts == ("train", "train", "validation", "test")
    assert listing.labels == ("9", "4", "4", "5")
    assert listing.names == ("train/0", "train/1", "validation/0", "test/0")
    assert (listing.pictures.array[..., 0] == PIXELS).all()


def test_one_part_alone_is_no_part(npz):
    listing = open_npz(npz(train_images=PIXELS, train_labels=[0, 1, 0, 1]))
    assert set(listing.parts) == {""}


@pytest.mark.parametrize(
    ("given_labels", "read"),
    [
        (np.array([1, 0, 1, 0], np.int8), ("dog", "cat", "dog", "cat")),
        (np.array([[1.0], [0.0], [1.0], [0.0]]), ("dog", "cat", "dog", "cat")),
        (np.array([True, False, True, False]), ("dog", "cat", "dog", "cat")),
    ],
)
def test_numbers_take_the_names_of_classes(npz, given_labels, read):
    path = npz(images=PIXELS, labels=given_labels, classes=np.array(["cat", "dog"]))
    assert open_npz(path).labels == read


def test_labels_may_be_texts_bytes_or_signs(npz):
    assert open_npz(npz(x=PIXELS, y=[" é", "b", "b", "é"])).classes == ("b", "é")
    assert open_npz(npz(x=PIXELS, y=np.array([b"a", b"b", b"b", b"a"]))).classes == ("a", "b")
    assert open_npz(npz(x=PIXELS, y=[-1, 1, 1, -1])).labels == ("-1", "1", "1", "-1")
    assert open_npz(npz(x=PIXELS, y=PIXELS[:, 0, 0] > 70)).classes == ("false", "true")


def test_a_nearly_black_set_is_noted_and_not_guessed(npz):
    with use_language("en"):
        listing = open_npz(npz(x=PIXELS % 17, y=[0, 1, 0, 1]))
    assert listing.full_scale == 255
    assert "multiply the array" in listing.notes[0]
    assert open_npz(npz(x=PIXELS, y=[0, 1, 0, 1])).notes == ()


@given(arrays.arrays(np.uint8, (5, 2, 2, 1)))
def test_levels_survive_the_detour_over_other_types(levels):
    path = io.BytesIO  # any name: it stands in errors only
    for other in (levels.astype(np.int64), levels.astype(np.float32), levels.astype(">u2")):
        back = to_levels(other, path)
        if other.dtype.kind == "f" and levels.max() <= 1:
            assert (back == levels * 255).all()  # nothing but 0.0 and 1.0: fractions
        else:
            assert (back == levels).all()
    assert (to_levels(levels / 255.0, path) == levels).all()
    assert (to_levels(levels > 9, path) == np.where(levels > 9, 255, 0)).all()


@given(st.data())
def test_a_spoilt_file_is_read_or_refused(tmp_path_factory, data):
    file = io.BytesIO()
    np.savez_compressed(file, images=PIXELS, labels=[0, 1, 0, 1], classes=["a", "b"])
    content = bytearray(file.getvalue())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("npz") / "a.npz"
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    with suppress(DataError):
        assert len(open_npz(path)) == 4
