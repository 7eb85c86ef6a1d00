"""The figures of each class as cells, rows and JSON: "too few" instead of a number where n < 30."""

from collections.abc import Sequence
from typing import Any

from imagier.answers import AnswerTable
from imagier.i18n import integer, t
from imagier.testing.metrics import ClassRow
from imagier.testing.sentences import share

__all__ = ["class_json", "class_table", "precision_cell", "recall_cell"]


def recall_cell(row: ClassRow) -> str:
    """Write the recall of a class, or that it has too few pictures."""
    return _cell(row.recall, row.n, few=row.few)


def precision_cell(row: ClassRow) -> str:
    """Write the precision of a class, or that its name was given too rarely."""
    return _cell(row.precision, row.answers, few=row.few_answers)


def class_json(row: ClassRow) -> dict[str, Any]:
    """Give the figures as other programs read them; null where there are too few pictures."""
    is_both = not (row.few or row.few_answers)
    return {
        "n": row.n,
        "correct": row.correct,
        "answers": row.answers,
        "precision": None if row.few_answers else row.precision,
        "recall": None if row.few else row.recall,
        "f1": row.f1 if is_both else None,
        "interval": None if row.few else list(row.interval),
    }


def class_table(rows: Sequence[ClassRow]) -> AnswerTable:
    """Give the rows as numbers, nothing where there are too few pictures."""
    cells = []
    for row in rows:
        found = class_json(row)
        low, high = found["interval"] or (None, None)
        figures = (found["recall"], low, high, found["precision"], found["f1"])
        cells.append((row.name, row.n, row.correct, *figures, row.confused_with))
    return AnswerTable(
        columns=(
            *("class", "n", "correct", "recall", "low", "high"),
            *("precision", "f1", "confused_with"),
        ),
        rows=cells,
    )


def _cell(value: float | None, n: int, *, few: bool) -> str:
    if value is None:
        return "–"
    return t("testing.too_few_of", count=integer(n)) if few else share(value, n)
