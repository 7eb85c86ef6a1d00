"""What a convolution begins with: a picture as numbers, or a table of numbers that was typed.

>>> typed_picture("5 3; 2 1").levels[:, :, 0].tolist()
[[5.0, 3.0], [2.0, 1.0]]
>>> typed_picture("photo.jpg") is None
True
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from imagier.convolution.kernels import parse_matrix
from imagier.files import printable
from imagier.images import Channel
from imagier.images import channel as one_channel

__all__ = ["InputPicture", "typed_picture"]

TYPED = re.compile(r"\s*[-+−\d.][-+−\d.,/\s]*(?:[;\s][-+−\d.,/;\s]*)", re.ASCII)
LARGEST_TYPED = 64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InputPicture:
    """The picture that a chain begins with.

    Attributes:
        name: What it is called.
        levels: Its numbers, (H, W, C).
        scale: The number that is white; None for a table that was typed.
        label: Its class, in a named set.
        channel: The channel that was taken: r, g, b or grey.
    """

    name: str
    levels: NDArray[Any]
    scale: int | None = None
    label: str | None = None
    channel: str | None = None

    @property
    def grey(self) -> NDArray[Any]:
        """Its numbers, one a pixel, (H, W)."""
        has_colours = self.levels.shape[2] == 3
        return (one_channel(self.levels, "grey") if has_colours else self.levels)[:, :, 0]

    @property
    def mean(self) -> NDArray[np.float64]:
        """The mean of its channels, (H, W, 1)."""
        mean: NDArray[np.float64] = self.levels.astype(np.float64).mean(axis=2, keepdims=True)
        return mean

    def only(self, channel: str | None) -> "InputPicture":
        """Take one of its channels, r, g, b or grey; None leaves it as it is."""
        if channel is None:
            return self
        return InputPicture(
            name=self.name,
            levels=one_channel(self.levels, cast("Channel", channel)),
            scale=self.scale,
            label=self.label,
            channel=channel,
        )


def typed_picture(word: str) -> InputPicture | None:
    """Read a table of numbers that the word itself is, such as "5 3; 2 1"; else give None.

    Raises:
        UsageError: `kernel_malformed`, with the reason.
    """
    if not TYPED.fullmatch(word) or Path(word).exists():
        return None
    table = parse_matrix(word, largest=LARGEST_TYPED)
    name = printable(" ".join(word.split()))
    return InputPicture(
        name=name if len(name) <= 40 else name[:39] + "…", levels=table[..., np.newaxis]
    )
