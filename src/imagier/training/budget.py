"""From a time budget to a number of epochs, for a network trained by gradient descent.

The time runs from the start of the process to the written report, so that `--budget 60s` is what
a watch would show. Should the machine slow down, the plan is cut at the end of an epoch and the
learning rate falls to zero at the new end.
"""

import math
import time
from dataclasses import dataclass, replace
from statistics import median

import numpy as np
from torch import nn

from imagier.machine import Deadline
from imagier.training.examples import Examples, Rows
from imagier.training.loop import PREDICT_BATCH, Epoch, Replan, evaluate, train
from imagier.training.plan import Plan

__all__ = ["Throughput", "measure_throughput", "plan_for_budget", "shorten"]

WARM_UP_BATCHES, PILOT_BATCHES = 3, 24
PILOT_SECONDS, PILOT_SHARE = 2.0, 0.01  # a pilot's time, or this share of what is left if longer
SLICE_SECONDS, FEWEST_SLICES = 0.2, 3  # it is measured in slices of about so long
SHORTEST = 1e-9  # seconds: where there is nothing to answer, nothing is divided by zero
MARGIN = 0.92  # share of the time left that is planned: machines do not keep an even speed


@dataclass(frozen=True, slots=True, kw_only=True)
class Throughput:
    """How fast this machine learns and answers.

    Attributes:
        train: Pictures learnt from in a second.
        predict: Pictures answered in a second.
    """

    train: float
    predict: float


def measure_throughput(
    network: nn.Module, data: Examples, plan: Plan, *, deadline: Deadline | None = None
) -> Throughput:
    """Measure learning and answering on a few batches; the network is thrown away afterwards.

    The first batches are left out: memory is asked for and kernels are chosen in them. Of the
    others the median counts: another program that wakes up for a moment does not decide which
    network is learnt for ten minutes.

    Args:
        network: The network, with any weights.
        data: The pictures.
        plan: What to do with them.
        deadline: The budget; the longer it is, the longer is measured.
    """
    few = _Part(data, data.train, data.validation[:PREDICT_BATCH])
    batch = min(plan.batch_size, len(few.train))
    one = _learn(network, few, plan, pictures=WARM_UP_BATCHES * batch) / WARM_UP_BATCHES
    longer = PILOT_SHARE * deadline.left() if deadline else 0.0
    until = time.monotonic() + max(PILOT_SECONDS, longer)
    together = max(1, min(PILOT_BATCHES // FEWEST_SLICES, int(SLICE_SECONDS / one)))
    pictures, slices = together * batch, list[float]()
    while len(slices) < FEWEST_SLICES or (
        time.monotonic() < until and len(slices) * together < PILOT_BATCHES
    ):
        slices.append(_learn(network, few, plan, pictures=pictures) / pictures)
    evaluate(network, few, plan)
    started = time.monotonic()
    evaluate(network, few, plan)
    answered = max(len(few.validation), 1)
    seconds = time.monotonic() - started
    return Throughput(train=1 / median(slices), predict=answered / max(seconds, SHORTEST))


def plan_for_budget(
    plan: Plan,
    throughput: Throughput,
    data: Examples,
    deadline: Deadline,
    *,
    reserve: float,
    max_epochs: int,
) -> Plan:
    """Choose how many epochs fit.

    Where it is not a whole number, all epochs show a little fewer pictures, so that the time is
    used: 1.8 epochs become two of nine tenths, each with other pictures left out.

    Args:
        plan: All but the number of epochs.
        throughput: As measured on this machine.
        data: The pictures.
        deadline: What is left of the budget.
        reserve: Seconds to keep for export, test and report.
        max_epochs: Epochs beyond which time is given back.
    """
    n, judging = len(data.train), len(data.validation) / throughput.predict
    available = MARGIN * (deadline.left() - reserve)
    epochs = min(max(math.ceil(available / (n / throughput.train + judging)), 1), max_epochs)
    shown = int((available / epochs - judging) * throughput.train)
    return replace(plan, epochs=epochs, epoch_size=min(max(shown, plan.batch_size), n))


def shorten(deadline: Deadline, *, reserve: float) -> Replan:
    """Give the function that cuts a plan after an epoch when too little time is left for it.

    What is left is counted at the mean speed so far: one slow epoch, on a machine that others use
    too, must not shorten all that follow. Only for the very next epoch the last one counts.
    """
    spent: list[float] = []

    def replan(plan: Plan, epoch: Epoch) -> Plan:
        spent.append(epoch.seconds)
        left = deadline.left() - reserve
        possible = int(left * len(spent) / sum(spent)) if left >= epoch.seconds else 0
        total = epoch.number + possible
        return plan.cut(epoch.number, total) if total < plan.total else plan

    return replan


def _learn(network: nn.Module, data: Examples, plan: Plan, *, pictures: int) -> float:
    """Learn from so many pictures and give the seconds it took, judging left out."""
    rows = np.resize(data.train, pictures)
    some = _Part(data, rows, np.empty(0, np.int64))
    started = time.monotonic()
    for _ in train(network, some, replace(plan, epochs=1, epoch_size=pictures, cuts=())):
        pass
    return time.monotonic() - started


class _Part:
    """Some rows of examples."""

    def __init__(self, whole: Examples, train: Rows, validation: Rows) -> None:
        self.train, self.validation = train, validation
        self.shown, self.judged, self.score = whole.shown, whole.judged, whole.score
        self.look, self.state, self.load_state = whole.look, whole.state, whole.load_state
