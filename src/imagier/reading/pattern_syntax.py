r"""Patterns as people know them from regular expressions, read into a tree, and nothing more.

    75\d{3}            post codes of Paris
    [A-Z]{2}-\d{3}     two letters, a hyphen, three digits
    (\d{2}|\d{4})      two digits or four

Known are characters, `.` for any, `\d \w \s` and their contraries `\D \W \S`, classes such as
`[0-9A-F]` and `[^0-9]`, groups `( )`, alternatives `|`, the repeats `? * + {3} {2,4} {2,} {,4}`,
and `\` before a sign that stands for itself. `^` at the beginning and `$` at the end are allowed
and say nothing: a whole line is always compared. What cannot be compared in one go, such as looking
back or ahead, is refused by name.

>>> parse_pattern(r"\d{2}").least, parse_pattern("7|1").choices[0].contains("7")
(2, True)
>>> parse_pattern(r"(\d)\1")
Traceback (most recent call last):
imagier.errors.UsageError: ...
"""

import re
from dataclasses import dataclass

from imagier.errors import UsageError
from imagier.files import printable

__all__ = [
    "Alternation",
    "CharacterClass",
    "Concatenation",
    "PatternNode",
    "Repetition",
    "parse_pattern",
]

LONGEST = 1000  # characters of a pattern
DEEPEST = 50  # groups inside each other
_COUNTS = re.compile(r"\{(?:([0-9]{1,5})|([0-9]{0,5}),([0-9]{0,5}))\}")
_REPEATS: dict[str, tuple[int, int | None]] = {"?": (0, 1), "*": (0, None), "+": (1, None)}


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterClass:
    r"""One character out of some.

    Attributes:
        ranges: First and last character of each range; a single one is a range of its own.
        kinds: Letters of kinds: `d` digits, `w` letters, digits and `_`, `s` spaces; capitals for
            what is none of them.
        is_negated: Whether it is a character out of all others instead.
    """

    ranges: tuple[tuple[str, str], ...] = ()
    kinds: str = ""
    is_negated: bool = False

    def contains(self, character: str) -> bool:
        """Tell whether a character is one of them."""
        found = any(first <= character <= last for first, last in self.ranges)
        return (found or any(_is_of(character, kind) for kind in self.kinds)) != self.is_negated


@dataclass(frozen=True, slots=True, kw_only=True)
class Concatenation:
    """One part after the other."""

    parts: "tuple[PatternNode, ...]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternation:
    """One of several choices."""

    choices: "tuple[PatternNode, ...]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repetition:
    """A part some times in a row; `most` is None where there is no limit."""

    part: "PatternNode"
    least: int
    most: int | None


PatternNode = CharacterClass | Concatenation | Alternation | Repetition
ANY = CharacterClass(is_negated=True)  # of all characters, none is excluded


def parse_pattern(text: str) -> PatternNode:
    """Read a pattern.

    Raises:
        UsageError: `format_syntax` where it breaks the rules of patterns, `format_unsupported` for
            what is not known here, `format_too_long`; the first two name the place.
    """
    if len(text) > LONGEST:
        raise UsageError("format_too_long", n=len(text), limit=LONGEST)
    reading = _Reading(text)
    tree = reading.alternation(0)
    if reading.place < len(text):  # only a parenthesis too many ends it early
        raise reading.syntax_error()
    return tree


