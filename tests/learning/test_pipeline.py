"""From named pictures to a tested recogniser, end to end on small real files."""

import dataclasses
import json
import shutil

import numpy as np
import pytest
from PIL import Image

import imagier
from imagier.errors import DataError, UsageError
from imagier.learning import TrainOptions, train_recognizer
from imagier.recognizer.history import read_history

EPOCHS = 6


@pytest.fixture
def result(stripes_folder):
    return train_recognizer(stripes_folder, TrainOptions(epochs=EPOCHS, network="cnn:4"))


def test_a_lesson_gives_a_recogniser_and_a_report(result, stripes_folder):
    recognizer, report = result.recognizer, result.report
    assert recognizer.classes == ("lying", "standing")
    assert report.accuracy > 0.8
    assert report.interval[0] < report.accuracy <= report.interval[1]
    one = next((stripes_folder / "standing").iterdir())
    assert recognizer.predict(one).label == "standing"
    assert not result.interrupted


def test_the_folder_holds_what_the_design_says(result, tmp_path):
    place = tmp_path / "stripes.imagier"
    result.recognizer.save(place)
    names = {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}
    expected = {"model.json", "model.onnx", "weights.safetensors", "split.csv", "report.json"}
    assert expected | {"report.html", "MODEL_CARD.md", "golden/golden.json"} <= names
    report = json.loads((place / "report.json").read_text())
    assert report["train"]["test"]["n"] == result.report.test.n
    stored = read_history(imagier.load(place).artifacts)
    assert stored.scores["validation"].n == result.report.scores["validation"].n
    assert len(stored.history.epochs) == EPOCHS


def test_folder_and_single_file_answer_alike(result, tmp_path, stripes):
    place = tmp_path / "m.imagier"
    result.recognizer.save(place)
    pixels = stripes[0][:20]
    expected = result.recognizer.probabilities(pixels)
    for path in (place, place / "model.onnx"):
        np.testing.assert_array_equal(imagier.load(path).probabilities(pixels), expected)


def test_the_same_options_give_the_same_bits(result, stripes_folder):
    again = train_recognizer(stripes_folder, TrainOptions(epochs=EPOCHS, network="cnn:4"))
    assert again.recognizer.weights == result.recognizer.weights
    assert again.recognizer.onnx == result.recognizer.onnx


def test_a_plan_is_carried_out_again_to_the_bit(stripes_folder, tmp_path):
    first = train_recognizer(stripes_folder, TrainOptions(budget=8, network="cnn:4", seed=5))
    place = tmp_path / "first.imagier"
    first.recognizer.save(place)
    again = train_recognizer(stripes_folder, TrainOptions(plan=place))
    assert again.recognizer.weights == first.recognizer.weights
    assert again.recognizer.card.plan == first.recognizer.card.plan


def test_parts_do_not_meet(result):
    rows = result.recognizer.artifacts["split.csv"].decode().splitlines()[1:]
    parts = [row.rsplit(",", 1)[1] for row in rows]
    assert {"train", "validation", "test"} == set(parts)
    assert len(rows) == 120


def test_no_picture_stays_when_none_may(stripes_folder):
    result = train_recognizer(
        stripes_folder, TrainOptions(epochs=1, network="linear", pictures=False)
    )
    files = result.recognizer.artifacts
    assert not any(name.startswith("golden/") for name in files)
    assert b"data:image" not in files["report.html"]


def test_another_source_can_be_the_test(stripes_folder, draw_stripes, tmp_path):
    pictures, labels = draw_stripes(30, seed=9)
    other = tmp_path / "other"
    for number, label in enumerate(labels):
        place = other / ("lying", "standing")[label]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pictures[number, :, :, 0]).save(place / f"{number}.png")
    result = train_recognizer(stripes_folder, TrainOptions(epochs=2, network="cnn:4", test=other))
    assert result.report.sizes["test"] == 30
    assert result.report.sizes["train"] + result.report.sizes["validation"] == 120
    (other / "lying").rename(other / "sitting")
    with pytest.raises(DataError) as caught:
        train_recognizer(stripes_folder, TrainOptions(epochs=2, test=other))
    assert caught.value.code == "test_labels"


