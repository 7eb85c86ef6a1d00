"""The learning loop, as a generator of epochs.

Order is a pure function of (seed, epoch): stopping, resuming or watching changes nothing.
"""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.utils import deterministic

from imagier.errors import DataError
from imagier.networks import Normalisation
from imagier.training.examples import Batch, BatchScore, Examples
from imagier.training.hardware import computing_in, keep_memory
from imagier.training.plan import Plan
from imagier.training.schedule import is_averaged_at, learning_rate_at
from imagier.training.state import TrainingRun, TrainState

__all__ = [
    "PREDICT_BATCH",
    "Epoch",
    "Replan",
    "evaluate",
    "measure_normalisation",
    "order_of",
    "train",
]

PREDICT_BATCH = 500
Replan = Callable[[Plan, "Epoch"], Plan]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Epoch:
    """What one passage over the training pictures gave.

    Attributes:
        number: Epochs done, from 1.
        plan: The plan as executed so far, with what is left of it.
        train_loss: Mean loss while learning.
        train_accuracy: Share named right while learning.
        validation_loss: Mean loss on the validation pictures, after the epoch.
        validation_accuracy: Share of the validation pictures named right.
        learning_rate: The rate at its end.
        seconds: How long it took, validation included.
        weights: Copies the weights, to call before asking for the next epoch.
        state: Copies all that the next epoch needs, for a checkpoint; to call before asking for it.
    """

    number: int
    plan: Plan
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    learning_rate: float
    seconds: float
    weights: Callable[[], dict[str, torch.Tensor]]
    state: Callable[[], TrainState]


def train(
    network: nn.Module,
    data: Examples,
    plan: Plan,
    *,
    replan: Replan | None = None,
    after: TrainState | None = None,
) -> Iterator[Epoch]:
    """Learn, epoch by epoch; the network's weights change in place.

    At the end of a plan that averages them they are the averaged ones.

    Args:
        network: Built with the plan's seed.
        data: What is learnt from, and what judges.
        plan: What to do.
        replan: Called after each epoch, gives the plan for the rest: how a budget shortens it.
        after: Where an earlier run of this plan stood; its cuts hold.

    Yields:
        One `Epoch` after each passage over the training pictures.

    Raises:
        DataError: `loss_not_finite`, at the step where the weights ran away.
    """
    keep_memory()
    run, number = TrainingRun(network, data, plan), 0
    if after:
        run.load_state(after)
        number, plan = after.epoch, after.plan
    while number < plan.total:
        started = time.monotonic()
        with _exact(plan, number):
            loss, accuracy, rate = _one_epoch(run, data, plan, number)
            with run.average.in_place():
                validation = evaluate(network, data, plan)
        number += 1
        epoch = Epoch(
            number=number,
            plan=plan,
            train_loss=loss,
            train_accuracy=accuracy,
            validation_loss=validation[0],
            validation_accuracy=validation[1],
            learning_rate=rate,
            seconds=time.monotonic() - started,
            weights=run.weights,
            state=partial(run.state, number, plan),
        )
        plan = replan(plan, epoch) if replan else plan
        yield replace(epoch, plan=plan, state=partial(run.state, number, plan))
    network.load_state_dict(run.weights())


def evaluate(network: nn.Module, data: Examples, plan: Plan) -> tuple[float, float]:
    """Give mean loss and share answered right on the examples that judge."""
    rows = data.validation
    loss, right = 0.0, 0
    network.eval()
    with torch.inference_mode():
        for start in range(0, len(rows), PREDICT_BATCH):
            inputs, truth = data.judged(rows[start : start + PREDICT_BATCH], plan)
            with computing_in(plan):
                outputs = network(inputs).float()
            found = data.score(outputs, truth, plan)
            loss, right = loss + found.loss, right + found.right
    n = max(len(rows), 1)
    return loss / n, right / n


def order_of(plan: Plan, indices: NDArray[np.int64], epoch: int) -> NDArray[np.int64]:
    """Give the pictures of one epoch in their order: a pure function of seed and epoch."""
    generator = np.random.default_rng((plan.seed, epoch))
    return generator.permutation(indices)[: plan.epoch_size]


def measure_normalisation(pixels: NDArray[np.uint8], indices: NDArray[np.int64]) -> Normalisation:
    """Measure mean and standard deviation of each channel on at most 10,000 pictures."""
    sample = pixels[np.sort(indices[:: -(-len(indices) // 10_000)])]
    channels = sample.reshape(-1, sample.shape[-1])
    mean = channels.mean(axis=0, dtype=np.float64)
    std = np.maximum(channels.std(axis=0, dtype=np.float64), 1.0)
    return Normalisation(mean=tuple(mean.tolist()), std=tuple(std.tolist()))


def _one_epoch(
    run: TrainingRun, data: Examples, plan: Plan, done: int
) -> tuple[float, float, float]:
    """Give mean loss, share answered right and the last learning rate."""
    data.look(run.network, plan, done)
    run.network.train()
    order = order_of(plan, data.train, done)
    steps = max(1, round(len(order) / plan.batch_size))
    loss, right, rate = 0.0, 0, 0.0
    for step, rows in enumerate(np.array_split(order, steps)):
        rate = learning_rate_at(plan, done + (step + 0.5) / steps)
        found = _one_step(run, data, plan, data.shown(rows, plan, done), rate)
        if not math.isfinite(found.loss):
            raise DataError("loss_not_finite", epoch=done + 1, step=step + 1)
        loss, right = loss + found.loss, right + found.right
        if plan.averaging and is_averaged_at(plan, done + (step + 1) / steps):
            run.average.update()
    return loss / len(order), right / len(order), rate


def _one_step(
    run: TrainingRun, data: Examples, plan: Plan, batch: Batch, rate: float
) -> BatchScore:
    """Correct the weights once; give how wrong the answers were before."""
    inputs, truth = batch
    with computing_in(plan):
        outputs = run.network(inputs).float()
    found = data.score(outputs, truth, plan)
    run.optimizer.zero_grad()
    found.error.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    if math.isfinite(found.loss):
        run.optimizer.step(rate)
    return found


@contextmanager
def _exact(plan: Plan, epoch: int) -> Iterator[None]:
    """Compute so that the same bits come out each time, whatever was computed before.

    The threads are those of the plan, and what torch draws itself (dropout) is a function of
    seed and epoch.
    """
    before, mode = torch.get_num_threads(), torch.get_deterministic_debug_mode()
    filled = deterministic.fill_uninitialized_memory  # type: ignore[attr-defined]  # a stub
    torch.set_num_threads(plan.threads)
    torch.set_deterministic_debug_mode("error")  # the other way of saying it loads the compiler
    # memory is not filled before it is written: no layer reads it first, and a step costs 3 % less
    deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(np.random.SeedSequence((plan.seed, epoch)).generate_state(1)[0]))
            yield
    finally:
        deterministic.fill_uninitialized_memory = filled  # type: ignore[attr-defined]
        torch.set_deterministic_debug_mode(mode)
        torch.set_num_threads(before)
