"""A head on a backbone, as a run: learnt from every picture, exported, repeated, in its time."""

import dataclasses
from itertools import pairwise

import numpy as np
import pytest

from imagier.errors import UsageError
from imagier.features import Extraction, FeaturePlan, View, open_backbone
from imagier.learning import TrainOptions, head_trainer, train_recognizer, view_budget
from imagier.learning.head_trainer import HeadTrainer
from imagier.learning.run_store import RunRecord
from imagier.learning.trainers import Run
from imagier.training.checkpoints import CheckpointStore

OPTIONS = TrainOptions(network="features:64", epochs=1)


@pytest.fixture
def result(stripes_folder):
    return train_recognizer(stripes_folder, OPTIONS)


@pytest.fixture
def data(stripes_folder, prepare):
    return prepare(stripes_folder, side=64, options=OPTIONS)


@pytest.fixture
def extracted(monkeypatch):
    """Note which pictures are shown to the backbone, and in which view."""
    shown, extract = [], head_trainer.extract

    def noting(*given, rows, view, **options):
        shown.append((view, rows.tolist()))
        yield from extract(*given, rows=rows, view=view, **options)

    monkeypatch.setattr(head_trainer, "extract", noting)
    return shown


def plan_of(data, *views, folds=5):
    return FeaturePlan(
        network="features:64", views=views, folds=folds, class_weights=(1.0, 1.0), seed=0, threads=1
    )


def fitted(data, *, plan=None, **run):
    trainer = HeadTrainer(data, "features:64", Run(**run), plan)
    trainer.fit()
    return trainer


def test_a_head_is_learnt_and_told(result):
    report = result.report
    assert report.accuracy > 0.8
    assert report.card.network == "features:64"
    assert report.card.parameters == 2 * (open_backbone("features").outputs + 1)
    assert [row.kept for row in report.history.epochs].count(True) == 1
    assert any("64 pixels" in note for note in report.data_notes)


def test_it_learns_from_every_training_and_validation_picture(data, monkeypatch):
    """Five folds choose l2, the one with the least loss; the figure for validation is theirs."""
    asked, fit_head = [], head_trainer.fit_head

    def noting(features, labels, folds, **options):
        asked.append((len(features), labels, folds))
        return fit_head(features, labels, folds, **options)

    monkeypatch.setattr(head_trainer, "fit_head", noting)
    trainer = fitted(data)
    parts = data.split
    ((n, labels, folds),) = asked
    assert n == len(parts.train) + len(parts.validation)
    np.testing.assert_array_equal(labels, data.dataset.labels[data.learnable])
    assert set(folds) == {0, 1, 2, 3, 4}
    rows, answers = trainer.held_out()
    np.testing.assert_array_equal(rows, data.learnable)
    assert np.isfinite(answers).all()
    assert trainer.best_row().validation_loss == min(row.validation_loss for row in trainer.rows)
    right = float((answers.argmax(axis=1) == labels).mean())
    assert trainer.trial().accuracy == pytest.approx(right)


def test_the_report_tells_the_figure_of_the_folds(result):
    report = result.report
    n = report.sizes["train"] + report.sizes["validation"]
    score, row = report.scores["validation"], next(r for r in report.history.epochs if r.kept)
    assert score.n == n
    assert score.accuracy == pytest.approx(1 - row.validation_error)
    (note,) = [note for note in report.data_notes if "folds" in note]
    assert f"by 5 folds of the {n} training and validation pictures" in note
    assert "has learnt from all of them" in note


def test_of_very_many_pictures_validation_alone_chooses(stripes_folder, monkeypatch):
    monkeypatch.setattr(head_trainer, "MOST_FOLDED", 50)
    report = train_recognizer(stripes_folder, OPTIONS).report
    assert report.card.plan["folds"] == 1
    assert report.scores["validation"].n == report.sizes["validation"]
    n = report.sizes["train"] + report.sizes["validation"]
    assert any(f"the one kept has learnt from all {n}" in note for note in report.data_notes)


def test_each_picture_is_shown_once_a_view(stripes_folder, extracted):
    report = train_recognizer(stripes_folder, OPTIONS).report
    shown = sorted(row for _, rows in extracted for row in rows)
    assert shown == sorted(set(shown))
    assert len(shown) == sum(report.sizes[part] for part in ("train", "validation", "test"))


