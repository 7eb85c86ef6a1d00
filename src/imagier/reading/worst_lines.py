"""The lines that a person should see: the worst mistakes, true and read text side by side.

The worst are those that the reader was surest of and did not refuse: either it learnt something
false, or the text that the line was given is. Beside them stand a few lines that were read right,
to show what was asked.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from imagier.files import printable
from imagier.reading.edit_distance import align
from imagier.reading.line_evaluation import LineEvaluation
from imagier.testing.gallery import thumbnail

__all__ = [
    "AlignedCharacter",
    "ShownLine",
    "aligned",
    "line_picture",
    "right_lines",
    "shown_character",
    "worst_lines",
]

MOST_WORST, MOST_RIGHT = 24, 4
LONGEST = 1024  # pixels of a line's picture
MARGIN = 4  # pixels kept of the filling behind a line
BLANK = "␣"

Edit = Literal["equal", "taken", "left_out", "added"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignedCharacter:
    """One step of a text and of what was read of it.

    Attributes:
        true: The character that is written, as it can be shown; empty where one was added.
        read: The character that was read; empty where one was left out.
        edit: What became of it.
    """

    true: str
    read: str
    edit: Edit


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLine:
    """One line to be looked at.

    Attributes:
        path: Its file, or its place in the source.
        text: What is written.
        read: What was read.
        probability: How sure the reader was, 0..1.
        is_rejected: Whether it would rather not say.
        steps: Both texts, character by character.
        content: The line as it was seen, a PNG file; None where pictures may not be kept.
    """

    path: str
    text: str
    read: str
    probability: float
    is_rejected: bool
    steps: tuple[AlignedCharacter, ...]
    content: bytes | None

    def to_json(self) -> dict[str, Any]:
        """Give the line as other programs read it."""
        return {name: getattr(self, name) for name in ("path", "text", "read", "probability")}


def worst_lines(evaluation: LineEvaluation, *, full_scale: int = 255) -> tuple[ShownLine, ...]:
    """Pick the lines read wrong that the reader was surest of, those that it refused last.

    Args:
        evaluation: What it answered.
        full_scale: The grey level of its pictures that means white.
    """
    wrong = np.flatnonzero(~evaluation.is_right)
    order = np.lexsort((-evaluation.probability[wrong], evaluation.is_rejected[wrong]))
    return tuple(_shown(evaluation, wrong[order][:MOST_WORST], full_scale))


def right_lines(evaluation: LineEvaluation, *, full_scale: int = 255) -> tuple[ShownLine, ...]:
    """Pick a few lines read right, from all over the set, each with another text.

    Args:
        evaluation: What was answered.
        full_scale: The grey level of the pictures that means white.
    """
    first: dict[str, int] = {}
    for row in np.flatnonzero(evaluation.is_right & ~evaluation.is_rejected).tolist():
        first.setdefault(evaluation.true[row], row)
    rows = np.array(list(first.values()), np.int64)
    step = max(1, len(rows) // MOST_RIGHT)
    return tuple(_shown(evaluation, rows[::step][:MOST_RIGHT], full_scale))


def aligned(true: str, read: str) -> tuple[AlignedCharacter, ...]:
    """Set a text beside what was read of it, each step with what became of it.

    >>> [step.edit for step in aligned("75005", "7506")]
    ['equal', 'equal', 'left_out', 'equal', 'taken']
    """
    return tuple(
        AlignedCharacter(true=shown_character(one), read=shown_character(other), edit=edit)
        for one, other in align(true, read)
        for edit in [_edit(one, other)]
    )


def shown_character(character: str) -> str:
    """Write a character so that it is seen: a blank as ␣, a lone accent on a ring.

    >>> shown_character(" "), shown_character("7"), shown_character("")
    ('␣', '7', '')
    """
    if character == " ":
        return BLANK
    return ("◌" if character and unicodedata.combining(character) else "") + printable(character)


def line_picture(pixels: NDArray[np.uint8], *, full_scale: int = 255) -> bytes:
    """Write one line as a PNG file, without the filling to its right.

    Args:
        pixels: One prepared line, (height, width, 1), filled with one colour on its right.
        full_scale: The grey level that means white.
    """
    grey = pixels[..., 0]
    differs = np.flatnonzero((grey != grey[:, -1:]).any(axis=0))
    width = int(differs[-1]) + 1 + MARGIN if len(differs) else grey.shape[1]
    return thumbnail(pixels[:, :width], full_scale=full_scale, largest=LONGEST)


def _shown(
    evaluation: LineEvaluation, rows: NDArray[np.int64], full_scale: int
) -> Iterator[ShownLine]:
    pictures = evaluation.pictures
    for row in rows.tolist():
        yield ShownLine(
            path=printable(evaluation.paths[row]),
            text=printable(evaluation.true[row]),
            read=printable(evaluation.read[row]),
            probability=float(evaluation.probability[row]),
            is_rejected=bool(evaluation.is_rejected[row]),
            steps=aligned(evaluation.true[row], evaluation.read[row]),
            content=None
            if pictures is None
            else line_picture(pictures[row], full_scale=full_scale),
        )


def _edit(true: str, read: str) -> Edit:
    if true == read:
        return "equal"
    if not read:
        return "left_out"
    return "taken" if true else "added"
