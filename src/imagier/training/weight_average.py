"""Weight average (SWA): the mean over the last steps, often better than the last weights.

Each step is pulled about by the few pictures of its batch; the mean over many steps is not.

Source: Izmailov and others, "Averaging Weights Leads to Wider Optima and Better Generalization",
2018.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import nn

__all__ = ["WeightAverage"]


class WeightAverage:
    """The running mean of a network's weights and statistics.

    Args:
        network: The network that learns.

    Attributes:
        count: How many steps are in the mean.
    """

    def __init__(self, network: nn.Module) -> None:
        self.network = network
        self.count = 0
        self._mean: dict[str, torch.Tensor] = {}

    def update(self) -> None:
        """Take the weights as they stand now into the mean."""
        self.count += 1
        if self.count == 1:
            self._mean = {name: value.clone() for name, value in _numbers(self.network)}
            return
        now = [value for _, value in _numbers(self.network)]
        torch._foreach_lerp_(list(self._mean.values()), now, 1 / self.count)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Put the mean in the place of the weights for a while; nothing changes without one."""
        learned = {name: value.clone() for name, value in _numbers(self.network) if self.count}
        self._put(self._mean)
        try:
            yield
        finally:
            self._put(learned)

    def state_dict(self) -> dict[str, torch.Tensor]:
        """Copy the mean."""
        return {name: value.clone() for name, value in self._mean.items()}

    def load_state_dict(self, state: Mapping[str, torch.Tensor], *, count: int) -> None:
        """Go on from a mean over `count` steps."""
        self.count = count
        like = dict(_numbers(self.network))
        self._mean = {
            name: torch.empty_like(like[name]).copy_(value) for name, value in state.items()
        }

    def _put(self, tensors: Mapping[str, torch.Tensor]) -> None:
        for name, value in _numbers(self.network):
            if name in tensors:
                value.copy_(tensors[name])


def _numbers(network: nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    """Give weights and statistics; what only counts batches is left out."""
    for name, value in network.state_dict().items():
        if value.is_floating_point():
            yield name, value