def test_options_that_follow_no_gradient_are_said_to_do_nothing(stripes_folder):
    options = dataclasses.replace(OPTIONS, loss="squared", batch_size=8)
    notes = train_recognizer(stripes_folder, options).report.data_notes
    assert any(note.endswith("manner: --loss, --batch-size.") for note in notes)
    plain = train_recognizer(stripes_folder, TrainOptions(network="features:64", budget=60))
    assert not any("in its own manner" in note for note in plain.report.data_notes)


def test_pixels_in_disorder_are_refused_rather_than_left_in_order(stripes_folder):
    for network in ("features:64", "finetune:64", "cnn; features:64"):
        options = dataclasses.replace(OPTIONS, network=network, shuffle_pixels=1)
        with pytest.raises(UsageError) as caught:
            train_recognizer(stripes_folder, options)
        assert caught.value.code == "shuffled_photos"


def test_the_same_options_give_the_same_bits_and_a_plan_does_too(result, stripes_folder, tmp_path):
    again = train_recognizer(stripes_folder, OPTIONS)
    assert again.recognizer.onnx == result.recognizer.onnx
    result.recognizer.save(tmp_path / "m.imagier")
    planned = train_recognizer(stripes_folder, TrainOptions(plan=tmp_path / "m.imagier"))
    assert planned.recognizer.weights == result.recognizer.weights


def test_known_probabilities_are_those_of_the_recogniser(data):
    """The report's figures of learning and test come from features computed once."""
    trainer = fitted(data, plan=plan_of(data, View(side=64), View(side=64, mirrored=True)))
    recognizer, parts = trainer.export(), data.split
    for rows in (parts.train, parts.validation, parts.test, parts.test[1::2]):
        answered = recognizer.probabilities(data.dataset.pixels[rows])
        np.testing.assert_allclose(trainer.known_probabilities(rows), answered, atol=5e-3)
    mixed = np.concatenate([parts.train[:1], parts.test[:1]])
    assert trainer.known_probabilities(mixed) is None


# Views that help, and those that do not


def judged(monkeypatch, *losses):
    """Have the folds find these losses, one a view."""
    found, fit_head = iter(losses), head_trainer.fit_head

    def fit(*given, **options):
        head = fit_head(*given, **options)
        best = dataclasses.replace(head.best, loss=next(found))
        return dataclasses.replace(head, best=best, trials=(best,))

    monkeypatch.setattr(head_trainer, "fit_head", fit)


PLAIN, MIRRORED, LARGER = View(side=64), View(side=64, mirrored=True), View(side=96)


@pytest.mark.parametrize(
    ("losses", "kept"),
    [
        ((0.5, 0.4, 0.3), (PLAIN, MIRRORED, LARGER)),
        ((0.5, 0.6, 0.4), (PLAIN, LARGER)),
        ((0.5, 0.5, 0.6), (PLAIN,)),
    ],
)
def test_a_view_that_makes_the_folds_worse_is_taken_back(data, monkeypatch, losses, kept):
    judged(monkeypatch, *losses)
    trainer = fitted(data, plan=plan_of(data, PLAIN, MIRRORED, LARGER))
    assert trainer.plan.views == kept
    assert trainer.best_row().validation_loss == min(losses)
    (note,) = [note for note in trainer.remarks() if "Each picture was seen by" in note]
    assert ("mirrored" in note, "96 pixels" in note) == (MIRRORED in kept, LARGER in kept)
    recognizer = trainer.export()
    assert [View(**view) for view in recognizer.card.plan["views"]] == list(kept)
    rows = data.split.train[:20]
    answered = recognizer.probabilities(data.dataset.pixels[rows])
    np.testing.assert_allclose(trainer.known_probabilities(rows), answered, atol=5e-3)


def test_ctrl_c_in_the_second_view_keeps_the_first(data):
    fits = []

    def stop(progress):
        fits.append(progress.phase)
        if progress.phase == "features" and "fit" in fits:
            raise KeyboardInterrupt

    trainer = fitted(data, plan=plan_of(data, PLAIN, MIRRORED), progress=stop)
    assert trainer.interrupted
    assert trainer.plan.views == (PLAIN,)
    assert any("was interrupted" in note for note in trainer.notes)
    assert [View(**view) for view in trainer.export().card.plan["views"]] == [PLAIN]


def test_ctrl_c_in_the_first_view_leaves_nothing(data):
    def stop(progress):
        if progress.phase == "features":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fitted(data, progress=stop)


# A machine that slows down


