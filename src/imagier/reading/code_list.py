r"""A list of the codes that exist, a million if need be: which can still follow a beginning?

The codes are sorted. All that begin alike then stand side by side, and a beginning is known by the
first and the last of them, found by halving: twenty comparisons in a million codes.

>>> codes = CodeList.of_codes(["75001", "75002", "13001"])
>>> state = codes.start
>>> for character in "7500":
...     state = codes.step(state, character)
>>> codes.is_final(state), codes.step(state, "3")
(False, None)
>>> codes.is_final(codes.step(state, "2")), len(codes)
(True, 3)
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from imagier.errors import DataError
from imagier.files import printable
from imagier.i18n import integer, t
from imagier.reading.alphabet import Alphabet, listed, normalized
from imagier.reading.code_table import read_codes

__all__ = ["CodeList", "CodeState"]

LONGEST = 128  # bytes of a code
_AFTER_ALL = b"\xff"  # no byte of a text in UTF-8 is as high


class CodeState(NamedTuple):
    """A beginning, and where the codes that begin with it stand: from `first` to before `end`."""

    beginning: bytes
    first: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CodeList:
    """Allowed codes. Made by `of_codes` or `of_file`.

    Attributes:
        sorted_codes: The codes in UTF-8, in order, each once, (codes).
        notes: What was remarked while they were read.
    """

    sorted_codes: NDArray[np.bytes_] = field(repr=False)
    notes: tuple[str, ...] = ()

    @classmethod
    def of_codes(
        cls, codes: Sequence[str], *, name: str = "", notes: Iterable[str] = ()
    ) -> "CodeList":
        """Sort codes; empty ones and those there twice are left out, and that is noted.

        Args:
            codes: The codes.
            name: Of their file, for notes and errors.
            notes: What was remarked before.

        Raises:
            DataError: `codes_empty`, or `codes_too_long` for a code of more than 128 bytes.
        """
        stripped = [code for code in map(str.strip, codes) if code]
        if not stripped:
            raise DataError("codes_empty", path=name)
        found = list(notes)
        if len(stripped) < len(codes):
            n = len(codes) - len(stripped)
            found.append(t("reading.codes_blank", n=n, shown=integer(n), path=name))
        encoded = [code.encode() for code in map(normalized, stripped)]
        longest = max(encoded, key=len)
        if len(longest) > LONGEST:
            example = printable(longest.decode()[:30])
            raise DataError("codes_too_long", path=name, example=example, limit=LONGEST)
        ordered = _sorted(np.array(encoded, dtype=np.bytes_))
        if len(ordered) < len(stripped):
            n = len(stripped) - len(ordered)
            found.append(t("reading.codes_twice", n=n, shown=integer(n), path=name))
        return cls(sorted_codes=ordered, notes=tuple(found))

    @classmethod
    def of_file(cls, path: Path) -> "CodeList":
        """Read a file of codes: one a line, or a table with a column of them (see `code_table`).

        Raises:
            DataError: As of `of_codes`; `codes_unreadable`.
            MachineError: `reader_missing`, for Parquet without pyarrow.
        """
        name = printable(path)
        try:
            codes, notes = read_codes(path)
        except DataError as error:
            raise DataError("codes_unreadable", path=name, reason=error.message) from error
        return cls.of_codes(codes, name=name, notes=notes)

    def over(self, alphabet: Alphabet, *, name: str = "") -> "CodeList":
        """Give those codes alone that are made of the characters a reader knows.

        Raises:
            DataError: `codes_characters`, when there is none.
        """
        known = np.zeros(256, bool)
        known[0] = True  # what fills short codes up
        known[list("".join(alphabet.characters).encode())] = True
        width = self.sorted_codes.dtype.itemsize
        rows = self.sorted_codes.view(np.uint8).reshape(-1, width)
        is_known: NDArray[np.bool_] = np.all(known[rows], axis=1)
        for place in np.flatnonzero(is_known & (rows >= 128).any(axis=1)):
            is_known[place] = not alphabet.unknown(self.sorted_codes[place].decode())
        left_out = np.flatnonzero(~is_known)
        if not len(left_out):
            return self
        example = self.sorted_codes[left_out[0]].decode()
        facts = {"example": example, "unknown": listed(alphabet.unknown(example)), "path": name}
        if len(left_out) == len(self):
            raise DataError("codes_characters", known=listed(alphabet.characters), **facts)
        n = len(left_out)
        note = t("reading.codes_unknown_characters", n=n, shown=integer(n), **facts)
        return CodeList(sorted_codes=self.sorted_codes[is_known], notes=(*self.notes, note))

    @property
    def start(self) -> CodeState:
        """The state before the first character: all codes can follow."""
        return CodeState(b"", 0, len(self))

    def step(self, state: CodeState, character: str) -> CodeState | None:
        """Give the codes that go on with a character; None where there is none."""
        beginning = state.beginning + character.encode()
        room = self.sorted_codes.dtype.itemsize - len(beginning)
        if room < 0:
            return None
        within = self.sorted_codes[state.first : state.end]
        first = state.first + int(within.searchsorted(self._key(beginning)))
        last = self._key(beginning + _AFTER_ALL if room else beginning)
        end = state.first + int(within.searchsorted(last, side="right"))
        return CodeState(beginning, first, end) if first < end else None

    def is_final(self, state: CodeState) -> bool:
        """Tell whether the text so far is one of the codes."""
        return bool(self.sorted_codes[state.first] == state.beginning)

    def __len__(self) -> int:
        """How many codes there are."""
        return len(self.sorted_codes)

    def _key(self, beginning: bytes) -> NDArray[Any]:
        # of the codes' own type: any other would have NumPy copy all of them
        return np.array(beginning, dtype=self.sorted_codes.dtype)


def _sorted(codes: NDArray[np.bytes_]) -> NDArray[np.bytes_]:
    """Sort texts, leave out those there twice; as numbers of 8 bytes, which is much faster."""
    width = -(-codes.dtype.itemsize // 8)
    words = codes.astype(f"S{8 * width}").view(">u8").astype(np.uint64).reshape(-1, width)
    words = np.sort(words, axis=0) if width == 1 else words[np.lexsort(words.T[::-1])]
    is_new = np.ones(len(words), bool)
    is_new[1:] = (words[1:] != words[:-1]).any(axis=1)
    texts = words[is_new].astype(">u8").view(f"S{8 * width}").ravel()
    return texts.astype(codes.dtype)
