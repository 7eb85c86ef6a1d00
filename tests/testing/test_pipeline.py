"""The test of a saved model on real files, from two names to a report."""

import json
import shutil

import pytest

from imagier.datasets import load, open_source
from imagier.errors import DataError, ModelError, UsageError
from imagier.recognizer import load as load_recognizer
from imagier.testing import evaluate_model
from imagier.testing.evaluation_log import EVALUATIONS


@pytest.fixture
def photos(thirds, tmp_path):
    return thirds.write_pictures(tmp_path / "photos")


def teach(model, photos, part_of):
    """Write into the model which pictures of a folder it learnt from."""
    recognizer = load_recognizer(model)
    dataset = load(open_source(photos), recognizer.prepare)
    rows = [
        f"{name},{hash_},{row},{part_of(row)}"
        for row, (name, hash_) in enumerate(zip(dataset.names, dataset.hashes, strict=True))
    ]
    add(model, "split.csv", "\n".join(["file,hash,group,part", *rows]) + "\n")


def add(model, name, text):
    """Write another file into the model, as imagier would."""
    recognizer = load_recognizer(model)
    recognizer.with_artifacts({**recognizer.artifacts, name: text.encode()}).save(model, force=True)


def test_a_model_is_tested_on_a_folder(model, photos):
    report = evaluate_model(model, photos)
    assert (report.test.n, report.accuracy) == (18, 1.0)
    assert (report.model, report.source) == ("thirds.imagier", "photos")
    assert [row.n for row in report.rows] == [6, 6, 6]
    assert len(report.contact_sheet) == 3


def test_wrong_names_are_found(model, thirds, tmp_path):
    photos = thirds.write_pictures(tmp_path / "photos", wrong=2)
    report = evaluate_model(model, photos)
    assert report.test.correct == 16
    assert {mistake.name for mistake in report.mistakes} == {"left/0.png", "left/1.png"}


def test_a_folder_that_lacks_a_class_is_matched_by_name(model, thirds, tmp_path):
    photos = thirds.write_pictures(tmp_path / "photos")
    shutil.rmtree(photos / "left")
    report = evaluate_model(model, photos)
    assert (report.test.n, report.accuracy) == (12, 1.0)
    assert [row.n for row in report.rows] == [0, 6, 6]


def test_a_single_class_can_be_tested(model, thirds, tmp_path):
    photos = thirds.write_pictures(tmp_path / "photos")
    shutil.rmtree(photos / "left")
    shutil.rmtree(photos / "middle")
    assert evaluate_model(model, photos).test.n == 6


def test_an_unknown_class_is_refused_with_its_name(model, photos):
    (photos / "left").rename(photos / "lefft")
    with pytest.raises(DataError) as caught:
        evaluate_model(model, photos)
    assert caught.value.code == "unknown_labels"
    assert caught.value.facts["labels"] == "lefft"
    assert "left" in caught.value.facts["hint"].rpartition(":")[2], "the one without a picture"


def test_an_unknown_class_counts_as_the_rest(thirds, photos, tmp_path):
    builders = thirds.load_builders()
    folder = tmp_path / "rest.imagier"
    builders.tiny_recognizer(card=builders.tiny_card(other="left")).save(folder)
    (photos / "left").rename(photos / "whatever")
    assert evaluate_model(folder, photos).accuracy == 1.0


def test_the_test_part_is_taken_where_there_is_one(model, thirds, tmp_path):
    thirds.write_pictures(tmp_path / "photos" / "train", seed=1)
    photos = thirds.write_pictures(tmp_path / "photos" / "test", 2).parent
    assert evaluate_model(model, photos).test.n == 6
    assert evaluate_model(model, photos, part="train").test.n == 18
    assert evaluate_model(model, photos, part="all").test.n == 24
    with pytest.raises(DataError) as caught:
        evaluate_model(model, photos, part="validation")
    assert caught.value.code == "no_such_part"
    assert caught.value.facts["parts"] == "train, test"


def test_a_source_without_parts_has_no_part_to_choose(model, photos):
    with pytest.raises(DataError) as caught:
        evaluate_model(model, photos, part="test")
    assert caught.value.code == "no_such_part"


def test_learnt_pictures_are_left_out_and_counted(model, photos):
    teach(model, photos, lambda row: "train" if row % 3 else "test")
    report = evaluate_model(model, photos)
    assert (report.test.n, report.leaked) == (6, 12)
    assert report.to_json()["leaked"] == 12


def test_copies_of_learnt_pictures_are_known_under_other_names(model, photos, tmp_path):
    teach(model, photos, lambda row: "validation" if row < 6 else "test")
    (photos / "left").rename(tmp_path / "middle")
    other = tmp_path / "other"
    shutil.copytree(tmp_path / "middle", other / "right")
    shutil.copytree(photos / "right", other / "left")
    report = evaluate_model(model, other)
    assert (report.test.n, report.leaked) == (6, 6)


