"""What a neuron is to learn: a truth table by its name, or a table of numbers with two labels.

>>> read_examples("ET").name, GATES["and"].wanted.tolist()
('and', [0.0, 0.0, 0.0, 1.0])
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imagier.errors import DataError, UsageError, did_you_mean
from imagier.files import natural_key, printable
from imagier.i18n import t
from imagier.tables import Table, read_table

__all__ = ["GATES", "LabeledPoints", "NamedExamples", "read_examples"]

TABLES = (".csv", ".tsv", ".txt")
FRENCH = {"non": "not", "et": "and", "ou": "or"}
MOST_ROWS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabeledPoints:
    """Points with the answer wanted at each.

    Attributes:
        points: The inputs, (N, n).
        wanted: The answers, 0 or 1, (N,).
        names: Names of the inputs.
        classes: What 0 and 1 stand for.
    """

    points: NDArray[np.float64]
    wanted: NDArray[np.float64]
    names: tuple[str, ...]
    classes: tuple[str, str] = ("0", "1")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedExamples:
    """Examples and what they are called.

    Attributes:
        name: The name of the truth table, or of the file.
        examples: The points and the answers wanted.
        is_table: Whether they come from a file.
        notes: How the file was read, where that is worth a word.
    """

    name: str
    examples: LabeledPoints
    is_table: bool = False
    notes: tuple[str, ...] = ()


def read_examples(word: str) -> NamedExamples:
    """Find a truth table by its name, or read a file: inputs, and the label in the last column.

    Args:
        word: not, and, or, xor (or their French names), or a path.

    Raises:
        UsageError: `neuron_unknown_table`.
        DataError: `neuron_table` with the reason, `table_too_long`, what `read_table` refuses, or
            a cell that is no number, with row and column.
    """
    name = FRENCH.get(word.lower(), word.lower())
    if name in GATES:
        return NamedExamples(name=name, examples=GATES[name])
    if Path(word).suffix.lower() not in TABLES:
        hint = did_you_mean(word.lower(), GATES)
        raise UsageError("neuron_unknown_table", received=printable(word[:60]), hint=hint)
    table = read_table(Path(word), letter="u", is_labelled=True)
    return NamedExamples(
        name=table.name, examples=_examples(table), is_table=True, notes=table.notes
    )


def _examples(table: Table) -> LabeledPoints:
    table.check_length(MOST_ROWS)
    *names, _ = table.titles
    if not names:
        reason = t("neuron_table.one_column")
        raise DataError("neuron_table", path=table.name, reason=reason)
    points = np.column_stack([table.numbers(name) for name in names])
    labels = [row[-1] for row in table.rows]
    classes = sorted(set(labels), key=natural_key)
    if len(classes) != 2:
        reason = t("neuron_table.classes", n=len(classes))
        raise DataError("neuron_table", path=table.name, reason=reason)
    return LabeledPoints(
        points=points,
        wanted=np.array([float(classes.index(label)) for label in labels]),
        names=tuple(map(printable, names)),
        classes=(printable(classes[0]), printable(classes[1])),
    )


def _gate(*answers: int) -> LabeledPoints:
    """Write a truth table whose inputs count upwards: 00, 01, 10, 11."""
    inputs = len(answers).bit_length() - 1
    points = np.indices((2,) * inputs).reshape(inputs, -1).T.astype(np.float64)
    names = tuple(f"u{number}" for number in range(1, inputs + 1))
    return LabeledPoints(points=points, wanted=np.array(answers, np.float64), names=names)


GATES = {
    "not": _gate(1, 0),
    "and": _gate(0, 0, 0, 1),
    "or": _gate(0, 1, 1, 1),
    "xor": _gate(0, 1, 1, 0),
}
