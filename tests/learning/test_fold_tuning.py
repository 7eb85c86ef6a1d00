"""The last stages learnt from few pictures: judged by folds, kept only where these say so."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from imagier.errors import ModelError
from imagier.features import View
from imagier.learning import TrainOptions, finetune_trainer, fold_tuning, train_recognizer
from imagier.learning.finetune_trainer import FinetuneTrainer
from imagier.learning.fold_tuning import Verdict, epochs_within, folds_for, folds_of
from imagier.learning.progress import silent
from imagier.learning.trainers import Run, TooShortError
from imagier.machine import Deadline
from imagier.training import FINETUNE_TIER, Throughput, train

OPTIONS = TrainOptions(network="finetune:64", epochs=1)


@pytest.fixture
def folder(write_photos):
    return write_photos(24, size=(64, 64))


@pytest.fixture
def data(folder, prepare):
    return prepare(folder, side=64, options=TrainOptions())


@pytest.fixture(autouse=True)
def always_open(monkeypatch):
    """Let all folds be learnt, however few pictures the head names wrong."""
    monkeypatch.setattr(Verdict, "is_open", True)


@pytest.fixture
def always_tuned(monkeypatch):
    """Let what was tuned be kept whatever the folds say."""
    monkeypatch.setattr(Verdict, "is_better", True)


@pytest.fixture
def always_head(monkeypatch):
    monkeypatch.setattr(Verdict, "is_better", False)


@pytest.fixture
def learnt_from(monkeypatch):
    """Note from which pictures, judged by which, each network learns."""
    noted = []

    def noting(network, data, plan, **options):
        noted.append((network, data.train.tolist(), data.validation.tolist()))
        return train(network, data, plan, **options)

    monkeypatch.setattr(fold_tuning, "train", noting)
    return noted


def trainer_of(data, plan=None, *, deadline=None, progress=silent, epochs=1, **options):
    """Make the trainer of an epoch."""
    options = dataclasses.replace(data.options, epochs=epochs, **options)
    return FinetuneTrainer(
        dataclasses.replace(data, options=options),
        "finetune:64",
        Run(deadline=deadline, progress=progress),
        backbone="features:64",
        plan=plan,
    )


@pytest.mark.usefixtures("always_tuned")
def test_judged_by_folds_one_network_learns_from_all_pictures(folder):
    result = train_recognizer(folder, dataclasses.replace(OPTIONS, epochs=2))
    report, card = result.report, result.recognizer.card
    assert card.network == "finetune:64"
    assert (card.plan["folds"], card.plan["epochs"]) == (3, 2)
    assert [row.epoch for row in report.history.epochs] == [1, 2]
    assert [row.kept for row in report.history.epochs] == [False, True]
    assert any("last stages" in note and "one of 3 networks" in note for note in report.data_notes)
    answer = report.train_json()
    learnt = answer["split"]["train"] + answer["split"]["validation"]
    assert answer["validation"]["n"] == answer["learning"]["n"] == learnt
    assert report.history.epochs[-1].validation_error == pytest.approx(
        1 - answer["validation"]["accuracy"]
    )


@pytest.mark.usefixtures("always_tuned")
def test_held_out_answers_are_by_networks_that_had_not_learnt_from_the_picture(data, learnt_from):
    trainer = trainer_of(data)
    trainer.fit()
    learnable, folds = data.learnable, data.folds(3)
    *folded, (_, everyone, none) = learnt_from
    assert (everyone, none) == (learnable.tolist(), [])
    rows, answers = trainer.held_out()
    assert rows.tolist() == trainer.learnt.tolist() == learnable.tolist()
    for fold, (network, learnt, judged) in enumerate(folded):
        assert judged == learnable[folds == fold].tolist()
        assert sorted(learnt + judged) == learnable.tolist()
        assert not {*learnt} & {*judged}
        said = network.probabilities(data.dataset.pixels[judged])
        np.testing.assert_array_equal(answers[folds == fold], said)


@pytest.mark.usefixtures("always_tuned")
def test_heads_within_folds_begin_with_the_pictures_of_the_others_only(data, monkeypatch):
    asked, fit_head = [], fold_tuning.fit_head

    def noting(features, labels, folds, **options):
        asked.append(features)
        return fit_head(features, labels, folds, **options)

    monkeypatch.setattr(fold_tuning, "fit_head", noting)
    trainer = trainer_of(data)
    trainer.fit()
    folds = data.folds(3)
    known = trainer.head.features_of(data.learnable)
    for fold, features in enumerate(asked[:3]):
        np.testing.assert_array_equal(features, known[folds != fold])
    np.testing.assert_array_equal(asked[3], known)


@pytest.mark.usefixtures("always_head")
def test_what_the_folds_do_not_prefer_is_not_kept(folder, learnt_from):
    tuned = train_recognizer(folder, OPTIONS)
    alone = train_recognizer(folder, dataclasses.replace(OPTIONS, network="features:64"))
    assert len(learnt_from) == 3
    assert tuned.report.card.network == "features:64"
    assert tuned.recognizer.onnx == alone.recognizer.onnx
    assert tuned.report.history.epochs == alone.report.history.epochs
    assert any("did not clearly help" in note for note in tuned.report.data_notes)


@pytest.mark.usefixtures("always_tuned")
def test_the_same_bits_twice_and_by_plan(folder, tmp_path):
    first, second = (train_recognizer(folder, OPTIONS).recognizer for _ in range(2))
    first.save(tmp_path / "m.imagier")
    again = train_recognizer(folder, TrainOptions(plan=tmp_path / "m.imagier"))
    for other in (second, again.recognizer):
        assert other.onnx == first.onnx
        assert other.weights == first.weights
    assert again.recognizer.card.plan == first.card.plan


@pytest.mark.usefixtures("always_tuned")
def test_killed_between_folds_it_goes_on_to_the_same_bits(folder, tmp_path):
    class KilledError(Exception):
        pass

    def kill(progress):
        if progress.phase == "fit" and progress.done == 2:
            raise KilledError

    whole = train_recognizer(folder, OPTIONS)
    with pytest.raises(KilledError):
        train_recognizer(folder, OPTIONS, folder=tmp_path / "m", progress=kill)
    resumed = train_recognizer(folder, OPTIONS, folder=tmp_path / "m", resume=True)
    assert resumed.recognizer.onnx == whole.recognizer.onnx
    assert resumed.recognizer.weights == whole.recognizer.weights


@pytest.mark.usefixtures("always_tuned")
def test_within_a_budget_the_epochs_are_counted(data, deadline, monkeypatch):
    tier = dataclasses.replace(FINETUNE_TIER, min_epochs=1, max_epochs=2)
    monkeypatch.setattr(finetune_trainer, "FINETUNE_TIER", tier)
    trainer = trainer_of(data, deadline=deadline(200), epochs=None)
    trainer.fit()
    assert trainer.loop.plan.epochs == 2
    assert any("mirrored" in note for note in trainer.notes)
    assert trainer.by_folds is not None
    assert trainer.trial().accuracy == 1 - trainer.best_row().validation_error


def test_epochs_pay_for_all_folds_and_the_last_run(data, deadline):
    """At ten pictures a second, n pictures learnt from three times take 0.3 n seconds."""
    plan = trainer_of(data).loop.plan
    pace = Throughput(train=10.0, predict=1e9)
    one = 0.3 * len(data.learnable) / fold_tuning.MARGIN

    def epochs(seconds):
        options = {"folds": 3, "reserve": 5.0, "tier": FINETUNE_TIER}
        return epochs_within(deadline(5 + seconds), data, plan, pace, **options).epochs

    assert epochs(4.5 * one) == 4
    assert epochs(1e6) == FINETUNE_TIER.max_epochs
    with pytest.raises(TooShortError):
        epochs(2.5 * one)


def test_too_little_time_keeps_the_head_and_says_so(data, deadline, learnt_from):
    trainer = trainer_of(data, deadline=deadline(2), epochs=None)
    assert not trainer.may_fit(deadline(2))
    trainer.fit()
    assert not trainer.is_tuned
    assert learnt_from == []
    assert any("too short to learn more" in note for note in trainer.notes)


def test_where_the_machine_slows_down_the_head_is_kept(data, deadline, monkeypatch):
    """Once the first fold has begun there is no time left."""
    tier = dataclasses.replace(FINETUNE_TIER, min_epochs=1, max_epochs=1)
    monkeypatch.setattr(finetune_trainer, "FINETUNE_TIER", tier)
    is_late = []
    left = Deadline.left
    monkeypatch.setattr(Deadline, "left", lambda self: 0.0 if is_late else left(self))

    def slow_down(progress):
        if progress.phase == "fit" and progress.total:
            is_late.append(True)

    trainer = trainer_of(data, deadline=deadline(200), epochs=None, progress=slow_down)
    trainer.fit()
    assert not trainer.is_tuned
    assert any("too short to learn more" in note for note in trainer.notes)
    assert trainer.rows == trainer.head.rows


@pytest.mark.usefixtures("always_tuned")
@pytest.mark.parametrize("done", [0, 1, 3])
def test_ctrl_c_in_any_fold_or_the_last_run_keeps_the_head(data, done):
    def stop(progress):
        if progress.phase == "fit" and progress.total and progress.done == done:
            raise KeyboardInterrupt

    trainer = trainer_of(data, progress=stop)
    trainer.fit()
    assert trainer.interrupted
    assert not trainer.is_tuned
    assert any("was interrupted" in note for note in trainer.notes)


def test_where_the_loss_runs_away_the_head_is_kept(data):
    trainer = trainer_of(data, learning_rate=1e30, epochs=3)
    trainer.fit()
    assert not trainer.is_tuned
    assert any("ran away" in note and "was kept" in note for note in trainer.notes)


def test_where_memory_is_short_the_head_is_kept(data, monkeypatch):
    def greedy(*_, **__):
        raise MemoryError

    monkeypatch.setattr(fold_tuning, "train", greedy)
    trainer = trainer_of(data)
    trainer.fit()
    assert not trainer.is_tuned
    assert any("Memory was too short to learn more" in note for note in trainer.notes)


@pytest.mark.parametrize("fewest", [0, 600])
def test_large_sets_are_judged_by_validation(data, monkeypatch, learnt_from, fewest):
    monkeypatch.setattr(finetune_trainer, "FEWEST_PICTURES", fewest)
    trainer = trainer_of(data)
    trainer.fit()
    is_large = not fewest
    assert (learnt_from == []) == is_large
    assert (len(trainer.loop.rows) == 1) == is_large
    assert ("folds" not in trainer._plan_json(trainer.loop.plan)) == is_large


@pytest.mark.usefixtures("always_tuned")
def test_of_a_head_in_several_views_the_first_is_tuned(data):
    plan = trainer_of(data)._plan_json(trainer_of(data).loop.plan)
    views = [{"side": 64, "mirrored": False}, {"side": 64, "mirrored": True}]
    plan["features"] = plan["features"] | {"views": views}
    trainer = trainer_of(data, plan)
    assert trainer.head.plan.views == (View(side=64), View(side=64, mirrored=True))
    trainer.fit()
    assert trainer.is_tuned
    assert trainer.export().probabilities(data.dataset.pixels[:2]).shape == (2, 2)


@pytest.mark.parametrize("folds", [1, -3, 11, "3", None, 2.0])
def test_a_plan_with_other_folds_is_refused(folds):
    with pytest.raises(ModelError) as caught:
        folds_of({"folds": folds})
    assert caught.value.code == "bad_plan"


@pytest.mark.parametrize(
    ("train", "groups", "folds"), [(600, 900, 0), (599, 900, 3), (20, 5, 3), (20, 4, 0)]
)
def test_folds_judge_where_pictures_are_few_but_groups_enough(train, groups, folds):
    data = SimpleNamespace(
        split=SimpleNamespace(train=np.arange(train)),
        folds=lambda count: np.arange(groups) % count,
    )
    assert folds_for(data, fewest=600) == folds


@pytest.mark.parametrize(
    ("opens", "said"), [([False], "too few to tell"), ([True, False], "given up after 1 of 3")]
)
def test_once_nothing_is_open_no_further_fold_is_learnt(
    data, monkeypatch, learnt_from, opens, said
):
    asked = iter(opens)
    monkeypatch.setattr(Verdict, "is_open", property(lambda _: next(asked)))
    monkeypatch.setattr(Verdict, "is_better", False)
    trainer = trainer_of(data)
    trainer.fit()
    assert len(learnt_from) == sum(opens)
    assert not trainer.is_tuned
    assert any(said in note for note in trainer.notes)


@pytest.mark.parametrize(
    ("named", "only_tuned", "only_head", "to_gain"),
    [(0, 0, 0, 4), (2, 0, 1, 3), (4, 1, 2, 2), (6, 2, 2, 0)],
)
def test_verdicts_count_what_was_named_until_now(data, named, only_tuned, only_head, to_gain):
    rows = data.learnable[:6]
    labels = data.dataset.labels[rows]
    head = np.eye(2)[labels ^ [1, 0, 1, 0, 1, 1]]  # a 1 is a picture named wrong
    tuned = np.eye(2)[labels ^ [1, 1, 0, 1, 1, 0]]
    tuning = fold_tuning.FoldTuning(
        data,
        trainer_of(data).loop.plan,
        Run(),
        folds=3,
        features=np.zeros((len(data.learnable), 4)),
        build=None,
    )
    tuning.answers[:named] = tuned[:named]
    verdict = tuning._compared(rows, head)
    found = (verdict.only_tuned, verdict.only_head, verdict.to_gain)
    assert (verdict.n, *found) == (named, only_tuned, only_head, to_gain)
