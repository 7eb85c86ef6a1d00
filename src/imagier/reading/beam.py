"""The beginnings of texts that grow through the columns of a line: prefix beam search.

Two probabilities belong to each beginning: that of its paths that end in a blank, and that of its
paths that end in its last character. Only after a blank may the same character come again. Columns
that are blank for sure change nothing but that, and are passed over.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from imagier.reading.decoding import TextRule

__all__ = ["grow_texts"]

_NEGLIGIBLE = 1e-12  # of the most probable beginning


def grow_texts(
    probabilities: NDArray[np.floating],
    characters: Sequence[str],
    *,
    rule: "TextRule | None",
    width: int,
    least: float,
) -> list[list[int]]:
    """Grow the texts of a line.

    Args:
        probabilities: Of each class in each column, (columns, classes); class 0 is the blank.
        characters: What the classes from 1 on are.
        rule: What allowed texts are, if not all.
        width: How many beginnings are kept from a column to the next.
        least: What a character must have in a column to be tried there.

    Returns:
        The classes of each text that is left after the last column, the most probable first.
    """
    growth = _Growth(characters, rule)
    beam: dict[_Beginning, list[float]] = {growth.root: [1.0, 0.0]}
    for blank, likely in _columns(probabilities, least):
        beam = _kept(_after(beam, blank, likely, growth), width)
    ordered = sorted(beam, key=lambda beginning: -sum(beam[beginning]))
    return [one.numbers() for one in ordered if rule is None or rule.is_final(one.state)]


class _Beginning:
    """The beginning of a text: one character more than another one."""

    __slots__ = ("grown", "last", "number", "state")

    def __init__(self, last: "_Beginning | None", number: int, state: Any) -> None:
        self.last = last
        self.number = number
        self.state = state
        self.grown: dict[int, _Beginning | None] = {}

    def numbers(self) -> list[int]:
        found: list[int] = []
        beginning: _Beginning | None = self
        while beginning is not None and beginning.number:
            found.append(beginning.number)
            beginning = beginning.last
        return found[::-1]


class _Growth:
    """How a beginning grows by a character: to one and the same beginning each time."""

    def __init__(self, characters: Sequence[str], rule: "TextRule | None") -> None:
        self.characters = characters
        self.rule = rule
        self.root = _Beginning(None, 0, rule.start if rule else None)

    def grow(self, beginning: _Beginning, number: int) -> _Beginning | None:
        if self.rule is None:
            grown: _Beginning | None = _Beginning(beginning, number, None)
        else:
            state = self.rule.step(beginning.state, self.characters[number - 1])
            grown = None if state is None else _Beginning(beginning, number, state)
        beginning.grown[number] = grown
        return grown


def _columns(
    probabilities: NDArray[np.floating], least: float
) -> list[tuple[float, list[tuple[int, float]]]]:
    """Give the blank and the likely characters of each column; of blank columns in a row, one."""
    likely: list[list[tuple[int, float]]] = [[] for _ in probabilities]
    places, numbers = np.nonzero(probabilities[:, 1:] >= max(least, 1e-300))
    values = probabilities[places, numbers + 1].tolist()
    for place, number, value in zip(places.tolist(), numbers.tolist(), values, strict=True):
        likely[place].append((number + 1, value))
    blanks = probabilities[:, 0].tolist()
    return [
        (blank, found)
        for place, (blank, found) in enumerate(zip(blanks, likely, strict=True))
        if found or place == 0 or likely[place - 1]
    ]


def _after(
    beam: dict[_Beginning, list[float]],
    blank: float,
    likely: list[tuple[int, float]],
    growth: _Growth,
) -> dict[_Beginning, list[float]]:
    """Give the beginnings after a column, each with its two probabilities."""
    after: dict[_Beginning, list[float]] = {}
    for beginning, (in_blank, in_character) in beam.items():
        whole = in_blank + in_character
        own = after.get(beginning)
        if own is None:
            own = after[beginning] = [0.0, 0.0]
        own[0] += whole * blank
        for number, value in likely:
            if number == beginning.number:
                own[1] += in_character * value
                share = in_blank * value
            else:
                share = whole * value
            if share == 0.0:
                continue
            grown = beginning.grown.get(number, beginning)  # itself: not tried yet
            if grown is beginning:
                grown = growth.grow(beginning, number)
            if grown is not None:
                pair = after.get(grown)
                if pair is None:
                    after[grown] = [0.0, share]
                else:
                    pair[1] += share
    return after


def _kept(beam: dict[_Beginning, list[float]], width: int) -> dict[_Beginning, list[float]]:
    """Keep the most probable beginnings, scaled so that the first has 1 and none vanishes."""
    ordered = sorted(beam.items(), key=lambda item: item[1][0] + item[1][1], reverse=True)
    most = sum(ordered[0][1])
    if most == 0.0:  # a column that gives nothing to what was left
        return beam
    return {
        beginning: [in_blank / most, in_character / most]
        for beginning, (in_blank, in_character) in ordered[:width]
        if in_blank + in_character >= _NEGLIGIBLE * most
    }
