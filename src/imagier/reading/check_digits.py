"""Check digits: the last signs of a number that tell a slip of the pen from a number that exists.

They are computed from the others. `luhn` doubles every second digit from the right and wants a sum
that ends in 0; 4539 1488 0343 6467 is such a number, and no number that differs from it in one
digit is:

>>> rule = check_rule("luhn")
>>> accepts(rule, "4539 1488 0343 6467"), accepts(rule, "4539 1488 0343 6461")
(True, False)

Each rule is computed from left to right, with a remainder of what was read so far, so that a reader
need not wait for the end of a line: a number is known to be right with its last digit. Spaces,
points and hyphens that part a number into groups are passed over.

Source: H. P. Luhn, US patent 2,950,048, 1960; ISO/IEC 7064 (mod 97-10, mod 11-2); ISO 13616 (IBAN);
GS1 General Specifications (EAN, GTIN).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from imagier.errors import UsageError, did_you_mean
from imagier.files import printable

__all__ = [
    "CHECKS",
    "AlternatingSum",
    "CheckRule",
    "Iban",
    "PowerSum",
    "accepts",
    "check_rule",
]

SEPARATORS = " .-\u00a0\u202f"
_NO_STATE = (0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlternatingSum:
    """A sum in which every second digit from the right counts otherwise, and that ends in 0.

    Whether a digit is such a second one depends on how many follow; so both sums are carried along.

    Attributes:
        second: What a second digit counts for, from 0 to 9.
    """

    second: tuple[int, ...]

    @property
    def start(self) -> tuple[int, int, int]:
        """The digits so far (2 for more), and the two sums."""
        return _NO_STATE

    def step(self, state: tuple[int, int, int], character: str) -> tuple[int, int, int] | None:
        """Add a digit; None for what is neither digit nor separator."""
        if character in SEPARATORS:
            return state
        if character not in "0123456789":
            return None
        count, ends_here, ends_next = state
        digit = int(character)
        return min(count + 1, 2), (ends_next + digit) % 10, (ends_here + self.second[digit]) % 10

    def is_final(self, state: tuple[int, int, int]) -> bool:
        """Tell whether the number so far is right."""
        count, ends_here, _ = state
        return count == 2 and ends_here == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerSum:
    """A number whose signs count for powers of a radix, and that leaves a remainder of 1.

    Attributes:
        modulus: What it is divided by.
        radix: 10 for a number as it is written.
        letters: Whether A counts for 10, B for 11, up to Z for 35, as if written so.
        last_x: Whether the last sign may be an X, for 10.
    """

    modulus: int
    radix: int
    letters: bool = False
    last_x: bool = False

    @property
    def start(self) -> tuple[int, int]:
        """The signs so far (2 for more, 3 where none may follow), and the remainder."""
        return 0, 0

    def step(self, state: tuple[int, int], character: str) -> tuple[int, int] | None:
        """Add a sign; None for one that has no place in such a number."""
        if character in SEPARATORS:
            return state
        count, remainder = state
        if count == 3:
            return None
        if self.last_x and character in "Xx" and count:
            return 3, (remainder * self.radix + 10) % self.modulus
        is_sign = character.isdigit() or (self.letters and character.isalpha())
        if not (is_sign and character.isascii()):
            return None
        return min(count + 1, 2), _appended(remainder, character, self.radix) % self.modulus

    def is_final(self, state: tuple[int, int]) -> bool:
        """Tell whether the number so far is right."""
        return state[0] >= 2 and state[1] == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Iban:
    """An international account number: its first four signs count as if they stood at its end."""

    @property
    def start(self) -> tuple[str, int, int]:
        """The first four signs, how many follow (1 for more), and their remainder."""
        return "", 0, 0

    def step(self, state: tuple[str, int, int], character: str) -> tuple[str, int, int] | None:
        """Add a sign; None for one that has no place there."""
        if character in SEPARATORS:
            return state
        head, count, remainder = state
        if not (character.isascii() and character.isalnum()):
            return None
        if len(head) == 4:
            return head, 1, _appended(remainder, character, 10) % 97
        if character.isalpha() != (len(head) < 2):  # a country, then two check digits
            return None
        return head + character, count, remainder

    def is_final(self, state: tuple[str, int, int]) -> bool:
        """Tell whether the number so far is right."""
        head, count, remainder = state
        if count == 0:
            return False
        for character in head:
            remainder = _appended(remainder, character, 10)
        return remainder % 97 == 1


CheckRule = AlternatingSum | PowerSum | Iban
CHECKS: dict[str, Callable[[], CheckRule]] = {
    "luhn": lambda: AlternatingSum(second=(0, 2, 4, 6, 8, 1, 3, 5, 7, 9)),
    "mod10": lambda: AlternatingSum(second=tuple(3 * digit for digit in range(10))),
    "mod11": lambda: PowerSum(modulus=11, radix=2, last_x=True),
    "mod97": lambda: PowerSum(modulus=97, radix=10, letters=True),
    "iban": Iban,
}


def check_rule(name: str) -> CheckRule:
    """Give the rule of a name of `CHECKS`.

    Raises:
        UsageError: `check_unknown`.

    >>> accepts(check_rule("mod97"), "794 9"), accepts(check_rule("mod10"), "4006381333931")
    (False, True)
    >>> accepts(check_rule("iban"), "FR14 2004 1010 0505 0001 3M02 606")
    True
    """
    if name not in CHECKS:
        hint, known = did_you_mean(name, CHECKS), ", ".join(CHECKS)
        raise UsageError("check_unknown", name=printable(name), known=known, hint=hint)
    return CHECKS[name]()


def accepts(rule: Any, text: str) -> bool:
    """Tell whether a rule that goes from state to state, of whatever kind, allows a text."""
    state = rule.start
    for character in text:
        state = rule.step(state, character)
        if state is None:
            return False
    return bool(rule.is_final(state))


def _appended(remainder: int, character: str, radix: int) -> int:
    """Write a sign behind a number: a letter as the two digits that it counts for."""
    value = int(character, 36)
    return remainder * (radix if value < 10 else radix * radix) + value
