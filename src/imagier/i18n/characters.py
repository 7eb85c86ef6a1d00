r"""Letters that may reach a terminal, and those that are written as their code instead.

A name of a stranger's (of a file, a class, a key of JSON) may hold sequences that move the cursor,
hide text, turn round its direction or begin a line of their own. Whatever becomes part of a
sentence goes through `printable`; `t()` sees to that for all its values.

>>> printable("caf\udce9\n.jpg"), printable("\x1b[31mred"), printable("\u202egnp.exe")
('caf\\xe9\\n.jpg', '\\x1b[31mred', '\\u202egnp.exe')
"""

import os
import re
import unicodedata

__all__ = ["BOLD", "FAINT", "PLAIN", "RED", "cell_width", "padded", "printable", "styled_line"]

BOLD, FAINT, PLAIN, RED = "\x1b[1m", "\x1b[2m", "\x1b[0m", "\x1b[31;1m"
_SPACES = "\u202f\u00a0"  # of French typography, and of nobody's tricks
_STYLES = re.compile(r"(\x1b\[(?:[012]|31;1)m)")


def printable(text: str | os.PathLike[str]) -> str:
    """Write a text on one line: control characters and stray bytes are escaped."""
    text = os.fspath(text)
    if text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def styled_line(text: str) -> str:
    """Write one line for a terminal: of what controls it nothing stays but our own styles."""
    if text.isprintable():
        return text
    pieces = _STYLES.split(text)
    return "".join(piece if place % 2 else printable(piece) for place, piece in enumerate(pieces))


def cell_width(text: str) -> int:
    """Count the cells of a text on a terminal: wide letters take two, accents none.

    `answers.text_table` asks rich, which would slow the start of `imagier predict`.

    >>> cell_width("cat"), cell_width("日本")
    (3, 4)
    """
    return sum(
        0 if unicodedata.combining(letter) else 1 + (unicodedata.east_asian_width(letter) in "WF")
        for letter in text
    )


def padded(text: str, width: int) -> str:
    """Fill a text up with blanks to a number of cells."""
    return text + " " * max(0, width - cell_width(text))


def _is_plain(character: str) -> bool:
    return character.isprintable() or character in _SPACES


def _shown(character: str) -> str:
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"
    if _is_plain(character):
        return character
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")
