"""What a neuron is to learn: a truth table by its name, or a table of numbers with two labels."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from imagier.errors import DataError, UsageError, did_you_mean
from imagier.files import natural_key, printable
from imagier.i18n import t
from imagier.tables import Sheet, read_sheet

if TYPE_CHECKING:
    from imagier.neurons import Examples

__all__ = ["NamedExamples", "read_examples"]

TABLES = (".csv", ".tsv", ".txt")
FRENCH = {"non": "not", "et": "and", "ou": "or"}
MOST_ROWS = 100_000


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
    examples: "Examples"
    is_table: bool = False
    notes: tuple[str, ...] = ()


def read_examples(word: str) -> NamedExamples:
    """Find a truth table by its name, or read a file: inputs, and the label in the last column.

    Args:
        word: not, and, or, xor (or their French names), or a path.

    Raises:
        UsageError: `neuron_unknown_table`.
        DataError: `neuron_table` with the reason, `table_too_long`, what `read_sheet` refuses, or
            a cell that is no number, with row and column.
    """
    from imagier.neurons import GATES

    name = FRENCH.get(word.lower(), word.lower())
    if name in GATES:
        return NamedExamples(name=name, examples=GATES[name])
    if Path(word).suffix.lower() not in TABLES:
        hint = did_you_mean(word.lower(), GATES)
        raise UsageError("neuron_unknown_table", received=printable(word[:60]), hint=hint)
    sheet = read_sheet(Path(word), letter="u", is_labelled=True)
    return NamedExamples(
        name=sheet.name, examples=_examples(sheet), is_table=True, notes=sheet.notes
    )


def _examples(sheet: Sheet) -> "Examples":
    import numpy as np

    from imagier.neurons import Examples

    sheet.check_length(MOST_ROWS)
    *names, _ = sheet.titles
    if not names:
        reason = t("neuron_table.one_column")
        raise DataError("neuron_table", path=sheet.name, reason=reason)
    points = np.column_stack([sheet.numbers(name) for name in names])
    labels = [row[-1] for row in sheet.rows]
    classes = sorted(set(labels), key=natural_key)
    if len(classes) != 2:
        reason = t("neuron_table.classes", n=len(classes))
        raise DataError("neuron_table", path=sheet.name, reason=reason)
    return Examples(
        points=points,
        wanted=np.array([float(classes.index(label)) for label in labels]),
        names=tuple(map(printable, names)),
        classes=(printable(classes[0]), printable(classes[1])),
    )
