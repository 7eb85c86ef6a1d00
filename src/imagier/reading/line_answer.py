"""What a reader answers about one line: its text and how sure it is, or why it is not believed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from imagier.answers import AnswerFigure, AnswerTable, Shown
from imagier.errors import PictureError
from imagier.files import printable
from imagier.i18n import integer, padded, percent, t
from imagier.reading.alphabet import BLANK
from imagier.reading.line_reading import LineReading
from imagier.reading.page_line import Box
from imagier.recognizer.results import AnswerColumns, error_cells
from imagier.tables import unescape

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["LineView", "ReadLine", "line_columns", "line_place"]

BOX_TITLES = ("line", "left", "top", "right", "bottom")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LineView:
    """A line as it was looked at, to be drawn.

    Attributes:
        pixels: The line as it stands on its picture, shrunk where it is large, (H, W, C).
        boxes: Where its characters stand on `pixels`: left, top, right and bottom, as shares of
            its width and its height, (characters, 4).
        probabilities: Of each class in each column of the line, (T, K).
        classes: The names of the K classes, the blank first.
        width: The columns that the line takes, 0 to T, maybe in the middle of one.
    """

    pixels: NDArray[np.uint8]
    boxes: NDArray[np.float64]
    probabilities: NDArray[np.float32]
    classes: tuple[str, ...]
    width: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ReadLine(Shown):
    """What was read on one line of one picture.

    Attributes:
        path: Name of the picture.
        number: Which line of its page it is, from 1; None where the picture is the line.
        box: Where the line stands on its page; None where the picture is the line.
        reading: What was read; None where the picture cannot be used.
        sentence: Why the line was rejected; empty where it was not.
        boxes: Where each character stands, in pixels of the picture.
        is_turned: Whether it is read far better upside down.
        error: Why the picture cannot be used, as `code` and `message`; None where it can.
        view: What is drawn; None where that was not asked for.
    """

    path: str
    number: int | None = None
    box: Box | None = None
    reading: LineReading | None = None
    sentence: str = ""
    boxes: tuple[Box, ...] = ()
    is_turned: bool = False
    error: dict[str, str] | None = None
    view: LineView | None = None

    @classmethod
    def of_error(
        cls,
        error: PictureError,
        *,
        path: str = "",
        number: int | None = None,
        box: Box | None = None,
    ) -> "ReadLine":
        """Give the answer for a picture that cannot be used, or a line of it.

        Args:
            error: Why.
            path: Name of the picture; empty for the one that the error brings.
            number: Which line of its page it is.
            box: Where it stands on its page.
        """
        told = {"code": error.code, "message": error.message}
        path = printable(path or str(error.facts.get("path", "")))
        return cls(path=path, number=number, box=box, error=told)

    @property
    def text(self) -> str | None:
        """What was read; of a rejected line what it seems to say."""
        return self.reading.text if self.reading else None

    @property
    def probability(self) -> float | None:
        """That the line shows this text, 0..1."""
        return self.reading.probability if self.reading else None

    @property
    def rejected(self) -> bool:
        """Whether the text is no answer."""
        return self.reading is not None and self.reading.rejected

    @property
    def status(self) -> str:
        """`ok`, or `error` when the picture cannot be used."""
        return "ok" if self.reading else "error"

    @property
    def abstained(self) -> bool:
        """Whether the reader would rather not say."""
        return self.reading is not None and self.reading.reason == "unsure"

    @property
    def notes(self) -> tuple[str, ...]:
        """Nothing stands beside it: the line says it all."""
        return ()

    def line(self, *, width: int = 0, others: bool = True) -> str:
        """Give the answer as a line for people: text, probability, file, or why there is none.

        Args:
            width: The cells of a terminal that the text takes at least.
            others: Whether the other texts stand behind.
        """
        found = self.reading
        if found is None:
            message = printable(self.error["message"]) if self.error else ""
            return f"{padded('—', width)}  {' ' * 7}  {message}"
        text = padded("?" if found.rejected else printable(found.text), width)
        line = f"{text}  {percent(found.probability):>7}  {self.place}"
        if found.rejected:
            return f"{line}  {self._doubt(found)}"
        if found.value is not None:
            amount = f"{found.value} {found.currency}" if found.currency else found.value
            line += f"  = {amount}"
        rest = [
            f"{printable(one.text) or BLANK} {percent(one.probability)}"
            for one in found.alternatives
        ]
        return f"{line}  ({', '.join(rest)})" if others and rest else line

    def lines(self) -> Iterator[str]:
        """Give the answer as one line."""
        yield self.line()

    def to_json(self) -> dict[str, Any]:
        """Give the answer as other programs read it, probabilities to six decimals."""
        found = self.reading
        characters = found.characters if found else ()
        return {
            "path": self.path,
            "status": self.status,
            "text": self.text,
            "probability": round(found.probability, 6) if found else None,
            "rejected": found.rejected if found else None,
            "reason": found.reason if found else None,
            "upside_down": self.is_turned if found else None,
            "value": found.value if found else None,
            "currency": found.currency if found else None,
            "characters": [
                {
                    "character": one.character,
                    "probability": round(one.probability, 6),
                    "box": list(box),
                }
                for one, box in zip(characters, self.boxes, strict=True)
            ],
            "alternatives": [
                [one.text, round(one.probability, 6)]
                for one in (found.alternatives if found else ())
            ],
            "line": self.number,
            "box": None if self.box is None else list(self.box),
            "error": self.error,
        }

    def figures(self) -> Mapping[str, AnswerFigure]:
        """Give the figure of the line, its boxes and what was seen in each column."""
        if self.view is None or self.reading is None:
            return {}
        return {"figure": AnswerFigure(label=self.line(others=False).strip(), draw=self._draw)}

    def tables(self) -> Mapping[str, AnswerTable]:
        """Give no table: many lines make one (`line_columns`)."""
        return {}

    @property
    def place(self) -> str:
        """The picture and, on a page, which line of it."""
        return line_place(self.path, self.number)

    def _doubt(self, found: LineReading) -> str:
        """Say why the line is not believed, and what it seems to say."""
        if found.reason == "unsure":
            return t("recognizer.does_not_know", label=found.text)
        if self.is_turned or not found.text:
            return self.sentence
        return t("reading.line.seems", sentence=self.sentence, text=found.text)

    def _draw(self) -> "Figure":
        from imagier.reading.line_figure import line_figure

        return line_figure(self)


def line_place(path: str, number: int | None) -> str:
    """Name a line: its picture and, on a page, which line of it."""
    path = printable(path)
    if number is None:
        return path
    return t("reading.line.place", path=path, number=integer(number))


def line_columns(*, texts: int = 1, boxes: bool = False) -> AnswerColumns[ReadLine]:
    """Give the columns of a table of lines.

    They are `path`, `status`, `text`, `probability`, then `text_2`, `probability_2`..., `rejected`,
    `reason`, `upside_down`, `value`, `currency`, `error_code`, `error_message`.

    Args:
        texts: How many texts of a line have a column.
        boxes: Whether there are columns of the line's number and place on its page.

    >>> line_columns().titles[:5]
    ['path', 'status', 'text', 'probability', 'rejected']
    """
    titles = ["path", "status", "text", "probability"]
    for place in range(2, texts + 1):
        titles += [f"text_{place}", f"probability_{place}"]
    titles += ["rejected", "reason", "upside_down", "value", "currency"]
    titles += [*(BOX_TITLES if boxes else ()), "error_code", "error_message"]

    def row(answer: ReadLine) -> list[Any]:
        given = answer.to_json()
        cells = [unescape(answer.path), answer.status, given["text"], given["probability"]]
        others = given["alternatives"][: texts - 1]
        cells += [cell for other in others for cell in other]
        cells += [None] * (2 * (texts - 1 - len(others)))
        cells += [_truth(given["rejected"]), given["reason"], _truth(given["upside_down"])]
        cells += [given["value"], given["currency"]]
        if boxes:
            cells += [answer.number, *(answer.box or [None] * 4)]
        return [*cells, *error_cells(answer.error)]

    return AnswerColumns(titles=titles, row=row)


def _truth(value: bool | None) -> str | None:
    return None if value is None else str(value).lower()
