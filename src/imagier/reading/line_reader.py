"""A reader at work: pictures of lines in, texts with their places and probabilities out.

A reader is a recogniser that answers column by column. A picture that cannot be read has an answer
with the reason, and the others go on. A line that makes no sense is turned upside down and looked
at again: where that is read with far more certainty, the answer says so.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from imagier.errors import ModelError, PictureError
from imagier.files import printable
from imagier.images import one_picture, prepare
from imagier.images.line_fit import line_width
from imagier.machine import available_cores
from imagier.neurons.line_network import COLUMN_PIXELS
from imagier.reading.alphabet import Alphabet
from imagier.reading.formats import FormatRule
from imagier.reading.line_reading import LineReading, read_lines, refusal_sentence
from imagier.recognizer import Recognizer
from imagier.recognizer.engine import held_batch, prefetch
from imagier.recognizer.inputs import Picturable, check_many, decode_picture

__all__ = ["Box", "LineReader", "ReadLine"]

MOST_READERS = 4
BATCH = 64
TURNED_GAIN = 10.0  # times as probable as it stands, a line that is upside down
SURE = 0.5  # a line as probable as that is not turned round

Box: TypeAlias = tuple[int, int, int, int]  # left, top, right, bottom, in pixels of the picture


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReadLine:
    """What was read on one line of one picture.

    Attributes:
        path: Name of the picture.
        reading: What was read; None where the picture cannot be used.
        sentence: Why the line was rejected; empty where it was not.
        boxes: Where each character stands.
        box: Where the line stands on a page; None where the picture is the line.
        is_turned: Whether it would be read far better upside down.
        error: Why the picture cannot be used, as `code` and `message`; None where it can.
        pixels: The line as the reader saw it, (H, W, 1).
        probabilities: Of each class in each column, (T, K).
    """

    path: str
    reading: LineReading | None = None
    sentence: str = ""
    boxes: tuple[Box, ...] = ()
    box: Box | None = None
    is_turned: bool = False
    error: dict[str, str] | None = None
    pixels: NDArray[np.uint8] | None = None
    probabilities: NDArray[np.float32] | None = None

    def to_json(self) -> dict[str, Any]:
        """Give the answer as other programs read it."""
        found = self.reading
        return {
            "path": self.path,
            "status": "ok" if found else "error",
            "text": found.text if found else None,
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
                for one, box in zip(found.characters if found else (), self.boxes, strict=True)
            ],
            "alternatives": [
                [one.text, round(one.probability, 6)]
                for one in (found.alternatives if found else ())
            ],
            "box": None if self.box is None else list(self.box),
            "error": self.error,
        }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Fitted:
    path: str
    pixels: NDArray[np.uint8]
    size: tuple[int, int]  # of the line in the picture, rows and columns
    box: Box | None = None


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
        UsageError: As `Recognizer.threshold`.
    """

    def __init__(
        self,
        recognizer: Recognizer,
        *,
        rule: FormatRule | None = None,
        max_error: float | None = None,
        alternatives: int = 0,
    ) -> None:
        if recognizer.columns is None:
            raise ModelError("not_a_reader", path=recognizer.name)
        self.recognizer, self.rule = recognizer, rule
        self.alphabet = Alphabet.from_classes(recognizer.classes)
        self.threshold = recognizer.threshold(max_error)
        self._most = 1 + alternatives

    def read(self, picture: Picturable) -> ReadLine:
        """Read one line.

        Args:
            picture: As `Recognizer.predict` takes it.

        Raises:
            PictureError: With the reason why the picture cannot be read.
        """
        [fitted] = self._fitted(picture)
        return self._answers([fitted])[0]

    def read_many(
        self,
        pictures: Iterable[Picturable | PictureError],
        *,
        find_lines: Callable[[NDArray[np.uint8]], list[Box]] | None = None,
    ) -> Iterator[ReadLine]:
        """Read many pictures, in the order given, however many they are.

        Args:
            pictures: Pictures, or an error found while looking for them.
            find_lines: Finds the lines of a page, from the top; None where each picture is a line.
        """
        height, width = self.recognizer.prepare.height, self.recognizer.prepare.width
        batch = held_batch(height * width, most=BATCH)
        threads = min(MOST_READERS, self.recognizer.threads or available_cores())
        read = partial(self._safely, find_lines=find_lines)
        for some in prefetch(check_many(pictures), read, batch=batch, threads=threads):
            lines = [one for found in some for one in found]
            named = iter(self._answers([one for one in lines if isinstance(one, _Fitted)]))
            for one in lines:
                yield one if isinstance(one, ReadLine) else next(named)

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
            columns = self.recognizer.probabilities(pixels[start : start + BATCH])
            found += self._read(columns)
            if told:
                told(len(found))
        return found

    def _read(self, columns: NDArray[np.float32]) -> list[LineReading]:
        return read_lines(
            columns, self.alphabet, rule=self.rule, threshold=self.threshold, most=self._most
        )

    def _answers(self, fitted: list[_Fitted]) -> list[ReadLine]:
        if not fitted:
            return []
        pixels = np.stack([one.pixels for one in fitted])
        columns = self.recognizer.probabilities(pixels)
        read = self._read(columns)
        turned = self._turned(fitted, read)
        return [
            ReadLine(
                path=printable(one.path),
                reading=found,
                sentence=self._sentence(found),
                boxes=self._boxes(one, found),
                box=one.box,
                is_turned=is_turned,
                pixels=one.pixels,
                probabilities=probabilities,
            )
            for one, found, is_turned, probabilities in zip(
                fitted, read, turned, columns, strict=True
            )
        ]

    def _sentence(self, found: LineReading) -> str:
        if not found.rejected:
            return ""
        return refusal_sentence(found, rule=self.rule, threshold=self.threshold)

    def _turned(self, fitted: list[_Fitted], read: list[LineReading]) -> list[bool]:
        """Look again, upside down, at lines that are hardly read."""
        answer = [False] * len(read)
        doubtful = [place for place, one in enumerate(read) if one.probability < SURE]
        if not doubtful:
            return answer
        settings = self.recognizer.prepare
        lines = []
        for place in doubtful:
            one = fitted[place]
            used = self._used(one.size)
            line = np.ascontiguousarray(one.pixels[::-1, :used][:, ::-1])
            lines.append(prepare(line, settings, scale=settings.full_scale, name=one.path))
        columns = self.recognizer.probabilities(np.stack(lines))
        for place, found in zip(doubtful, self._read(columns), strict=True):
            gain = TURNED_GAIN * read[place].probability
            answer[place] = found.probability > max(SURE, gain) and bool(found.text)
        return answer

    def _used(self, size: tuple[int, int]) -> int:
        """Count the columns of the input that a line of this size fills."""
        settings = self.recognizer.prepare
        return max(1, min(settings.width, line_width(size, settings.height)))

    def _boxes(self, one: _Fitted, found: LineReading) -> tuple[Box, ...]:
        """Give the place of each character in pixels of the picture."""
        rows, columns = one.size
        scale = columns / self._used(one.size)
        left, top = (0, 0) if one.box is None else one.box[:2]
        return tuple(
            (
                left + round(character.first * COLUMN_PIXELS * scale),
                top,
                left + min(columns, round((character.last + 1) * COLUMN_PIXELS * scale)),
                top + rows,
            )
            for character in found.characters
        )

    def _safely(
        self,
        picture: Picturable | PictureError,
        *,
        find_lines: Callable[[NDArray[np.uint8]], list[Box]] | None,
    ) -> list[_Fitted | ReadLine]:
        try:
            if isinstance(picture, PictureError):
                raise picture
            return list(self._fitted(picture, find_lines))
        except PictureError as error:
            path = str(error.facts.get("path", ""))
            if not path and isinstance(picture, str | os.PathLike):
                path = printable(os.fspath(picture))
            told = {"code": error.code, "message": error.message}
            return [ReadLine(path=path, error=told)]

    @one_picture()
    def _fitted(
        self,
        picture: Picturable,
        find_lines: Callable[[NDArray[np.uint8]], list[Box]] | None = None,
    ) -> list[_Fitted]:
        settings = self.recognizer.prepare
        name, pixels = decode_picture(picture, settings, whole=True)
        if find_lines is None:
            size = pixels.shape[0], pixels.shape[1]
            return [_Fitted(path=name, pixels=prepare(pixels, settings, name=name), size=size)]
        boxes = find_lines(pixels)
        if not boxes:
            raise PictureError("no_lines", path=printable(name))
        fitted = []
        for left, top, right, bottom in boxes:
            line = np.ascontiguousarray(pixels[top:bottom, left:right])
            fitted.append(
                _Fitted(
                    path=name,
                    pixels=prepare(line, settings, name=name),
                    size=(bottom - top, right - left),
                    box=(left, top, right, bottom),
                )
            )
        return fitted
