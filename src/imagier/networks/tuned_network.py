"""The second part of a cut backbone with a head on it, as a torch module that learns.

The first part is run by ONNX Runtime, four times as fast as by torch, since nothing flows back
through it. Means and variances of the batch norms stay those of the million photographs they were
measured on: a few pictures give poorer ones.
"""

from typing import final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from imagier.features.cut import PART, Cut
from imagier.features.engine import FeatureEngine
from imagier.features.parts import Head
from imagier.networks.modules import chain
from imagier.neurons import Dense

__all__ = ["TunedNetwork"]

AT_ONCE = 32  # pictures answered together: behind the cut each takes a megabyte and more
HEAD = "body.1."


@final
class TunedNetwork(nn.Module):
    """Pictures in, one number a class out; what lies behind the cut learns, and the head.

    Args:
        part: The cut backbone; learning begins with its published weights.
        front: The engine of its first part, for pictures as they are prepared.
        head: With which learning begins.

    Raises:
        RuntimeError: When the weights of the part are not those of its layers, all of them by
            name: what is missing would stay as it was drawn.
    """

    def __init__(self, part: Cut, front: FeatureEngine, head: Head) -> None:
        super().__init__()
        classes, features = head.weights.shape
        layers = (*part.layers, Dense(inputs=features, outputs=classes))
        self.body = chain(layers, fixed_statistics=True)
        own = {**part.weights, f"{HEAD}weight": head.weights, f"{HEAD}bias": head.bias}
        self.load_state_dict({name: torch.from_numpy(np.array(own[name])) for name in own})
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub
        self._front = front

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Give one number a class for each picture; what only answers, does so in small batches.

        Args:
            pixels: Prepared pictures, uint8 (N, H, W, C).

        Returns:
            Logits, float32 (N, K).
        """
        batches = [pixels] if self.training else torch.split(pixels, AT_ONCE)
        return torch.cat([self.body(self.maps(batch)) for batch in batches])

    def maps(self, pixels: torch.Tensor) -> torch.Tensor:
        """Give the maps at the cut, float32 (N, D, H, W)."""
        maps = torch.from_numpy(self._front.run(pixels.numpy()))
        return maps.contiguous(memory_format=torch.channels_last)

    def probabilities(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Give the probabilities, (N, K), of prepared pictures, in 32-bit numbers."""
        self.eval()
        with torch.inference_mode():
            found: NDArray[np.float32] = self(torch.from_numpy(np.array(pixels))).softmax(1).numpy()
        return found

    def features(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Give what the head reads, (N, D), of prepared pictures."""
        self.eval()
        behind = self.body[0]
        with torch.inference_mode():
            batches = torch.split(torch.from_numpy(np.array(pixels)), AT_ONCE)
            found = torch.cat([behind(self.maps(batch)) for batch in batches])
        features: NDArray[np.float32] = found.flatten(1).numpy()
        return features

    def learnt(self) -> tuple[dict[str, NDArray[np.float32]], Head]:
        """Give what stands behind the cut, by name, batch norms' means among it, and the head."""
        weights = {name: value.numpy() for name, value in self.state_dict().items()}
        head = Head(weights=weights[f"{HEAD}weight"], bias=weights[f"{HEAD}bias"])
        return {name: weights[name] for name in weights if name.startswith(PART)}, head
