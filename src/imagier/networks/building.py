"""From a tuple of layers to a torch module that can learn.

The module takes prepared pictures as they are stored, uint8 `(N, H, W, C)`, brings them to mean 0
and spread 1 with figures measured on the training pictures, and gives one number a class (logits);
softmax is left to the loss, where it is computed with less rounding.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn

from imagier.networks.first_weights import spread_first_weights
from imagier.networks.modules import chain
from imagier.neurons import Layer, Softmax

__all__ = ["Network", "Normalisation", "build"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalisation:
    """What brings pixel values to mean 0 and spread 1, channel by channel.

    Attributes:
        mean: Mean of each channel over the training pictures, in pixel levels.
        spread: Standard deviation of each channel, in pixel levels.
    """

    mean: tuple[float, ...]
    spread: tuple[float, ...]


class Network(nn.Module):
    """A network with its weights: pictures in, one number a class out.

    Args:
        layers: The layers; a Softmax at the end is left to the loss and to the exported graph.
        normalisation: Measured on the training pictures.
    """

    scale: torch.Tensor
    shift: torch.Tensor

    def __init__(self, layers: Sequence[Layer], normalisation: Normalisation) -> None:
        super().__init__()
        self.layers = tuple(layer for layer in layers if not isinstance(layer, Softmax))
        self.body = chain(self.layers)
        mean = torch.tensor(normalisation.mean, dtype=torch.float64)
        spread = torch.tensor(normalisation.spread, dtype=torch.float64)
        self.register_buffer("scale", (1 / spread).float())
        self.register_buffer("shift", (-mean / spread).float())

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Give one number a class for each picture.

        Args:
            pixels: Prepared pictures, uint8 (N, H, W, C).

        Returns:
            Logits, float32 (N, K).
        """
        numbers = pixels.to(torch.float32).mul_(self.scale).add_(self.shift)
        logits: torch.Tensor = self.body(numbers.permute(0, 3, 1, 2))
        return logits


def build(layers: Sequence[Layer], normalisation: Normalisation, *, seed: int) -> Network:
    """Build a network with weights drawn from `seed`; the global generator is left as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = Network(layers, normalisation)
        spread_first_weights(network.body, network.layers)
    # the pictures arrive channels last, and oneDNN convolves them fastest so
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub
    return network
