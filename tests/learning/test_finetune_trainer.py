"""The last stages of a backbone, learnt after its head: told, resumed, repeated, within time."""

import dataclasses

import pytest
import safetensors.numpy

from imagier.errors import DataError, ModelError, UsageError
from imagier.features import View, open_backbone
from imagier.learning import (
    TrainOptions,
    epoch_loop,
    finetune_trainer,
    train_recognizer,
    view_budget,
)
from imagier.learning.data import DataSource
from imagier.learning.finetune_trainer import FinetuneTrainer
from imagier.learning.model_selection import ModelSelection, check_network
from imagier.learning.progress import silent
from imagier.learning.run_store import RunStore
from imagier.learning.trainers import Run

OPTIONS = TrainOptions(network="finetune:64", epochs=2)


@pytest.fixture(autouse=True)
def enough(monkeypatch):
    """Let so few pictures be enough for validation to judge."""
    monkeypatch.setattr(finetune_trainer, "FEWEST_PICTURES", 50)


@pytest.fixture
def always_tuned(monkeypatch):
    """Let what was tuned be kept whatever validation says."""
    monkeypatch.setattr(finetune_trainer, "is_better", lambda *_: True)


@pytest.fixture
def always_head(monkeypatch):
    monkeypatch.setattr(finetune_trainer, "is_better", lambda *_: False)


@pytest.fixture
def data(stripes_folder, prepare):
    return prepare(stripes_folder, side=64, options=TrainOptions())


@pytest.fixture
def pace(monkeypatch):
    """Give the function that says how long a backbone takes for a picture."""

    def set_pace(seconds):
        monkeypatch.setattr(view_budget, "seconds_a_picture", lambda *_, **__: seconds)

    return set_pace


def trainer_of(data, plan=None, *, deadline=None, progress=silent, epochs=3, **options):
    """Make the trainer of a few epochs."""
    options = dataclasses.replace(data.options, epochs=epochs, **options)
    return FinetuneTrainer(
        dataclasses.replace(data, options=options),
        "finetune:64",
        Run(deadline=deadline, progress=progress),
        backbone="features:64",
        plan=plan,
    )


@pytest.mark.usefixtures("always_tuned")
def test_the_last_stages_are_learnt_and_told(stripes_folder):
    result = train_recognizer(stripes_folder, OPTIONS)
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
    result = train_recognizer(stripes_folder, OPTIONS)
    result.recognizer.save(tmp_path / "m.imagier")
    again = train_recognizer(stripes_folder, TrainOptions(plan=tmp_path / "m.imagier"))
    assert again.recognizer.onnx == result.recognizer.onnx
    assert again.recognizer.weights == result.recognizer.weights


@pytest.mark.usefixtures("always_tuned")
def test_stopped_after_an_epoch_it_goes_on_to_the_same_bits(stripes_folder, tmp_path):
    class StoppedError(Exception):
        pass

    def stop(progress):
        if progress.epoch:
            raise StoppedError

    whole = train_recognizer(stripes_folder, OPTIONS)
    with pytest.raises(StoppedError):
        train_recognizer(stripes_folder, OPTIONS, folder=tmp_path / "m", progress=stop)
    resumed = train_recognizer(stripes_folder, OPTIONS, folder=tmp_path / "m", resume=True)
    assert any("gone on with after 1" in note for note in resumed.report.data_notes)
    assert resumed.recognizer.onnx == whole.recognizer.onnx
    assert resumed.recognizer.weights == whole.recognizer.weights


@pytest.mark.usefixtures("always_head")
def test_what_validation_does_not_prefer_is_not_kept(stripes_folder):
    tuned = train_recognizer(stripes_folder, OPTIONS)
    alone = train_recognizer(stripes_folder, dataclasses.replace(OPTIONS, network="features:64"))
    assert tuned.report.card.network == "features:64"
    assert tuned.recognizer.onnx == alone.recognizer.onnx
    assert any("did not help" in note for note in tuned.report.data_notes)


