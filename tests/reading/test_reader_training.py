"""A reader learns, is exported, tested, resumed and replayed; small and quick, but all of it."""

import dataclasses
import json

import numpy as np
import pytest
from PIL import Image

import imagier
from imagier.errors import ImagierError, ModelError, UsageError
from imagier.learning import TrainOptions
from imagier.learning.trainers import Run
from imagier.reading import line_source, reader_trainer
from imagier.reading.line_reader import LineReader
from imagier.reading.line_test import evaluate_reader
from imagier.reading.pipeline import train_reader
from imagier.reading.reader_options import ReaderOptions
from imagier.recognizer import load
from imagier.recognizer.abstention import stored_rows
from imagier.recognizer.verification import replay_golden

SMALL = "reader:4,8,12,16"
TWO = ReaderOptions(format="[01]{2}", style="print")


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(line_source, "JUDGING", 60)
    monkeypatch.setattr(line_source, "TESTING", 40)
    monkeypatch.setattr(reader_trainer, "SLOTS", 128)


def options(**changes):
    return TrainOptions(**{"network": SMALL, "epochs": 2, "seed": 1} | changes)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    patch = pytest.MonkeyPatch()
    patch.setattr(line_source, "JUDGING", 60)
    patch.setattr(line_source, "TESTING", 40)
    patch.setattr(reader_trainer, "SLOTS", 128)
    folder = tmp_path_factory.mktemp("reader") / "two.imagier"
    result = train_reader("digits", options(), TWO, folder=None)
    result.recognizer.save(folder)
    patch.undo()
    return folder, result


def test_it_is_saved_and_opened_as_any_model(saved):
    folder, result = saved
    opened = load(folder)
    assert opened.columns == opened.prepare.width // 4
    assert opened.classes[0] == "∅"
    assert set(opened.classes[1:]) == set("0123456789")
    assert replay_golden(opened) < 1e-5
    assert load(folder / "model.onnx").columns == opened.columns
    stored = json.loads(opened.artifacts["report.json"])
    assert stored["train"]["test"]["n"] == 40
    assert stored["train"]["split"]["composed"] == 256
    assert b"<svg" in opened.artifacts["report.html"]
    assert result.report.test.n == 40


def test_thresholds_are_tried_on_lines_that_judged(saved):
    rows = stored_rows(load(saved[0]).card.thresholds)
    assert rows[-1].n == 60


def test_what_was_tested_is_what_reads(saved):
    folder, result = saved
    again = evaluate_reader(folder, "digits", TrainOptions(seed=1), TWO)
    assert again.test.n == 40
    assert again.accuracy == result.report.accuracy
    assert again.evaluation_count == 2


def test_pictures_are_not_named_by_a_reader(saved):
    for ask in (lambda model: model.predict(np.zeros((8, 8))), lambda m: m.predict_many([])):
        with pytest.raises(UsageError) as caught:
            ask(load(saved[0]))
        assert caught.value.code == "model_reads_lines"


def test_narrow_characters_are_read_in_narrow_columns(tmp_path):
    for number in range(100, 160):
        levels = np.random.default_rng(number).integers(0, 256, (32, 30), dtype=np.uint8)
        Image.fromarray(levels).save(tmp_path / f"{number}.png")
    lines = line_source.prepare_lines(
        tmp_path, options(network="reader"), ReaderOptions(), lambda _: None
    )
    assert lines.train.character_width == 10
    trainer = reader_trainer.ReaderTrainer(lines, options(network="reader"), Run())
    assert trainer.network == "reader:narrow"
    asked = reader_trainer.ReaderTrainer(lines, options(), Run())
    assert asked.network == SMALL  # as it was asked for


def test_one_line_is_read(saved):
    reader = LineReader(load(saved[0]))
    line = np.full((30, 60), 240, np.uint8)
    line[8:22, 20:24] = 10
    found = reader.read(line)
    assert found.to_json()["status"] == "ok"
    assert len(found.boxes) == len(found.reading.characters)


def test_the_same_seed_gives_the_same_bits_and_a_plan_gives_them_again(saved, tmp_path):
    folder, result = saved
    again = train_reader("digits", options(plan=str(folder), epochs=None), TWO)
    assert again.recognizer.weights == result.recognizer.weights
    other = train_reader("digits", options(seed=2), TWO)
    assert other.recognizer.weights != result.recognizer.weights


def test_a_run_that_was_stopped_goes_on_to_the_same_bits(saved, tmp_path, monkeypatch):
    class StoppedError(Exception):
        pass

    def stop(progress):
        if progress.epoch is not None:
            raise StoppedError

    folder = tmp_path / "m.imagier"
    with pytest.raises(StoppedError):
        train_reader("digits", options(), TWO, folder=folder, progress=stop)
    done = train_reader("digits", options(), TWO, folder=folder, resume=True)
    assert done.recognizer.weights == saved[1].recognizer.weights
    with pytest.raises(ImagierError) as caught:
        train_reader("digits", options(seed=9), TWO, folder=folder, resume=True)
    assert caught.value.code == "resume_conflict"


def test_without_pictures_no_line_and_no_name_is_kept():
    recognizer, _ = imagier.learn_reader(
        "digits", network=SMALL, epochs=1, format="[01]{2}", pictures=False
    )
    assert "name" not in recognizer.card.data
    assert recognizer.card.key
    assert not any(name.startswith("golden/") for name in recognizer.artifacts)
    assert b"digits" not in recognizer.artifacts["report.html"]


def test_a_plan_of_another_kind_and_learn_itself_are_refused(stripes_folder, tmp_path):
    model, _ = imagier.learn(stripes_folder, network="linear", epochs=1)
    model.save(tmp_path / "m.imagier")
    with pytest.raises(ModelError) as refused:
        train_reader("digits", options(epochs=None, plan=str(tmp_path / "m.imagier")), TWO)
    assert refused.value.code == "not_a_reader"
    with pytest.raises(UsageError) as caught:
        imagier.learn(stripes_folder, network="reader", epochs=1)
    assert caught.value.code == "reader_by_itself"


def test_it_learns_to_tell_a_narrow_sign_from_a_wide_one(monkeypatch):
    """Not much, but far more than chance: two signs, lines of two, some seconds."""
    monkeypatch.setattr(reader_trainer, "SLOTS", 384)
    asked = dataclasses.replace(options(), epochs=4, network="reader:8,16,24,32")
    result = train_reader("digits", asked, TWO)
    assert result.report.accuracy > 0.35  # a quarter by always saying the same
