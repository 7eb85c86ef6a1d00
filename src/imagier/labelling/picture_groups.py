"""What `imagier cluster FOLDER` answers: groups of pictures that look alike."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imagier.answers import AnswerFigure, AnswerTable, Shown, text_table
from imagier.files import printable
from imagier.i18n import integer, percent, t
from imagier.kmeans.results import (
    MOST_ROWS,
    ClusterOptions,
    choice_json,
    choice_lines,
    few_places_note,
    more_clusters,
    score_figure,
)
from imagier.labelling.clustering import PictureClusters, cluster_pictures
from imagier.labelling.contact_sheet import contact_sheet
from imagier.labelling.descriptions import Describing

__all__ = ["PictureGroups", "group_pictures"]

TYPICAL = 5  # pictures named for each cluster in the answer for programs


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class PictureGroups(Shown):
    """The pictures of a folder in groups.

    Attributes:
        source: The folder, as it was named.
        found: The clusters.
        options: How they were sorted.
    """

    source: str
    found: PictureClusters
    options: ClusterOptions

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out, and what is worth knowing about the clusters."""
        skipped = (t("labelling.skipped", message=error.message) for error in self.found.skipped)
        n = self.found.passed_over
        passed_over = (t("labelling.passed_over", n=n, number=integer(n)),) if n else ()
        few = few_places_note(len(self.found.clusters.centres), self.options.k)
        return (*skipped, *passed_over, *few)

    def lines(self) -> Iterator[str]:
        """Give the clusters with their most typical pictures."""
        found, n = self.found, len(self.found.paths)
        yield t("labelling.title", name=printable(self.source), n=n, count=integer(n))
        yield t(f"labelling.described_by.{found.described_by}")
        yield from choice_lines(found.choice)
        yield ""
        titles = ("kmeans.column.cluster", "labelling.column.pictures", "kmeans.column.share")
        rows = [[t(title) for title in (*titles, "labelling.column.typical")]]
        sizes = [int(size) for size in found.clusters.sizes.tolist()]
        for number, size in enumerate(sizes[:MOST_ROWS]):
            names = ", ".join(printable(Path(path).name) for path in found.typical(number, 2))
            rows.append([integer(number + 1), integer(size), percent(size / n), names])
        yield from text_table(rows, left=(-1,))
        yield from more_clusters(len(sizes))

    def to_json(self) -> dict[str, Any]:
        """Give all of it; the keys are those of points."""
        found, clusters, options = self.found, self.found.clusters, self.options
        return {
            "source": printable(self.source),
            "kind": "pictures",
            "k": len(clusters.centres),
            "asked": options.k,
            "inertia": clusters.inertia,
            "steps": clusters.steps,
            "sizes": [int(size) for size in clusters.sizes.tolist()],
            "centres": None,
            "columns": None,
            "points": len(found.labels),
            "labels": (found.labels + 1).tolist(),
            "paths": [printable(path) for path in found.paths],
            "start": options.start,
            "restarts": options.restarts,
            "seed": options.seed,
            "scaled": False,
            "settled": clusters.has_settled,
            "choice": choice_json(found.choice),
            "described_by": found.described_by,
            "typical": [
                [printable(path) for path in found.typical(number, TYPICAL)]
                for number in range(len(clusters.centres))
            ],
            "skipped": [
                {"path": str(error.facts["path"]), "code": error.code, "message": error.message}
                for error in found.skipped
            ],
        }

    def figures(self) -> Mapping[str, AnswerFigure]:
        """Give the most typical pictures of each cluster, and the scores of k if there are any."""
        label = t("labelling.contact_sheet", k=len(self.found.clusters.centres))
        figure = AnswerFigure(label=label, draw=lambda: contact_sheet(self.found))
        return {"figure": figure, **score_figure(self.found.choice)}

    def tables(self) -> Mapping[str, AnswerTable]:
        """Give each picture with its cluster and its distance to the centre."""
        found = self.found
        clusters = (found.labels + 1).tolist()
        distances = (f"{distance:.6g}" for distance in found.distances.tolist())
        rows = list(zip(found.paths, clusters, distances, strict=True))
        return {"table": AnswerTable(columns=("path", "cluster", "distance"), rows=rows)}


def group_pictures(
    folder: str,
    options: ClusterOptions,
    *,
    described_by: Describing | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> PictureGroups:
    """Sort the pictures in and below a folder into groups that look alike.

    Args:
        folder: Read, never changed.
        options: How; for pictures, first centres cannot be given.
        described_by: What to compare pictures by; None for the best that is installed.
        progress: Called with the pictures described, and all.

    Raises:
        DataError, UsageError, MachineError, ModuleNotFoundError: See `cluster_pictures`.
    """
    found = cluster_pictures(
        folder,
        options.k,
        described_by=described_by,
        start=options.start,
        restarts=options.restarts,
        most=options.most,
        seed=options.seed,
        progress=progress,
    )
    return PictureGroups(source=folder, found=found, options=options)
