r"""CSV text in one way: no spreadsheet runs it, no terminal obeys it, all of it is read back.

A spreadsheet takes a cell that begins with = + - @, a tab or a line end for a formula. Most of what
begins so is none: signs alone (`+`, `->`), which have nothing to compute, and a sign with words
(`-1`, `@x`), which calls nothing. These stay as they are, and whoever reads the table has the very
name. What could compute, call or fetch, such as `=A1`, `=1+2` or `@SUM(A1)`, gets an apostrophe in
front, also where it had apostrophes before. So a reader undoes it: one apostrophe goes where such
a text stands behind it (`original_cell`).

A spreadsheet may also cut lines where we did not, as a French one does at each semicolon. So behind
each comma and semicolon inside a text every sign gets its apostrophe, whatever quotation marks
stand between; and where a row begins with a sign, the texts behind it stand in quotation marks, so
that no formula can be made of both.

Letters that a terminal obeys, or that change the order of others, are written as `\x1b`, `\u202e`:
controls, line ends, overrides of direction. So are the bytes of a file name that are not UTF-8,
`\xe9`, and, as `\x5c`, a backslash that would look like one of these. Numbers stay numbers,
whatever their sign, those that are still texts too.

>>> csv_text(["path", "share"], [["=1+1.jpg", -0.5], ["cat, old.jpg", None]])
'path,share\n\'=1+1.jpg,-0.5\n"cat, old.jpg",\n'
>>> csv_line(["a.png", "+", "@x", "'quoted'", "=A1+B1"])
"a.png,+,@x,'quoted','=A1+B1\n"
>>> safe_cell("'=1+2"), original_cell("''=1+2"), safe_cell("caf\udce9.jpg")
("''=1+2", "'=1+2", 'caf\\xe9.jpg')
>>> safe_cell("x;=1+2"), original_cell("x;'=1+2"), original_cell(safe_cell("\x1b[2J"))
("x;'=1+2", 'x;=1+2', '\x1b[2J')
"""

import math
import re
from collections.abc import Iterable, Sequence

from imagier.files import CONTROLS
from imagier.tables.numbers import read_number

__all__ = ["csv_line", "csv_text", "original_cell", "safe_cell", "unescape"]

_PLAIN = re.compile(r"(?:[\w/.][\w/. ()+=@'-]*)?")  # as nearly all texts are: nothing to do
_SIGNS = "=+\\-@＝＋－＠"  # with the wide ones that East Asian systems take
_RISKY = rf"""(?='*"*[{_SIGNS}\t\r\n])"""
_BEGINS_RISKY = re.compile(_RISKY)
_NAME_SIGNS = "+\\-@＋－＠"  # with which names begin; `=A1` would show another cell
_HARMLESS = re.compile(rf"""'*(?:[{_NAME_SIGNS}] ?\w[\w ]*|[^\w"',;\t\r\n]+)""")
_UNGUARDED, _GUARDED = re.compile(f"(?<=[,;]){_RISKY}"), re.compile(f"(?<=[,;])'{_RISKY}")
_BEGINS_SIGNED = re.compile(f"[{_SIGNS}]")
_LOOKS_ESCAPED = r"\\(?=x[0-9a-f]{2}|u[0-9a-f]{4})"
_TO_ESCAPE = re.compile(f"{CONTROLS.pattern}|{_LOOKS_ESCAPED}")
_ESCAPED = re.compile(r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4})")
_SEPARATORS = re.compile(r"[,;\"]")


def csv_text(
    columns: Sequence[object], rows: Iterable[Sequence[object]], *, delimiter: str = ","
) -> str:
    """Write a table, its titles first, lines ending with a line feed.

    Args:
        columns: The titles; none for a table of bare numbers.
        rows: The cells, as many in each row as there are titles: texts, numbers, None for nothing.
        delimiter: What stands between two cells: a comma, a semicolon or a tab.
    """
    lines = (columns, *rows) if columns else rows
    return "".join(csv_line(row, delimiter=delimiter) for row in lines)


def csv_line(cells: Iterable[object], *, delimiter: str = ",", decimal: str = ".") -> str:
    r"""Write one row, with the line feed at its end.

    Args:
        cells: Texts, numbers, None for nothing.
        delimiter: What stands between two cells: a comma, a semicolon or a tab.
        decimal: What stands before the decimals of a number; another sign than the delimiter.

    >>> csv_line(["cat", 0.75], delimiter=";", decimal=",")
    'cat;0,75\n'
    """
    texts = [_text(cell, decimal) for cell in cells]
    all_quoted = bool(_BEGINS_SIGNED.match(next(filter(None, texts), "")))
    return delimiter.join(_quoted(text, delimiter, always=all_quoted) for text in texts) + "\n"


def safe_cell(text: str) -> str:
    """Write a text so that no spreadsheet runs it and every text file and terminal can hold it."""
    if _PLAIN.fullmatch(text):
        return text
    guard = "'" if _could_be_formula(text) else ""
    return _TO_ESCAPE.sub(_escape, guard + _UNGUARDED.sub("'", text))


def original_cell(cell: str) -> str:
    """Read a text that `safe_cell` has written."""
    text = _GUARDED.sub("", unescape(cell))
    return text[1:] if text.startswith("'") and _could_be_formula(text[1:]) else text


def _could_be_formula(text: str) -> bool:
    """Tell whether a text begins as a formula and holds more than signs, or a sign and words."""
    if not _BEGINS_RISKY.match(text):
        return False
    return not _HARMLESS.fullmatch(text) or bool(_TO_ESCAPE.search(text))


def unescape(text: str) -> str:
    r"""Put back the letters that are written as `\xe9` or `\u202e`, as in a name that was shown.

    A table that is given the name itself, and not as it is shown, escapes it once and not twice.
    """
    return _ESCAPED.sub(_letter, text)


def _text(cell: object, decimal: str) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return repr(cell).replace(".", decimal) if math.isfinite(cell) else ""
    if isinstance(cell, int):
        return str(cell)
    text = str(cell)
    is_number = read_number(text) is not None and not _TO_ESCAPE.search(text)
    return text if is_number else safe_cell(text)


def _quoted(cell: str, delimiter: str, *, always: bool) -> str:
    """Put a cell between quotation marks where it holds what may separate cells.

    A number is safe wherever it is cut: only the table's own delimiter matters to it.
    """
    if delimiter in cell or always or _SEPARATORS.search(cell):
        is_bare = cell == "" or (delimiter not in cell and read_number(cell) is not None)
        return cell if is_bare else '"' + cell.replace('"', '""') + '"'
    return cell


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:  # how Python holds a byte that is no UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}"


def _letter(match: re.Match[str]) -> str:
    code = int(match[0][2:], 16)
    is_byte = match[0][1] == "x" and code >= 0x80
    return chr(code + 0xDC00 if is_byte else code)
