"""From what people type to words that Python's grammar knows: `3^2`, `t²`, `0,5·x`.

A comma between two digits is a decimal comma, except directly inside the parentheses of a function
of two values, where it parts them, and except in `1,000`, which may be one or a thousand: refused.

>>> [word.text for word in words_of("0,5·t²")]
['0.5', '*', 't', '**', '2.0']
>>> [word.text for word in words_of("max(0,5)")]
['max', '(', '0.0', ',', '5.0', ')']
"""

import keyword
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from imagier.errors import UsageError
from imagier.files import printable
from imagier.formulas.operations import OF_TWO

__all__ = ["Word", "words_of"]

_WORD = re.compile(
    r"""(?P<space>\s+)
      | (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<name>[^\W\d²³][^\W²³]*)
      | (?P<power>[²³])
      | (?P<sign>\*\*|[-+*/^(),×·÷−])""",
    re.VERBOSE,
)
_PYTHON = {"^": "**", "×": "*", "·": "*", "÷": "/", "−": "-"}
_POWERS = {"²": "2.0", "³": "3.0"}
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word of a formula.

    Attributes:
        kind: `number`, `name` or `sign`.
        text: As Python's grammar knows it.
        place: The number of its first character in what was typed, from 0.
        end: The number of the character after it.
    """

    kind: str
    text: str
    place: int
    end: int


def words_of(text: str) -> list[Word]:
    """Cut a formula into words.

    Raises:
        UsageError: `formula_character`, `formula_reserved`, `formula_comma`, `formula_number`,
            `formula_sign_missing`; each names the place.
    """
    words = list(_decimal_commas(list(_cut(text)), text))
    for left, right in pairwise(words):
        if _is_end(left) and _is_beginning(left, right):
            typed = text[left.place : right.end]
            repaired = f"{text[left.place : left.end]}*{text[right.place : right.end]}"
            facts = {"part": printable(typed), "repaired": printable(repaired)}
            raise UsageError("formula_sign_missing", place=right.place + 1, **facts)
    return [_as_float(word, text) for word in words]


def _cut(text: str) -> Iterator[Word]:
    place = 0
    while place < len(text):
        found = _WORD.match(text, place)
        if found is None:
            character = printable(text[place])
            raise UsageError("formula_character", character=character, place=place + 1)
        yield from _as_python(found)
        place = found.end()


def _as_python(found: re.Match[str]) -> Iterator[Word]:
    kind, text, place, end = str(found.lastgroup), found[0], found.start(), found.end()
    if kind == "power":
        yield Word(kind="sign", text="**", place=place, end=end)
        yield Word(kind="number", text=_POWERS[text], place=place, end=end)
    elif keyword.iskeyword(text):
        raise UsageError("formula_reserved", word=text, place=place + 1)
    elif kind != "space":
        yield Word(kind=kind, text=_PYTHON.get(text, text), place=place, end=end)


def _decimal_commas(words: list[Word], text: str) -> Iterator[Word]:
    """Join `0` `,` `5` where the comma can only be a decimal one."""
    opened: list[bool] = []  # for each open parenthesis: does it belong to a function of two?
    index = 0
    while index < len(words):
        word = words[index]
        if word.text == "(":
            opened.append(index > 0 and words[index - 1].text in OF_TWO)
        elif word.text == ")" and opened:
            opened.pop()
        elif not (opened and opened[-1]) and _is_decimal(words[index : index + 3]):
            word = _joined(word, words[index + 2], text)
            index += 2
        yield word
        index += 1


def _is_decimal(words: list[Word]) -> bool:
    match words:
        case [Word(kind="number") as whole, Word(text=",") as comma, Word(kind="number") as rest]:
            touching = whole.end == comma.place and comma.end == rest.place
            return touching and whole.text.isdigit() and rest.text[0].isdigit()
        case _:
            return False


def _joined(whole: Word, rest: Word, text: str) -> Word:
    typed = text[whole.place : rest.end]
    if _THOUSANDS.fullmatch(typed) or "." in rest.text:
        readings = {"point": typed.replace(",", "."), "whole": typed.replace(",", "")}
        raise UsageError("formula_comma", received=typed, place=whole.place + 1, **readings)
    number = f"{whole.text}.{rest.text}"
    return Word(kind="number", text=number, place=whole.place, end=rest.end)


def _is_end(word: Word) -> bool:
    return word.kind in ("number", "name") or word.text == ")"


def _is_beginning(left: Word, right: Word) -> bool:
    if right.text == "(":
        return left.kind != "name"  # a name and a parenthesis are a call
    return right.kind in ("number", "name")


def _as_float(word: Word, text: str) -> Word:
    """Write a number as a float, so that `007` and numbers of a hundred digits are none of ours."""
    if word.kind != "number":
        return word
    value = float(word.text)
    if not math.isfinite(value):
        received = text[word.place : word.end]
        raise UsageError("formula_number", received=_short(received), place=word.place + 1)
    return Word(kind="number", text=repr(value), place=word.place, end=word.end)


def _short(text: str) -> str:
    return text if len(text) <= 30 else text[:29] + "…"
