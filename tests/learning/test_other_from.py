"""A class learnt from a folder of anything else, asked about classes that nobody has shown."""

import dataclasses

import numpy as np
import pytest
from PIL import Image

import imagier
from imagier.datasets import OTHER_FOLDER, join_other, open_source
from imagier.errors import DataError, UsageError
from imagier.i18n import use_language

KNOWN, SHOWN, UNSEEN = "012", "4567", "89"


@pytest.fixture(scope="module")
def digits():
    listing = open_source("digits")
    return listing.pictures.array, np.array(listing.labels), listing.full_scale


@pytest.fixture(scope="module")
def folders(digits, tmp_path_factory):
    """Three digits by name, and four others in nested folders that say nothing."""
    pixels, labels, scale = digits
    root = tmp_path_factory.mktemp("others")
    for number, (picture, label) in enumerate(zip(pixels, labels, strict=True)):
        if label in KNOWN:
            folder = root / "known" / label
        elif label in SHOWN:
            folder = root / "else" / f"deep{number % 3}" / "train"
        else:
            folder = root / "unseen" / label
        folder.mkdir(parents=True, exist_ok=True)
        levels = (picture.reshape(picture.shape[:2]) * (255 // scale)).astype(np.uint8)
        Image.fromarray(levels).save(folder / f"{number}.png")
    (root / "else" / "notes.txt").write_text("no picture")
    return root


@pytest.fixture(scope="module")
def learnt(folders):
    return imagier.learn(
        folders / "known", other_from=folders / "else", network="dense:32", epochs=40, ink=False
    )


def test_classes_never_seen_are_of_the_class_or_refused(learnt, folders):
    recognizer, _ = learnt
    paths = sorted(map(str, (folders / "unseen").rglob("*.png")))
    answers = list(recognizer.predict_many(paths))
    refused = [one.stranger or one.label == "other" for one in answers]
    assert len(paths) > 300
    assert np.mean(refused) > 0.65  # an 8 of 64 pixels may well be a 2


def test_its_pictures_do_not_count_in_the_accuracy(learnt, folders):
    recognizer, report = learnt
    assert recognizer.card.other == "other"
    assert recognizer.classes == ("0", "1", "2", "other")
    known = len(list((folders / "known").rglob("*.png")))
    assert report.test.n == pytest.approx(0.15 * known, abs=4)
    assert {row.name: row.n for row in report.rows}["other"] == 0
    assert report.others.n == pytest.approx(0.15 * 720, abs=8)
    assert report.others.named / report.others.n > 0.9
    assert report.to_json()["others"]["class"] == "other"
    assert any("do not count in the accuracy" in line for line in report.lines())


def test_the_class_is_named_in_the_language_of_the_user_unless_it_is_named(folders):
    from imagier.learning import TrainOptions

    assert TrainOptions(other_from=folders).other == "other"
    assert TrainOptions(other_from=folders, other="rest").other == "rest"
    with use_language("fr"):
        assert TrainOptions(other_from=folders).other == "autres"


def test_any_nesting_is_read_and_parts_are_shared_out(folders):
    listing = open_source(folders / "known")
    joined = join_other(listing, folders / "else", "rest")
    others = [row for row, label in enumerate(joined.labels) if label == "rest"]
    assert len(others) == len(list((folders / "else").rglob("*.png")))
    assert all(joined.names[row].startswith(f"{OTHER_FOLDER}/deep") for row in others)
    assert {joined.parts[row] for row in others} == {""}
    own = dataclasses.replace(
        listing, parts=("train", "test") * (len(listing) // 2) + ("train",) * (len(listing) % 2)
    )
    parts = join_other(own, folders / "else", "rest").parts[len(listing) :]
    assert set(parts) == {"train", "test"}
    assert parts.count("test") == pytest.approx(0.15 * len(parts), rel=0.4)


def test_what_cannot_be_a_class_is_refused(folders, tmp_path):
    listing = open_source(folders / "known")
    with pytest.raises(UsageError) as caught:
        join_other(listing, folders / "else", "1")
    assert caught.value.code == "other_is_a_class"
    with pytest.raises(DataError) as empty:
        join_other(listing, tmp_path, "rest")
    assert empty.value.code == "other_nothing"
    with pytest.raises(DataError) as missing:
        join_other(listing, tmp_path / "nowhere", "rest")
    assert missing.value.code == "folder_unreadable"
