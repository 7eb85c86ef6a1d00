"""One network or several, given or chosen: validation decides, and the report says so."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from imagier.errors import DataError, MachineError, UsageError
from imagier.learning import (
    TrainOptions,
    epoch_loop,
    model_selection,
    network_trainer,
    train_recognizer,
)
from imagier.learning.model_selection import PILOT_TRAIN, Choice, judge
from imagier.learning.trainers import TooShortError
from imagier.recognizer.history import Trial
from imagier.training import Epoch, budget


def tried(network, accuracy):
    return Trial(
        network=network, parameters=1, seconds=1.0, accuracy=accuracy, loss=0.1, pictures=9
    )


def test_several_networks_are_compared_and_the_best_is_kept(stripes_folder):
    result = train_recognizer(stripes_folder, TrainOptions(network="linear; cnn:4", epochs=6))
    lines = result.report.history.trials
    assert [one.network for one in lines] == ["linear", "cnn:4"]
    best = max(lines, key=lambda one: (one.accuracy, -one.loss))
    assert result.recognizer.card.network == best.network
    assert result.report.scores["validation"].accuracy == pytest.approx(best.accuracy)
    assert any(best.network in note and "validation" in note for note in result.report.data_notes)
    assert result.report.train_json()["trials"][1]["network"] == "cnn:4"


def test_an_unknown_network_among_several_is_refused_before_anything_is_learnt(stripes_folder):
    seen = []
    with pytest.raises(UsageError) as caught:
        train_recognizer(
            stripes_folder, TrainOptions(network="linear;cnnn", epochs=1), progress=seen.append
        )
    assert caught.value.code == "unknown_network"
    assert not [step for step in seen if step.phase == "fit"]


def test_auto_says_what_was_tried_and_why(stripes_folder):
    result = train_recognizer(stripes_folder, TrainOptions(epochs=2))
    lines = result.report.history.trials
    assert [one.network for one in lines] == ["linear", "dense:128", "cnn"]
    assert all(0 < one.pictures <= PILOT_TRAIN for one in lines)
    assert "pilot" in result.report.data_notes[0]


def test_one_pilot_alone_is_not_called_a_comparison(stripes_folder, monkeypatch):
    def only_the_last(pilot, network, clock):
        if network != "cnn":
            raise TooShortError
        return tried(network, 0.5)

    monkeypatch.setattr(model_selection, "_try", only_the_last)
    result = train_recognizer(stripes_folder, TrainOptions(epochs=1))
    assert "no time to compare" in result.report.data_notes[0]
    assert [one.network for one in result.report.history.trials] == ["cnn"]


@pytest.mark.parametrize(
    ("figures", "kept"),
    [
        ((0.80, 0.85, 0.95), "cnn"),
        ((0.80, 0.95, 0.94), "cnn"),  # within the noise of 1,000 pictures
        ((0.80, 0.95, 0.80), "dense"),
        ((0.95, 0.80, 0.80), "linear"),
    ],
)
def test_a_plainer_network_must_be_clearly_better(figures, kept):
    names = ("linear", "dense", "cnn")
    choice = judge([tried(name, value) for name, value in zip(names, figures, strict=True)], 1000)
    assert choice.network == kept
    assert Choice.from_json(choice.to_json()) == choice


def test_shuffled_pixels_are_learnt_and_travel_with_the_model(stripes_folder):
    plain = train_recognizer(stripes_folder, TrainOptions(network="dense:8", epochs=4))
    mixed = train_recognizer(
        stripes_folder, TrainOptions(network="dense:8", epochs=4, shuffle_pixels=3)
    )
    assert mixed.recognizer.card.plan["shuffle_pixels"] == 3
    assert mixed.recognizer.weights != plain.recognizer.weights
    again = train_recognizer(
        stripes_folder, TrainOptions(network="dense:8", epochs=4, shuffle_pixels=3)
    )
    assert again.recognizer.onnx == mixed.recognizer.onnx


def test_the_options_of_the_expert_are_in_the_plan(stripes_folder):
    options = TrainOptions(
        network="dense:8:sigmoid", epochs=1, optimizer="sgd", learning_rate=0.01, batch_size=8
    )
    plan = train_recognizer(stripes_folder, options).recognizer.card.plan
    assert (plan["optimizer"], plan["learning_rate"], plan["batch_size"]) == ("sgd", 0.01, 8)


def short_of_memory(limit):
    """Make a learning loop that cannot take batches of more than `limit` pictures."""
    learn = epoch_loop.train

    def train(network, examples, plan, **options):
        if plan.batch_size > limit:
            message = "DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"
            raise RuntimeError(message)
        yield from learn(network, examples, plan, **options)

    return train


def test_short_memory_halves_the_batch_and_says_so(stripes_folder, monkeypatch):
    monkeypatch.setattr(epoch_loop, "train", short_of_memory(8))
    result = train_recognizer(
        stripes_folder, TrainOptions(network="linear", epochs=1, batch_size=32)
    )
    assert result.recognizer.card.plan["batch_size"] == 8
    assert any("batches of 8" in note for note in result.report.data_notes)


def test_a_network_that_fails_among_several_does_not_take_the_others_with_it(
    stripes_folder, monkeypatch
):
    options = TrainOptions(network="linear;dense:8", epochs=1)
    learn, short = epoch_loop.train, short_of_memory(0)

    def train(network, examples, plan, **given):
        return (learn if plan.network == "linear" else short)(network, examples, plan, **given)

    monkeypatch.setattr(epoch_loop, "train", train)
    result = train_recognizer(stripes_folder, options)
    assert result.recognizer.card.network == "linear"
    assert any(note.startswith("dense:8: ") for note in result.report.data_notes)
    monkeypatch.setattr(epoch_loop, "train", short)
    with pytest.raises(MachineError) as caught:
        train_recognizer(stripes_folder, options)
    assert caught.value.code == "out_of_memory"


def test_memory_that_is_short_in_the_pilot_of_a_budget_halves_the_batch_too(
    stripes_folder, monkeypatch
):
    monkeypatch.setattr(budget, "train", short_of_memory(8))
    monkeypatch.setattr(epoch_loop, "train", short_of_memory(8))
    options = TrainOptions(network="linear", budget=20, batch_size=32)
    result = train_recognizer(stripes_folder, options)
    assert result.recognizer.card.plan["batch_size"] == 8


def test_no_memory_at_all_is_said(stripes_folder, monkeypatch):
    monkeypatch.setattr(epoch_loop, "train", short_of_memory(0))
    with pytest.raises(MachineError) as caught:
        train_recognizer(stripes_folder, TrainOptions(network="linear", epochs=1))
    assert caught.value.code == "out_of_memory"


def running_away(after):
    """Make a learning loop whose weights are no numbers any more after so many epochs."""
    learn = epoch_loop.train

    def train(network, examples, plan, **options):
        for epoch in learn(network, examples, plan, **options):
            yield epoch
            if epoch.number == after:
                with torch.no_grad():
                    next(network.parameters()).fill_(np.nan)

    return train


def test_a_learning_that_runs_away_keeps_the_last_good_weights(stripes_folder, monkeypatch):
    monkeypatch.setattr(epoch_loop, "train", running_away(2))
    result = train_recognizer(stripes_folder, TrainOptions(network="linear", epochs=5))
    assert len(result.report.history.epochs) == 2
    assert any(row.kept for row in result.report.history.epochs)
    assert any("step 1" in note and "epoch 3" in note for note in result.report.data_notes)
    assert np.isfinite(result.recognizer.probabilities(np.zeros((1, 12, 12, 1), np.uint8))).all()


def test_a_learning_that_never_was_finite_is_refused(stripes_folder):
    options = TrainOptions(network="dense:8", epochs=3, optimizer="sgd", learning_rate=1e30)
    with pytest.raises(DataError) as caught:
        train_recognizer(stripes_folder, options)
    assert caught.value.code == "loss_not_finite"


def test_time_buys_a_network_that_looks_at_every_pixel(stripes_folder):
    """A fixed number of epochs is learnt with the quick one."""
    quick = train_recognizer(stripes_folder, TrainOptions(network="cnn", epochs=1))
    patient = train_recognizer(stripes_folder, TrainOptions(network="cnn", budget=30))
    assert quick.recognizer.card.network == "cnn"
    assert patient.recognizer.card.network == "cnn:32,64"


def test_almost_no_time_gives_a_linear_model_and_says_so(stripes_folder):
    result = train_recognizer(stripes_folder, TrainOptions(network="cnn", budget=0.5))
    assert result.recognizer.card.network == "linear"
    assert any("too short for cnn" in note for note in result.report.data_notes)
    assert result.report.accuracy > result.report.baseline


def epochs_of(accuracies):
    """Make a learning loop whose validation figures are given."""

    def train(network, examples, plan, **_):
        for number, accuracy in enumerate(accuracies, start=1):
            yield Epoch(
                number=number,
                plan=plan,
                train_loss=1.0,
                train_accuracy=0.5,
                validation_loss=1 - accuracy,
                validation_accuracy=accuracy,
                learning_rate=0.01,
                seconds=1.0,
                weights=lambda: {name: one.clone() for name, one in network.state_dict().items()},
                state=dict,
            )

    return train


@pytest.mark.parametrize(("patience", "done"), [(3, 5), (None, 6)])
def test_learning_stops_when_validation_no_longer_improves(
    stripes_folder, monkeypatch, patience, done
):
    monkeypatch.setattr(epoch_loop, "train", epochs_of((0.5, 0.7, 0.6, 0.7, 0.65, 0.9)))
    first = network_trainer.first_plan
    monkeypatch.setattr(
        network_trainer, "first_plan", lambda *given: replace(first(*given), patience=patience)
    )
    result = train_recognizer(stripes_folder, TrainOptions(network="linear", epochs=6))
    assert len(result.report.history.epochs) == done
    assert [row.kept for row in result.report.history.epochs].index(True) == (1 if patience else 5)


# Ctrl-C among several, and short memory


@pytest.mark.parametrize("number", [1, 2])
def test_ctrl_c_before_the_first_epoch_of_a_later_network_keeps_the_finished_ones(
    stripes_folder, number
):
    begun = []

    def stop(progress):
        begun.extend([progress.network] if progress.network else [])
        if progress.phase == "fit" and len(begun) > number:
            raise KeyboardInterrupt

    options = TrainOptions(network="linear; cnn:4; dense:8", epochs=2)
    result = train_recognizer(stripes_folder, options, progress=stop)
    assert result.interrupted
    finished = [one.network for one in result.report.history.trials]
    assert finished == ["linear", "cnn:4"][:number]
    assert result.report.card.network in finished
    assert begun == ["linear", "cnn:4", "dense:8"][: number + 1]


def test_ctrl_c_before_the_first_epoch_of_the_first_network_leaves_nothing(stripes_folder):
    def stop(progress):
        if progress.phase == "fit":
            raise KeyboardInterrupt

    options = TrainOptions(network="linear; cnn:4", epochs=2)
    with pytest.raises(KeyboardInterrupt):
        train_recognizer(stripes_folder, options, progress=stop)


@pytest.mark.parametrize("make", [torch.empty, np.empty])
def test_what_libraries_say_where_memory_is_short_is_recognised(make):
    with pytest.raises((RuntimeError, MemoryError)) as caught:
        make(10**15)
    assert epoch_loop.is_memory(caught.value)


@pytest.mark.parametrize(
    ("message", "is_short"),
    [
        ("std::bad_alloc", True),
        ("[enforce fail] DefaultCPUAllocator: not enough memory: you tried to allocate 9", True),
        ("CUDA out of memory. Tried to allocate 2.00 GiB", True),
        ("the allocator was called twice", False),
        ("deallocating a tensor that is still allocated", False),
        ("mat1 and mat2 shapes cannot be multiplied", False),
    ],
)
def test_not_every_error_that_speaks_of_allocating_is_short_memory(message, is_short):
    assert epoch_loop.is_memory(RuntimeError(message)) is is_short


def test_an_error_of_another_kind_is_not_taken_for_short_memory(stripes_folder, monkeypatch):
    def fail(*_, **__):
        message = "the allocator was called twice"
        raise RuntimeError(message)

    monkeypatch.setattr(epoch_loop, "train", fail)
    with pytest.raises(RuntimeError, match="twice"):
        train_recognizer(stripes_folder, TrainOptions(network="linear", epochs=1))


def test_auto_among_several_is_refused_before_anything_is_learnt(stripes_folder):
    seen = []
    with pytest.raises(UsageError) as caught:
        train_recognizer(
            stripes_folder, TrainOptions(network="linear;auto", epochs=1), progress=seen.append
        )
    assert caught.value.code == "auto_among_others"
    assert not [step for step in seen if step.phase == "fit"]


def test_ctrl_c_in_a_pilot_ends_the_run(stripes_folder, monkeypatch):
    def stopped(*given, **options):
        yield from epochs_of((0.5,))(*given, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(epoch_loop, "train", stopped)
    with pytest.raises(KeyboardInterrupt):
        train_recognizer(stripes_folder, TrainOptions(network="auto", epochs=3))