def test_a_test_that_is_learnt_from_is_refused(stripes_folder, tmp_path):
    place = tmp_path / "other" / "lying"
    shutil.copytree(stripes_folder / "standing", tmp_path / "other" / "standing")
    place.mkdir()
    for number, file in enumerate(sorted((stripes_folder / "lying").iterdir())[:2]):
        with Image.open(file) as picture:
            picture.point(lambda level: max(0, level - 9)).save(place / f"{number}.png")
    options = TrainOptions(epochs=1, network="linear", test=tmp_path / "other")
    with pytest.raises(DataError) as caught:
        train_recognizer(stripes_folder, options)
    n = len(list((stripes_folder / "standing").iterdir()))
    assert (caught.value.code, caught.value.facts["n"]) == ("test_overlap", n)
    allowed = dataclasses.replace(options, allow_overlap=True)
    report = train_recognizer(stripes_folder, allowed).report
    assert (report.overlap, report.test.n) == (n, n + 2)
    assert report.train_json()["test"]["n"] == n + 2
    assert "--allow-overlap" in next(iter(report.lines()))


@pytest.mark.parametrize(
    ("name", "content", "classes"),
    [
        ("Lying", None, ("lying", "standing")),  # another name than lying
        ("standing", b"no picture", ()),
    ],
)
def test_a_test_of_which_nothing_remains_is_refused(
    stripes_folder, tmp_path, name, content, classes
):
    place = tmp_path / "other" / name
    place.mkdir(parents=True)
    some = next((stripes_folder / "lying").iterdir()).read_bytes()
    (place / "1.png").write_bytes(content or some)
    options = TrainOptions(epochs=1, network="linear", test=tmp_path / "other", classes=classes)
    with pytest.raises(DataError) as caught:
        train_recognizer(stripes_folder, options)
    assert caught.value.code == "test_without_pictures"


def test_ctrl_c_keeps_the_best_finished_epoch(stripes_folder):
    def interrupt(step):
        if step.epoch is not None and step.epoch.number == 2:
            raise KeyboardInterrupt

    result = train_recognizer(
        stripes_folder, TrainOptions(epochs=9, network="cnn:4"), progress=interrupt
    )
    assert result.interrupted
    assert result.recognizer.card.plan["cuts"][-1] == (2, 2)
    assert len(result.report.history.epochs) == 2
    assert any("interrupted" in note for note in result.report.data_notes)


def test_ctrl_c_before_the_first_epoch_leaves_nothing(stripes_folder):
    def interrupt(step):
        if step.phase == "fit":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_recognizer(
            stripes_folder, TrainOptions(epochs=9, network="cnn:4"), progress=interrupt
        )


def test_classes_are_kept_and_merged(stripes_folder):
    (stripes_folder / "standing").rename(stripes_folder / "10")
    (stripes_folder / "lying").rename(stripes_folder / "2")
    third = stripes_folder / "other thing"
    third.mkdir()
    for number, path in enumerate(sorted((stripes_folder / "2").iterdir())[:20]):
        path.rename(third / f"{number}.png")
    result = train_recognizer(stripes_folder, TrainOptions(epochs=1, network="linear"))
    assert result.recognizer.classes == ("2", "10", "other thing")
    options = TrainOptions(epochs=1, network="linear", classes=("10",), other="rest")
    assert set(train_recognizer(stripes_folder, options).recognizer.classes) == {"10", "rest"}


def test_the_python_of_the_readme(stripes_folder, tmp_path):
    recognizer, report = imagier.learn(stripes_folder, epochs=2, seed=1, network="linear")
    assert 0 <= report.accuracy <= 1
    recognizer.save(tmp_path / "m.imagier")
    assert imagier.load(tmp_path / "m.imagier").classes == recognizer.classes


def test_a_plan_of_other_classes_is_refused(result, stripes_folder, tmp_path):
    result.recognizer.save(tmp_path / "m.imagier")
    (stripes_folder / "lying").rename(stripes_folder / "flat")
    with pytest.raises(UsageError) as caught:
        train_recognizer(stripes_folder, TrainOptions(plan=tmp_path / "m.imagier"))
    assert caught.value.code == "plan_of_other_classes"
