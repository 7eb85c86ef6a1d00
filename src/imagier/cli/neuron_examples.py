"""What a neuron is to learn: a truth table by its name, or a table of numbers with two labels."""

import csv
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from imagier.errors import DataError, UsageError, did_you_mean
from imagier.files import natural_key, printable
from imagier.i18n import integer, t

if TYPE_CHECKING:
    from imagier.neurons import Examples

__all__ = ["NamedExamples", "read_examples"]

TABLES = (".csv", ".tsv", ".txt")
FRENCH = {"non": "not", "et": "and", "ou": "or"}
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
MOST_ROWS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedExamples:
    """Examples and what they are called.

    Attributes:
        name: The name of the truth table, or of the file.
        examples: The points and the answers wanted.
        is_table: Whether they come from a file.
    """

    name: str
    examples: "Examples"
    is_table: bool = False


def read_examples(word: str) -> NamedExamples:
    """Find a truth table by its name, or read a file: inputs, and the label in the last column.

    Args:
        word: not, and, or, xor (or their French names), or a path.

    Raises:
        UsageError: `neuron_unknown_table`.
        PictureError: When the file cannot be read at all.
        DataError: `neuron_table`, with the line and the reason.
    """
    from imagier.neurons import GATES

    name = FRENCH.get(word.lower(), word.lower())
    if name in GATES:
        return NamedExamples(name=name, examples=GATES[name])
    if Path(word).suffix.lower() not in TABLES:
        hint = did_you_mean(word.lower(), GATES)
        raise UsageError("neuron_unknown_table", received=printable(word[:60]), hint=hint)
    return NamedExamples(name=printable(word), examples=_from_file(word), is_table=True)


def _from_file(word: str) -> "Examples":
    import numpy as np

    from imagier.images import read_bytes
    from imagier.neurons import Examples

    rows = _rows(read_bytes(Path(word)), word)
    start = 0 if all(_number(cell) is not None for cell in rows[0][1][:-1]) else 1
    head = [cell.strip() for cell in rows[0][1]] if start else []
    points = [_inputs(cells, line, word) for line, cells in rows[start:]]
    labels = [cells[-1].strip() for _, cells in rows[start:]]
    classes = sorted(set(labels), key=natural_key)
    if len(classes) != 2:
        _refuse(word, "neuron_table.classes", n=len(classes))
    names = head[:-1] or [f"u{number}" for number in range(1, len(points[0]) + 1)]
    return Examples(
        points=np.array(points),
        wanted=np.array([float(classes.index(label)) for label in labels]),
        names=tuple(map(printable, names)),
        classes=(printable(classes[0]), printable(classes[1])),
    )


def _rows(content: bytes, word: str) -> list[tuple[int, list[str]]]:
    """Cut the file into lines and cells, all lines of one length; empty lines are left out."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        _refuse(word, "neuron_table.text")
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines or len(lines) > MOST_ROWS:
        _refuse(word, "neuron_table.rows", n=len(lines), limit=integer(MOST_ROWS))
    mark = next((mark for mark in (";", "\t") if mark in lines[0][1]), ",")
    cells = list(csv.reader([line for _, line in lines], delimiter=mark))
    if mark != ",":  # decimal commas
        cells = [[*(cell.replace(",", ".") for cell in row[:-1]), row[-1]] for row in cells]
    width = len(cells[0])
    if width < 2:
        _refuse(word, "neuron_table.one_column")
    for (number, _), row in zip(lines, cells, strict=False):
        if len(row) != width:
            _refuse(word, "neuron_table.ragged", line=number, received=len(row), expected=width)
    return [(number, row) for (number, _), row in zip(lines, cells, strict=False)]


def _inputs(cells: list[str], line: int, word: str) -> list[float]:
    numbers = []
    for column, cell in enumerate(cells[:-1], start=1):
        number = _number(cell)
        if number is None:
            shown = printable(cell.strip()[:40])
            _refuse(word, "neuron_table.cell", line=line, column=column, received=shown)
        numbers.append(number)
    return numbers


def _number(cell: str) -> float | None:
    text = cell.strip().replace("−", "-")
    number = float(text) if NUMBER.fullmatch(text) else math.nan
    return number if math.isfinite(number) else None


def _refuse(word: str, key: str, **facts: object) -> NoReturn:
    raise DataError("neuron_table", path=printable(word), reason=t(key, **facts))
