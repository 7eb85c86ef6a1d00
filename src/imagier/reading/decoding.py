"""From the columns of a line to its text: the best path, and a search among the best texts.

The *best path* takes the most probable class of each column. It is quick, and mostly right; but a
text that many paths spell may be more probable than the text of the best of them:

>>> alphabet = Alphabet(characters=("7",))
>>> columns = np.array([[0.6, 0.4], [0.6, 0.4]])  # blank, 7
>>> best_path(columns, alphabet).text  # ∅∅: 0.6 · 0.6 = 0.36
''
>>> [(line.text, round(line.probability, 2)) for line in beam_search(columns, alphabet)]
[('7', 0.64), ('', 0.36)]

The *beam search* goes through the columns with the most probable beginnings of texts, 16 of them
say, and lets each grow by each character; beginnings that are the same text are one. With a rule
it grows only what may still become an allowed text, and so finds the most probable *allowed* text,
which is not what one gets by mending the most probable one.

Where one text has more than half of the probability, no other can have more: `decode_lines` finds
such lines, most of them, by the best path alone, all lines at once.

Source: A. Graves et al., ICML 2006 (paths); A. Hannun et al., "First-pass large vocabulary
continuous speech recognition using bi-directional recurrent DNNs", 2014 (the search).
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from imagier.reading.alphabet import Alphabet
from imagier.reading.beam import grow_texts
from imagier.reading.ctc import best_alignments, log_probabilities

__all__ = [
    "CharacterSpan",
    "DecodedLine",
    "TextRule",
    "beam_search",
    "best_path",
    "decode_lines",
]


class TextRule(Protocol):
    """What tells allowed texts from others, character by character."""

    @property
    def start(self) -> Hashable:
        """The state before the first character."""

    def step(self, state: Any, character: str) -> Any:
        """Give the state after a character; None where no allowed text can follow."""

    def is_final(self, state: Any) -> bool:
        """Tell whether the text so far is an allowed one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterSpan:
    """One character of a line, and where it stands.

    Attributes:
        character: The character.
        probability: The highest that it has in a column where it stands, 0..1.
        first: Its first column, from 0.
        last: Its last column, which belongs to it too.
    """

    character: str
    probability: float
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedLine:
    """A text that a line may show.

    Attributes:
        text: The text.
        probability: That the line shows it, all its paths together, 0..1.
        characters: Its characters, from left to right.
    """

    text: str
    probability: float
    characters: tuple[CharacterSpan, ...]


def best_path(probabilities: NDArray[np.floating], alphabet: Alphabet) -> DecodedLine:
    """Read a line by the most probable class of each column.

    Args:
        probabilities: Of each class in each column, (columns, classes).
        alphabet: The characters of the classes.
    """
    return decode_lines(probabilities[np.newaxis], alphabet)[0]


def decode_lines(probabilities: NDArray[np.floating], alphabet: Alphabet) -> list[DecodedLine]:
    """Read many lines by their best paths, each as `best_path` reads it.

    A line whose text has a probability above 0.5 has no more probable text.

    Args:
        probabilities: Of each class in each column of each line, (lines, columns, classes).
        alphabet: The characters of the classes.
    """
    if not len(probabilities):
        return []
    paths = probabilities.argmax(axis=2)
    changes = np.ones(paths.shape, bool)
    changes[:, 1:] = paths[:, 1:] != paths[:, :-1]
    texts, spans = [], []
    for path, change in zip(paths, changes, strict=True):
        begins = np.flatnonzero(change)
        lasts = np.append(begins[1:], len(path)) - 1
        is_shown = path[begins] != 0
        texts.append(path[begins[is_shown]])
        spans.append(np.stack([begins[is_shown], lasts[is_shown]], axis=1))
    logarithms = log_probabilities(probabilities, texts)
    rows = zip(probabilities, texts, logarithms.tolist(), spans, strict=True)
    return [_line(columns, alphabet, *found) for columns, *found in rows]


def beam_search(
    probabilities: NDArray[np.floating],
    alphabet: Alphabet,
    *,
    rule: TextRule | None = None,
    most: int = 5,
    width: int = 16,
    least: float = 1e-4,
) -> list[DecodedLine]:
    """Find the most probable texts of a line; with a rule, of those that it allows.

    Args:
        probabilities: Of each class in each column, (columns, classes).
        alphabet: The characters of the classes.
        rule: What allowed texts are; any text is when left out.
        most: How many texts to give.
        width: How many beginnings of texts are kept from a column to the next.
        least: A character less probable than this in a column is not tried there. The
            probabilities of the texts that are found are exact nevertheless.

    Returns:
        The texts found, the most probable first; none where no allowed text was found.
    """
    texts = grow_texts(probabilities, alphabet.characters, rule=rule, width=width, least=least)
    if not texts:
        return []
    logarithms = log_probabilities(probabilities, texts)
    order = [place for place in np.argsort(-logarithms, kind="stable") if logarithms[place] > -745]
    found = [texts[place] for place in order[:most]]
    if not found:
        return []
    rows = zip(
        found,
        logarithms[order[:most]].tolist(),
        best_alignments(probabilities, found),
        strict=True,
    )
    return [_line(probabilities, alphabet, *row) for row in rows]


def _line(
    probabilities: NDArray[np.floating],
    alphabet: Alphabet,
    text: Sequence[int] | NDArray[np.integer[Any]],
    logarithm: float,
    spans: NDArray[np.int64],
) -> DecodedLine:
    characters = tuple(
        CharacterSpan(
            character=alphabet.characters[number - 1],
            probability=float(probabilities[first : last + 1, number].max()),
            first=first,
            last=last,
        )
        for number, (first, last) in zip(text, spans.tolist(), strict=True)
    )
    return DecodedLine(
        text="".join(span.character for span in characters),
        # a sum of rounded probabilities may be a little above 1
        probability=min(float(np.exp(logarithm)), 1.0),
        characters=characters,
    )
