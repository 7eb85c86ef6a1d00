"""Counting the errors on lines: a line is right when all of it is.

Who sorts letters by post code needs whole codes: four digits right of five send the letter astray.
So the first figure is the share of *lines* read right from end to end. Beside it stands

    character error rate = characters taken for another, left out or added / characters written

which tells how near the wrong lines are: it falls with each character that is learnt, long before
whole lines are right. If characters failed independently, a line of five would be right
(1 − rate)⁵ of the time.

>>> found = measure_lines(["75005", "13001", "69003"], ["75005", "1300", "69008"])
>>> found.score.correct, found.score.cer
(1, 0.13333333333333333)
>>> [(one.true, one.read) for one in found.confusions]
[('1', None), ('3', '8')]
>>> found.lengths.short, found.lengths.long
(1, 0)

Source: A. Graves et al., "Connectionist temporal classification", ICML 2006 (label error rate).
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.binomial import at_least
from imagier.reading.documents import document_places
from imagier.reading.edit_distance import NOTHING, Alignment, align_texts
from imagier.reading.resampling import ratio_interval
from imagier.testing.intervals import wilson

__all__ = [
    "CharacterConfusion",
    "LengthErrors",
    "LineMetrics",
    "LineScore",
    "WeakPlace",
    "character_counts",
    "measure_lines",
    "normal_form",
]

CHANCE = 0.01  # how often a place among equals would stand out so much
LEAST_WRONG = 5  # characters at a place that is named

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineScore:
    """How well the lines of one part were read.

    Attributes:
        n: Lines.
        correct: How many were read right from end to end.
        interval: Shares that agree with `correct` of `n`, Wilson, 95 %.
        edits: Characters taken for another, left out or added.
        characters: Characters that are written.
        cer_interval: Character error rates that agree, lines or their documents drawn again; None
            where there are too few of them or all are equally right.
    """

    n: int
    correct: int
    interval: tuple[float, float]
    edits: int
    characters: int
    cer_interval: tuple[float, float] | None

    @property
    def accuracy(self) -> float:
        """Share of the lines read right, 0..1."""
        return self.correct / self.n if self.n else 0.0

    @property
    def error(self) -> float:
        """Share of the lines read wrong, 0..1."""
        return 1 - self.accuracy

    @property
    def cer(self) -> float | None:
        """Character error rate: above 1 where more is added than written; None without any."""
        return self.edits / self.characters if self.characters else None

    def to_json(self) -> dict[str, Any]:
        """Give the figures as other programs read them."""
        return {
            "accuracy": self.accuracy,
            "interval": list(self.interval),
            "n": self.n,
            "cer": self.cer,
            "cer_interval": self.cer_interval and list(self.cer_interval),
            "edits": self.edits,
            "characters": self.characters,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterConfusion:
    """One mistake made again and again.

    Attributes:
        true: The character that is written; None where one was added.
        read: The character that was read; None where it was left out.
        count: How many times.
        n: How many times `true` is written; of an added one, all characters that are written.
    """

    true: str | None
    read: str | None
    count: int
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthErrors:
    """Lines whose number of characters was read wrong.

    Attributes:
        by_difference: Lines by what was read too much (1, 2...) or too little (−1, −2...), those
            of the right length left out.
    """

    by_difference: Mapping[int, int]

    @property
    def short(self) -> int:
        """Lines of which too little was read."""
        return sum(count for difference, count in self.by_difference.items() if difference < 0)

    @property
    def long(self) -> int:
        """Lines of which too much was read."""
        return sum(count for difference, count in self.by_difference.items() if difference > 0)

    def to_json(self) -> dict[str, Any]:
        """Give the counts as other programs read them."""
        by_difference = {f"{one:+d}": count for one, count in self.by_difference.items()}
        return {"short": self.short, "long": self.long, "by_difference": by_difference}


@dataclass(frozen=True, slots=True, kw_only=True)
class WeakPlace:
    """A place in the line where characters are taken for others more often than chance explains.

    Attributes:
        place: Which character of the line, from 1.
        length: Characters of the lines that were looked at, the most frequent length.
        wrong: Characters taken for another there.
        of: Characters taken for another in all places of these lines.
    """

    place: int
    length: int
    wrong: int
    of: int

    def to_json(self) -> dict[str, int]:
        """Give the counts as other programs read them."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LineMetrics:
    """All that is counted on n lines.

    Attributes:
        score: The figures.
        distances: Edits of each line, (n,).
        confusions: Characters taken for others, left out or added, the most frequent first.
        lengths: Lines whose length was read wrong.
        weak_place: Where in the line most goes wrong; None where no place stands out.
    """

    score: LineScore
    distances: Integers
    confusions: tuple[CharacterConfusion, ...]
    lengths: LengthErrors
    weak_place: WeakPlace | None


