"""From wishes to a plan: what to learn with, and how long a budget allows."""

from dataclasses import replace
from typing import Any

from imagier.learning.task import Task
from imagier.learning.wishes import Wishes
from imagier.machine import available_cores
from imagier.training import (
    MAX_EPOCHS,
    Deadline,
    Plan,
    Throughput,
    Tier,
    class_weights,
    machine_precision,
    plan_for_budget,
    recipe,
)

__all__ = ["PLAINEST", "TooShortError", "first_plan", "may_fit", "plan_within"]

LEAST_PATIENCE = 12
PLAINEST = "linear"
CONVOLVING = "cnn"  # whose products are large enough to gain from faster numbers
LEARNING_COSTS = 3  # times answering: there, and back for the numbers and for the weights
FASTEST_CORE = 250e9  # operations a second; more than any core was seen to reach in a whole step
FEWEST_STEPS = 100  # with fewer corrections of its weights a network hardly begins to learn


class TooShortError(Exception):
    """The time is too short for the network: a plainer one learns more in it."""


def first_plan(task: Task, network: str, rung: Tier | None = None) -> Plan:
    """Make the plan for a network; with a budget its epochs are still to be counted."""
    examples, wishes = task.examples, task.wishes
    n = len(examples.train)
    fields = recipe(network, pictures=n, loss=wishes.loss, optimizer=wishes.optimizer)
    return Plan(
        network=network,
        epochs=wishes.epochs or 1,
        epoch_size=n,
        loss=wishes.loss,
        class_weights=class_weights(examples.labels[examples.train], len(task.dataset.classes)),
        patience=None,
        seed=wishes.seed,
        threads=available_cores(),
        shuffle_pixels=wishes.shuffle_pixels,
        precision=machine_precision() if network.startswith(CONVOLVING) else "float32",
        **(fields | _of_rung(rung, wishes) | _as_asked(wishes)),
    )


def _of_rung(rung: Tier | None, wishes: Wishes) -> dict[str, Any]:
    """Give what a rung adds to the recipe; the optimizer stays the user's where one is named."""
    fields = dict(rung.fields) if rung else {}
    if wishes.optimizer is not None:
        fields.pop("optimizer", None)
    return fields


def _as_asked(wishes: Wishes) -> dict[str, Any]:
    """Give the numbers that the user decides instead of the recipe."""
    asked = {"learning_rate": wishes.learning_rate, "batch_size": wishes.batch_size}
    return {name: value for name, value in asked.items() if value is not None}


def plan_within(
    clock: Deadline, task: Task, plan: Plan, pace: Throughput, *, reserve: float, rung: Tier | None
) -> Plan:
    """Count the epochs that a budget allows.

    Args:
        clock: What is left of the budget.
        task: What is learnt from.
        plan: All but the number of epochs.
        pace: As measured on a few batches.
        reserve: Seconds to keep for what comes after learning.
        rung: Says which numbers of epochs are worth it; None for a network by itself.

    Raises:
        TooShortError: When the network would hardly begin to learn in that time, or a quicker one
            would learn more.
    """
    most = rung.max_epochs if rung else MAX_EPOCHS[plan.network.split(":")[0]]
    plan = plan_for_budget(plan, pace, task.examples, clock, reserve=reserve, max_epochs=most)
    n = len(task.parts.train)
    least = rung.min_epochs * n if rung else min(n, FEWEST_STEPS * plan.batch_size)
    if plan.epochs * plan.epoch_size < least:
        plan = _least(plan, least)
    return replace(plan, patience=max(LEAST_PATIENCE, plan.epochs // 3))


def may_fit(clock: Deadline, task: Task, multiplications: int, rung: Tier) -> bool:
    """Tell, before anything is measured, whether any machine could climb this rung in time.

    Args:
        clock: What is left of the budget.
        task: What is learnt from.
        multiplications: Of the network, for one picture.
        rung: How many epochs it is worth.
    """
    operations = LEARNING_COSTS * 2 * multiplications * len(task.parts.train) * rung.min_epochs
    return operations <= clock.left() * FASTEST_CORE * available_cores()


def _least(plan: Plan, pictures: int) -> Plan:
    """Give the plainest network the few steps without which it would know nothing."""
    if plan.network != PLAINEST:
        raise TooShortError
    return replace(plan, epochs=1, epoch_size=pictures)
