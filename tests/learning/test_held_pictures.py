"""`learn(pictures, labels)`: pictures that are held already, and what is refused."""

import io

import numpy as np
import pytest
from PIL import Image

from imagier import learn
from imagier.datasets import list_pictures, load, sample
from imagier.errors import DataError, ImagierError, UsageError

QUICK = {"network": "linear", "epochs": 2}


def thirds(n=60, *, side=9, white=255):
    rng = np.random.default_rng(0)
    labels = np.arange(n) % 3
    pictures = rng.integers(0, 60, (n, side, side)).astype(float)
    for row, label in enumerate(labels):
        pictures[row, :, label * 3 : label * 3 + 3] += 190
    return pictures / 255 * white, labels


@pytest.mark.parametrize("white", [1, 16, 255, 4095])
def test_arrays_are_learnt_on_any_scale(white):
    pictures, labels = thirds(white=white)
    scale = None if white in (1, 255) else white
    if white == 255:
        pictures = np.rint(pictures)
    model, report = learn(pictures, labels, scale=scale, **QUICK)
    assert model.classes == ("0", "1", "2")
    assert report.accuracy > 0.8
    assert model.predict(pictures[1], scale=white).label == "1"


def test_whole_numbers_keep_their_scale():
    pictures, labels = thirds(white=16)
    listing = list_pictures(np.rint(pictures), labels, scale=16)
    assert listing.full_scale == 16
    assert list_pictures(pictures, labels, scale=16).full_scale == 255


def test_a_list_of_pictures_of_all_kinds_and_sizes(tmp_path):
    pictures, labels = thirds()
    pictures = np.rint(pictures).astype(np.uint8)
    given = []
    for row, levels in enumerate(pictures):
        image = Image.fromarray(levels)
        file = io.BytesIO()
        image.resize((9 + row % 2 * 9,) * 2).save(file, "PNG")
        path = tmp_path / f"{row}.png"
        path.write_bytes(file.getvalue())
        given.append([levels, image, file.getvalue(), path, str(path)][row % 5])
    model, report = learn(
        given, [f"third {label}" for label in labels], network="linear", epochs=20
    )
    assert report.accuracy > 0.6
    assert model.classes == ("third 0", "third 1", "third 2")


def test_bad_ones_of_a_list_are_left_out_and_named():
    pictures, labels = thirds(12)
    given = [*np.rint(pictures).astype(np.uint8), None, b"no picture"]
    listing = list_pictures(given, [*labels, 0, 1])
    data = load(listing, sample(listing).choose())
    assert [(one.path, one.code) for one in data.skipped] == [
        ("arrays/12", "not_a_picture"),
        ("arrays/13", "not_an_image"),
    ]


def test_a_test_of_ones_own():
    pictures, labels = thirds()
    pictures = np.rint(pictures).astype(np.uint8)
    _, report = learn(pictures[:40], labels[:40], test=(pictures[40:], labels[40:]), **QUICK)
    assert report.test.n == 20


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda x, y: learn(x), "no_labels"),
        (lambda x, y: learn(None), "no_labels"),
        (lambda x, y: learn(None, y), "not_pictures_of_memory"),
        (lambda x, y: learn([], []), "npz_labels"),
        (lambda x, y: learn("digits", y), "labels_without_pictures"),
        (lambda x, y: learn("digits", scale=16), "scale_without_array"),
        (lambda x, y: learn(x, y[:3]), "npz_counts_differ"),
        (lambda x, y: learn(x, np.eye(3)[y]), "npz_labels"),
        (lambda x, y: learn(x, [None] * len(x)), "npz_labels"),
        (lambda x, y: learn(x, [[1], [1, 2]]), "npz_labels"),
        (lambda x, y: learn(x - 5, y), "npz_levels"),
        (lambda x, y: learn(x, y, scale=3), "npz_levels"),
        (lambda x, y: learn(x.reshape(len(x), -1), y), "npz_shape"),
        (lambda x, y: learn(x, y, test=(x,)), "bad_test_pair"),
        (lambda x, y: learn(x, y, test=3), "bad_argument"),
        (lambda x, y: learn(x, y, group="who"), "option_needs_table"),
        (lambda x, y: learn("digits", epochs=1.5), "bad_argument"),
        (lambda x, y: learn("digits", seed="0"), "bad_argument"),
        (lambda x, y: learn("digits", classes="0,1"), "bad_argument"),
        (lambda x, y: learn("digits", classes=[0, 1]), "bad_argument"),
        (lambda x, y: learn("digits", network=3), "bad_argument"),
        (lambda x, y: learn("digits", loss="l2"), "bad_argument"),
        (lambda x, y: learn("digits", fit="wide"), "bad_argument"),
        (lambda x, y: learn("digits", strict="no"), "bad_argument"),
        (lambda x, y: learn("digits", ink=1), "bad_argument"),
        (lambda x, y: learn("digits", accept=90), "bad_argument"),
        (lambda x, y: learn("digits", learning_rate="fast"), "bad_argument"),
        (lambda x, y: learn("digits", batch_size=0), "bad_argument"),
        (lambda x, y: learn("digits", split=3), "bad_argument"),
        (lambda x, y: learn("digits", budget=True), "bad_budget"),
        (lambda x, y: learn("digits", budget=[60]), "bad_budget"),
        (lambda x, y: learn("digits", epochs=0), "bad_epochs"),
    ],
)
def test_what_cannot_be_is_said(call, code):
    with pytest.raises(ImagierError) as caught:
        call(*thirds(12))
    assert caught.value.code == code
    assert isinstance(caught.value, UsageError | DataError)
    assert caught.value.message
    assert caught.value.next_step


def test_a_report_shows_itself_in_one_line():
    pictures, labels = thirds()
    _, report = learn(np.rint(pictures).astype(np.uint8), labels, **QUICK)
    assert len(repr(report)) < 200
    assert "\n" in str(report)


def test_opened_files_are_learnt_from_in_a_list():
    pictures, labels = thirds()
    files = []
    for levels in np.rint(pictures).astype(np.uint8):
        file = io.BytesIO()
        Image.fromarray(levels).save(file, "PNG")
        files.append(file)
    listing = list_pictures(files, labels)
    for _ in range(2):
        assert listing.pictures.read(3) == files[3].getvalue()
        files[3].seek(0, 2)
    assert learn(files, labels, **QUICK)[1].test.n > 0


@pytest.mark.parametrize("kind", [str, int, np.str_])
def test_labels_in_a_column_of_objects_are_read(kind):
    labels = np.empty(4, object)
    labels[:] = [kind(one) for one in (1, 2, 1, 2)]
    listing = list_pictures(np.zeros((4, 9, 9), np.uint8), labels)
    assert listing.labels == ("1", "2", "1", "2")


@pytest.mark.parametrize("missing", [float("nan"), None, 0])
@pytest.mark.parametrize("form", [list, lambda labels: np.array(labels, object)])
def test_a_missing_name_is_no_class(missing, form):
    with pytest.raises(DataError) as caught:
        list_pictures(np.zeros((3, 9, 9), np.uint8), form(["cat", "dog", missing]))
    assert caught.value.code == "npz_labels"


@pytest.mark.parametrize("name", ["seed", "network"])
def test_what_must_be_given_is_not_none(name):
    pictures, labels = thirds()
    with pytest.raises(UsageError, match=name):
        learn(pictures, labels, **QUICK | {name: None})
