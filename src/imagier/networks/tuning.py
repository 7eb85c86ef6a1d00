"""The second part of a cut backbone with a head on it, as a torch module that learns.

The first part is run by ONNX Runtime, four times as fast as by torch, since nothing flows back
through it. Means and spreads of the batch norms stay those of the million photographs they were
measured on: a few pictures give poorer ones.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from imagier.features.cut import PART, Cut
from imagier.features.engine import FeatureEngine
from imagier.features.parts import Head
from imagier.networks.building import Network, Normalisation
from imagier.neurons import Dense

__all__ = ["TunedNetwork"]

AT_ONCE = 32  # pictures answered together: behind the cut each takes a megabyte and more
AS_THEY_ARE = Normalisation(mean=(0.0,), spread=(1.0,))
HEAD = "body.1."


class TunedNetwork(Network):
    """Pictures in, one number a class out; what lies behind the cut learns, and the head.

    Args:
        part: The cut backbone; learning begins with its published weights.
        front: The engine of its first part, for pictures as they are prepared.
        head: With which learning begins.
    """

    def __init__(self, part: Cut, front: FeatureEngine, head: Head) -> None:
        classes, features = head.weights.shape
        super().__init__((*part.layers, Dense(inputs=features, outputs=classes)), AS_THEY_ARE)
        own = {**part.weights, f"{HEAD}weight": head.weights, f"{HEAD}bias": head.bias}
        self.load_state_dict(
            {name: torch.from_numpy(np.array(value)) for name, value in own.items()}, strict=False
        )
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub
        self._front = front

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Give one number a class for each picture, (N, K); answers in small batches."""
        if self.training:
            return super().forward(pixels)
        forward = super().forward
        return torch.cat([forward(some) for some in torch.split(pixels, AT_ONCE)])

    def numbers(self, pixels: torch.Tensor) -> torch.Tensor:
        """Give the maps at the cut, float32 (N, D, H, W)."""
        maps = torch.from_numpy(self._front.run(pixels.numpy()))
        return maps.contiguous(memory_format=torch.channels_last)

    def train(self, mode: bool = True) -> "TunedNetwork":
        """Go to learning or answering, but measure no new means and spreads."""
        super().train(mode)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self

    def probabilities(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Give the probabilities, (N, K), of prepared pictures, in 32-bit numbers."""
        self.eval()
        with torch.inference_mode():
            found: NDArray[np.float32] = self(torch.from_numpy(np.array(pixels))).softmax(1).numpy()
        return found

    def learnt(self) -> tuple[dict[str, NDArray[np.float32]], Head]:
        """Give what stands behind the cut, by name, batch norms' means among it, and the head."""
        weights = {
            name: value.numpy()
            for name, value in self.state_dict().items()
            if not name.endswith("num_batches_tracked")
        }
        head = Head(weights=weights[f"{HEAD}weight"], bias=weights[f"{HEAD}bias"])
        return {name: weights[name] for name in weights if name.startswith(PART)}, head
