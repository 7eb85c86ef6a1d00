"""The small records of a backbone: its input and output, its levels, its views, its head."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagier.neurons import softmax

__all__ = ["IMAGENET", "Head", "Levels", "Socket", "View"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Socket:
    """Where pictures go into a backbone and features come out.

    Attributes:
        input: Name of the input.
        output: Name of the output.
        is_float: Whether pictures go in as floating-point numbers; as bytes otherwise.
        channels_last: Whether they go in as (N, H, W, 3); as (N, 3, H, W) otherwise.
        side: Side of the picture; None where any will do.
        is_map: Whether features come out as maps, (N, D, H, W), still to be averaged.
    """

    input: str
    output: str
    is_float: bool = True
    channels_last: bool = False
    side: int | None = None
    is_map: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """What brings pixel levels, 0 to 255, to those a backbone learned on: (level - mean) / std.

    Attributes:
        mean: Of red, green and blue.
        std: Of red, green and blue.
    """

    mean: tuple[float, float, float]
    std: tuple[float, float, float]


# Those of the photographs of ImageNet, which most published networks were trained with.
IMAGENET = Levels(mean=(123.675, 116.28, 103.53), std=(58.395, 57.12, 57.375))


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class View:
    """One way of looking at a picture.

    Attributes:
        side: Side of the square it is brought to, in pixels.
        mirrored: Whether left and right are exchanged.
    """

    side: int
    mirrored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Head:
    """One layer of neurons that turns features into a number for each class.

    Attributes:
        weights: One row a class, float32 (K, D).
        bias: One number a class, float32 (K,).
    """

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def probabilities(self, features: NDArray[np.floating]) -> NDArray[np.float32]:
        """Give the probabilities, (N, K), of pictures whose features, (N, D), are known."""
        logits = features.astype(np.float64) @ self.weights.T.astype(np.float64) + self.bias
        return softmax(logits).astype(np.float32)
