"""A budget becomes a plan: seconds, through a short measured pilot, become epochs.

The clock runs from the start of the process to the written report, so that `--budget 60s` is what
a watch would show. Should the machine slow down, the plan is cut at the end of an epoch and the
learning rate falls to zero at the new end.
"""

import os
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from imagier.networks.building import Network
from imagier.training.loop import Epoch, Examples, Replan, evaluate, train
from imagier.training.plan import Plan

__all__ = ["Clock", "Pace", "measure_pace", "plan_for_budget", "process_started", "shorten"]

# Beyond so many epochs validation no longer improved on the sets measured: time left is given back.
MOST_EPOCHS = {"linear": 40, "dense": 40, "cnn": 20}
PILOT_BATCHES = 8
PILOT_SECONDS = 3.0
MARGIN = 0.92  # share of the time left that is planned: machines do not keep an even pace


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A budget and when it began to run.

    Attributes:
        started: Reading of `time.monotonic()` at the beginning, in seconds.
        budget: Seconds allowed in all.
    """

    started: float
    budget: float

    def left(self) -> float:
        """Tell how many seconds remain."""
        return self.started + self.budget - time.monotonic()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast this machine learns and answers, in seconds a picture."""

    train: float
    predict: float


def measure_pace(network: Network, examples: Examples, plan: Plan) -> Pace:
    """Measure learning and answering on a few batches; the network is thrown away afterwards."""
    batch = plan.batch_size
    warm_up = replace(plan, epochs=1, epoch_size=batch, cuts=())
    few = replace(examples, validation=examples.validation[:batch])
    _run(network, few, warm_up)
    spent, shown = 0.0, 0
    while shown < PILOT_BATCHES * batch and spent < PILOT_SECONDS:
        spent += _run(network, few, warm_up)
        shown += min(batch, len(examples.train))
    started = time.monotonic()
    evaluate(network, few, plan)
    answered = max(len(few.validation), 1)
    return Pace(train=spent / shown, predict=(time.monotonic() - started) / answered)


def plan_for_budget(
    plan: Plan, pace: Pace, examples: Examples, clock: Clock, *, reserve: float
) -> Plan:
    """Choose how many epochs fit.

    Args:
        plan: All but the number of epochs.
        pace: As measured on this machine.
        examples: The pictures.
        clock: What is left of the budget.
        reserve: Seconds to keep for export, test and report.
    """
    available = MARGIN * (clock.left() - reserve)
    judging = len(examples.validation) * pace.predict
    epochs = int(available / (len(examples.train) * pace.train + judging))
    if epochs >= 1:
        most = MOST_EPOCHS[plan.network.split(":")[0]]
        return replace(plan, epochs=min(epochs, most), epoch_size=len(examples.train))
    shown = max(int((available - judging) / pace.train), plan.batch_size)
    return replace(plan, epochs=1, epoch_size=min(shown, len(examples.train)))


def shorten(clock: Clock, *, reserve: float) -> Replan:
    """Give the function that cuts a plan after an epoch when too little time is left for it."""

    def replan(plan: Plan, epoch: Epoch) -> Plan:
        possible = max(0, int((clock.left() - reserve) / epoch.seconds))
        total = epoch.number + possible
        return plan.cut(epoch.number, total) if total < plan.total else plan

    return replan


def process_started() -> float:
    """Tell when this process began, as a reading of `time.monotonic()`.

    Where the system does not say (other than Linux), it is the moment of the call.
    """
    now = time.monotonic()
    try:
        fields = Path("/proc/self/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    except OSError:
        return now
    ticks = int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return now - (time.clock_gettime(time.CLOCK_BOOTTIME) - ticks)


def _run(network: Network, examples: Examples, plan: Plan) -> float:
    """Learn one batch and give the seconds it took, judging left out."""
    unjudged = replace(examples, validation=np.empty(0, np.int64))
    started = time.monotonic()
    for _ in train(network, unjudged, plan):
        pass
    return time.monotonic() - started
