"""Pictures described by numbers: the features of the frozen backbone, else a histogram.

Features are brought to length 1, so that what is seen counts and not how strongly. The histogram of
colours and edges stands in `histograms.py`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from imagier.errors import DataError, PictureError
from imagier.files import content_hash, printable
from imagier.images import Prepare, decode, linked_file, one_picture, prepare, read_bytes
from imagier.images.file_search import find_pictures
from imagier.labelling.histograms import SIDE, describe

__all__ = ["DescribedPictures", "Describing", "describe_pictures", "main_directions"]

Describing = Literal["features", "histogram"]
Numbers = NDArray[np.float64]
Pixels = NDArray[np.uint8]
_AT_ONCE = 256  # pictures in memory


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DescribedPictures:
    """Pictures as points.

    Attributes:
        paths: Of the pictures that could be read, N of them.
        points: What describes each, (N, D).
        described_by: What the numbers are.
        skipped: The pictures that were left out, and why.
        passed_over: How many other files stood beside them.
    """

    paths: tuple[str, ...]
    points: Numbers
    described_by: Describing
    skipped: tuple[PictureError, ...]
    passed_over: int


def describe_pictures(
    folder: str,
    *,
    described_by: Describing | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> DescribedPictures:
    """Describe the pictures in and below a folder.

    Args:
        folder: Read, never changed.
        described_by: What to compare pictures by; None for the best that is installed.
        progress: Called with the pictures described, and all.

    Raises:
        DataError: `cluster_no_picture`, when none can be read.
        UsageError: What `find_pictures` refuses.
        MachineError: `backbone_not_installed`, when features are asked for by name.
        ModuleNotFoundError: Likewise, for what reads the backbone; the command line says what to
            type.
    """
    found = find_pictures([folder])
    way: Describing = described_by or _best_description()
    paths, points, skipped = _described(found.paths, way, progress)
    if not paths:
        raise DataError("cluster_no_picture", path=printable(folder), n=len(skipped))
    return DescribedPictures(
        paths=tuple(paths),
        points=points,
        described_by=way,
        skipped=tuple(skipped),
        passed_over=found.passed_over.total(),
    )


def main_directions(points: Numbers, most: int = 32) -> Numbers:
    """Keep the directions in which points differ most: their principal axes.

    Args:
        points: They, (N, D).
        most: How many directions at most.
    """
    around = points - points.mean(axis=0)
    scatter = around.T @ around
    axes = np.linalg.eigh(scatter)[1][:, ::-1][:, :most]
    largest = np.abs(axes).argmax(axis=0)  # an axis has two directions: take one, always the same
    signs = np.sign(axes[largest, np.arange(axes.shape[1])])
    return np.asarray(around @ (axes * signs))


def _best_description() -> Describing:
    from imagier.features import is_backbone_installed

    return "features" if is_backbone_installed() else "histogram"


def _described(
    found: list[str | PictureError], way: Describing, progress: Callable[[int, int], None] | None
) -> tuple[list[str], Numbers, list[PictureError]]:
    """Describe the pictures that can be read, some hundreds at a time."""
    describes = _by_features() if way == "features" else _by_histogram()
    paths: list[str] = []
    skipped: list[PictureError] = []
    tables: list[NDArray[np.float32]] = []
    for first in range(0, len(found), _AT_ONCE):
        pictures = list(_read(found[first : first + _AT_ONCE], describes.side, paths, skipped))
        if pictures:
            tables.append(describes.table(np.stack(pictures)))
        if progress is not None:
            progress(min(first + _AT_ONCE, len(found)), len(found))
    points = np.concatenate(tables) if tables else np.empty((0, 1), np.float32)
    return paths, points.astype(np.float64), skipped


def _read(
    found: list[str | PictureError], side: int, paths: list[str], skipped: list[PictureError]
) -> Iterator[Pixels]:
    settings = _settings(side)
    for path in found:
        try:
            if isinstance(path, PictureError):
                raise path
            prepared = _prepared(path, settings)
        except PictureError as error:
            skipped.append(error.released())
            continue
        paths.append(path)
        yield prepared


@one_picture()
def _prepared(path: str, settings: Prepare) -> Pixels:
    content = read_bytes(linked_file(path))
    return prepare(decode(content, name=path, wanted=settings.wanted).pixels, settings)


def _settings(side: int) -> Prepare:
    return Prepare(height=side, width=side, channels=3, fit="stretch")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Describes:
    """A way to describe prepared pictures (N, side, side, 3) by a table (N, D)."""

    side: int
    table: Callable[[Pixels], NDArray[np.float32]]


def _by_histogram() -> _Describes:
    return _Describes(side=SIDE, table=lambda pictures: np.stack([describe(p) for p in pictures]))


def _by_features() -> _Describes:
    from imagier.features import View, extract, open_backbone

    backbone = open_backbone("features")

    def table(pictures: Pixels) -> NDArray[np.float32]:
        hashes = [content_hash(picture.tobytes()) for picture in pictures]
        looks = extract(
            backbone,
            pictures,
            hashes,
            prepare=_settings(backbone.side),
            view=View(side=backbone.side),
        )
        *_, last = looks
        features = last.features.astype(np.float32)
        lengths = np.linalg.norm(features, axis=1, keepdims=True)
        return np.asarray(features / np.maximum(lengths, 1e-12))

    return _Describes(side=backbone.side, table=table)
