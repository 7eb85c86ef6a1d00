"""Groups of pictures that look alike, in a folder that nobody has sorted.

Each picture becomes a point: the features of the frozen backbone where it is installed, else a
histogram of its colours and edges (`histograms.py`); the result says which. Features are brought to
length 1, so that what is seen counts and not how strongly. Of either, the 32 directions in which
the pictures differ most are kept, and k-means does the rest.
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
from imagier.kmeans import ClusterChoice, Clusters, Start, choose_k, kmeans
from imagier.labelling.histograms import SIDE, describe

__all__ = ["Describing", "PictureClusters", "cluster_pictures", "main_directions"]

Describing = Literal["features", "histogram"]
Numbers = NDArray[np.float64]
Pixels = NDArray[np.uint8]
_AT_ONCE = 256  # pictures in memory
_DIRECTIONS = 32  # kept of the numbers that describe a picture


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureClusters:
    """Pictures sorted into groups.

    Attributes:
        paths: Of the pictures that could be read, N of them.
        labels: The cluster of each, from 0, (N,).
        distances: How far each is from its centre, (N,).
        clusters: What k-means found; its centres are in the space of the description.
        choice: How k was chosen; None where the user chose.
        described_by: What the pictures were compared by.
        skipped: The pictures that were left out, and why.
        passed_over: How many other files stood beside them.
    """

    paths: tuple[str, ...]
    labels: NDArray[np.int64]
    distances: Numbers
    clusters: Clusters
    choice: ClusterChoice | None
    described_by: Describing
    skipped: tuple[PictureError, ...]
    passed_over: int

    def typical(self, number: int, most: int) -> list[str]:
        """Give the pictures of a cluster that are nearest to its centre, the nearest first."""
        members = np.flatnonzero(self.labels == number)
        order = np.argsort(self.distances[members], kind="stable")[:most]
        return [self.paths[place] for place in members[order]]


def cluster_pictures(
    folder: str,
    k: int | None = None,
    *,
    described_by: Describing | None = None,
    start: Start | str = "kmeans++",
    restarts: int = 10,
    most: int = 10,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> PictureClusters:
    """Sort the pictures in and below a folder into groups that look alike.

    Args:
        folder: Read, never changed.
        k: How many groups; None to have it recommended.
        described_by: What to compare pictures by; None for the best that is installed.
        start: How the first centres are chosen.
        restarts: How many initialisations.
        most: The greatest k to try.
        seed: Makes chance the same each time.
        progress: Called with the pictures described, and all.

    Raises:
        DataError: `cluster_no_picture`, when none can be read.
        UsageError: What `find_pictures` and `kmeans` refuse.
        MachineError: `backbone_not_installed`, when features are asked for by name.
        ModuleNotFoundError: Likewise, for what reads the backbone; the command line says what to
            type.
    """
    found = find_pictures([folder])
    way: Describing = described_by or _best_description()
    paths, points, skipped = _described(found.paths, way, progress)
    if not paths:
        raise DataError("cluster_no_picture", path=printable(folder), n=len(skipped))
    flat = main_directions(points)
    choice = choose_k(flat, most=most, seed=seed) if k is None else None
    wanted = choice.k if choice else k or 1
    clusters = kmeans(flat, wanted, start=start, restarts=restarts, seed=seed)
    labels = clusters.assign(flat)
    return PictureClusters(
        paths=tuple(paths),
        labels=labels,
        distances=np.asarray(np.linalg.norm(flat - clusters.centres[labels], axis=1)),
        clusters=clusters,
        choice=choice,
        described_by=way,
        skipped=tuple(skipped),
        passed_over=found.passed_over.total(),
    )


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


def main_directions(points: Numbers) -> Numbers:
    """Keep the directions in which the points differ most: the principal axes, at most 32."""
    around = points - points.mean(axis=0)
    scatter = around.T @ around
    axes = np.linalg.eigh(scatter)[1][:, ::-1][:, :_DIRECTIONS]
    largest = np.abs(axes).argmax(axis=0)  # an axis has two directions: take one, always the same
    signs = np.sign(axes[largest, np.arange(axes.shape[1])])
    return np.asarray(around @ (axes * signs))
