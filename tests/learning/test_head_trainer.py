"""A head on a backbone, as a result: learnt, exported, carried out again, within its time."""

import dataclasses
import time

import numpy as np
import pytest
from imagier.learning.looking import looks_within, rows_of
from imagier.learning.task import Task

from imagier.datasets import Split
from imagier.errors import UsageError
from imagier.features import FeaturePlan, View, open_backbone
from imagier.learning import TrainOptions, looking, train_recognizer
from imagier.training import Deadline

WISHES = TrainOptions(network="features:64", epochs=1)


@pytest.fixture
def result(stripes_folder):
    return train_recognizer(stripes_folder, WISHES)


def test_a_head_is_learnt_and_told(result):
    report = result.report
    assert report.accuracy > 0.8
    assert report.card.network == "features:64"
    assert report.card.parameters == 2 * (open_backbone("features").outputs + 1)
    assert [row.kept for row in report.history.epochs].count(True) == 1
    assert any("64 pixels" in note for note in report.data_notes)


def test_options_that_follow_no_slope_are_said_to_do_nothing(stripes_folder):
    options = dataclasses.replace(WISHES, loss="squared", batch_size=8)
    notes = train_recognizer(stripes_folder, options).report.data_notes
    assert any(note.endswith("manner: --loss, --batch-size.") for note in notes)
    plain = TrainOptions(network="features:64", budget=60)
    assert not any(
        "in its own manner" in note for note in train_recognizer(stripes_folder, plain).report.data_notes
    )


def test_pixels_in_disorder_are_refused_rather_than_left_in_order(stripes_folder):
    for network in ("features:64", "finetune:64", "cnn; features:64"):
        options = dataclasses.replace(WISHES, network=network, shuffle_pixels=1)
        with pytest.raises(UsageError) as caught:
            train_recognizer(stripes_folder, options)
        assert caught.value.code == "shuffled_photos"


def test_the_same_lesson_gives_the_same_bits_and_a_plan_does_too(result, stripes_folder, tmp_path):
    again = train_recognizer(stripes_folder, WISHES)
    assert again.recognizer.onnx == result.recognizer.onnx
    result.recognizer.save(tmp_path / "m.imagier")
    planned = train_recognizer(stripes_folder, TrainOptions(plan=tmp_path / "m.imagier"))
    assert planned.recognizer.weights == result.recognizer.weights


def test_known_answers_are_those_of_the_recogniser(stripes_folder, monkeypatch):
    """The report's training and validation figures come from features looked at once."""
    kept = {}

    def keep(material, past, clock, watch, journal):
        kept["learner"] = learn(material, past, clock, watch, journal)
        return kept["learner"]

    from imagier.learning import result as pipeline

    learn = pipeline.learn_best
    monkeypatch.setattr(pipeline, "learn_best", keep)
    recognizer = train_recognizer(stripes_folder, WISHES).recognizer
    learner = kept["learner"]
    rows = learner.task.parts.validation
    answered = recognizer.probabilities(learner.task.dataset.pixels[rows])
    np.testing.assert_allclose(learner.known_answers(rows), answered, atol=5e-3)
    assert learner.known_answers(learner.task.parts.test) is None


def photos(n, side):
    """Make a task of n pictures whose pixels nobody looks at."""
    places = np.arange(n)
    parts = Split(
        train=places[: n // 2],
        validation=places[n // 2 :],
        test=places[:0],
        groups=places,
        leak_rate=None,
    )

    class Pictures:
        pixels = np.broadcast_to(np.uint8(0), (n, side, side, 3))

    return Task(dataset=Pictures(), parts=parts, options=TrainOptions(), is_pilot=True)


@pytest.mark.parametrize(
    ("seconds", "side", "views"),
    [
        (200, 224, [(160, False)]),
        (400, 224, [(224, False)]),
        (900, 224, [(224, False), (224, True)]),
        (900, 288, [(288, False)]),
        (1500, 384, [(384, False)]),
        (3000, 384, [(384, False), (384, True)]),
        (150, 32, [(128, False)]),
        (900, 32, [(128, False), (128, True)]),
    ],
)
def test_more_time_buys_a_closer_look(seconds, side, views, monkeypatch):
    monkeypatch.setattr(looking, "_pace", lambda *_: 0.25 / 224**2)  # a quarter of a second
    task = photos(1000, side)
    plan = looks_within(clock_of(seconds), task, open_backbone("features"), plan_of(1000))
    assert [(view.side, view.mirrored) for view in plan.views] == views
    assert (plan.train, plan.validation) == (500, 500)


def test_too_little_time_takes_fewer_pictures_of_each_part(monkeypatch):
    monkeypatch.setattr(looking, "_pace", lambda *_: 0.25 / 224**2)
    task = photos(1000, 224)
    plan = looks_within(clock_of(50), task, open_backbone("features"), plan_of(1000))
    assert plan.views == (View(side=160),)
    train, validation = rows_of(task.parts, plan)
    assert 10 <= len(train) < 500
    assert len(validation) == 200
    assert set(train) <= set(task.parts.train)
    assert set(validation) <= set(task.parts.validation)


def clock_of(seconds):
    return Deadline(started=time.monotonic(), budget=seconds)


def plan_of(n):
    return FeaturePlan(
        network="features",
        views=(View(side=224),),
        train=n // 2,
        validation=n // 2,
        class_weights=(1.0, 1.0),
        seed=0,
        threads=1,
    )


def test_a_named_side_is_kept_whatever_the_time(monkeypatch):
    monkeypatch.setattr(looking, "_pace", lambda *_: 1e-9)
    plan = dataclasses.replace(plan_of(1000), network="features:160", views=(View(side=160),))
    found = looks_within(clock_of(900), photos(1000, 288), open_backbone("features:160"), plan)
    assert found.views == (View(side=160),)