def test_within_a_budget_the_plan_says_whether_pictures_are_mirrored(data, deadline, monkeypatch):
    tuning = dataclasses.replace(finetune_trainer.FINETUNE_TIER, min_epochs=1, max_epochs=2)
    monkeypatch.setattr(finetune_trainer, "FINETUNE_TIER", tuning)
    run = Run(deadline=deadline(200))
    trainer = FinetuneTrainer(data, "finetune:64", run, backbone="features:64")
    trainer.fit()
    assert any("mirrored" in note for note in trainer.notes)
    assert trainer.loop.plan.epochs == 2


def test_too_little_time_keeps_the_head_and_says_so(data, deadline, pace):
    pace(0.07)
    run = Run(deadline=deadline(20))
    trainer = FinetuneTrainer(data, "finetune", run, backbone="features")
    assert not trainer.may_fit(deadline(20))
    trainer.fit()
    assert not trainer.is_tuned
    assert any("too short to learn more" in note for note in trainer.notes)
    assert trainer.export().card.network == "features"
    assert trainer.known_probabilities(data.split.validation[:2]).shape == (2, 2)


def test_where_the_loss_runs_away_the_head_is_kept(data):
    trainer = trainer_of(data, learning_rate=1e30)
    trainer.fit()
    assert not trainer.is_tuned
    assert any("ran away" in note and "was kept" in note for note in trainer.notes)


def test_ctrl_c_in_the_first_epoch_keeps_the_head(data):
    def stop(progress):
        if progress.phase == "fit" and progress.total:
            raise KeyboardInterrupt

    trainer = trainer_of(data, progress=stop)
    trainer.fit()
    assert trainer.interrupted
    assert any("was interrupted" in note for note in trainer.notes)
    assert not trainer.is_tuned


def test_ctrl_c_in_the_second_view_of_the_head_keeps_the_first(data, deadline, pace):
    """With no time to tune, the head may see several views; those that are finished are kept."""
    phases = []

    def stop(progress):
        phases.append(progress.phase)
        if progress.phase == "features" and "fit" in phases:
            raise KeyboardInterrupt

    pace(0.01)
    run = Run(deadline=deadline(9), progress=stop)
    trainer = FinetuneTrainer(data, "finetune", run, backbone="features")
    trainer.fit()
    assert trainer.interrupted
    assert not trainer.is_tuned
    assert [View(**view) for view in trainer.export().card.plan["views"]] == [View(side=128)]


@pytest.mark.usefixtures("always_tuned")
def test_what_is_tuned_begins_with_a_head_that_has_not_seen_validation(data, monkeypatch):
    asked, fit_head = [], finetune_trainer.fit_head

    def noting(features, labels, folds, **options):
        asked.append((len(features), labels.tolist()))
        return fit_head(features, labels, folds, **options)

    monkeypatch.setattr(finetune_trainer, "fit_head", noting)
    trainer = trainer_of(data, epochs=1)
    trainer.fit()
    train = data.split.train
    assert asked == [(len(train), data.dataset.labels[train].tolist())]
    rows, answers = trainer.held_out()
    assert (rows.tolist(), answers) == (data.split.validation.tolist(), None)


def test_only_where_pictures_chose_features_it_gives_way(
    stripes_folder, monkeypatch, deadline, pace
):
    pace(1e-6)

    def trainers(seconds, *, is_auto):
        run = Run(deadline=deadline(seconds))
        options = TrainOptions(fit="crop")
        selection = ModelSelection(
            DataSource(stripes_folder, options, None, silent),
            run,
            RunStore(None, options, resume=False),
        )
        return [one.network for one in selection._by_time("features", "", run, is_auto=is_auto)]

    for fewest in (50, 600):  # judged by validation, judged by folds
        monkeypatch.setattr(finetune_trainer, "FEWEST_PICTURES", fewest)
        assert trainers(900, is_auto=True) == ["finetune"]
        assert trainers(900, is_auto=False) == []
        assert trainers(2, is_auto=True) == []


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
    seen = []
    with pytest.raises(UsageError):
        train_recognizer(
            stripes_folder, TrainOptions(network=network, epochs=1), progress=seen.append
        )
    assert not [one for one in seen if one.phase == "fit"]


