r"""A journey from a table: its times and distances, and its speeds as an answer.

>>> from imagier.tables import parse_table
>>> table = parse_table(b"time,distance\n0,0\n0.5,30\n1,90\n", name="trip.csv")
>>> read_journey(table).to_json()["speeds"]["means"]
[60.0, 120.0]
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from imagier.answers import AnswerFigure, AnswerTable, Shown, text_table
from imagier.errors import UsageError
from imagier.figures import COLOURS, drawing, write_ticks
from imagier.files import printable
from imagier.gradient.speeds import Speeds, speeds
from imagier.gradient.typed_numbers import typed_number
from imagier.i18n import t
from imagier.tables import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["JourneyResult", "read_journey"]

_MOST_LINES = 1_000_000
_MOST_ROWS = 40
_MOST_MARKS = 40
_OF_FORMULAS = (
    *("formula", "at", "value", "derivative", "step", "forward", "central", "complex"),
    *("corner", "errors"),
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class JourneyResult(Shown):
    """How far at each time, and how fast.

    Attributes:
        table: The name of the table.
        titles: Of its columns: time, then distance.
        speeds: The times, the distances and the speeds.
        notes: How the file was read, where that is worth a word.
    """

    table: str
    titles: tuple[str, str]
    speeds: Speeds
    notes: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """Write each time with its speeds; of a long table, the first and the last."""
        trip, (time, distance) = self.speeds, self.titles
        yield t("gradient.journey.title", n=len(trip.times), time=time, distance=distance)
        yield ""
        heads = [t(f"gradient.journey.{column}") for column in ("mean_column", "instant_column")]
        rows = [[time, distance, *heads]]
        means = ["", *(typed_number(mean, 6) for mean in trip.means)]
        columns = zip(trip.times, trip.distances, means, trip.instants, strict=True)
        for at, far, mean, now in columns:
            rows.append([typed_number(at), typed_number(far), mean, typed_number(now, 6)])
        lines = list(text_table(rows))
        if len(lines) > _MOST_ROWS + 1:
            lines = [*lines[: _MOST_ROWS // 2 + 1], "…", *lines[-_MOST_ROWS // 2 :]]
        yield from lines
        yield ""
        yield t("gradient.journey.mean", mean=typed_number(trip.mean, 6))

    def to_json(self) -> dict[str, Any]:
        """Give the speeds as other programs read them, with the keys that formulas have."""
        trip = self.speeds
        return {
            **dict.fromkeys(_OF_FORMULAS),
            "table": printable(self.table),
            "variables": list(self.titles),
            "speeds": {
                "times": list(trip.times),
                "distances": list(trip.distances),
                "means": list(trip.means),
                "instants": list(trip.instants),
                "mean": trip.mean,
            },
        }

    def figures(self) -> Mapping[str, AnswerFigure]:
        """Give distances and speeds over time."""
        return {"figure": AnswerFigure(label=t("gradient.figure.journey"), draw=self._draw)}

    def tables(self) -> Mapping[str, AnswerTable]:
        """Give each time with its speeds."""
        trip, heads = self.speeds, ("mean_speed", "speed")
        rows = zip(trip.times, trip.distances, (None, *trip.means), trip.instants, strict=True)
        return {"table": AnswerTable(columns=[*self.titles, *heads], rows=rows)}

    def _draw(self) -> "Figure":
        """Draw distances; below, mean speeds as steps, and speeds at each time as a line."""
        trip = self.speeds
        mark = "o" if len(trip.times) <= _MOST_MARKS else None
        dotted: dict[str, Any] = {"color": COLOURS[0], "marker": mark, "markersize": 4}
        with drawing((6.4, 4.6)) as figure:
            above, below = figure.subplots(2, 1, sharex=True)
            above.plot(trip.times, trip.distances, **dotted)
            above.set_ylabel(self.titles[1])
            steps = [*trip.means, trip.means[-1]]
            step: dict[str, Any] = {"where": "post", "color": COLOURS[1], "linewidth": 1.4}
            below.step(trip.times, steps, label=t("gradient.figure.means"), **step)
            below.plot(trip.times, trip.instants, label=t("gradient.figure.instants"), **dotted)
            below.set_xlabel(self.titles[0])
            below.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderpad=0)
            for axes in (above, below):
                write_ticks(axes)
        return figure


def read_journey(table: Table, columns: str | None = None) -> JourneyResult:
    """Compute speeds from the first two columns of a table, or from those named.

    Args:
        table: Where they stand: times, then distances.
        columns: The two titles with a comma between, or None.

    Raises:
        UsageError: `travel_columns`, `table_unknown_column`.
        DataError: `table_too_long`; a cell that is no number, with row and column; what `speeds`
            refuses.
    """
    wanted = [title.strip() for title in columns.split(",")] if columns else table.titles[:2]
    if len(wanted) != 2:
        received = printable(columns) if columns else ", ".join(map(printable, table.titles))
        raise UsageError("travel_columns", path=table.name, received=received)
    titles = (table.known(wanted[0]), table.known(wanted[1]))
    table.check_length(_MOST_LINES)
    trip = speeds(*(table.numbers(title) for title in titles))
    return JourneyResult(table=table.name, titles=titles, speeds=trip, notes=table.notes)