class SlowMachine:
    """An extraction whose pace in seconds for a picture is told, by side of the view."""

    def __init__(self, pace):
        self.pace, self.seen = pace, []

    def extract(self, backbone, *_, rows, view, **__):
        self.seen.append(view)
        n = len(rows)
        features = np.random.default_rng(0).normal(size=(n, backbone.outputs))
        stops = sorted({0, *(round(n * part / 100) for part in (5, 12, 30, 60)), n})
        for _, done in pairwise([0, *stops]):
            yield Extraction(
                done=done,
                total=n,
                extracted=done,
                seconds=done * self.pace.get(view.side, 0.0),
                features=features.astype(np.float32),
            )


@pytest.fixture
def large(stripes_folder, prepare):
    """The striped pictures as if they were large: nobody looks at their pixels."""
    data = prepare(stripes_folder, side=64, options=TrainOptions(network="features"))
    pixels = np.broadcast_to(np.uint8(0), (len(data.dataset), 288, 288, 3))
    return dataclasses.replace(data, dataset=dataclasses.replace(data.dataset, pixels=pixels))


@pytest.fixture
def machine(monkeypatch):
    """Give a machine that measured itself as quick, and is as slow as told once it begins."""

    def make(pace):
        slow = SlowMachine(pace)
        monkeypatch.setattr(view_budget, "seconds_a_picture", lambda *_, **__: 1e-6)
        monkeypatch.setattr(head_trainer, "extract", slow.extract)
        return slow

    return make


@pytest.mark.parametrize(("pace", "side"), [(0.85, 224), (1.3, 160), (50.0, 160)])
def test_where_the_machine_slows_down_a_smaller_side_is_seen(
    large, machine, deadline, tmp_path, pace, side
):
    """120 pictures in 70 seconds: too slow at 288 pixels, and for the second pace at 224 too."""
    slow = machine({288: pace})
    record = RunRecord(CheckpointStore(tmp_path), {"network": "features"})
    trainer = HeadTrainer(large, "features", Run(deadline=deadline(70), record=record))
    trainer.fit()
    assert slow.seen == [View(side=288), View(side=side)]
    assert trainer.plan.views == (View(side=side),)
    (note,) = [note for note in trainer.notes if "slowed down" in note]
    assert f"{side} pixels" in note
    again = RunRecord(CheckpointStore(tmp_path), {"network": "features"}, resume=True)
    assert [view["side"] for view in again.recall()["views"]] == [side]
    assert note in again.notes


@pytest.mark.parametrize("pace", [{}, {288: 0.1}])
def test_where_it_keeps_its_pace_nothing_changes(large, machine, deadline, pace):
    slow = machine(pace)
    trainer = HeadTrainer(large, "features", Run(deadline=deadline(500)))
    trainer.fit()
    assert slow.seen[0] == View(side=288)
    assert View(side=288) in trainer.plan.views
    assert not any("slowed down" in note for note in trainer.notes)


def test_a_plan_or_a_stopped_run_keeps_its_side_however_slow(large, machine, deadline, tmp_path):
    slow = machine({288: 50.0})
    plan = dataclasses.replace(plan_of(large, View(side=288)), network="features")
    HeadTrainer(large, "features", Run(deadline=deadline(75)), plan).fit()
    RunRecord(CheckpointStore(tmp_path)).begin(plan.to_json())
    record = RunRecord(CheckpointStore(tmp_path), resume=True)
    HeadTrainer(large, "features", Run(deadline=deadline(75), record=record)).fit()
    assert slow.seen == [View(side=288)] * 2


def test_a_plan_is_repeated_in_the_parts_and_folds_of_its_seed(stripes_folder, tmp_path):
    first = train_recognizer(stripes_folder, dataclasses.replace(OPTIONS, seed=7))
    first.recognizer.save(tmp_path / "m.imagier")
    again = train_recognizer(stripes_folder, TrainOptions(plan=tmp_path / "m.imagier"))
    assert again.recognizer.weights == first.recognizer.weights
    assert first.report.history.epochs == again.report.history.epochs


def test_pictures_of_one_group_are_judged_on_validation(data):
    split = dataclasses.replace(data.split, groups=np.zeros_like(data.split.groups))
    trainer = fitted(dataclasses.replace(data, split=split))
    assert trainer.plan.folds == 1
    rows, answers = trainer.held_out()
    assert rows.tolist() == data.split.validation.tolist()
    assert np.isfinite(answers).all()
    assert trainer.validation_score()[0] > 0.8
