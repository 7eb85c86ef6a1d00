"""A lesson between two epochs: all that decides how it goes on.

The order of the pictures, their changes and the learning rate are functions of the plan; what is
left to keep is the weights, what the optimiser remembers, and the average.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from imagier.networks.building import Network
from imagier.training.averaging import Average
from imagier.training.optimisers import Descent
from imagier.training.plan import Plan

__all__ = ["Lesson", "Snapshot"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Snapshot:
    """What `train(..., after=snapshot)` needs to go on as if it had never stopped.

    Attributes:
        number: Epochs done.
        plan: The plan, cuts made so far included.
        tensors: Weights under `network/`, the optimiser's under `optimiser/`, `average/`.
        numbers: The rest, as JSON values.
    """

    number: int
    plan: Plan
    tensors: Mapping[str, torch.Tensor]
    numbers: Mapping[str, Any]


class Lesson:
    """What changes from step to step.

    Args:
        network: The network that learns.
        plan: What it learns with.
    """

    def __init__(self, network: Network, plan: Plan) -> None:
        self.network = network
        self.descent = Descent(network, plan)
        self.average = Average(network)

    def weights(self) -> dict[str, torch.Tensor]:
        """Copy the weights to keep: the averaged ones where there are such."""
        with self.average.in_place():
            return {name: value.clone() for name, value in self.network.state_dict().items()}

    def snapshot(self, number: int, plan: Plan) -> Snapshot:
        """Copy everything, after `number` epochs."""
        parts = {
            "network": {name: value.clone() for name, value in self.network.state_dict().items()},
            "optimiser": self.descent.tensors(),
            "average": self.average.tensors(),
        }
        return Snapshot(
            number=number,
            plan=plan,
            tensors={
                f"{part}/{name}": value
                for part, tensors in parts.items()
                for name, value in tensors.items()
            },
            numbers={"averaged": self.average.count},
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to where a snapshot was taken."""
        self.network.load_state_dict(_under("network/", snapshot.tensors))
        self.descent.restore(_under("optimiser/", snapshot.tensors))
        averaged = int(snapshot.numbers["averaged"])
        self.average.restore(averaged, _under("average/", snapshot.tensors))


def _under(prefix: str, tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {
        name.removeprefix(prefix): value
        for name, value in tensors.items()
        if name.startswith(prefix)
    }
