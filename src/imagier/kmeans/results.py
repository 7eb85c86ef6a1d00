"""What `imagier cluster` answers about a table of points, and what points and pictures share.

>>> from imagier.kmeans.tables import example_table, point_table
>>> answer = cluster_points(point_table(example_table("groups")), ClusterOptions(k=3))
>>> list(answer.lines())[0]
'groups: 150 points, columns x, y'
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.answers import AnswerFigure, AnswerTable, Shown, text_table
from imagier.files import printable
from imagier.i18n import integer, percent, significant, t
from imagier.kmeans.clusters import Clusters, kmeans
from imagier.kmeans.drawing import (
    Projection,
    draw_choice,
    draw_clusters,
    draw_steps,
    projection_of,
)
from imagier.kmeans.initialisation import Start
from imagier.kmeans.iterations import steps
from imagier.kmeans.scores import ClusterChoice, choose_k
from imagier.kmeans.tables import PointTable, cluster_table

__all__ = [
    "ClusterOptions",
    "PointClusters",
    "choice_json",
    "choice_lines",
    "cluster_points",
    "few_places_note",
    "more_clusters",
    "score_figure",
]

Numbers = NDArray[np.float64]
MOST_ROWS, MOST_COLUMNS = 40, 8
UNEQUAL = 30.0  # times as wide as another: this column alone decides
SECONDS = 0.7  # each picture of a film


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClusterOptions:
    """How points are sorted into clusters.

    Attributes:
        k: How many clusters; None to have it recommended.
        start: How the first centres are chosen; the name of the file where `first_centres` are
            given.
        first_centres: The first centres themselves, in the units of the points, (k, D).
        restarts: How many initialisations.
        seed: Makes chance the same each time.
        most: The greatest k to try.
        is_scaled: Whether each column is brought to a standard deviation of 1 first.
    """

    k: int | None = None
    start: Start | str = "kmeans++"
    first_centres: Numbers | None = None
    restarts: int = 10
    seed: int = 0
    most: int = 10
    is_scaled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class PointClusters(Shown):
    """The clusters of a table of points.

    Attributes:
        table: The points.
        options: How they were sorted.
        clusters: In the units in which distances were measured.
        labels: The cluster of each point, from 0, (N,).
        centres: In the units of the table, (k, D).
        std: What each column was divided by, (D,): 1 unless scaled.
        choice: How k was chosen; None where the user chose.
    """

    table: PointTable
    options: ClusterOptions
    clusters: Clusters
    labels: NDArray[np.int64]
    centres: Numbers
    std: Numbers
    choice: ClusterChoice | None

    @property
    def measured(self) -> Numbers:
        """The points in the units in which distances were measured, (N, D)."""
        return self.table.points / self.std

    @property
    def distances(self) -> Numbers:
        """How far each point is from its centre, in the units of `measured`, (N,)."""
        apart = self.measured - self.clusters.centres[self.labels]
        return np.asarray(np.linalg.norm(apart, axis=1))

    @property
    def notes(self) -> tuple[str, ...]:
        """How the table was read, and what is worth knowing about the clusters."""
        return (*self.table.source.notes, *self._remarks())

    def lines(self) -> Iterator[str]:
        """Give the clusters with their centres, and how they were found."""
        table, clusters, options = self.table, self.clusters, self.options
        name, n = table.source.name, len(self.labels)
        columns = printable(", ".join(table.columns))
        yield t("kmeans.title", name=name, n=n, count=integer(n), columns=columns)
        yield from choice_lines(self.choice)
        yield ""
        yield from self._table()
        yield ""
        yield t("kmeans.inertia", inertia=_number(clusters.inertia))
        moves = integer(clusters.steps)
        if options.first_centres is not None or options.restarts == 1:
            yield t("kmeans.steps_once", n=clusters.steps, steps=moves)
            return
        restarts = integer(options.restarts)
        yield t("kmeans.steps", n=clusters.steps, steps=moves, restarts=restarts)

    def to_json(self) -> dict[str, Any]:
        """Give all of it; the keys are those of pictures too, null where they do not apply."""
        clusters, options = self.clusters, self.options
        return {
            "source": self.table.source.name,
            "kind": "points",
            "k": len(clusters.centres),
            "asked": options.k,
            "inertia": clusters.inertia,
            "steps": clusters.steps,
            "sizes": [_whole(size) for size in clusters.sizes.tolist()],
            "centres": self.centres.tolist(),
            "columns": list(self.table.columns),
            "points": len(self.labels),
            "labels": (self.labels + 1).tolist(),
            "paths": None,
            "start": options.start,
            "restarts": options.restarts,
            "seed": options.seed,
            "scaled": options.is_scaled,
            "settled": clusters.has_settled,
            "choice": choice_json(self.choice),
            "described_by": None,
            "typical": None,
            "skipped": [],
        }

    def figures(self) -> Mapping[str, AnswerFigure]:
        """Give the clusters, as a film the steps that led to them, and the scores of k if any."""
        figure = AnswerFigure(
            label=t("kmeans.figure", name=self.table.source.name),
            draw=lambda: draw_clusters(
                self.measured, self.labels, self.clusters.centres, plane=self._plane()
            ),
            frames=lambda: draw_steps(self.measured, self._steps(), plane=self._plane()),
            seconds=SECONDS,
        )
        return {"figure": figure, **score_figure(self.choice)}

    def tables(self) -> Mapping[str, AnswerTable]:
        """Give the table again, each point with its cluster."""
        return {"table": cluster_table(self.table, self.labels, self.distances)}

    def _remarks(self) -> Iterator[str]:
        k, points, asked = len(self.clusters.centres), self.table.points, self.options.k
        yield from few_places_note(k, asked)
        std = points.std(axis=0)
        wide, narrow = int(std.argmax()), int(std.argmin())
        if not self.options.is_scaled and std[wide] > UNEQUAL * std[narrow] > 0:
            names = [printable(self.table.columns[place]) for place in (wide, narrow)]
            times = integer(round(std[wide] / std[narrow]))
            yield t("kmeans.unequal", wide=names[0], narrow=names[1], times=times)
        if not self.clusters.has_settled:
            yield t("kmeans.not_settled", steps=integer(self.clusters.steps))

    def _table(self) -> Iterator[str]:
        sizes, columns = self.clusters.sizes, self.table.columns
        shown = columns[:MOST_COLUMNS]
        titles = [t(f"kmeans.column.{name}") for name in ("cluster", "points", "share")]
        more = ["…"] if len(columns) > len(shown) else []
        rows = [[*titles, *(printable(name)[:16] for name in shown), *more]]
        for place in range(min(len(sizes), MOST_ROWS)):
            size, share = sizes[place], percent(sizes[place] / sizes.sum())
            centre = [_number(value) for value in self.centres[place][:MOST_COLUMNS].tolist()]
            rows.append([integer(place + 1), _size(size), share, *centre, *more])
        yield from text_table(rows, left=())
        yield from more_clusters(len(sizes))

    def _plane(self) -> Projection:
        is_scaled = bool((self.std != 1).any())
        columns = self.table.columns
        names = [t("kmeans.scaled_axis", name=name) if is_scaled else name for name in columns]
        return projection_of(self.measured, names)

    def _steps(self) -> list[Any]:
        start, weight = self.clusters.start, self.table.sample_weight
        return list(steps(self.measured, len(start), sample_weight=weight, start=start))


def cluster_points(table: PointTable, options: ClusterOptions) -> PointClusters:
    """Sort the points of a table into clusters.

    Args:
        table: The points.
        options: How.

    Raises:
        UsageError, DataError: What `kmeans` and `choose_k` refuse.
    """
    std = np.ones(table.points.shape[1])
    if options.is_scaled:
        found = table.points.std(axis=0)
        std = np.where(found > 0, found, 1.0)
    points = table.points / std
    k, choice, start, weight = options.k, None, options.start, table.sample_weight
    if options.first_centres is not None:
        k = len(options.first_centres)
    if k is None:
        choice = choose_k(points, sample_weight=weight, most=options.most, seed=options.seed)
        k = choice.k
    clusters = kmeans(
        points,
        k,
        sample_weight=weight,
        start=start if options.first_centres is None else options.first_centres / std,
        restarts=options.restarts,
        seed=options.seed,
    )
    return PointClusters(
        table=table,
        options=options,
        clusters=clusters,
        labels=clusters.assign(points),
        centres=clusters.centres * std,
        std=std,
        choice=choice,
    )


def choice_json(choice: ClusterChoice | None) -> dict[str, Any] | None:
    """Give how k was chosen as programs read it."""
    if choice is None:
        return None
    scores = [
        {
            "k": score.k,
            "inertia": score.inertia,
            "silhouette": score.silhouette,
            "calinski_harabasz": score.calinski_harabasz,
            "gap": score.gap,
            "gap_error": score.gap_error,
        }
        for score in choice.scores
    ]
    votes = choice.votes or dict.fromkeys(("silhouette", "calinski_harabasz", "gap"))
    return {"k": choice.k, "votes": votes, "scored": choice.scored, "scores": scores}


def choice_lines(choice: ClusterChoice | None) -> Iterator[str]:
    """Say in plain words why this k."""
    if choice is None:
        return
    if not choice.votes:
        yield t("kmeans.chosen_few", k=choice.k)
        return
    if choice.k == 1:
        yield t("kmeans.chosen_one")
    elif choice.agreeing == 1:
        yield t("kmeans.chosen_unsure", k=choice.k)
    else:
        yield t("kmeans.chosen", k=choice.k, agreeing=choice.agreeing)
    yield t("kmeans.votes", **choice.votes)


def score_figure(choice: ClusterChoice | None) -> dict[str, AnswerFigure]:
    """Give the figure `scores` of what speaks for each k; nothing where nothing was scored."""
    if choice is None or not choice.scores:
        return {}
    label = t("kmeans.scores_figure", k=choice.k)
    return {"scores": AnswerFigure(label=label, draw=lambda: draw_choice(choice))}


def few_places_note(k: int, asked: int | None) -> Iterator[str]:
    """Say that there are fewer clusters than were asked for, where it is so."""
    if asked is not None and k < asked:
        yield t("kmeans.few_places", n=k, number=integer(k), k=integer(asked))


def more_clusters(count: int) -> Iterator[str]:
    """Say how many clusters do not stand in a table of at most `MOST_ROWS`."""
    if count > MOST_ROWS:
        yield t("kmeans.more", count=integer(count - MOST_ROWS))


def _number(value: float) -> str:
    return significant(value, 4, padded=True, powers=(-4, 12))


def _size(size: float) -> str:
    return integer(round(size)) if size == round(size) else _number(size)


def _whole(size: float) -> float:
    return int(size) if size == int(size) else size
