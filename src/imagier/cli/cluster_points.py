"""The clusters of a table of points: how many, where they begin, what they end as."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from imagier.cli.cluster_table import PointTable, read_points
from imagier.errors import UsageError, did_you_mean
from imagier.files import printable
from imagier.i18n import integer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imagier.kmeans import Choice, Clusters, Start

__all__ = ["PointClusters", "Wishes", "cluster_points", "read_wishes"]

STARTS = ("kmeans++", "random", "points")  # those of `imagier.kmeans`, not loaded for `--help`
MOST_CLUSTERS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the user asked for.

    Attributes:
        k: How many clusters; None to have it recommended.
        start: How the first centres are chosen, or the file that holds them.
        restarts: How many beginnings.
        seed: Makes chance the same each time.
        most: The greatest k to try.
        is_scaled: Whether each column is brought to a spread of 1 first.
    """

    k: int | None
    start: str | Path
    restarts: int
    seed: int
    most: int
    is_scaled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PointClusters:
    """The clusters of a table.

    Attributes:
        table: The points.
        clusters: In the units in which distances were measured.
        labels: The cluster of each point, from 0, (N,).
        centres: In the units of the table, (k, D).
        spreads: What each column was divided by, (D,): 1 unless scaled.
        choice: How k was chosen; None where the user chose.
    """

    table: PointTable
    clusters: "Clusters"
    labels: "NDArray[np.int64]"
    centres: "NDArray[np.float64]"
    spreads: "NDArray[np.float64]"
    choice: "Choice | None"

    @property
    def measured(self) -> "NDArray[np.float64]":
        """The points in the units in which distances were measured, (N, D)."""
        return self.table.points / self.spreads

    def distances(self) -> "NDArray[np.float64]":
        """How far each point is from its centre, in the units of `measured`, (N,)."""
        import numpy as np

        apart = self.measured - self.clusters.centres[self.labels]
        return np.asarray(np.linalg.norm(apart, axis=1))


def read_wishes(
    k: str, start: str, *, restarts: int, seed: int, most: int, is_scaled: bool
) -> Wishes:
    """Read `-k` and `--start`, whose words are more than numbers.

    Raises:
        UsageError: `cluster_k` or `cluster_start`.
    """
    number = int(k) if re.fullmatch(r"\s*\d{1,7}\s*", k, re.ASCII) else 0
    if k.strip() != "auto" and not 1 <= number <= MOST_CLUSTERS:
        raise UsageError("cluster_k", received=printable(k[:40]), limit=integer(MOST_CLUSTERS))
    if start not in STARTS and not Path(start).is_file():
        shown, hint = printable(start), did_you_mean(start, STARTS)
        raise UsageError("cluster_start", received=shown, known=", ".join(STARTS), hint=hint)
    return Wishes(
        k=number or None,
        start=start if start in STARTS else Path(start),
        restarts=restarts,
        seed=seed,
        most=most,
        is_scaled=is_scaled,
    )


def cluster_points(table: PointTable, wishes: Wishes) -> PointClusters:
    """Sort the points of a table into clusters.

    Raises:
        UsageError: `cluster_start_rows`, and what `kmeans` refuses.
        DataError: What `kmeans` or reading the first centres refuses.
    """
    import numpy as np

    from imagier.kmeans import choose_k, kmeans

    spreads = np.ones(table.points.shape[1])
    if wishes.is_scaled:
        found = table.points.std(axis=0)
        spreads = np.where(found > 0, found, 1.0)
    points = table.points / spreads
    start: Start | NDArray[np.float64] = cast("Start", wishes.start)
    k, choice = wishes.k, None
    if isinstance(wishes.start, Path):
        start = _first_centres(wishes.start, table, k) / spreads
        k = len(start)
    if k is None:
        choice = choose_k(points, weights=table.weights, most=wishes.most, seed=wishes.seed)
        k = choice.k
    clusters = kmeans(
        points,
        k,
        weights=table.weights,
        start=start,
        restarts=wishes.restarts,
        seed=wishes.seed,
    )
    return PointClusters(
        table=table,
        clusters=clusters,
        labels=clusters.assign(points),
        centres=clusters.centres * spreads,
        spreads=spreads,
        choice=choice,
    )


def _first_centres(path: Path, table: PointTable, k: int | None) -> "NDArray[np.float64]":
    """Read the first centres: a table with the columns of the points, one row a centre."""
    is_untitled = table.columns[0] == "c1"  # as `read_rows` calls the first column without a title
    columns = None if is_untitled else ",".join(table.columns)
    centres = read_points(path, columns=columns).points
    if k not in (None, len(centres)):
        raise UsageError("cluster_start_rows", path=printable(path), rows=len(centres), k=k)
    return centres
