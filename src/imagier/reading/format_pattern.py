r"""Which texts fit a pattern such as `\d{5}`? Decided character by character, in one go.

The pattern becomes a machine of few states, each of them a set of places in the pattern where one
may be after the characters so far. A character leads from one state to the next; where no place is
left, nothing that follows could ever fit. States are made when they are first reached, so that
neither a long text nor a wicked pattern takes long: a step costs at most the length of the pattern.

>>> pattern = FormatPattern.parse(r"\d{2}|97\d")
>>> [pattern.accepts(text) for text in ("75", "7", "975", "755")]
[True, False, True, False]

A text grows by a character at a time, and what cannot become an allowed text is left at once:

>>> state = pattern.step(pattern.step(pattern.start, "7"), "5")
>>> pattern.is_final(state), pattern.step(state, "0")
(True, None)

Source: K. Thompson, "Regular expression search algorithm", Communications of the ACM, 1968.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import final

import numpy as np

from imagier.errors import UsageError
from imagier.files import printable
from imagier.reading.alphabet import listed, normalized
from imagier.reading.pattern_syntax import (
    Alternation,
    CharacterClass,
    Concatenation,
    PatternNode,
    Repetition,
    parse_pattern,
)

__all__ = ["FormatPattern", "PatternState"]

MOST_PLACES = 5_000  # of a pattern whose repeats are written out
MOST_STATES = 20_000  # kept; those beyond are made anew
LONGEST_REPEAT = 3  # how often more than it must a repeat without limit comes in a sample
VISIBLE = tuple(map(chr, range(32, 127)))  # what is drawn where no characters are known
_EMPTY = Concatenation(parts=())


@final
class PatternState:
    """Where one may be in a pattern after some characters.

    Attributes:
        places: The places whose character may come next.
        is_final: Whether the text may end here.
    """

    __slots__ = ("is_final", "next_states", "places")

    def __init__(self, places: tuple[int, ...], *, is_final: bool) -> None:
        self.places = places
        self.is_final = is_final
        self.next_states: dict[str, PatternState | None] = {}


@final
@dataclass(frozen=True, kw_only=True)
class FormatPattern:
    """The texts that fit a pattern. Made by `parse`.

    Attributes:
        text: The pattern as it was typed.
        tree: Its parts.
        characters: Those that its texts are made of; None for any.
    """

    text: str
    tree: PatternNode
    characters: tuple[str, ...] | None = None

    @classmethod
    def parse(cls, text: str) -> "FormatPattern":
        r"""Read a pattern; see `pattern_syntax` for what is known.

        Raises:
            UsageError: `format_syntax`, `format_unsupported`, `format_too_long`, `format_too_deep`;
                `format_too_large`, when its repeats written out are too many; `format_nothing`,
                when no text fits it but the empty one.

        >>> FormatPattern.parse(r"\d{5}").text
        '\\d{5}'
        """
        tree = parse_pattern(normalized(text))
        if _size(tree) > MOST_PLACES:
            raise UsageError("format_too_large", pattern=printable(text), limit=MOST_PLACES)
        if not _has_characters(tree):
            raise UsageError("format_nothing", pattern=printable(text))
        return cls(text=text, tree=tree)

    def over(self, characters: Iterable[str]) -> "FormatPattern":
        r"""Give the pattern of those texts that are made of some characters, such as a model's.

        Raises:
            UsageError: `format_characters`, when there is none.

        >>> FormatPattern.parse(r"\d+,\d\d( ?€)?").over("0123456789,").accepts("12,50 €")
        False
        """
        known = tuple(characters)
        tree = _restricted(self.tree, known)
        if tree is None or not _has_characters(tree):
            raise UsageError("format_characters", pattern=printable(self.text), known=listed(known))
        return FormatPattern(text=self.text, tree=tree, characters=known)

    def can_match_anything(self, characters: Iterable[str]) -> bool:
        """Tell whether any text fits that is made of some characters, and not empty."""
        tree = _restricted(self.tree, tuple(characters))
        return tree is not None and _has_characters(tree)

    @property
    def start(self) -> PatternState:
        """The state before the first character."""
        return self._machine.start

    def step(self, state: PatternState, character: str) -> PatternState | None:
        """Give the state after a character; None where no text that fits can follow."""
        try:
            return state.next_states[character]
        except KeyError:
            return self._machine.next_state(state, character)

    def is_final(self, state: PatternState) -> bool:
        """Tell whether the text so far fits."""
        return state.is_final

    def accepts(self, text: str) -> bool:
        """Tell whether a text fits."""
        state: PatternState | None = self.start
        for character in text:
            if state is None:
                return False
            state = self.step(state, character)
        return state is not None and state.is_final

    def sample(self, generator: np.random.Generator) -> str:
        r"""Draw a text that fits.

        Choices are as probable as each other, lengths of a repeat too; one without limit comes at
        most three times more than it must.

        Args:
            generator: What the draw depends on, and nothing else.

        Raises:
            UsageError: `format_nothing`, for a pattern of unusual characters that was not told
                which there are (`over`).

        >>> FormatPattern.parse(r"75\d{3}").sample(np.random.default_rng(0))
        '75865'
        """
        tree: PatternNode | None
        drawn: list[str] = []
        if self.characters is not None:
            tree, known = self.tree, self.characters
        else:
            known = tuple(dict.fromkeys((*VISIBLE, *normalized(self.text))))
            tree = _restricted(self.tree, known)
        if tree is None:
            raise UsageError("format_nothing", pattern=printable(self.text))
        _draw(tree, known, generator, drawn)
        return "".join(drawn)

    @cached_property
    def _machine(self) -> "_Machine":
        return _Machine(self.tree)


class _Machine:
    """The places of a pattern, and the states that were reached so far.

    A place is either a fork, which leads to others at once, or a character and the place after it.
    Place 0 is the end of the pattern.
    """

    def __init__(self, tree: PatternNode) -> None:
        self.forks: list[list[int]] = [[]]
        self.classes: list[CharacterClass | None] = [None]
        self.states: dict[tuple[int, ...], PatternState] = {}
        self.start = self._state([self._add(tree, 0)])

    def next_state(self, state: PatternState, character: str) -> PatternState | None:
        reached = []
        for place in state.places:
            one = self.classes[place]
            if one is not None and one.contains(character):
                reached += self.forks[place]
        found = self._state(reached) if reached else None
        state.next_states[character] = found
        return found

    def _add(self, node: PatternNode, after: int) -> int:
        """Add a part of the pattern that leads to a place; give the place where it begins."""
        match node:
            case CharacterClass():
                return self._place(node, [after])
            case Concatenation():
                for part in reversed(node.parts):
                    after = self._add(part, after)
                return after
            case Alternation():
                return self._place(None, [self._add(choice, after) for choice in node.choices])
            case Repetition(most=None):
                beginning = self._place(None, [after])
                self.forks[beginning].append(self._add(node.part, beginning))
            case Repetition():
                beginning = after
                for _ in range((node.most or 0) - node.least):
                    beginning = self._place(None, [self._add(node.part, beginning), after])
        for _ in range(node.least):
            beginning = self._add(node.part, beginning)
        return beginning

    def _place(self, one: CharacterClass | None, leads_to: list[int]) -> int:
        self.classes.append(one)
        self.forks.append(leads_to)
        return len(self.forks) - 1

    def _state(self, reached: list[int]) -> PatternState:
        """Give the state of all places that some places lead to without a character."""
        seen, waiting = set(reached), list(reached)
        while waiting:
            place = waiting.pop()
            if place and self.classes[place] is None:
                new = [one for one in self.forks[place] if one not in seen]
                seen.update(new)
                waiting += new
        key = tuple(sorted(place for place in seen if not place or self.classes[place]))
        state = self.states.get(key)
        if state is None:
            if len(self.states) >= MOST_STATES:
                self.states.clear()
            state = self.states[key] = PatternState(key, is_final=key[:1] == (0,))
        return state


def _size(node: PatternNode) -> int:
    """Count the places of a pattern, before they are made."""
    match node:
        case CharacterClass():
            return 1
        case Concatenation():
            return sum(map(_size, node.parts))
        case Alternation():
            return 1 + sum(map(_size, node.choices))
        case Repetition():
            times = node.least + 1 if node.most is None else node.most
            return times * (1 + _size(node.part))


def _has_characters(node: PatternNode) -> bool:
    """Tell whether a text that is not empty may fit."""
    match node:
        case CharacterClass():
            return True
        case Concatenation():
            return any(map(_has_characters, node.parts))
        case Alternation():
            return any(map(_has_characters, node.choices))
        case Repetition():
            return node.most != 0 and _has_characters(node.part)


def _restricted(node: PatternNode, known: tuple[str, ...]) -> PatternNode | None:
    """Leave out the choices that need other characters; None where nothing is left."""
    match node:
        case CharacterClass():
            return node if any(map(node.contains, known)) else None
        case Concatenation():
            parts = [_restricted(part, known) for part in node.parts]
            left = tuple(part for part in parts if part is not None)
            return Concatenation(parts=left) if len(left) == len(parts) else None
        case Alternation():
            choices = [_restricted(choice, known) for choice in node.choices]
            possible = tuple(choice for choice in choices if choice is not None)
            return Alternation(choices=possible) if possible else None
        case Repetition():
            part = _restricted(node.part, known)
            if part is not None:
                return Repetition(part=part, least=node.least, most=node.most)
            return None if node.least else _EMPTY


def _draw(
    node: PatternNode, known: tuple[str, ...], generator: np.random.Generator, drawn: list[str]
) -> None:
    match node:
        case CharacterClass():
            fitting = _fitting(node, known)
            drawn.append(fitting[generator.integers(len(fitting))])
        case Concatenation():
            for part in node.parts:
                _draw(part, known, generator, drawn)
        case Alternation():
            _draw(node.choices[generator.integers(len(node.choices))], known, generator, drawn)
        case Repetition():
            most = node.least + LONGEST_REPEAT if node.most is None else node.most
            for _ in range(generator.integers(node.least, most + 1)):
                _draw(node.part, known, generator, drawn)


@lru_cache(maxsize=256)  # a composed line asks for each of its characters
def _fitting(node: CharacterClass, known: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(character for character in known if node.contains(character))
