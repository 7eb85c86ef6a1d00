"""How often and how closely a backbone may look at the pictures, given the time.

Looking at larger pictures, then also at the mirrored one, makes the features better; each look
costs as much as its number of pixels. What is not looked at is not learnt from.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from imagier.datasets import Split
from imagier.features import Backbone, FeaturePlan, View, seconds_a_picture
from imagier.learning.task import Task
from imagier.machine import available_cores
from imagier.training import FINETUNE_TIER, Deadline

__all__ = ["looks_within", "rows_of", "side_to_tune_at"]

LOOKED_SHARE = 0.75  # of the time left that looking may take; the head and a slower hour take more
PROBE_SIDE = 96
OWN = "features"  # whose side is free to choose; `features:160` and others keep theirs
SIDES = (160, 224, 288, 384)
SMALL_SIDE = 128  # to which pictures smaller than all of them are enlarged
LEAST_VALIDATION, LEAST_A_CLASS = 200, 5
TUNING_COSTS = 3  # looks at a picture, each time it is learnt from behind the cut
TUNING_SHARE = 0.9  # of the time left that is planned


def looks_within(clock: Deadline, task: Task, backbone: Backbone, plan: FeaturePlan) -> FeaturePlan:
    """Choose the views that a budget allows, or the pictures where even one is too much.

    Args:
        clock: What is left of the budget.
        task: What is learnt from.
        backbone: Who looks.
        plan: One view of all pictures.
    """
    pace = _pace(backbone, plan.threads)
    n = plan.train + plan.validation
    affordable = [
        views
        for views in _offers(backbone, task)
        if n * _cost(views, pace) <= _time(clock, task, views, pace)
    ]
    if affordable:
        return replace(plan, views=affordable[-1])
    smallest = _offers(backbone, task)[0]
    pictures = int(_time(clock, task, smallest, pace) / _cost(smallest, pace))
    validation = min(plan.validation, max(pictures // 4, LEAST_VALIDATION))
    least = LEAST_A_CLASS * len(plan.class_weights)
    return replace(
        plan,
        views=smallest,
        validation=validation,
        train=min(plan.train, max(pictures - validation, least)),
    )


def side_to_tune_at(clock: Deadline, task: Task, backbone: Backbone) -> int | None:
    """Choose the side at which the last stages of a backbone can be learnt in time.

    Args:
        clock: What is left of the budget.
        task: What is learnt from.
        backbone: Whose last stages.

    Returns:
        The largest side that leaves time for the fewest epochs; None where none does. Of those a
        head may look at only the two largest are worth it: what more is learnt on small pictures
        is less than what is lost by not looking closely.
    """
    pace = _pace(backbone, available_cores())
    train, validation = len(task.parts.train), len(task.parts.validation)
    epoch = TUNING_COSTS * train + validation
    looks = train + 2 * validation + FINETUNE_TIER.min_epochs * epoch

    def seconds(side: int) -> float:
        return looks * pace * side**2 + task.reserve(pace * side**2)

    sides = _sides(task)[-2:] if backbone.name == OWN else [backbone.side]
    fitting = [side for side in sides if seconds(side) <= TUNING_SHARE * clock.left()]
    return fitting[-1] if fitting else None


def rows_of(parts: Split, plan: FeaturePlan) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the training and validation pictures that a plan takes, in the order of the set."""
    generator = np.random.default_rng(plan.seed)
    train, validation = (
        np.sort(generator.permutation(rows)[:n])
        for rows, n in ((parts.train, plan.train), (parts.validation, plan.validation))
    )
    return train, validation


def _offers(backbone: Backbone, task: Task) -> list[tuple[View, ...]]:
    """List the ways of looking, the cheapest first, as measured in docs/decisions/0009.

    A larger picture tells more than the same one mirrored, but not one that was enlarged: no side
    beyond that of the prepared pictures is offered, but to small pictures the one side they need.
    """
    if backbone.step == 0 or backbone.name != OWN:
        return [(View(side=backbone.side),)]
    sides = _sides(task)
    largest = View(side=sides[-1])
    return [*((View(side=side),) for side in sides), (largest, replace(largest, mirrored=True))]


def _sides(task: Task) -> list[int]:
    return [side for side in SIDES if side <= min(task.shape[:2])] or [SMALL_SIDE]


def _cost(views: tuple[View, ...], pace: float) -> float:
    """Give the seconds that one picture takes; `pace` is that of one pixel."""
    return sum(pace * view.side**2 for view in views)


def _time(clock: Deadline, task: Task, views: tuple[View, ...], pace: float) -> float:
    reserve = task.reserve(_cost(views, pace), answers_are_known=True)
    return max(0.0, LOOKED_SHARE * (clock.left() - reserve))


def _pace(backbone: Backbone, threads: int) -> float:
    side = backbone.side if backbone.step == 0 else PROBE_SIDE
    return seconds_a_picture(backbone, side=side, threads=threads) / side**2
