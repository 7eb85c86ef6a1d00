"""From wishes to a plan: what to learn with, and how long a budget allows."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from imagier.learning.task import Task
from imagier.learning.wishes import Wishes
from imagier.networks import Network
from imagier.recognizer import available_cores
from imagier.training import Clock, Plan, class_weights, measure_pace, plan_for_budget

__all__ = ["PLAINEST", "TooShortError", "first_plan", "plan_within"]

BATCHES = ((2_000, 32), (20_000, 64), (10**12, 128))  # up to so many pictures, batches of so many
LEARNING_RATES = {
    "linear": 0.003,
    "dense": 0.003,
    "cnn": 0.006,
    "lenet": 0.003,
    "alexnet": 0.0001,
    "googlenet": 0.001,
}
LEAST_PATIENCE = 12
PLAINEST = "linear"
FEWEST_STEPS = 100  # with fewer corrections of its weights a network hardly begins to learn


class TooShortError(Exception):
    """The time is too short for the network: a plainer one learns more in it."""


def first_plan(task: Task, network: str) -> Plan:
    """Make the plan for a network; with a budget its epochs are still to be counted."""
    examples, wishes = task.examples, task.wishes
    n = len(examples.train)
    plan = Plan(
        network=network,
        epochs=wishes.epochs or 1,
        epoch_size=n,
        batch_size=next(batch for limit, batch in BATCHES if n <= limit),
        learning_rate=LEARNING_RATES[network.split(":", maxsplit=1)[0]],
        weight_decay=0.01,
        loss=wishes.loss,
        class_weights=class_weights(examples.labels[examples.train], len(task.dataset.classes)),
        patience=None,
        seed=wishes.seed,
        threads=available_cores(),
        shuffle_pixels=wishes.shuffle_pixels,
    )
    return replace(plan, **_as_asked(wishes))


def _as_asked(wishes: Wishes) -> dict[str, Any]:
    """Give what the user decides instead of the recipe; plain SGD keeps one rate, as in books."""
    names = ("optimiser", "learning_rate", "batch_size")
    asked = {name: getattr(wishes, name) for name in names if getattr(wishes, name) is not None}
    if wishes.optimiser == "sgd":
        asked |= {"momentum": 0.0, "schedule": "constant", "weight_decay": 0.0}
    return asked


def plan_within(
    clock: Clock, task: Task, plan: Plan, make: Callable[[], Network]
) -> tuple[Plan, float]:
    """Measure the pace on a few batches and count the epochs that a budget allows.

    Args:
        clock: What is left of the budget.
        task: What is learnt from.
        plan: All but the number of epochs.
        make: Builds the network, which is thrown away after the measure.

    Returns:
        The plan, and the seconds to keep for what comes after learning.

    Raises:
        TooShortError: When the network would hardly begin to learn in that time.
    """
    pace = measure_pace(make(), task.examples, plan)
    reserve = task.reserve(pace.predict)
    plan = plan_for_budget(plan, pace, task.examples, clock, reserve=reserve)
    if _is_too_short(plan, len(task.parts.train)):
        plan = _least(plan, len(task.parts.train))
    return replace(plan, patience=max(LEAST_PATIENCE, plan.epochs // 3)), reserve


def _is_too_short(plan: Plan, n: int) -> bool:
    return plan.epochs * plan.epoch_size < min(n, FEWEST_STEPS * plan.batch_size)


def _least(plan: Plan, n: int) -> Plan:
    """Give a plainest network the few steps without which it would know nothing."""
    if plan.network != PLAINEST:
        raise TooShortError
    return replace(plan, epochs=1, epoch_size=min(n, FEWEST_STEPS * plan.batch_size))
