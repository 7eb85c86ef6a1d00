import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from imagier.datasets.sources.idx import idx_files, open_idx, open_idx_folder, read_idx
from imagier.errors import DataError
from imagier.files import content_hash

PIXELS = np.arange(4 * 6, dtype=np.uint8).reshape(4, 3, 2)
LABELS = np.array([3, 1, 3, 0], np.uint8)


@pytest.fixture
def folder(zoo, tmp_path):
    files = {
        "train-images-idx3-ubyte": zoo.idx(PIXELS),
        "train-labels-idx1-ubyte": zoo.idx(LABELS),
        "t10k-images-idx3-ubyte.gz": gzip.compress(zoo.idx(PIXELS[:2] + 1)),
        "t10k-labels-idx1-ubyte.gz": gzip.compress(zoo.idx(LABELS[:2])),
    }
    return zoo.write_tree(tmp_path / "mnist", files)


def test_a_folder_gives_both_parts_in_order(folder):
    listing = open_idx_folder(folder)
    assert listing.name == "mnist"
    assert listing.names[0] == "train/0"
    assert listing.names[-1] == "test/1"
    assert listing.labels == ("3", "1", "3", "0", "3", "1")
    assert listing.parts == ("train",) * 4 + ("test",) * 2
    assert (listing.pictures.array[:4, ..., 0] == PIXELS).all()
    assert (
        listing.pictures.decode(4, listing.pictures.read(4)).pixels[..., 0] == PIXELS[0] + 1
    ).all()


def test_equal_rows_have_equal_hashes(folder):
    pictures = open_idx_folder(folder).pictures
    assert content_hash(pictures.read(0)) != content_hash(pictures.read(1))
    pictures.array.flags.writeable = True
    pictures.array[1] = pictures.array[0]
    assert content_hash(pictures.read(0)) == content_hash(pictures.read(1))


def test_labels_take_the_names_of_classes(folder):
    names = ("zero", "one", "two", "three")
    assert open_idx_folder(folder, classes=names).labels[:2] == ("three", "one")
    with pytest.raises(DataError) as caught:
        open_idx_folder(folder, classes=names[:3])
    assert caught.value.code == "label_outside"


@pytest.mark.parametrize("name", ["train-images-idx3-ubyte", "t10k-labels-idx1-ubyte.gz"])
def test_one_file_finds_the_other_and_makes_no_part(folder, name):
    listing = open_idx(folder / name)
    assert set(listing.parts) == {""}
    assert listing.name == name.split("-")[0]
    assert set(listing.labels) <= {"0", "1", "3"}


def test_a_plain_file_goes_before_its_gzipped_copy(folder):
    (folder / "train-images-idx3-ubyte.gz").write_bytes(b"not read")
    assert len(open_idx_folder(folder)) == 6


@pytest.mark.parametrize("name", ["train-images.idx3-ubyte", "emnist-test-images-idx3-ubyte"])
def test_other_spellings_of_the_names_are_known(zoo, tmp_path, name):
    labels = name.replace("images", "labels").replace("idx3", "idx1")
    zoo.write_tree(tmp_path, {name: zoo.idx(PIXELS), labels: zoo.idx(LABELS)})
    assert [path.name for path in idx_files(tmp_path)] == [name]
    assert len(open_idx_folder(tmp_path)) == 4


@given(arrays.arrays(np.uint8, arrays.array_shapes(min_dims=1, max_dims=4)), st.booleans())
def test_what_is_written_is_read(zoo, tmp_path_factory, array, zipped):
    path = tmp_path_factory.mktemp("idx") / "a"
    path.write_bytes(gzip.compress(zoo.idx(array), 1) if zipped else zoo.idx(array))
    assert np.array_equal(read_idx(path), array)


@given(st.data())
def test_a_spoilt_file_is_read_or_refused(zoo, tmp_path_factory, data):
    """Flipped bytes and cut ends never give a traceback; a gzipped file never gives other bytes."""
    zipped = data.draw(st.booleans())
    content = bytearray(gzip.compress(zoo.idx(PIXELS)) if zipped else zoo.idx(PIXELS))
    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("idx") / "a"
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    try:
        array = read_idx(path)
    except DataError:
        return
    assert not zipped or np.array_equal(array, PIXELS)
    assert array.nbytes <= len(content) or zipped
