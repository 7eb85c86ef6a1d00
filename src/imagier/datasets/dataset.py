"""The data set that learning and testing stand on: all pictures as one table of bytes.

Every picture has been decoded and brought to the input's size, so the whole set is one tensor
`(N, H, W, C)` of bytes beside N labels. A label is the position of a name in `classes`; names are
matched, positions never are.
"""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagier.datasets.listing import Skipped
from imagier.datasets.tensor import take_rows
from imagier.datasets.thumbnails import MOST_IN_MEMORY
from imagier.files import content_hash
from imagier.images import Prepare

__all__ = ["Dataset"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dataset:
    """Prepared pictures with their labels; its arrays cannot be written to.

    Attributes:
        name: Short name of the source, such as `photos` or `mnist`.
        classes: The class names; a label is a position in this list.
        pixels: All pictures, (N, H, W, C) bytes; a memory map where they would fill the memory.
        labels: One label a picture, (N,).
        names: One name a picture: its path below the source, or such as `train/123`.
        hashes: One name a picture for its decoded pixels, shape included, (N,): equal where the
            pictures are identical, whatever their files.
        parts: One a picture: `train`, `validation` or `test`; empty where the source gives none.
        groups: One a picture: the group the source gives it; empty where it gives none.
        prepare: How the pictures were brought to the input's size.
        thumbnails: 64 × 64 colours of each picture as it was before, (N, 64, 64, 3), by which
            near-duplicates are found; black where a picture is too small to have one, None where
            all are.
        skipped: The files that were left out, and why.
        notes: What the user should know about the source, as sentences.
    """

    name: str
    classes: tuple[str, ...]
    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]
    names: tuple[str, ...]
    hashes: NDArray[np.str_]
    parts: tuple[str, ...]
    groups: tuple[str, ...]
    prepare: Prepare
    thumbnails: NDArray[np.uint8] | None = None
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        columns = (self.pixels, self.labels, self.names, self.hashes, self.parts, self.groups)
        lengths = [len(column) for column in columns]
        if self.thumbnails is not None:
            lengths.append(len(self.thumbnails))
        if len(set(lengths)) != 1:
            message = f"columns of different lengths: {lengths}"
            raise ValueError(message)
        for name in ("pixels", "labels", "hashes", "thumbnails"):
            if getattr(self, name) is None:
                continue
            view = getattr(self, name).view()
            view.flags.writeable = False
            object.__setattr__(self, name, view)

    def __len__(self) -> int:
        return len(self.names)

    def take(self, indices: Iterable[int]) -> "Dataset":
        """Keep the pictures at `indices`, in that order."""
        rows = np.fromiter(indices, dtype=np.int64)
        return dataclasses.replace(
            self,
            pixels=take_rows(self.pixels, rows),
            labels=self.labels[rows],
            names=tuple(self.names[row] for row in rows),
            hashes=self.hashes[rows],
            parts=tuple(self.parts[row] for row in rows),
            groups=tuple(self.groups[row] for row in rows),
            thumbnails=None
            if self.thumbnails is None
            else take_rows(self.thumbnails, rows, most=MOST_IN_MEMORY),
        )

    def counts(self) -> dict[str, int]:
        """Count the pictures of each class, in the order of `classes`."""
        numbers = np.bincount(self.labels, minlength=len(self.classes))
        return {name: int(number) for name, number in zip(self.classes, numbers, strict=True)}

    def fingerprint(self) -> str:
        """Name the pictures with their labels by 32 hexadecimal digits, in whatever order."""
        names = np.array(self.classes, dtype=str)[self.labels]
        lines = sorted(f"{hash_} {name}" for hash_, name in zip(self.hashes, names, strict=True))
        return content_hash("\n".join(lines).encode("utf-8", "surrogatepass"))
