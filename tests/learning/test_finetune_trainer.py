"""The last stages of a backbone, learnt after its head: told, resumed, repeated, within time."""

import dataclasses
import time

import numpy as np
import pytest
import safetensors.numpy
from imagier.learning.finetuning import FinetuneLearner
from imagier.learning.making import check_network, learners_by_time
from imagier.learning.material import Material
from imagier.learning.resuming import Page

from imagier.errors import ModelError, UsageError
from imagier.features import open_backbone
from imagier.learning import TrainOptions, finetuning, gradient, looking, train_recognizer
from imagier.training import Deadline

WISHES = TrainOptions(network="finetune:64", epochs=2)


@pytest.fixture
def always_tuned(monkeypatch):
    """Let what was tuned be kept whatever validation says."""
    monkeypatch.setattr(finetuning, "is_better", lambda *_: True)


@pytest.fixture
def always_head(monkeypatch):
    monkeypatch.setattr(finetuning, "is_better", lambda *_: False)


@pytest.fixture
def task(stripes_folder):
    return Material(stripes_folder, TrainOptions(), None, lambda _: None).task("finetune")


def learner_of(task, **options):
    """Make the learner of three epochs."""
    options = dataclasses.replace(task.options, epochs=3, **options)
    return FinetuneLearner(dataclasses.replace(task, options=options), "finetune:64", "features:64")


def clock_of(seconds):
    return Deadline(started=time.monotonic(), budget=seconds)


@pytest.mark.usefixtures("always_tuned")
def test_the_last_stages_are_learnt_and_told(stripes_folder):
    result = train_recognizer(stripes_folder, WISHES)
    report = result.report
    assert report.card.network == "finetune:64"
    assert report.card.parameters > 2_000_000
    assert [row.epoch for row in report.history.epochs] == [1, 2]
    assert any(
        "last stages" in note and "by a layer on top of it alone" in note
        for note in report.data_notes
    )
    weights = safetensors.numpy.load(result.recognizer.weights)
    assert weights["head.weight"].shape == (2, open_backbone("features").outputs)
    assert any(name.startswith("body.0.") for name in weights)


@pytest.mark.usefixtures("always_tuned")
def test_a_plan_gives_the_same_bits_again(stripes_folder, tmp_path):
    result = train_recognizer(stripes_folder, WISHES)
    result.recognizer.save(tmp_path / "m.imagier")
    again = train_recognizer(stripes_folder, TrainOptions(plan=tmp_path / "m.imagier"))
    assert again.recognizer.onnx == result.recognizer.onnx
    assert again.recognizer.weights == result.recognizer.weights


@pytest.mark.usefixtures("always_tuned")
def test_stopped_after_an_epoch_it_goes_on_to_the_same_bits(stripes_folder, tmp_path):
    class StoppedError(Exception):
        pass

    def stop(step):
        if step.epoch:
            raise StoppedError

    whole = train_recognizer(stripes_folder, WISHES)
    with pytest.raises(StoppedError):
        train_recognizer(stripes_folder, WISHES, folder=tmp_path / "m", progress=stop)
    resumed = train_recognizer(stripes_folder, WISHES, folder=tmp_path / "m", resume=True)
    assert any("gone on with after 1" in note for note in resumed.report.data_notes)
    assert resumed.recognizer.onnx == whole.recognizer.onnx
    assert resumed.recognizer.weights == whole.recognizer.weights


@pytest.mark.usefixtures("always_head")
def test_what_validation_does_not_prefer_is_not_kept(stripes_folder):
    tuned = train_recognizer(stripes_folder, WISHES)
    alone = train_recognizer(stripes_folder, dataclasses.replace(WISHES, network="features:64"))
    assert tuned.report.card.network == "features:64"
    assert tuned.recognizer.onnx == alone.recognizer.onnx
    assert any("did not help" in note for note in tuned.report.data_notes)


def test_within_a_budget_the_plan_says_whether_pictures_are_mirrored(task, monkeypatch):
    tuning = dataclasses.replace(finetuning.FINETUNE_TIER, min_epochs=1, max_epochs=2)
    monkeypatch.setattr(finetuning, "FINETUNE_TIER", tuning)
    learner = FinetuneLearner(task, "finetune:64", "features:64")
    learner.run(clock_of(200), lambda _: None, Page(None, {}))
    assert any("mirrored" in note for note in learner.notes)
    assert learner.plan.epochs == 2


def test_too_little_time_keeps_the_head_and_says_so(task, monkeypatch):
    monkeypatch.setattr(looking, "_pace", lambda *_: 1e-6)
    learner = FinetuneLearner(task, "finetune", "features")
    assert not learner.may_fit(clock_of(20))
    learner.run(clock_of(20), lambda _: None, Page(None, {}))
    assert not learner.is_tuned
    assert any("too short to learn more" in note for note in learner.notes)
    assert learner.export().card.network == "features"
    assert learner.known_answers(task.parts.validation[:2]).shape == (2, 2)


