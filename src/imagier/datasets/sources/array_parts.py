"""From arrays with their labels, part by part, to one listing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagier.datasets.arrays import ArrayPictures
from imagier.datasets.listing import Listing
from imagier.datasets.parts import settle_parts
from imagier.errors import DataError

__all__ = ["ArrayPart", "list_arrays"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayPart:
    """One part of a set of arrays.

    Attributes:
        part: `train`, `validation`, `test`, or an empty string.
        pixels: `(N, H, W, C)` uint8.
        labels: N class names.
    """

    part: str
    pixels: NDArray[np.uint8]
    labels: Sequence[str]


def list_arrays(
    parts: Sequence[ArrayPart],
    *,
    name: str,
    path: str,
    full_scale: int = 255,
    notes: Sequence[str] = (),
) -> Listing:
    """Put the parts of a set one after the other; pictures are named `train/0`, `train/1`...

    Args:
        parts: Training before test, as they are to be listed.
        name: Name of the set; its pictures bear it where there are no parts.
        path: How the source is called in messages.
        full_scale: The pixel value that means full brightness.
        notes: Sentences for the user.

    Raises:
        DataError: `part_sizes_differ`.
    """
    shapes = {part.pixels.shape[1:] for part in parts}
    if len(shapes) > 1:
        sizes = ", ".join(f"{part.part}: {_written(part.pixels)}" for part in parts)
        raise DataError("part_sizes_differ", path=path, sizes=sizes)
    one = parts[0].pixels if len(parts) == 1 else np.concatenate([part.pixels for part in parts])
    names = [f"{part.part or name}/{row}" for part in parts for row in range(len(part.pixels))]
    return Listing(
        name=name,
        pictures=ArrayPictures(one),
        names=tuple(names),
        labels=tuple(label for part in parts for label in part.labels),
        parts=settle_parts([part.part for part in parts for _ in range(len(part.pixels))]),
        groups=("",) * len(names),
        full_scale=full_scale,
        notes=tuple(notes),
    )


def _written(pixels: NDArray[np.uint8]) -> str:
    return " × ".join(str(side) for side in pixels.shape[1:])
