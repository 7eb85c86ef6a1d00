"""Learning: from pictures and their names to weights that give the names back.

The error E(w, b) adds up, over the training pictures, how far the answer is from the name that was
given; learning goes against its gradient, batch by batch. A `Plan` says everything that decides
the result, so that the same plan on the same pictures gives the same weights, bit for bit.
`train()` is a generator: who consumes it shows progress, keeps the best epoch, or stops.

Source: the deck, chapter 4, "La phase Apprentissage Supervisé", and chapter 9.
"""

from imagier.training.budget import (
    Throughput,
    measure_throughput,
    plan_for_budget,
    shorten,
)
from imagier.training.checkpoints import CheckpointStore, finish, folder_state, training_lock
from imagier.training.export import export_network
from imagier.training.hardware import machine_precision
from imagier.training.loop import (
    Epoch,
    Replan,
    TrainingData,
    evaluate,
    measure_normalisation,
    train,
)
from imagier.training.losses import LOSSES, class_weights
from imagier.training.plan import Plan
from imagier.training.recipes import FINETUNE_TIER, MAX_EPOCHS, Tier, recipe, tiers
from imagier.training.schedule import learning_rate_at
from imagier.training.state import TrainState

__all__ = [
    "FINETUNE_TIER",
    "LOSSES",
    "MAX_EPOCHS",
    "CheckpointStore",
    "Epoch",
    "Plan",
    "Replan",
    "Throughput",
    "Tier",
    "TrainState",
    "TrainingData",
    "class_weights",
    "evaluate",
    "export_network",
    "finish",
    "folder_state",
    "learning_rate_at",
    "machine_precision",
    "measure_normalisation",
    "measure_throughput",
    "plan_for_budget",
    "recipe",
    "shorten",
    "tiers",
    "train",
    "training_lock",
]
