"""The files of `imagier cluster` on points: the table, the picture or film, the scores of k."""

from pathlib import Path
from typing import TYPE_CHECKING

from imagier.cli.cluster_points import PointClusters
from imagier.cli.cluster_table import with_clusters
from imagier.i18n import t

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw_points", "draw_scores", "figure_bytes", "write_table"]

SECONDS = 0.7  # each picture of a film


def write_table(found: PointClusters, path: Path) -> bytes:
    """Write the points with their clusters."""
    usual = ";" if found.table.has_commas else ","
    mark = "\t" if path.suffix.lower() == ".tsv" else usual
    numbers = (found.labels + 1).tolist()
    return with_clusters(found.table, numbers, found.distances().tolist(), mark=mark)


def draw_points(found: PointClusters, path: Path) -> bytes:
    """Draw the clusters, or for a GIF the steps that led to them."""
    from imagier.figures import gif
    from imagier.kmeans import draw_clusters, draw_steps, plane_of, steps

    points = found.measured
    names = [_axis(found, column) for column in found.table.columns]
    plane = plane_of(points, names)
    if path.suffix.lower() == ".gif":
        start = found.clusters.start
        taken = list(steps(points, len(start), weights=found.table.weights, start=start))
        return gif(draw_steps(points, taken, plane=plane), seconds=SECONDS)
    figure = draw_clusters(points, found.labels, found.clusters.centres, plane=plane)
    return figure_bytes(figure, path, label=t("cli.cluster.figure", name=found.table.name))


def draw_scores(found: PointClusters, path: Path) -> bytes | None:
    """Draw what speaks for each k; None where nothing was scored."""
    from imagier.kmeans import draw_choice

    if found.choice is None or not found.choice.scores:
        return None
    figure = draw_choice(found.choice)
    return figure_bytes(figure, path, label=t("cli.cluster.scores_figure", k=found.choice.k))


def _axis(found: PointClusters, column: str) -> str:
    is_scaled = bool((found.spreads != 1).any())
    return t("cli.cluster.scaled_axis", name=column) if is_scaled else column


def figure_bytes(figure: "Figure", path: Path, *, label: str) -> bytes:
    """Write a figure as the ending of its file says."""
    from imagier.figures import png, svg

    is_svg = path.suffix.lower() == ".svg"
    return svg(figure, label=label).encode() if is_svg else png(figure)
