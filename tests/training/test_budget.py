"""From seconds to epochs."""

import time

import numpy as np
import pytest

from imagier.training import (
    Clock,
    Epoch,
    budget,
    measure_pace,
    plan_for_budget,
    process_started,
    shorten,
)
from imagier.training.budget import MARGIN, Pace

PACE = Pace(train=0.001, predict=0.0001)  # 0.186 s an epoch of 180 pictures and 60 judged


def clock_with(seconds):
    return Clock(started=time.monotonic(), budget=seconds)


def test_epochs_fill_the_time_that_is_left(examples, plan):
    planned = plan_for_budget(plan, PACE, examples, clock_with(4.5), reserve=4, most=12)
    assert planned.epochs == 3  # 0.46 s are 2.47 epochs of 0.186 s
    shown = planned.epochs * planned.epoch_size * PACE.train + planned.epochs * 60 * PACE.predict
    assert shown == pytest.approx(MARGIN * 0.5, abs=0.02)


def test_there_are_never_too_many_epochs(examples, plan):
    planned = plan_for_budget(plan, PACE, examples, clock_with(1e6), reserve=0, most=12)
    assert planned.epochs == 12


def test_when_one_epoch_is_too_long_fewer_pictures_are_shown(examples, plan):
    planned = plan_for_budget(plan, PACE, examples, clock_with(1.1), reserve=1, most=12)
    assert planned.epochs == 1
    assert plan.batch_size <= planned.epoch_size < 180


def test_nothing_left_still_shows_a_batch(examples, plan):
    planned = plan_for_budget(plan, PACE, examples, clock_with(0.1), reserve=60, most=12)
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
        state=dict,
        snapshot=dict,
    )


@pytest.mark.parametrize(("seconds", "total"), [(1.0, 4), (3.9, 3), (100.0, 1)])
def test_a_slow_machine_cuts_the_plan(plan, seconds, total):
    replan = shorten(clock_with(10), reserve=2)
    assert replan(plan, epoch_of(1, seconds, plan)).total == total


def test_one_slow_epoch_does_not_cut_the_plan(changed):
    plan = changed(epochs=8)
    replan = shorten(clock_with(10), reserve=2)
    for number, seconds in ((1, 0.5), (2, 0.5), (3, 2.5), (4, 0.5)):  # a second each in the mean
        assert replan(plan, epoch_of(number, seconds, plan)).total == 8


def test_the_budget_is_kept_where_the_next_epoch_would_break_it(changed):
    replan = shorten(clock_with(10), reserve=2)
    plan = replan(changed(epochs=8), epoch_of(1, 0.5, changed(epochs=8)))
    assert replan(plan, epoch_of(2, 8.5, plan)).total == 2


def test_the_pace_is_measured_on_real_batches(new_network, examples, plan):
    pace = measure_pace(new_network(), examples, plan)
    assert 0 < pace.predict < 1
    assert 0 < pace.train < 1


def test_one_slow_moment_does_not_change_the_pace(new_network, examples, plan, monkeypatch):
    paces = iter([9.0, 0.2, 0.2, 5.0] + [0.2] * 100)  # seconds a picture, the first of the warm-up
    monkeypatch.setattr(budget, "_learn", lambda *_, pictures: next(paces) * pictures)
    assert measure_pace(new_network(), examples, plan).train == 0.2


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
    measure_pace(new_network(), examples, plan, clock=Clock(started=0.0, budget=seconds))
    assert len(measured) - 1 == (3 if seconds == 5.0 else 24)  # the first is the warm-up


def test_the_process_began_before_now():
    assert 0 < time.monotonic() - process_started() < 24 * 3600
    assert np.isfinite(process_started())
