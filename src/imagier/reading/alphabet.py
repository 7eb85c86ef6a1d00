"""The characters that a reader knows, and the blank ∅ that stands where it sees none of them.

A reader gives one probability a class for each column of a line. Class 0 is the blank: between two
characters, and before and after them, most columns belong to it. The classes after it are the
characters, so that a text is a row of numbers from 1:

>>> alphabet = Alphabet.of_texts(["75001", "13 002"])
>>> alphabet.classes
('∅', ' ', '0', '1', '2', '3', '5', '7')
>>> alphabet.encode("75001").tolist(), alphabet.decode([3, 5])
([7, 6, 2, 2, 3], '13')
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.errors import DataError, ModelError
from imagier.files import CONTROLS, printable

__all__ = ["BLANK", "Alphabet", "listed", "normalized"]

BLANK = "∅"
_LONGEST_SHOWN = 40  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Alphabet:
    """The characters of a reader, in the order of its classes.

    A character is one code point of Unicode in its composed form (NFC): `é` is one, whether it was
    typed as one sign or as a letter and an accent.

    Attributes:
        characters: Without the blank, each once.

    Raises:
        DataError: `character_refused`, for the blank, what a terminal obeys, and what is no single
            character or stands twice; `characters_none`.
    """

    characters: tuple[str, ...]
    _numbers: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.characters:
            raise DataError("characters_none")
        numbers = {character: number for number, character in enumerate(self.characters, start=1)}
        for character in self.characters:
            if not _is_character(character) or len(numbers) != len(self.characters):
                raise DataError("character_refused", character=_shown(character))
        object.__setattr__(self, "_numbers", numbers)

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the model's classes: the blank, then the characters."""
        return (BLANK, *self.characters)

    @classmethod
    def from_classes(cls, classes: Sequence[str], *, path: str = "model") -> "Alphabet":
        """Take the characters of a model from the names of its classes.

        Args:
            classes: The names, the blank first.
            path: What the model is called in messages.

        Raises:
            ModelError: `not_a_reader`, when they are not the blank and single characters.

        >>> Alphabet.from_classes(["∅", "0", "1"]).characters
        ('0', '1')
        """
        try:
            if tuple(classes[:1]) == (BLANK,):
                return cls(characters=tuple(classes[1:]))
        except DataError:
            pass
        raise ModelError("not_a_reader", path=path, blank=BLANK)

    @classmethod
    def of_texts(cls, texts: Iterable[str]) -> "Alphabet":
        """Collect the characters of texts, in the order of Unicode.

        Raises:
            DataError: `character_refused` or `characters_none`.
        """
        characters: set[str] = set()
        for text in texts:
            characters.update(normalized(text))
        return cls(characters=tuple(sorted(characters)))

    def encode(self, text: str) -> NDArray[np.int64]:
        """Give the class of each character, (length of the text).

        Raises:
            DataError: `characters_unknown`, which names those that the alphabet lacks.
        """
        text = normalized(text)
        unknown = self.unknown(text)
        if unknown:
            raise DataError(
                "characters_unknown", text=_shown(text), n=len(unknown), unknown=listed(unknown)
            )
        return np.array([self._numbers[character] for character in text], dtype=np.int64)

    def decode(self, numbers: Iterable[int] | NDArray[Any]) -> str:
        """Write the text of a row of classes from 1; there is no blank among them."""
        return "".join(self.characters[number - 1] for number in numbers)

    def unknown(self, text: str) -> tuple[str, ...]:
        """Name the characters of a text that the alphabet lacks, each once, in their order.

        >>> Alphabet(characters=("0", "1")).unknown("10 €1€")
        (' ', '€')
        """
        return tuple(dict.fromkeys(sign for sign in normalized(text) if sign not in self._numbers))

    def __len__(self) -> int:
        """How many classes a model of these characters has, the blank among them."""
        return len(self.characters) + 1


def normalized(text: str) -> str:
    """Write a text in the composed form in which its characters are compared."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def listed(characters: Iterable[str]) -> str:
    """List characters for a sentence: each visible, a space too.

    >>> listed(["€", " "])
    '€, ␣'
    """
    return _shown(", ".join("␣" if sign.isspace() else printable(sign) for sign in characters))


def _is_character(text: str) -> bool:
    return (
        len(text) == 1 and text != BLANK and text == normalized(text) and not CONTROLS.match(text)
    )


def _shown(text: str) -> str:
    shown = printable(text)
    return shown if len(shown) <= _LONGEST_SHOWN else shown[: _LONGEST_SHOWN - 1] + "…"
