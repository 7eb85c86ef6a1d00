"""The answer itself: lines, JSON, figures and tables, and how a notebook shows them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

from imagier.errors import UsageError
from imagier.i18n import BOLD, FAINT, PLAIN, printable
from imagier.tables import csv_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Answer", "AnswerFigure", "AnswerTable", "Shown", "finite"]

LONGEST = 160  # letters of an answer's short text


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


class Shown:
    """What an answer inherits to show itself in a notebook, with the same content as elsewhere."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        from imagier.answers.html import answer_html

        return answer_html(cast("Answer", self))

    def __repr__(self) -> str:
        """Give the kind of answer and its first line."""
        line = next(cast("Answer", self).lines(), "")
        text = _plain(line)
        cut = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
        return f"<{type(self).__name__}: {cut}>"


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

    def _repr_html_(self) -> str:
        from imagier.answers.html import figure_html

        return figure_html(self)


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

    def _repr_html_(self) -> str:
        from imagier.answers.html import table_html

        return table_html(self)


def finite(value: float | None) -> float | None:
    """Give a number to JSON, which knows neither infinity nor what is not a number.

    >>> finite(2.5), finite(float("inf"))
    (2.5, None)
    """
    return value if value is not None and abs(value) < float("inf") else None


def _plain(line: str) -> str:
    for style in (BOLD, FAINT, PLAIN):
        line = line.replace(style, "")
    return printable(line)