@pytest.mark.usefixtures("always_head")
def test_in_a_comparison_it_keeps_its_name(stripes_folder):
    result = train_recognizer(
        stripes_folder, TrainOptions(network="features:64; finetune:64", epochs=1)
    )
    assert [one.network for one in result.report.history.trials] == ["features:64", "finetune:64"]


@pytest.mark.parametrize("views", [None, [], [{"side": 64}, {"side": 96}]])
def test_a_plan_that_does_not_say_how_pictures_were_seen_is_refused(views, data):
    plan = trainer_of(data)._plan_json(trainer_of(data).loop.plan)
    assert trainer_of(data, plan).head.plan.views == (View(side=64),)
    plan["features"] = None if views is None else plan["features"] | {"views": views}
    with pytest.raises(ModelError) as caught:
        trainer_of(data, plan)
    assert caught.value.code == "bad_plan"


def test_where_memory_is_short_the_head_is_kept(data, monkeypatch):
    def greedy(*_, **__):
        raise MemoryError

    monkeypatch.setattr(epoch_loop, "train", greedy)
    trainer = trainer_of(data)
    trainer.fit()
    assert not trainer.is_tuned
    assert any("Memory was too short to learn more" in note for note in trainer.notes)


@pytest.fixture
def new_photos(write_photos):
    return write_photos(80, name="new", seed=7)


@pytest.fixture
def tuned(stripes_folder, always_tuned, tmp_path):
    place = tmp_path / "tuned.imagier"
    train_recognizer(stripes_folder, OPTIONS).recognizer.save(place)
    return place


def test_learning_goes_on_with_the_stages_that_a_model_had_learnt(tuned, new_photos, tmp_path):
    options = TrainOptions(init=tuned, epochs=2)
    result = train_recognizer(new_photos, options)
    assert result.recognizer.card.network == "finetune:64"
    assert result.recognizer.card.plan["init_name"] == "tuned.imagier"
    before, after = (
        safetensors.numpy.load(one)
        for one in ((tuned / "weights.safetensors").read_bytes(), result.recognizer.weights)
    )
    moved = {name for name, value in after.items() if (value != before[name]).any()}
    means = {name for name in after if "running_" in name}
    assert moved == set(after) - means  # these stay those of the million photographs
    result.recognizer.save(tmp_path / "on.imagier")
    plan = tmp_path / "on.imagier"
    again = train_recognizer(new_photos, TrainOptions(plan=plan, init=tuned))
    assert again.recognizer.weights == result.recognizer.weights
    with pytest.raises(UsageError) as caught:
        train_recognizer(new_photos, TrainOptions(plan=plan))
    assert caught.value.code == "plan_needs_init"


def test_a_head_alone_keeps_the_stages_of_the_model(tuned, new_photos, tmp_path, monkeypatch):
    monkeypatch.setattr(finetune_trainer, "is_better", lambda *_: False)
    result = train_recognizer(new_photos, TrainOptions(init=tuned, epochs=1))
    card = result.recognizer.card
    assert (card.network, card.plan["tuned"]) == ("finetune:64", False)
    before, after = (
        safetensors.numpy.load(one)
        for one in ((tuned / "weights.safetensors").read_bytes(), result.recognizer.weights)
    )
    assert all((after[name] == before[name]).all() for name in after if name.startswith("body."))
    result.recognizer.save(tmp_path / "on.imagier")
    again = train_recognizer(new_photos, TrainOptions(plan=tmp_path / "on.imagier", init=tuned))
    assert again.recognizer.onnx == result.recognizer.onnx
    assert again.recognizer.weights == result.recognizer.weights


def test_pictures_that_the_tuned_stages_have_learnt_from_judge_nothing(tuned, stripes_folder):
    with pytest.raises(DataError) as caught:
        train_recognizer(stripes_folder, TrainOptions(init=tuned, epochs=1))
    assert caught.value.code == "init_knows_pictures"


def test_a_head_is_nothing_to_go_on_from(stripes_folder, tmp_path):
    place = tmp_path / "head.imagier"
    options = TrainOptions(network="features:64")
    train_recognizer(stripes_folder, options).recognizer.save(place)
    with pytest.raises(UsageError) as caught:
        train_recognizer(stripes_folder, TrainOptions(init=place))
    assert caught.value.code == "init_of_features"
