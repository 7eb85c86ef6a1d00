"""What `imagier cluster` says of a table of points: lines for people, one object for programs."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from imagier.cli.cluster_points import PointClusters, Wishes
from imagier.files import printable
from imagier.i18n import decimal, integer, percent, t

if TYPE_CHECKING:
    from imagier.kmeans import Choice

__all__ = ["aligned", "choice_facts", "facts", "lines", "number", "remarks", "told_choice"]

MOST_ROWS, MOST_COLUMNS = 40, 8
UNEQUAL = 30.0  # times as wide as another: this column alone decides


def remarks(found: PointClusters, wishes: Wishes) -> Iterator[str]:
    """Say what is worth knowing beside the answer."""
    k, points = len(found.clusters.centres), found.table.points
    if wishes.k is not None and k < wishes.k:
        yield t("cli.cluster.few_places", n=k, number=integer(k), k=integer(wishes.k))
    spreads = points.std(axis=0)
    wide, narrow = int(spreads.argmax()), int(spreads.argmin())
    if not wishes.is_scaled and spreads[wide] > UNEQUAL * spreads[narrow] > 0:
        names = [printable(found.table.columns[place]) for place in (wide, narrow)]
        times = integer(round(spreads[wide] / spreads[narrow]))
        yield t("cli.cluster.unequal", wide=names[0], narrow=names[1], times=times)
    if not found.clusters.has_settled:
        yield t("cli.cluster.not_settled", steps=integer(found.clusters.steps))


def facts(found: PointClusters, wishes: Wishes, files: dict[str, str]) -> dict[str, object]:
    """Give the answer as programs read it."""
    clusters = found.clusters
    return {
        "source": found.table.name,
        "kind": "points",
        "k": len(clusters.centres),
        "asked": wishes.k,
        "cost": clusters.cost,
        "steps": clusters.steps,
        "sizes": [_plain(size) for size in clusters.sizes.tolist()],
        "centres": found.centres.tolist(),
        "columns": list(found.table.columns),
        "points": len(found.labels),
        "labels": (found.labels + 1).tolist(),
        "paths": None,
        "start": str(wishes.start),
        "restarts": wishes.restarts,
        "seed": wishes.seed,
        "scaled": wishes.is_scaled,
        "settled": clusters.has_settled,
        "choice": choice_facts(found.choice),
        "described_by": None,
        "typical": None,
        "skipped": [],
        **{name: files.get(name) for name in ("out", "plot", "scores")},
    }


def choice_facts(choice: "Choice | None") -> dict[str, object] | None:
    """Give how k was chosen as programs read it."""
    if choice is None:
        return None
    scores = [
        {
            "k": score.k,
            "cost": score.cost,
            "silhouette": score.silhouette,
            "calinski_harabasz": score.calinski_harabasz,
            "gap": score.gap,
            "gap_error": score.gap_error,
        }
        for score in choice.scores
    ]
    votes = choice.votes or dict.fromkeys(("silhouette", "calinski_harabasz", "gap"))
    return {"k": choice.k, "votes": votes, "scored": choice.scored, "scores": scores}


def lines(found: PointClusters, wishes: Wishes) -> Iterator[str]:
    """Give the answer as people read it."""
    table, clusters = found.table, found.clusters
    count = integer(len(found.labels))
    names = printable(", ".join(table.columns))
    yield t("cli.cluster.title", name=table.name, n=len(found.labels), count=count, columns=names)
    yield from told_choice(found.choice)
    yield ""
    yield from _table(found)
    yield ""
    yield t("cli.cluster.cost", cost=number(clusters.cost))
    if isinstance(wishes.start, Path) or wishes.restarts == 1:
        yield t("cli.cluster.steps_once", n=clusters.steps, steps=integer(clusters.steps))
        return
    steps, restarts = integer(clusters.steps), integer(wishes.restarts)
    yield t("cli.cluster.steps", n=clusters.steps, steps=steps, restarts=restarts)


def told_choice(choice: "Choice | None") -> Iterator[str]:
    """Say in plain words why this k."""
    if choice is None:
        return
    if not choice.votes:
        yield t("cli.cluster.chosen_few", k=choice.k)
        return
    if choice.k == 1:
        yield t("cli.cluster.chosen_one")
    elif choice.agreeing == 1:
        yield t("cli.cluster.chosen_unsure", k=choice.k)
    else:
        yield t("cli.cluster.chosen", k=choice.k, agreeing=choice.agreeing)
    yield t("cli.cluster.votes", **choice.votes)


def number(value: float) -> str:
    """Write a number of any size with some four figures that count."""
    if value == 0:
        return "0"
    size = abs(value)
    if not 1e-4 <= size < 1e12:
        return _decimal_mark(f"{value:.3e}")
    digits = 0 if size >= 1000 else 1 if size >= 100 else 2 if size >= 1 else 5
    return decimal(value, digits)


def aligned(rows: Sequence[Sequence[str]], *, left: int = 10**9) -> Iterator[str]:
    """Write rows of cells under each other, to the right, and from column `left` on to the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.rjust(width) if place < left else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def _decimal_mark(text: str) -> str:
    """Write a number that is already text with the language's decimal mark."""
    return text.replace(".", decimal(0.5)[1])


def _table(found: PointClusters) -> Iterator[str]:
    clusters, columns = found.clusters, found.table.columns
    shown = columns[:MOST_COLUMNS]
    titles = [t("cli.cluster.cluster"), t("cli.cluster.points"), t("cli.cluster.share")]
    more = ["…"] if len(columns) > len(shown) else []
    rows = [[*titles, *(printable(name)[:16] for name in shown), *more]]
    total = clusters.sizes.sum()
    for place in range(min(len(clusters.sizes), MOST_ROWS)):
        size = clusters.sizes[place]
        centre = [number(value) for value in found.centres[place][:MOST_COLUMNS].tolist()]
        rows.append([integer(place + 1), _size(size), percent(size / total), *centre, *more])
    yield from aligned(rows)
    if len(clusters.sizes) > MOST_ROWS:
        yield t("cli.cluster.more", count=integer(len(clusters.sizes) - MOST_ROWS))


def _size(size: float) -> str:
    return integer(round(size)) if size == round(size) else number(size)


def _plain(size: float) -> float:
    return int(size) if size == int(size) else size
