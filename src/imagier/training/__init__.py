"""Learning: from pictures and their names to weights that give the names back.

The error E(w, b) adds up, over the training pictures, how far the answer is from the name that was
given; learning walks down its slope, batch by batch. A `Plan` says everything that decides the
result, so that the same plan on the same pictures gives the same weights, bit for bit. `train()`
is a generator: who consumes it shows progress, keeps the best epoch, or stops.

Source: the deck, chapter 4, "La phase Apprentissage Supervisé", and chapter 9.
"""

from imagier.training.budget import (
    Clock,
    Pace,
    measure_pace,
    plan_for_budget,
    shorten,
)
from imagier.training.checkpoints import Checkpoints, finish, sole_learner, state_of
from imagier.training.exporting import export
from imagier.training.hardware import machine_precision
from imagier.training.loop import (
    Epoch,
    Examples,
    Replan,
    evaluate,
    measure_normalisation,
    train,
)
from imagier.training.losses import LOSSES, class_weights
from imagier.training.plan import Plan
from imagier.training.recipes import MOST_EPOCHS, TUNING, Rung, ladder, recipe
from imagier.training.schedule import learning_rate_at
from imagier.training.snapshots import Snapshot

__all__ = [
    "LOSSES",
    "MOST_EPOCHS",
    "TUNING",
    "Checkpoints",
    "Clock",
    "Epoch",
    "Examples",
    "Pace",
    "Plan",
    "Replan",
    "Rung",
    "Snapshot",
    "class_weights",
    "evaluate",
    "export",
    "finish",
    "ladder",
    "learning_rate_at",
    "machine_precision",
    "measure_normalisation",
    "measure_pace",
    "plan_for_budget",
    "recipe",
    "shorten",
    "sole_learner",
    "state_of",
    "train",
]
