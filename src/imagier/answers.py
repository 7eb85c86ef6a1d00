"""Answers: what was found, as one value that a command, a page and a notebook show alike.

Every command ends in an `Answer`, made below the command line: lines to read, one JSON object for
programs, figures to draw and tables to keep. Whoever shows it chooses among them and computes
nothing.

>>> for line in text_table([["name", "share"], ["猫", "0.5"], ["chien", "0.25"]]):
...     print(line)
name   share
猫       0.5
chien   0.25
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from imagier.errors import UsageError
from imagier.i18n import printable
from imagier.tables import csv_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Answer", "AnswerFigure", "AnswerTable", "finite", "text_table"]


class Answer(Protocol):
    """What a question was answered with.

    An answer without figures or tables gives an empty mapping. Their names are for programs and
    pages; where there is one only, it is called `figure` or `table`.
    """

    @property
    def notes(self) -> Sequence[str]:
        """What the user should know beside the answer, as sentences."""

    def lines(self) -> Iterator[str]:
        """Give the answer as lines for a terminal, in the user's language.

        What matters most may be set in bold; `click.echo` takes that off where no terminal reads.
        """

    def to_json(self) -> dict[str, Any]:
        """Give the answer as JSON values; all keys are there, null where they do not apply."""

    def figures(self) -> "Mapping[str, AnswerFigure]":
        """Give the figures by name; nothing is drawn yet."""

    def tables(self) -> "Mapping[str, AnswerTable]":
        """Give the tables by name."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AnswerFigure:
    """A figure, drawn when its content is asked for.

    Attributes:
        label: What a reader who cannot see it should know.
        draw: Draws it.
        frames: Draws the pictures of a film; None where nothing moves.
        seconds: How long each picture of the film is seen.
    """

    label: str
    draw: "Callable[[], Figure]"
    frames: "Callable[[], Iterable[Figure]] | None" = None
    seconds: float = 0.6

    def content(self, kind: str) -> bytes:
        """Give the content of a file.

        Args:
            kind: Its suffix: `.png`, `.svg`, or `.gif` for a film.

        Raises:
            UsageError: `nothing_moves`, for a film of what does not move.
        """
        from imagier.figures import gif, png, svg  # an answer without a figure needs no NumPy

        if kind != ".gif":
            figure = self.draw()
            return svg(figure, label=self.label).encode() if kind == ".svg" else png(figure)
        if self.frames is None:
            raise UsageError("nothing_moves")
        return gif(self.frames(), seconds=self.seconds)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AnswerTable:
    """A table to keep.

    Attributes:
        columns: Its titles; none for bare numbers.
        rows: The cells: texts, numbers, None for nothing.
        delimiter: What stands between two cells; a semicolon where its commas are decimal.
    """

    columns: Sequence[str]
    rows: Iterable[Sequence[object]]
    delimiter: str = ","

    def csv(self, *, delimiter: str | None = None) -> str:
        """Write it as a CSV file that no spreadsheet runs, with its own delimiter unless given."""
        return csv_text(self.columns, self.rows, delimiter=delimiter or self.delimiter)


def text_table(
    rows: Sequence[Sequence[str]],
    *,
    left: Iterable[int] = (0,),
    gap: str = "  ",
    rule: bool = False,
) -> Iterator[str]:
    """Line up the columns of a table by the cells that its letters take on a terminal.

    Args:
        rows: The cells, as many in each row; titles, where there are some, are the first row. A
            cell is one line, whatever stands in it.
        left: The columns whose cells stand to the left, -1 for the last; others to the right.
        gap: What stands between two columns.
        rule: Whether a line as long as the longest row is drawn under the first.
    """
    from rich.cells import cell_len

    rows = [[printable(cell) for cell in row] for row in rows]
    columns = list(zip(*rows, strict=True))
    widths = [max(map(cell_len, column)) for column in columns]
    lefts = {place % max(1, len(columns)) for place in left}
    lines = []
    for row in rows:
        cells = []
        for place, (cell, width) in enumerate(zip(row, widths, strict=True)):
            blank = " " * (width - cell_len(cell))
            cells.append(cell + blank if place in lefts else blank + cell)
        lines.append(gap.join(cells).rstrip())
    yield from lines[:1]
    if rule and lines:
        yield "─" * max(map(cell_len, lines))
    yield from lines[1:]


def finite(value: float | None) -> float | None:
    """Give a number to JSON, which knows neither infinity nor what is not a number.

    >>> finite(2.5), finite(float("inf"))
    (2.5, None)
    """
    return value if value is not None and abs(value) < float("inf") else None
