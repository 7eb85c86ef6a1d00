r"""CSV text in one way: cells that a spreadsheet would run are escaped, and strange letters too.

A spreadsheet takes a cell that begins with = + - @, a tab or a carriage return for a formula, so
such a text gets an apostrophe in front, and so does one that begins with an apostrophe: what was
written can be read back. Numbers stay numbers, whatever their sign, those that are still texts too.
Bytes of a file name that are not UTF-8 are written as `\xe9`.

>>> csv_text(["path", "share"], [["=1+1.jpg", -0.5], ["cat, old.jpg", None]])
'path,share\n\'=1+1.jpg,-0.5\n"cat, old.jpg",\n'
>>> safe_cell("'quoted'.jpg"), original_cell("''quoted'.jpg"), safe_cell("caf\udce9.jpg")
("''quoted'.jpg", "'quoted'.jpg", 'caf\\xe9.jpg')
"""

import math
import re
from collections.abc import Iterable, Sequence

from imagier.tables.numbers import read_number

__all__ = ["csv_line", "csv_text", "original_cell", "safe_cell"]

_SPECIAL = re.compile(r"[\"\r\n]")
_RISKY = ("=", "+", "-", "@", "\t", "\r", "'")


def csv_text(
    columns: Sequence[object], rows: Iterable[Sequence[object]], *, delimiter: str = ","
) -> str:
    """Write a table, its titles first, lines ending with a line feed.

    Args:
        columns: The titles; none for a table of bare numbers.
        rows: The cells, as many in each row as there are titles: texts, numbers, None for nothing.
        delimiter: What stands between two cells.
    """
    lines = (columns, *rows) if columns else rows
    return "".join(csv_line(row, delimiter=delimiter) for row in lines)


def csv_line(cells: Iterable[object], *, delimiter: str = ",") -> str:
    """Write one row, with the line feed at its end."""
    return delimiter.join(_quoted(_text(cell), delimiter) for cell in cells) + "\n"


def safe_cell(text: str) -> str:
    """Write a text so that no spreadsheet runs it and every text file can hold it."""
    plain = text if text.isascii() else "".join(map(_writable, text))
    return f"'{plain}" if plain.startswith(_RISKY) else plain


def original_cell(cell: str) -> str:
    """Take off the apostrophe that `safe_cell` put in front."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_RISKY) else cell


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return repr(cell) if math.isfinite(cell) else ""
    if isinstance(cell, int):
        return str(cell)
    text = str(cell)
    return text if read_number(text) is not None else safe_cell(text)


def _quoted(cell: str, delimiter: str) -> str:
    """Put a cell between quotation marks where it holds what separates cells or lines.

    Python's own writer forgets a lone carriage return when lines end with a line feed.
    """
    if delimiter in cell or _SPECIAL.search(cell):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def _writable(letter: str) -> str:
    """Escape what UTF-8 cannot hold: the stray bytes of a name, and halves of letters."""
    if "\udc80" <= letter <= "\udcff":
        return f"\\x{ord(letter) - 0xDC00:02x}"
    return letter.encode("utf-8", "backslashreplace").decode("utf-8")
