"""A reader at work: pictures of lines in, texts with their places and probabilities out.

A reader is a recogniser that answers column by column. A picture that cannot be used has an answer
with the reason, and the others go on. A line that makes no sense is turned upside down and looked
at again: where that is read with far more certainty, the line is not believed and the answer says
so.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from imagier.arguments import number, whole
from imagier.errors import ModelError, PictureError
from imagier.files import printable
from imagier.i18n import percent, t
from imagier.images import one_picture, prepare
from imagier.images.line_fit import line_width
from imagier.log import log
from imagier.machine import available_cores
from imagier.reading.alphabet import BLANK, Alphabet
from imagier.reading.character_boxes import character_boxes
from imagier.reading.formats import FormatRule
from imagier.reading.line_answer import LineView, ReadLine, line_place
from imagier.reading.line_reading import LineReading, read_lines, refusal_sentence
from imagier.reading.line_view import view_of
from imagier.reading.page_line import Box, PageLine
from imagier.reading.page_lines import find_page_lines
from imagier.recognizer import Recognizer
from imagier.recognizer.engine import held_batch, prefetch
from imagier.recognizer.inputs import Picturable, check_many, decode_picture

__all__ = ["LineReader"]

MOST_READERS = 4
BATCH = 64  # lines
LINES_OF_A_PAGE = 32  # that are reckoned with
TURNED_ODDS = 100.0  # times those of the line as it stands, the odds of one that is upside down
SURE = 0.5  # a line as probable as that is not turned round
OF_RULES = {"format", "amount", "codes", "check"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Fitted:
    """A line that is ready to be read.

    Attributes:
        path: Of its picture.
        pixels: The reader's input, (H, W, 1).
        size: Of the line on its picture, rows and columns.
        number: Which line of its page it is; None where the picture is the line.
        place: Where it stands on its page.
        shown: The line to be drawn; None where that was not asked for.
    """

    path: str
    pixels: NDArray[np.uint8]
    size: tuple[int, int]
    number: int | None = None
    place: PageLine | None = None
    shown: NDArray[np.uint8] | None = None


class LineReader:
    """A recogniser that reads lines, with the rule that its answers must follow.

    Args:
        recognizer: A reader, as `imagier.load` gives it.
        rule: What texts must be; None for any.
        max_error: The largest share of wrong answers among those given; None lets it always
            answer.
        alternatives: How many other texts to give a line.

    Raises:
        ModelError: `not_a_reader`, when the model names pictures.
        UsageError: `bad_argument`, or as `Recognizer.threshold`.
    """

    def __init__(
        self,
        recognizer: Recognizer,
        *,
        rule: FormatRule | None = None,
        max_error: float | None = None,
        alternatives: int = 0,
    ) -> None:
        if recognizer.columns is None or recognizer.prepare.fit != "line":
            raise ModelError("not_a_reader", path=recognizer.name, blank=BLANK)
        self.alphabet = Alphabet.from_classes(recognizer.classes, path=recognizer.name)
        self.recognizer, self.rule = recognizer, rule
        self.threshold = recognizer.threshold(max_error)
        self._columns = recognizer.columns
        self._most = 1 + whole("alternatives", alternatives, least=0)

    def __repr__(self) -> str:
        """Say in one line what it is."""
        characters = "".join(self.alphabet.characters[:40])
        more = "…" if len(self.alphabet.characters) > 40 else ""
        rules = [f"{one.reason} {one.name}".strip() for one in self.rule.parts] if self.rule else []
        rule = f", {' + '.join(rules)}" if rules else ""
        return f"LineReader({self.recognizer.name!r}, characters={characters + more!r}{rule})"

    def read(self, picture: Picturable, *, scale: float | None = None) -> ReadLine:
        """Read one line.

        Args:
            picture: A file's name, a file's content, a file opened for reading bytes, a Pillow
                image, or an array of levels, (H, W), (H, W, 1) or (H, W, 3).
            scale: The level that is white in an array; None for the scale the reader learnt on.

        Raises:
            PictureError: With the reason why the picture cannot be read.
            UsageError: `bad_argument`, `scale_without_array`.
        """
        fitted = self._fitted(picture, scale=scale, lines=False, views=True)
        return next(self._in_batches(fitted))

    def read_page(self, picture: Picturable, *, scale: float | None = None) -> list[ReadLine]:
        """Read the lines of a page, from the top; a white sheet or a form.

        Args:
            picture: As `read` takes it.
            scale: As `read` takes it.

        Raises:
            PictureError: As `read`; `no_lines`, when there is none on it.
            UsageError: As `read`.
        """
        return list(self._in_batches(self._fitted(picture, scale=scale, lines=True, views=True)))

    def read_many(
        self,
        pictures: Iterable[Picturable | PictureError],
        *,
        lines: bool = False,
        scale: float | None = None,
        views: bool = False,
    ) -> Iterator[ReadLine]:
        """Read many pictures, in the order given, however many they are.

        Args:
            pictures: Pictures, or an error found while looking for them.
            lines: Whether they are pages, whose lines are found first.
            scale: As `read` takes it.
            views: Whether each answer can draw its figure; a view takes some ten kilobytes.

        Raises:
            UsageError: `bad_argument`, `one_for_many`: at once, before the first picture is asked
                for.
        """
        if scale is not None:
            number("scale", scale, above=0, most=None)
        read = partial(self._safely, scale=scale, lines=lines, views=views)
        return self._read_many(check_many(pictures), read, LINES_OF_A_PAGE if lines else 1)

    def read_prepared(
        self, pixels: NDArray[np.uint8], *, told: Callable[[int], None] | None = None
    ) -> list[LineReading]:
        """Read lines already prepared, (N, H, W, 1).

        Args:
            pixels: The lines.
            told: Called with how many are done.
        """
        found: list[LineReading] = []
        for start in range(0, len(pixels), BATCH):
            found += self._read(self.recognizer.probabilities(pixels[start : start + BATCH]))
            if told:
                told(len(found))
        return found

    def _read_many(
        self,
        pictures: Iterable[Picturable | PictureError],
        read: Callable[[Picturable | PictureError], Sequence[_Fitted | ReadLine]],
        lines: int,
    ) -> Iterator[ReadLine]:
        settings = self.recognizer.prepare
        threads = min(MOST_READERS, self.recognizer.threads or available_cores())
        batch = held_batch(settings.height * settings.width * lines, most=max(1, BATCH // lines))
        for some in prefetch(pictures, read, batch=batch, threads=threads):
            yield from self._in_batches([one for found in some for one in found])

    def _in_batches(self, lines: Sequence[_Fitted | ReadLine]) -> Iterator[ReadLine]:
        """Answer lines that are ready, and pass on what could not be made ready."""
        for start in range(0, len(lines), BATCH):
            some = lines[start : start + BATCH]
            named = iter(self._answers([one for one in some if isinstance(one, _Fitted)]))
            for one in some:
                yield one if isinstance(one, ReadLine) else next(named)

    def _read(self, columns: NDArray[np.float32]) -> list[LineReading]:
        return read_lines(
            columns, self.alphabet, rule=self.rule, threshold=self.threshold, most=self._most
        )

    def _answers(self, fitted: Sequence[_Fitted]) -> list[ReadLine]:
        if not fitted:
            return []
        columns = self.recognizer.probabilities(np.stack([one.pixels for one in fitted]))
        read = self._read(columns)
        turned = self._turned(fitted, read)
        return [self._answer(*one) for one in zip(fitted, read, turned, columns, strict=True)]

    def _answer(
        self,
        one: _Fitted,
        found: LineReading,
        turned: LineReading | None,
        columns: NDArray[np.float32],
    ) -> ReadLine:
        used = self._used(one.size)
        step = self.recognizer.prepare.width / self._columns
        boxes = character_boxes(one.pixels[:, :used, 0], found.characters, step=step)
        sentence = ""
        if turned is not None:
            found = replace(found, value=None, currency=None, alternatives=())
            found = replace(found, rejected=True, reason="upside_down")
            said = {"text": turned.text, "probability": percent(turned.probability)}
            sentence = t("reading.refused.upside_down", **said)
        elif found.rejected:
            sentence = refusal_sentence(found, rule=self.rule, threshold=self.threshold)
        shares = np.array(boxes, np.float64).reshape(-1, 4) / (*(used, len(one.pixels)) * 2,)
        view = None
        if one.shown is not None:
            view = LineView(
                pixels=one.shown,
                boxes=shares,
                probabilities=columns[: int(np.ceil(used / step))],
                classes=self.alphabet.classes,
                width=used / step,
            )
        return ReadLine(
            path=printable(one.path),
            number=one.number,
            box=None if one.place is None else one.place.box(),
            reading=found,
            sentence=sentence,
            boxes=_placed(one, shares),
            is_turned=turned is not None,
            view=view,
        )

    def _turned(
        self, fitted: Sequence[_Fitted], read: Sequence[LineReading]
    ) -> list[LineReading | None]:
        """Look again, upside down, at lines that are hardly read, or not as the rule wants."""
        found: list[LineReading | None] = [None] * len(read)
        doubtful = [
            place
            for place, one in enumerate(read)
            if one.probability < SURE or one.reason in OF_RULES
        ]
        if not doubtful:
            return found
        settings = self.recognizer.prepare
        lines = []
        for place in doubtful:
            one = fitted[place]
            line = one.pixels[::-1, : self._used(one.size)][:, ::-1]
            scale = settings.full_scale
            lines.append(prepare(np.ascontiguousarray(line), settings, scale=scale, name=one.path))
        turned = self._read(self.recognizer.probabilities(np.stack(lines)))
        for place, other in zip(doubtful, turned, strict=True):
            is_sure = other.probability > SURE and other.reason in {None, "unsure"}
            if is_sure and _is_likelier(other, read[place]):
                found[place] = other
        return found

    def _used(self, size: tuple[int, int]) -> int:
        """Count the columns of the input that a line of this size fills."""
        settings = self.recognizer.prepare
        return max(1, min(settings.width, line_width(size, settings.height)))

    def _safely(
        self,
        picture: Picturable | PictureError,
        *,
        scale: float | None,
        lines: bool,
        views: bool,
    ) -> Sequence[_Fitted | ReadLine]:
        try:
            if isinstance(picture, PictureError):
                raise picture
            return self._fitted(picture, scale=scale, lines=lines, views=views)
        except PictureError as error:
            path = str(error.facts.get("path", ""))
            log("picture_refused", path=path, code=error.code)
            if not path and isinstance(picture, str | os.PathLike):
                path = printable(os.fspath(picture))
            return [ReadLine.of_error(error.released(), path=path)]

    def _fitted(
        self, picture: Picturable, *, scale: float | None, lines: bool, views: bool
    ) -> list[_Fitted | ReadLine]:
        """Decode a picture, find its lines if it is a page, prepare each."""
        with one_picture():
            settings = self.recognizer.prepare
            name, pixels = decode_picture(picture, settings, scale=scale, whole=True)
            try:
                if not lines:
                    return [self._prepared(name, pixels, views=views)]
                return self._prepared_lines(name, pixels, views=views)
            except MemoryError as error:
                raise PictureError("no_memory", path=printable(name)) from error

    def _prepared_lines(
        self, name: str, page: NDArray[np.uint8], *, views: bool
    ) -> list[_Fitted | ReadLine]:
        """Find the lines of a page; one that cannot be used is an error, the others go on.

        Raises:
            PictureError: `no_lines`.
        """
        found: list[_Fitted | ReadLine] = []
        for count, place in enumerate(find_page_lines(page), start=1):
            try:
                one = self._prepared(name, place.cut(page), number=count, views=views)
                found.append(replace(one, place=place))
            except PictureError as error:
                found.append(ReadLine.of_error(error, path=name, number=count, box=place.box()))
        if not found:
            raise PictureError("no_lines", path=printable(name))
        return found

    def _prepared(
        self, name: str, line: NDArray[np.uint8], *, number: int | None = None, views: bool
    ) -> _Fitted:
        called = line_place(name, number)
        return _Fitted(
            path=name,
            pixels=prepare(line, self.recognizer.prepare, name=called),
            size=(line.shape[0], line.shape[1]),
            number=number,
            shown=view_of(line) if views else None,
        )


def _is_likelier(turned: LineReading, found: LineReading) -> bool:
    """Tell whether a line is by far more probable upside down than as it stands."""
    if found.reason in OF_RULES:  # turned, it is what the rule wants
        return True
    p, q = turned.probability, found.probability
    return p * (1 - q) >= TURNED_ODDS * q * (1 - p)


def _placed(one: _Fitted, shares: NDArray[np.float64]) -> tuple[Box, ...]:
    """Give boxes in pixels of the picture, from shares of the line's width and height."""
    rows, columns = one.size
    boxes = shares * (*(columns, rows) * 2,)
    if one.place is not None:
        return tuple(one.place.box(*box) for box in boxes.tolist())
    return tuple((a, b, c, d) for a, b, c, d in np.rint(boxes).astype(int).tolist())
