"""From wishes to a plan: what to learn with, and how long a budget allows."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from imagier.learning.task import Task
from imagier.learning.wishes import Wishes
from imagier.networks import Network
from imagier.recognizer import available_cores
from imagier.training import (
    Clock,
    Plan,
    class_weights,
    measure_pace,
    plan_for_budget,
    recipe,
)

__all__ = ["PLAINEST", "TooShortError", "first_plan", "plan_within"]

LEAST_PATIENCE = 12
PLAINEST = "linear"
FEWEST_STEPS = 100  # with fewer corrections of its weights a network hardly begins to learn


class TooShortError(Exception):
    """The time is too short for the network: a plainer one learns more in it."""


def first_plan(task: Task, network: str) -> Plan:
    """Make the plan for a network; with a budget its epochs are still to be counted."""
    examples, wishes = task.examples, task.wishes
    n = len(examples.train)
    fields = recipe(network, pictures=n, loss=wishes.loss, optimiser=wishes.optimiser)
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
        **(fields | _as_asked(wishes)),
    )


def _as_asked(wishes: Wishes) -> dict[str, Any]:
    """Give the numbers that the user decides instead of the recipe."""
    asked = {"learning_rate": wishes.learning_rate, "batch_size": wishes.batch_size}
    return {name: value for name, value in asked.items() if value is not None}


def plan_within(
    clock: Clock,
    task: Task,
    plan: Plan,
    make: Callable[[], Network],
    *,
    whole_epoch: bool,
) -> tuple[Plan, float]:
    """Measure the pace on a few batches and count the epochs that a budget allows.

    Args:
        clock: What is left of the budget.
        task: What is learnt from.
        plan: All but the number of epochs.
        make: Builds the network, which is thrown away after the measure.
        whole_epoch: Whether all pictures must be shown once at least.

    Returns:
        The plan, and the seconds to keep for what comes after learning.

    Raises:
        TooShortError: When the network would hardly begin to learn in that time.
    """
    pace = measure_pace(make(), task.examples, plan)
    reserve = task.reserve(pace.predict)
    plan = plan_for_budget(plan, pace, task.examples, clock, reserve=reserve)
    n = len(task.parts.train)
    least = n if whole_epoch else min(n, FEWEST_STEPS * plan.batch_size)
    if plan.epochs * plan.epoch_size < least:
        plan = _least(plan, least)
    return replace(plan, patience=max(LEAST_PATIENCE, plan.epochs // 3)), reserve


def _least(plan: Plan, pictures: int) -> Plan:
    """Give the plainest network the few steps without which it would know nothing."""
    if plan.network != PLAINEST:
        raise TooShortError
    return replace(plan, epochs=1, epoch_size=pictures)