@pytest.mark.parametrize("kept", ["same", "renamed", "other format"])
def test_a_test_set_that_overlaps_what_was_learnt_is_refused(model, photos, tmp_path, thirds, kept):
    """The set is another one: none of the pictures that the model set aside is in it."""
    from PIL import Image

    teach(model, photos, lambda row: "train" if row % 3 else "test")
    others = thirds.write_pictures(tmp_path / "others", seed=9)
    learnt = photos / "left" / "1.png"
    match kept:
        case "same":
            shutil.copy(learnt, others / "left" / "x.png")
        case "renamed":
            shutil.copy(learnt, others / "right" / "y.png")
        case _:
            with Image.open(learnt) as picture:
                picture.save(others / "left" / "z.bmp")
    with pytest.raises(DataError) as caught:
        evaluate_model(model, others)
    assert (caught.value.code, caught.value.facts["overlap"]) == ("overlap", "1")
    assert "--allow-overlap" in caught.value.next_step
    assert not (model / EVALUATIONS).exists()
    report = evaluate_model(model, others, allow_overlap=True)
    assert (report.test.n, report.overlap, report.leaked) == (19, 1, 0)
    assert evaluate_model(model, others, allow_overlap=True).evaluation_count == 2


def test_a_test_on_nothing_but_learnt_pictures_is_refused(model, photos):
    teach(model, photos, lambda _: "train")
    with pytest.raises(DataError) as caught:
        evaluate_model(model, photos)
    assert caught.value.code == "all_seen"
    assert evaluate_model(model, photos, allow_overlap=True).overlap == 18
    (model / EVALUATIONS).unlink()
    with pytest.raises(DataError):
        evaluate_model(model, photos)
    assert not (model / EVALUATIONS).exists()


def test_a_model_without_a_list_of_pictures_cannot_say(model, photos):
    assert evaluate_model(model, photos).leaked is None


def test_each_evaluation_is_counted_per_set_of_pictures(model, photos, thirds, tmp_path):
    assert [evaluate_model(model, photos).evaluation_count for _ in range(3)] == [1, 2, 3]
    (photos / "left" / "0.png").rename(photos / "left" / "renamed.png")
    assert evaluate_model(model, photos).evaluation_count == 4
    others = thirds.write_pictures(tmp_path / "others", seed=5)
    assert evaluate_model(model, others).evaluation_count == 1
    assert len((model / EVALUATIONS).read_text().splitlines()) == 5


def test_the_test_at_the_end_of_learning_was_the_first_evaluation(model, photos, tmp_path):
    report = evaluate_model(model, photos)
    (model / EVALUATIONS).unlink()
    add(model, "report.json", json.dumps(report.stored_json()))
    assert [evaluate_model(model, photos).evaluation_count for _ in range(2)] == [2, 3]


def test_a_single_file_is_tested_without_a_count(model, photos, tmp_path):
    file = tmp_path / "alone.onnx"
    shutil.copy(model / "model.onnx", file)
    report = evaluate_model(file, photos)
    assert (report.accuracy, report.evaluation_count, report.leaked) == (1.0, None, None)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "alone.onnx",
        "photos",
        "thirds.imagier",
    ]


def test_the_learning_is_shown_beside(model, photos, full_report):
    text = json.dumps(full_report.stored_json())
    add(model, "report.json", text)
    report = evaluate_model(model, photos)
    assert report.scores["train"] == full_report.scores["train"]
    assert report.sizes == {"train": 40, "validation": 20, "test": 18}
    assert len(report.history.epochs) == 4


def test_an_unreadable_memory_of_the_learning_is_told(model, photos):
    add(model, "report.json", "{")
    report = evaluate_model(model, photos)
    assert report.scores["train"] is None
    assert any("report.json" in note for note in report.data_notes)


def test_unreadable_pictures_are_left_out_and_told(model, photos):
    (photos / "left" / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    report = evaluate_model(model, photos)
    assert report.test.n == 18
    assert [one.path for one in report.skipped] == ["left/bad.png"]


def test_pictures_of_other_sizes_are_prepared_as_in_learning(model, photos):
    from PIL import Image

    for file in photos.rglob("*.png"):
        with Image.open(file) as picture:
            picture.resize((90, 45), Image.Resampling.NEAREST).convert("RGB").save(file)
    assert evaluate_model(model, photos).accuracy == 1.0


@pytest.mark.parametrize("accept", [0, -1, 1.5, 97, float("nan")])
def test_an_accuracy_that_is_no_share_is_refused(model, photos, accept):
    with pytest.raises(UsageError) as caught:
        evaluate_model(model, photos, accept=accept)
    assert caught.value.code == "accept_range"


def test_97_is_understood_as_97_percent_in_the_advice(model, photos):
    with pytest.raises(UsageError) as caught:
        evaluate_model(model, photos, accept=97)
    assert caught.value.facts["near"] == "0.97"


def test_a_missing_model_is_told(tmp_path, photos):
    with pytest.raises(ModelError):
        evaluate_model(tmp_path / "nothing.imagier", photos)


def test_the_pictures_are_left_as_they_were(model, photos):
    before = {path: path.read_bytes() for path in photos.rglob("*") if path.is_file()}
    evaluate_model(model, photos)
    assert {path: path.read_bytes() for path in photos.rglob("*") if path.is_file()} == before


def test_progress_is_told(model, photos):
    told = []
    evaluate_model(model, photos, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (18, 18)
