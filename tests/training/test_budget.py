"""From seconds to epochs."""

import time

import pytest

from imagier import machine
from imagier.machine import Deadline
from imagier.training import (
    Epoch,
    budget,
    measure_throughput,
    plan_for_budget,
    shorten,
)
from imagier.training.budget import MARGIN, Throughput

SPEED = Throughput(train=1_000, predict=10_000)  # 0.186 s an epoch of 180 pictures and 60 judged


def deadline_in(seconds):
    return Deadline(started=time.monotonic(), budget=seconds)


def test_epochs_fill_the_time_that_is_left(examples, plan):
    planned = plan_for_budget(plan, SPEED, examples, deadline_in(4.5), reserve=4, max_epochs=12)
    assert planned.epochs == 3  # 0.46 s are 2.47 epochs of 0.186 s
    shown = planned.epochs * planned.epoch_size / SPEED.train + planned.epochs * 60 / SPEED.predict
    assert shown == pytest.approx(MARGIN * 0.5, abs=0.02)


def test_there_are_never_too_many_epochs(examples, plan):
    planned = plan_for_budget(plan, SPEED, examples, deadline_in(1e6), reserve=0, max_epochs=12)
    assert planned.epochs == 12


def test_when_one_epoch_is_too_long_fewer_pictures_are_shown(examples, plan):
    planned = plan_for_budget(plan, SPEED, examples, deadline_in(1.1), reserve=1, max_epochs=12)
    assert planned.epochs == 1
    assert plan.batch_size <= planned.epoch_size < 180


def test_nothing_left_still_shows_a_batch(examples, plan):
    planned = plan_for_budget(plan, SPEED, examples, deadline_in(0.1), reserve=60, max_epochs=12)
    assert (planned.epochs, planned.epoch_size) == (1, plan.batch_size)


def epoch_of(number, seconds, plan):
    return Epoch(
        number=number,
        plan=plan,
        train_loss=1.0,
        train_accuracy=0.5,
        validation_loss=1.0,
        validation_accuracy=0.5,
        learning_rate=0.01,
        seconds=seconds,
        weights=dict,
        state=dict,
    )


@pytest.mark.parametrize(("seconds", "total"), [(1.0, 4), (3.9, 3), (100.0, 1)])
def test_a_slow_machine_cuts_the_plan(plan, seconds, total):
    replan = shorten(deadline_in(10), reserve=2)
    assert replan(plan, epoch_of(1, seconds, plan)).total == total


def test_one_slow_epoch_does_not_cut_the_plan(changed):
    plan = changed(epochs=8)
    replan = shorten(deadline_in(10), reserve=2)
    for number, seconds in ((1, 0.5), (2, 0.5), (3, 2.5), (4, 0.5)):  # a second each in the mean
        assert replan(plan, epoch_of(number, seconds, plan)).total == 8


def test_the_budget_is_kept_where_the_next_epoch_would_break_it(changed):
    replan = shorten(deadline_in(10), reserve=2)
    plan = replan(changed(epochs=8), epoch_of(1, 0.5, changed(epochs=8)))
    assert replan(plan, epoch_of(2, 8.5, plan)).total == 2


def test_the_throughput_is_measured_on_real_batches(new_network, examples, plan):
    throughput = measure_throughput(new_network(), examples, plan)
    assert 1 < throughput.predict < 1e9
    assert 1 < throughput.train < 1e9


def test_one_slow_moment_does_not_change_the_throughput(new_network, examples, plan, monkeypatch):
    seconds = iter(
        [9.0, 0.2, 0.2, 5.0] + [0.2] * 100
    )  # seconds a picture, the first of the warm-up
    monkeypatch.setattr(budget, "_learn", lambda *_, pictures: next(seconds) * pictures)
    assert measure_throughput(new_network(), examples, plan).train == pytest.approx(5)


@pytest.mark.parametrize("seconds", [5.0, 3600.0])
def test_a_longer_budget_is_worth_a_longer_pilot(seconds, new_network, examples, plan, monkeypatch):
    measured = []

    def slow(*_, pictures):
        measured.append(pictures)
        clock.now += 1.0
        return 1.0

    class Time:
        now = 0.0

        def monotonic(self):
            return self.now

    clock = Time()
    monkeypatch.setattr(budget, "_learn", slow)
    monkeypatch.setattr(budget, "time", clock)
    monkeypatch.setattr(machine, "time", clock)
    measure_throughput(
        new_network(), examples, plan, deadline=Deadline(started=0.0, budget=seconds)
    )
    assert len(measured) - 1 == (3 if seconds == 5.0 else 24)  # the first is the warm-up
