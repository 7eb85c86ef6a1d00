"""Tables of points: which columns are coordinates, an example cloud, the table with its clusters.

The example is set like the one of Wikipedia's article: three groups that the eye sees.

>>> from imagier.kmeans import kmeans
>>> cloud = point_table(example_table("groups"))
>>> cloud.columns, cloud.points.shape
(('x', 'y'), (150, 2))
>>> sorted(kmeans(cloud.points, 3, restarts=5).sizes.tolist())
[48.0, 50.0, 52.0]
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagier.answers import AnswerTable
from imagier.i18n import t
from imagier.tables import Table

__all__ = ["EXAMPLES", "PointTable", "cluster_table", "example_table", "point_table"]

Numbers = NDArray[np.float64]
EXAMPLES = ("groups",)
HUGE = 1e150  # the square of a larger number is not one
_MIDDLES = ((2.0, 2.5), (5.5, 6.0), (8.0, 2.0))
_STD = ((0.7, 0.9), (1.0, 0.7), (0.8, 0.6))
_SHARES = (0.35, 0.40, 0.25)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PointTable:
    """Points with the table they come from.

    Attributes:
        source: The table.
        columns: Those that are coordinates, D of them.
        points: (N, D).
        sample_weight: (N,), or None where all count the same.
        has_commas: Whether numbers are written with decimal commas.
    """

    source: Table
    columns: tuple[str, ...]
    points: Numbers
    sample_weight: Numbers | None
    has_commas: bool


def point_table(
    source: Table, *, columns: str | None = None, weights: str | None = None
) -> PointTable:
    """Take the columns of a table that are coordinates, and the weights, as numbers.

    Args:
        source: The table, one row a point.
        columns: Titles of the coordinates, with commas between; None for all but the weights.
        weights: Title of the column of weights.

    Raises:
        DataError: A cell that is no number, with row and column.
        UsageError: `table_unknown_column`.
    """
    words = source.titles if columns is None else [word.strip() for word in columns.split(",")]
    chosen = [source.known(word) for word in words if columns or word != weights]
    sample_weight = None if weights is None else np.array(source.numbers(weights, largest=HUGE))
    numbers = [source.numbers(title, largest=HUGE) for title in chosen]
    places = [source.titles.index(title) for title in chosen]
    return PointTable(
        source=source,
        columns=tuple(chosen),
        points=np.array(numbers, np.float64).T.reshape(len(source.rows), len(chosen)),
        sample_weight=sample_weight,
        has_commas=any("," in row[place] for row in source.rows for place in places),
    )


def example_table(name: str) -> Table:
    """Give one of `EXAMPLES` as a table: synthetic, rounded to hundredths, the same each time.

    Args:
        name: Which one.
    """
    assert name in EXAMPLES, name  # noqa: S101 - callers choose from the list
    chance = np.random.default_rng(6)
    groups = chance.choice(3, 150, p=_SHARES)
    drawn = chance.normal(size=(150, 2)) * np.array(_STD)[groups]
    points = np.round(np.array(_MIDDLES)[groups] + drawn, 2)
    rows = [tuple(map(str, row)) for row in points.tolist()]
    note = t("kmeans.synthetic", name=name)
    lines = range(1, len(rows) + 1)
    return Table(name=name, titles=("x", "y"), rows=rows, lines=lines, notes=(note,))


def cluster_table(table: PointTable, labels: NDArray[np.int64], distances: Numbers) -> AnswerTable:
    """Give the table again, each point with its cluster, from 1, and its distance to the centre.

    Args:
        table: The points.
        labels: Of their clusters, from 0, (N,).
        distances: To their centres, (N,), written as the table writes numbers.
    """
    taken = {title.casefold() for title in table.source.titles}
    names = [_free(name, taken) for name in ("cluster", "distance")]
    far = [f"{distance:.6g}" for distance in distances.tolist()]
    if table.has_commas:
        far = [text.replace(".", ",") for text in far]
    clusters = (labels + 1).tolist()
    return AnswerTable(
        columns=(*table.source.titles, *names),
        rows=[(*row, *more) for row, *more in zip(table.source.rows, clusters, far, strict=True)],
        delimiter=";" if table.has_commas else ",",
    )


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name