def test_where_the_loss_runs_away_the_head_is_kept(task):
    learner = learner_of(task, learning_rate=1e30)
    learner.run(None, lambda _: None, Page(None, {}))
    assert not learner.is_tuned
    assert any("ran away" in note and "was kept" in note for note in learner.notes)


def test_ctrl_c_in_the_first_epoch_keeps_the_head(task):
    def stop(step):
        if step.phase == "fit" and step.total:
            raise KeyboardInterrupt

    learner = learner_of(task)
    learner.run(None, stop, Page(None, {}))
    assert learner.interrupted
    assert any("was interrupted" in note for note in learner.notes)
    assert not learner.is_tuned


@pytest.mark.parametrize(
    ("seconds", "side"), [(60, None), (300, None), (500, 288), (900, 384), (9000, 384)]
)
def test_more_time_tunes_on_larger_pictures(seconds, side, task, monkeypatch):
    monkeypatch.setattr(looking, "_pace", lambda *_: 0.01 / 224**2)
    large = np.broadcast_to(np.uint8(0), (2_500, 384, 384, 3))
    rows = np.arange(2_500)
    parts = dataclasses.replace(
        task.parts, train=rows[:2_000], validation=rows[2_000:], test=rows[:0]
    )
    columns = {
        name: np.resize(getattr(task.dataset, name), len(rows))
        for name in ("labels", "names", "hashes", "parts", "groups")
    }
    dataset = dataclasses.replace(task.dataset, pixels=large, **columns)
    many = dataclasses.replace(task, dataset=dataset, parts=parts)
    found = looking.side_to_tune_at(clock_of(seconds), many, open_backbone("features"))
    assert found == side


def test_only_where_pilots_chose_features_it_gives_way(stripes_folder, monkeypatch):
    monkeypatch.setattr(looking, "_pace", lambda *_: 1e-9)
    material = Material(stripes_folder, TrainOptions(), None, lambda _: None)
    assert not list(learners_by_time(material, "features", clock_of(900), is_chosen=True))
    monkeypatch.setattr(finetuning, "FEWEST_PICTURES", 50)
    chosen = learners_by_time(material, "features", clock_of(900), is_chosen=True)
    assert [learner.network for learner in chosen] == ["finetune"]
    assert not list(learners_by_time(material, "features", clock_of(900), is_chosen=False))
    assert not list(learners_by_time(material, "features", clock_of(4), is_chosen=True))


def test_names_of_other_sides_are_refused(stripes_folder):
    check_network(" Finetune:96", TrainOptions())
    with pytest.raises(UsageError) as caught:
        train_recognizer(stripes_folder, TrainOptions(network="finetune:100", epochs=1))
    assert caught.value.code == "backbone_side"


def test_a_mistyped_name_is_answered_with_the_right_one():
    with pytest.raises(UsageError) as caught:
        check_network("finetuned", TrainOptions())
    assert caught.value.code == "unknown_network"
    assert "“finetune”" in caught.value.message


@pytest.mark.parametrize(
    "network", ["cnn:4; finetune:100", "cnn:4; finetune:wide", "cnn:4; finetun"]
)
def test_among_several_it_is_refused_before_anything_is_learnt(network, stripes_folder):
    steps = []
    with pytest.raises(UsageError):
        train_recognizer(stripes_folder, TrainOptions(network=network, epochs=1), progress=steps.append)
    assert not [step for step in steps if step.phase == "fit"]


@pytest.mark.usefixtures("always_head")
def test_in_a_comparison_it_keeps_its_name(stripes_folder):
    result = train_recognizer(stripes_folder, TrainOptions(network="features:64; finetune:64", epochs=1))
    assert [one.network for one in result.report.history.trials] == ["features:64", "finetune:64"]


@pytest.mark.parametrize("looks", [None, {}, {"views": [{"side": 64}, {"side": 96}]}])
def test_a_plan_that_does_not_say_how_it_looked_is_refused(looks, task):
    learner = learner_of(task)
    plan = learner._plan_json()
    plan["features"].update(looks or {})
    if not looks:
        plan["features"] = looks
    with pytest.raises(ModelError) as caught:
        FinetuneLearner(task, "finetune:64", "features:64", plan)
    assert caught.value.code == "bad_plan"


def test_where_memory_is_short_the_head_is_kept(task, monkeypatch):
    def greedy(*_, **__):
        raise MemoryError

    monkeypatch.setattr(gradient, "train", greedy)
    learner = learner_of(task)
    learner.run(None, lambda _: None, Page(None, {}))
    assert not learner.is_tuned
    assert any("Memory was too short to learn more" in note for note in learner.notes)
