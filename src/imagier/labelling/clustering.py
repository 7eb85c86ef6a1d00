"""Groups of pictures that look alike, in a folder that nobody has sorted.

Each picture becomes a point: the features of the frozen backbone where it is installed, else a
histogram of its colours and edges (`histograms.py`); the result says which. Features are brought to
length 1, so that what is seen counts and not how strongly. Of either, the 32 directions in which
the pictures differ most are kept, and k-means does the rest.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagier.errors import PictureError
from imagier.kmeans import ClusterChoice, Clusters, Start, choose_k, kmeans
from imagier.labelling.descriptions import Describing, describe_pictures, main_directions

__all__ = ["PictureClusters", "cluster_pictures"]

Numbers = NDArray[np.float64]


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
    pictures = describe_pictures(folder, described_by=described_by, progress=progress)
    flat = main_directions(pictures.points)
    choice = choose_k(flat, most=most, seed=seed) if k is None else None
    wanted = choice.k if choice else k or 1
    clusters = kmeans(flat, wanted, start=start, restarts=restarts, seed=seed)
    labels = clusters.assign(flat)
    return PictureClusters(
        paths=pictures.paths,
        labels=labels,
        distances=np.asarray(np.linalg.norm(flat - clusters.centres[labels], axis=1)),
        clusters=clusters,
        choice=choice,
        described_by=pictures.described_by,
        skipped=pictures.skipped,
        passed_over=pictures.passed_over,
    )