class _Reading:
    """A pattern while it is read, and how far it was."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0

    def alternation(self, level: int) -> PatternNode:
        choices = [self._concatenation(level)]
        while self._takes("|"):
            choices.append(self._concatenation(level))
        return choices[0] if len(choices) == 1 else Alternation(choices=tuple(choices))

    def _concatenation(self, level: int) -> PatternNode:
        parts = []
        if level == 0:
            self._takes("^")
        while self._next() not in ("", "|", ")"):
            if level == 0 and self._next() == "$" and self._next(1) in ("", "|"):
                self.place += 1
            else:
                parts.append(self._repetition(level))
        return parts[0] if len(parts) == 1 else Concatenation(parts=tuple(parts))

    def _repetition(self, level: int) -> PatternNode:
        part = self._part(level)
        counts = self._counts()
        if counts is None:
            return part
        least, most = counts
        if self._next() and self._next() in "?*+{":  # lazy, possessive, twice
            raise self._unsupported(self.text[self.place - 1 : self.place + 1], self.place - 1)
        return Repetition(part=part, least=least, most=most)

    def _counts(self) -> tuple[int, int | None] | None:
        sign = self._next()
        if sign in _REPEATS:
            self.place += 1
            return _REPEATS[sign]
        if sign != "{":
            return None
        found = _COUNTS.match(self.text, self.place)
        if found is None:
            raise self.syntax_error()
        exactly, least, most = found.groups()
        counts = (int(exactly),) * 2 if exactly else (int(least or 0), int(most) if most else None)
        if counts[1] is not None and counts[0] > counts[1]:
            raise self.syntax_error()
        self.place = found.end()
        return counts

    def _part(self, level: int) -> PatternNode:
        sign = self._next()
        match sign:
            case "(":
                return self._group(level)
            case "[":
                return self._class()
            case "\\":
                return self._escape()
            case "^" | "$":
                raise self._unsupported(sign, self.place)
            case "?" | "*" | "+" | "{":  # nothing stands before it
                raise self.syntax_error()
        self.place += 1
        return ANY if sign == "." else CharacterClass(ranges=((sign, sign),))

    def _group(self, level: int) -> PatternNode:
        beginning = self.place
        self.place += 1
        if self._takes("?") and not self._takes(":"):
            raise self._unsupported(self.text[beginning : self.place + 1], beginning)
        if level == DEEPEST:
            raise UsageError("format_too_deep", limit=DEEPEST)
        tree = self.alternation(level + 1)
        if not self._takes(")"):
            self.place = beginning
            raise self.syntax_error()
        return tree

    def _escape(self) -> CharacterClass:
        sign = self._next(1)
        if sign and sign in "dwsDWS":
            self.place += 2
            return CharacterClass(kinds=sign)
        if not sign:
            raise self.syntax_error()
        if sign.isalnum():  # \1 \b \n \x41 ...
            raise self._unsupported("\\" + sign, self.place)
        self.place += 2
        return CharacterClass(ranges=((sign, sign),))

    def _class(self) -> CharacterClass:
        beginning = self.place
        self.place += 1
        is_negated = self._takes("^")
        ranges: list[tuple[str, str]] = []
        kinds = ""
        is_first = True
        while is_first or self._next() != "]":
            if not self._next():
                self.place = beginning
                raise self.syntax_error()
            first = self._class_item()
            last = self._range_end(first)
            ranges += [(first.ranges[0][0], last)] if last else first.ranges
            kinds += first.kinds
            is_first = False
        self.place += 1
        return CharacterClass(ranges=tuple(ranges), kinds=kinds, is_negated=is_negated)

    def _range_end(self, first: CharacterClass) -> str:
        """Read the end of a range, such as `-9` after `0`; an empty text where none stands."""
        if self._next() != "-" or self._next(1) in ("", "]"):
            return ""
        beginning = self.place
        self.place += 1
        last = self._class_item()
        if first.kinds or last.kinds or last.ranges[0][0] < first.ranges[0][0]:
            self.place = beginning
            raise self.syntax_error()
        return last.ranges[0][0]

    def _class_item(self) -> CharacterClass:
        sign = self._next()
        if sign == "\\":
            return self._escape()
        self.place += 1
        return CharacterClass(ranges=((sign, sign),))

    def _next(self, further: int = 0) -> str:
        return self.text[self.place + further : self.place + further + 1]

    def _takes(self, sign: str) -> bool:
        is_there = self._next() == sign
        self.place += is_there
        return is_there

    def syntax_error(self) -> UsageError:
        near = printable(self.text[max(self.place - 5, 0) : self.place + 5])
        return UsageError("format_syntax", place=self.place + 1, near=near)

    def _unsupported(self, part: str, place: int) -> UsageError:
        return UsageError("format_unsupported", part=printable(part), place=place + 1)


def _is_of(character: str, kind: str) -> bool:
    match kind.lower():
        case "d":
            found = character.isdecimal()
        case "w":
            found = character.isalnum() or character == "_"
        case _:
            found = character.isspace()
    return found != kind.isupper()