def measure_lines(
    true: Sequence[str], read: Sequence[str], documents: Sequence[str] = ()
) -> LineMetrics:
    """Count what is right and wrong in lines.

    Args:
        true: What is written, (n,).
        read: What was read, (n,).
        documents: The document of each line, empty where it names none, (n,); `()` where nothing
            is known of documents.
    """
    alignment = align_texts(true, read)
    return LineMetrics(
        score=_score(true, alignment.distances, documents),
        distances=alignment.distances,
        confusions=_confusions(alignment, character_counts(true)),
        lengths=_length_errors(true, read),
        weak_place=_weak_place(true, read),
    )


def character_counts(texts: Iterable[str]) -> Counter[str]:
    """Count how often each character is written.

    >>> character_counts(["75005"])["0"]
    2
    """
    return Counter("".join(texts))


def normal_form(text: str) -> str:
    """Write letters with their accents as one character each (NFC), so that equals are equal.

    >>> normal_form("e\u0301") == "é"
    True
    """
    return unicodedata.normalize("NFC", text)


def _score(true: Sequence[str], distances: Integers, documents: Sequence[str]) -> LineScore:
    n, correct = len(distances), int((distances == 0).sum())
    lengths = np.fromiter(map(len, true), np.int64, n)
    places = document_places(documents)
    bunches = np.arange(n) if places is None else places
    return LineScore(
        n=n,
        correct=correct,
        interval=wilson(correct, n),
        edits=int(distances.sum()),
        characters=int(lengths.sum()),
        cer_interval=ratio_interval(np.bincount(bunches, distances), np.bincount(bunches, lengths)),
    )


def _confusions(alignment: Alignment, written: Mapping[str, int]) -> tuple[CharacterConfusion, ...]:
    edits = np.column_stack([alignment.true, alignment.read])[alignment.is_edit]
    kinds, counts = np.unique(edits, axis=0, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    characters = sum(written.values())
    found = []
    for (one, other), count in zip(kinds[order].tolist(), counts[order].tolist(), strict=True):
        true, read = (None if code == NOTHING else chr(code) for code in (one, other))
        n = characters if true is None else written[true]
        found.append(CharacterConfusion(true=true, read=read, count=count, n=n))
    return tuple(found)


def _length_errors(true: Sequence[str], read: Sequence[str]) -> LengthErrors:
    differences = Counter(len(other) - len(one) for one, other in zip(true, read, strict=True))
    return LengthErrors(by_difference={one: differences[one] for one in sorted(differences) if one})


def _weak_place(true: Sequence[str], read: Sequence[str]) -> WeakPlace | None:
    """Look for a place that is wrong more often than the others, among lines of one length.

    Only characters taken for others count: of "112" read as "12", nobody knows which 1 is missing.
    If wrong characters fell on each place alike, so many on one place would be rare: 1 % over all
    places together, by the exact binomial law.
    """
    lengths = Counter(map(len, true))
    length, n = max(lengths.items(), key=lambda item: item[1], default=(0, 0))
    if length < 2 or 2 * n < len(true):
        return None
    pairs = [
        (one, other)
        for one, other in zip(true, read, strict=True)
        if len(one) == len(other) == length and one != other
    ]
    wrong = np.zeros(length, np.int64)
    for one, other in pairs:
        wrong += [a != b for a, b in zip(one, other, strict=True)]
    top, of = int(wrong.argmax()), int(wrong.sum())
    count = int(wrong[top])
    if count < LEAST_WRONG or length * at_least(count, of, 1 / length) > CHANCE:
        return None
    return WeakPlace(place=top + 1, length=length, wrong=count, of=of)
