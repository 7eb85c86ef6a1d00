"""From a tuple of layers to a torch module that can learn.

The module takes prepared pictures as they are stored, uint8 `(N, H, W, C)`, brings them to mean 0
and standard deviation 1 with figures measured on the training pictures, and gives one number a
class (logits); softmax is left to the loss, where it is computed with less rounding.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import torch
from torch import nn

from imagier.networks.first_weights import draw_first_weights
from imagier.networks.modules import chain
from imagier.neurons import Layer, Softmax

__all__ = ["Network", "Normalisation", "build"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalisation:
    """What brings pixel values to mean 0 and standard deviation 1, channel by channel.

    Attributes:
        mean: Mean of each channel over the training pictures, in pixel levels.
        std: Standard deviation of each channel, in pixel levels.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]


@final
class Network(nn.Module):
    """A network with its weights: pictures in, one number a class out.

    Args:
        layers: The layers; a Softmax at the end is left to the loss and to the exported graph.
        normalisation: Measured on the training pictures.
        flip_tta: Whether, once learnt, it answers each picture as it is and mirrored, and gives
            the mean of the two (test-time augmentation).
    """

    scale: torch.Tensor
    shift: torch.Tensor

    def __init__(
        self, layers: Sequence[Layer], normalisation: Normalisation, *, flip_tta: bool = False
    ) -> None:
        super().__init__()
        self.flip_tta = flip_tta
        self.layers = tuple(layer for layer in layers if not isinstance(layer, Softmax))
        self.body = chain(self.layers)
        mean = torch.tensor(normalisation.mean, dtype=torch.float64)
        std = torch.tensor(normalisation.std, dtype=torch.float64)
        self.register_buffer("scale", (1 / std).float())
        self.register_buffer("shift", (-mean / std).float())

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Give one number a class for each picture.

        Args:
            pixels: Prepared pictures, uint8 (N, H, W, C).

        Returns:
            Logits, float32 (N, K); the logarithm of the mean probability where each picture is
            answered mirrored too.
        """
        numbers = pixels.to(torch.float32).mul_(self.scale).add_(self.shift).permute(0, 3, 1, 2)
        logits: torch.Tensor = self.body(numbers)
        if self.training or not self.flip_tta:
            return logits
        mirrored: torch.Tensor = self.body(numbers.flip(3))
        both = torch.stack([logits.float(), mirrored.float()]).log_softmax(dim=2)
        return both.logsumexp(dim=0) - math.log(len(both))


def build(
    layers: Sequence[Layer], normalisation: Normalisation, *, seed: int, flip_tta: bool = False
) -> Network:
    """Build a network with weights drawn from `seed`; the global generator is left as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = Network(layers, normalisation, flip_tta=flip_tta)
        draw_first_weights(network.body, network.layers)
    # the pictures arrive channels last, and oneDNN convolves them fastest so
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub
    return network
