"""Learning: from pictures and their names to weights that give the names back.

The error E(w, b) adds up, over the training pictures, how far the answer is from the name that was
given; learning goes against its gradient, batch by batch. A `Plan` says everything that decides
the result, so that the same plan on the same pictures gives the same weights, bit for bit.
`train()` is a generator: who consumes it shows progress, keeps the best epoch, or stops.

Source: the deck, chapter 4, "La phase Apprentissage Supervisé", and chapter 9.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from imagier.training.checkpoints import CheckpointStore, finish, folder_state, training_lock
from imagier.training.recipes import FINETUNE_TIER, MAX_EPOCHS, Tier, recipe, tiers

if TYPE_CHECKING:  # these need torch, and load it when they are first asked for
    from imagier.training.budget import Throughput as Throughput
    from imagier.training.budget import measure_throughput as measure_throughput
    from imagier.training.budget import plan_for_budget as plan_for_budget
    from imagier.training.budget import shorten as shorten
    from imagier.training.examples import BatchScore as BatchScore
    from imagier.training.examples import Examples as Examples
    from imagier.training.examples import TrainingData as TrainingData
    from imagier.training.export import export_network as export_network
    from imagier.training.hardware import machine_precision as machine_precision
    from imagier.training.loop import Epoch as Epoch
    from imagier.training.loop import Replan as Replan
    from imagier.training.loop import evaluate as evaluate
    from imagier.training.loop import measure_normalisation as measure_normalisation
    from imagier.training.loop import train as train
    from imagier.training.losses import LOSSES as LOSSES
    from imagier.training.plan import Plan as Plan
    from imagier.training.schedule import learning_rate_at as learning_rate_at
    from imagier.training.state import TrainState as TrainState

__all__ = [
    "FINETUNE_TIER",
    "LOSSES",
    "MAX_EPOCHS",
    "BatchScore",
    "CheckpointStore",
    "Epoch",
    "Examples",
    "Plan",
    "Replan",
    "Throughput",
    "Tier",
    "TrainState",
    "TrainingData",
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

_WITH_TORCH = {
    "budget": (
        "Throughput",
        "measure_throughput",
        "plan_for_budget",
        "shorten",
    ),
    "examples": ("Examples", "BatchScore", "TrainingData"),
    "export": ("export_network",),
    "hardware": ("machine_precision",),
    "loop": (
        "Epoch",
        "Replan",
        "evaluate",
        "measure_normalisation",
        "train",
    ),
    "losses": ("LOSSES",),
    "plan": ("Plan",),
    "schedule": ("learning_rate_at",),
    "state": ("TrainState",),
}
_FILES = {name: file for file, names in _WITH_TORCH.items() for name in names}


def __getattr__(name: str) -> object:
    """Load a name that needs torch from its file when it is first asked for."""
    if name not in _FILES:
        message = f"module 'imagier.training' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"imagier.training.{_FILES[name]}"), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
