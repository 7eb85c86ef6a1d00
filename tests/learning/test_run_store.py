"""A resumed run sees its pictures as the stopped one had chosen, and asks nothing again."""

import dataclasses

import pytest

from imagier.errors import UsageError
from imagier.images import Prepare
from imagier.learning import TrainOptions, epoch_loop, finetune_trainer, train_recognizer
from imagier.learning.photo_plan import PhotoPlan
from imagier.learning.run_store import RunRecord, RunStore
from imagier.training.checkpoints import CheckpointStore

OPTIONS = TrainOptions(network="features:64", budget=60)
PREPARE = Prepare(height=64, width=64, channels=3, fit="pad", ink=None, full_scale=255)


class StoppedError(Exception):
    """What ends a run in these tests, as a power cut would."""


@pytest.fixture
def stop_at():
    """Give the function that makes a progress that ends the run in a phase."""

    def make(phase, *, after_epoch=False):
        def stop(progress):
            if progress.phase == phase and (progress.epoch is not None or not after_epoch):
                raise StoppedError

        return stop

    return make


@pytest.fixture
def ask_nothing(monkeypatch):
    """Give the function after which nobody may choose again how photos are prepared."""

    def begin():
        def choose(_):
            raise AssertionError

        monkeypatch.setattr(PhotoPlan, "prepared", choose)

    return begin


def test_the_fit_that_was_chosen_is_taken_again(
    write_photos, tmp_path, monkeypatch, stop_at, ask_nothing
):
    photos, folder = write_photos(40, size=(64, 128)), tmp_path / "m"
    monkeypatch.setattr(PhotoPlan, "_best_fit", lambda *_: "stretch")
    with pytest.raises(StoppedError):
        train_recognizer(photos, OPTIONS, folder=folder, progress=stop_at("fit"))
    ask_nothing()
    result = train_recognizer(photos, OPTIONS, folder=folder, resume=True)
    assert result.recognizer.prepare.fit == "stretch"
    assert any("stretched to a square" in note for note in result.report.data_notes)


def test_what_was_said_of_too_little_time_is_said_again(
    write_photos, tmp_path, stop_at, ask_nothing
):
    photos, folder = write_photos(20), tmp_path / "m"
    options = dataclasses.replace(OPTIONS, network="features", budget=0.1)
    with pytest.raises(StoppedError):
        train_recognizer(photos, options, folder=folder, progress=stop_at("fit"))
    ask_nothing()
    report = train_recognizer(photos, options, folder=folder, resume=True).report
    assert [note[:16] for note in report.data_notes].count("This takes about") == 1


def test_where_a_smaller_batch_began_anew_the_fit_is_kept_too(
    write_photos, tmp_path, monkeypatch, stop_at, ask_nothing
):
    learn = epoch_loop.train

    def train(network, examples, plan, **options):
        if plan.batch_size > 8:
            raise MemoryError
        yield from learn(network, examples, plan, **options)

    monkeypatch.setattr(epoch_loop, "train", train)
    monkeypatch.setattr(epoch_loop, "CHECKPOINT_SHARE", 0)
    monkeypatch.setattr(finetune_trainer, "is_better", lambda *_: True)
    monkeypatch.setattr(finetune_trainer, "FEWEST_PICTURES", 1)  # judged by validation, not folds
    photos, folder = write_photos(40, size=(64, 128)), tmp_path / "m"
    options = TrainOptions(network="finetune:64", epochs=2, fit="stretch")
    with pytest.raises(StoppedError):
        train_recognizer(photos, options, folder=folder, progress=stop_at("fit", after_epoch=True))
    ask_nothing()
    recognizer = train_recognizer(photos, options, folder=folder, resume=True).recognizer
    assert recognizer.prepare.fit == "stretch"
    assert recognizer.card.plan["batch_size"] == 8


def store(tmp_path, options=OPTIONS, *, resume=True):
    return RunStore(tmp_path, options, resume=resume)


def test_each_trainer_has_its_own_settings(tmp_path):
    begun = store(tmp_path, resume=False)
    begun.record("1", "pictures").begin({"network": "features:64"}, prepare=PREPARE)
    begun.record("2", "pictures").begin({"network": "linear"})
    begun = store(tmp_path)
    assert (begun.network("1"), begun.prepare("1")) == ("features:64", PREPARE)
    assert (begun.network("2"), begun.prepare("2")) == ("linear", None)
    assert (begun.network("3"), begun.prepare("3")) == (None, None)
    afresh = store(tmp_path, resume=False)
    assert (afresh.network("1"), afresh.prepare("1")) == (None, None)


def test_another_choice_of_fit_is_another_run(tmp_path):
    store(tmp_path, resume=False).record("", "pictures").begin({"network": "linear"})
    with pytest.raises(UsageError) as caught:
        store(tmp_path, dataclasses.replace(OPTIONS, fit="pad"))
    assert caught.value.code == "resume_conflict"
    assert "--fit" in caught.value.message
    store(tmp_path, dataclasses.replace(OPTIONS, accept=0.9, pictures=False))


def test_nothing_is_kept_where_there_is_no_folder():
    nowhere = RunStore(None, OPTIONS, resume=False)
    nowhere.record("", "pictures").begin({"network": "linear"}, prepare=PREPARE)
    assert nowhere.prepare("") is None
    assert RunRecord().recall() is None
    assert RunRecord().notes == []


def test_what_does_not_stand_there_is_begun(tmp_path):
    record = RunRecord(CheckpointStore(tmp_path), {"seed": 0}, resume=True)
    assert record.recall() is None
