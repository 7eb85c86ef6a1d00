"""The state of a training run between two epochs: all that decides how it goes on.

The order of the pictures, their changes and the learning rate are functions of the plan; what is
left to keep is the weights, the state of the optimizer, the weight average, and what the examples
keep of their looks at the network.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from imagier.training.examples import Examples
from imagier.training.optimizers import Optimizer
from imagier.training.plan import Plan
from imagier.training.weight_average import WeightAverage

__all__ = ["TrainState", "TrainingRun"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainState:
    """What `train(..., after=state)` needs to go on as if it had never stopped.

    Attributes:
        epoch: Epochs done.
        plan: The plan, cuts made so far included.
        tensors: Weights under `network/`, the optimizer's state under `optimizer/`, `average/`,
            what the examples keep under `examples/`.
        numbers: The rest, as JSON values.
    """

    epoch: int
    plan: Plan
    tensors: Mapping[str, torch.Tensor]
    numbers: Mapping[str, Any]


class TrainingRun:
    """What changes from step to step.

    Args:
        network: The network that learns.
        examples: What it learns from.
        plan: What it learns with.
    """

    def __init__(self, network: nn.Module, examples: Examples, plan: Plan) -> None:
        self.network, self.examples = network, examples
        self.optimizer = Optimizer(network, plan)
        self.average = WeightAverage(network)

    def weights(self) -> dict[str, torch.Tensor]:
        """Copy the weights to keep: the averaged ones where there are such."""
        with self.average.in_place():
            return {name: value.clone() for name, value in self.network.state_dict().items()}

    def state(self, epoch: int, plan: Plan) -> TrainState:
        """Copy everything, after so many epochs."""
        parts = {
            "network": {name: value.clone() for name, value in self.network.state_dict().items()},
            "optimizer": self.optimizer.state_dict(),
            "average": self.average.state_dict(),
            "examples": self.examples.state(),
        }
        return TrainState(
            epoch=epoch,
            plan=plan,
            tensors={
                f"{part}/{name}": value
                for part, tensors in parts.items()
                for name, value in tensors.items()
            },
            numbers={"averaged": self.average.count},
        )

    def load_state(self, state: TrainState) -> None:
        """Go back to where a state was copied."""
        self.network.load_state_dict(_under("network/", state.tensors))
        self.optimizer.load_state_dict(_under("optimizer/", state.tensors))
        self.examples.load_state(_under("examples/", state.tensors))
        averaged = int(state.numbers["averaged"])
        self.average.load_state_dict(_under("average/", state.tensors), count=averaged)


def _under(prefix: str, tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {
        name.removeprefix(prefix): value
        for name, value in tensors.items()
        if name.startswith(prefix)
    }
