"""The points that `imagier cluster` reads from a table, and the table it writes, with clusters."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from imagier.cli.table_files import TABLES, open_table
from imagier.errors import DataError, did_you_mean
from imagier.files import printable
from imagier.i18n import t
from imagier.tables import Sheet, read_number

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["PointTable", "open_points", "read_points", "safe_row", "with_clusters"]

HUGE = 1e150  # the square of a larger number is not one


@dataclass(frozen=True, slots=True, kw_only=True)
class PointTable:
    """Points with the table they come from.

    Attributes:
        sheet: The table.
        columns: Those that are coordinates, D of them.
        points: (N, D).
        weights: (N,), or None where all count the same.
        has_commas: Whether numbers are written with decimal commas.
    """

    sheet: Sheet
    columns: tuple[str, ...]
    points: "NDArray[np.float64]"
    weights: "NDArray[np.float64] | None"
    has_commas: bool

    @property
    def name(self) -> str:
        """The name of the file or the example."""
        return self.sheet.name

    @property
    def notes(self) -> tuple[str, ...]:
        """What is worth knowing about how it was read."""
        return self.sheet.notes


def open_points(source: str, *, columns: str | None, weights: str | None) -> PointTable:
    """Read a file of points, or take an example by its name.

    Raises:
        DataError: `cluster_missing`, and what `read_points` refuses.
    """
    from imagier.kmeans.examples import EXAMPLES, example

    path = Path(source)
    if path.is_file():
        return read_points(path, columns=columns, weights=weights)
    if source not in EXAMPLES:
        shown, hint = printable(source), did_you_mean(source, EXAMPLES)
        raise DataError("cluster_missing", path=shown, examples=", ".join(EXAMPLES), hint=hint)
    made = example(source)
    rows = [tuple(map(str, row)) for row in made.points.tolist()]
    note = t("cli.cluster.synthetic", name=source)
    lines = range(1, len(rows) + 1)
    sheet = Sheet(name=source, titles=made.titles, rows=rows, lines=lines, notes=(note,))
    return _chosen(sheet, columns=columns, weights=weights)


def read_points(
    path: Path, *, columns: str | None = None, weights: str | None = None
) -> PointTable:
    """Read points from a table file.

    Args:
        path: The file.
        columns: Titles of the coordinates, with commas between; None for all but the weights.
        weights: Title of the column of weights.

    Raises:
        DataError: `cluster_kind`, what `open_table` refuses, or a cell that is no number, with row
            and column.
        UsageError: `table_unknown_column`.
    """
    if path.suffix.lower() not in TABLES:
        raise DataError("cluster_kind", path=printable(path), kinds=", ".join(TABLES))
    return _chosen(open_table(path), columns=columns, weights=weights)


def with_clusters(
    table: PointTable, numbers: Sequence[int], distances: Sequence[float], *, mark: str
) -> bytes:
    """Write the table again, each point with its cluster, from 1, and its distance to the centre.

    Args:
        table: The points.
        numbers: Of their clusters, from 1.
        distances: To their centres.
        mark: What stands between two cells.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=mark, lineterminator="\n")
    taken = {title.casefold() for title in table.sheet.titles}
    names = [_free(name, taken) for name in ("cluster", "distance")]
    writer.writerow([*safe_row(table.sheet.titles), *names])
    for row, number, distance in zip(table.sheet.rows, numbers, distances, strict=True):
        far = f"{distance:.6g}"
        far = far.replace(".", ",") if table.has_commas else far
        writer.writerow([*safe_row(row), number, far])
    return text.getvalue().encode()


def safe_row(cells: Sequence[str]) -> list[str]:
    """Keep a spreadsheet from running cells as formulas; numbers stay as they are."""
    from imagier.tables import safe_cell

    return [cell if read_number(cell) is not None else safe_cell(cell) for cell in cells]


def _chosen(sheet: Sheet, *, columns: str | None, weights: str | None) -> PointTable:
    """Take the columns that are coordinates, and the weights, as numbers."""
    import numpy as np

    words = sheet.titles if columns is None else [word.strip() for word in columns.split(",")]
    chosen = [sheet.known(word) for word in words if columns or word != weights]
    masses = None if weights is None else np.array(sheet.numbers(weights, largest=HUGE))
    numbers = [sheet.numbers(title, largest=HUGE) for title in chosen]
    places = [sheet.titles.index(title) for title in chosen]
    return PointTable(
        sheet=sheet,
        columns=tuple(chosen),
        points=np.array(numbers, np.float64).T.reshape(len(sheet.rows), len(chosen)),
        weights=masses,
        has_commas=any("," in row[place] for row in sheet.rows for place in places),
    )


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name
