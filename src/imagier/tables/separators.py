r"""What stands between the cells of a table: comma, semicolon, tab, bar or spaces.

The first line alone does not tell: `name,height;cm,label` has a semicolon in a title, and
`surface;54,5` a decimal comma. The sign is the one that cuts the rows into as many cells as the
first one. Spaces are it where nothing else cuts the first row and they cut all rows alike, as in
the lists `cat/1.jpg 0` of Caffe and the columns of numerical programs. Excel's own first line,
`sep=;`, is obeyed.

>>> find_separator(["name,height;cm,label\n", "a,12,cat\n"])
','
>>> find_separator(["54,5;2\n", "71;3\n"]), find_separator(["54,5;2,5\n", "71,0;3,0\n"])
(';', ';')
>>> find_separator(["cat/1.jpg 0\n", "dog/1.jpg 1\n"]), find_separator(["a label\n", "cat\n"])
(' ', ',')
"""

import csv
import re
from collections.abc import Sequence

__all__ = ["LOOKED_AT", "announced_separator", "find_separator"]

LOOKED_AT = 50  # lines
_MARKS = ",;\t|"
_ANNOUNCED = re.compile(r'\ufeff?"?sep=([^\w\s"\']|\t)"?\1*\s*', re.IGNORECASE)
_COMMA = re.compile(r"(?<!\d),|,(?!\d)")


def announced_separator(line: str) -> str:
    r"""Give the sign that Excel's `sep=;` names; an empty string for any other line.

    >>> announced_separator("sep=;\r\n"), announced_separator("separator;label\n")
    (';', '')
    """
    found = _ANNOUNCED.fullmatch(line[:100]) if len(line) < 100 else None
    return found[1] if found else ""


def find_separator(lines: Sequence[str]) -> str:
    """Tell the sign from the first lines of a table that hold something.

    Every sign that cuts the first row is tried. The best is the one for which most of the rows
    below have as many cells; of two that are as good a comma gives way where each comma stands
    between digits, as a decimal comma does, else the one of more columns is taken.
    """
    counts = {mark: _cell_counts(lines, mark) for mark in _MARKS}
    able = [mark for mark in _MARKS if counts[mark][:1] > [1]]
    if not able:
        spaced = _cell_counts(lines, " ")
        return " " if len(spaced) > 1 and set(spaced) == {max(2, spaced[0])} else ","
    is_decimal = not any(_COMMA.search(line) for line in lines)

    def rank(mark: str) -> tuple[float, bool, int]:
        first, *others = counts[mark]
        alike = sum(count == first for count in others) / len(others) if others else 1.0
        return alike, not (mark == "," and is_decimal), first

    return max(able, key=rank)


def _cell_counts(lines: Sequence[str], mark: str) -> list[int]:
    """Count the cells of each row that can be read; empty cells at a row's end count for none."""
    counts: list[int] = []
    try:
        for cells in csv.reader(lines, delimiter=mark, skipinitialspace=mark == " "):
            if any(cell.strip() for cell in cells):
                most = counts[0] if counts else 0
                while len(cells) > max(most, 1) and most and not cells[-1].strip():
                    cells.pop()
                counts.append(len(cells))
    except csv.Error:  # said when the table is read
        pass
    return counts
