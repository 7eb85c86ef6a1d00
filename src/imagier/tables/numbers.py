r"""Numbers as people write them: with a decimal point or comma, their thousands apart or not.

>>> read_number("3,5"), read_number("1\u202f250"), read_number("1e3"), read_number("nan")
(3.5, 1250.0, 1000.0, None)
"""

import math
import re
from collections.abc import Iterable, Sequence

from imagier.errors import DataError
from imagier.files import printable
from imagier.i18n import t

__all__ = ["cell_error", "comma_notes", "is_empty", "read_number", "read_numbers"]

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")
_THOUSANDS = re.compile(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))")
_EMPTY = {"", "na", "n/a", "nan", "null", "none", "inf", "+inf", "-inf", "infinity", "-infinity"}


def read_numbers(
    cells: Iterable[str], rows: Sequence[int], *, name: str, title: str, largest: float = math.inf
) -> list[float]:
    """Read a column of texts as numbers.

    Args:
        cells: The texts, n of them.
        rows: The row of each, as a spreadsheet counts them.
        name: The table's.
        title: Of the column.
        largest: What no number may reach, its sign left out.

    Raises:
        DataError: `table_cell_empty` or `table_cell_text`, with the row and the column.

    >>> read_numbers(["54,5", "71"], [2, 3], name="flats.csv", title="surface")
    [54.5, 71.0]
    >>> try:
    ...     read_numbers(["54,5", "71 m²"], [2, 3], name="flats.csv", title="surface")
    ... except DataError as error:
    ...     error.code, error.facts["row"], error.facts["received"]
    ('table_cell_text', 3, '71 m²')
    """
    found = []
    for cell, row in zip(cells, rows, strict=True):
        number = read_number(cell)
        if number is None or abs(number) >= largest:
            raise cell_error(cell.strip(), name=name, row=row, title=title)
        found.append(number)
    return found


def read_number(text: str) -> float | None:
    """Read a number as people write it; None when it is none, or not finite.

    >>> read_number("−2,5"), read_number("1.234,5")
    (-2.5, None)
    """
    plain = text.strip()
    if not plain.isascii() or " " in plain:
        plain = _THOUSANDS.sub("", plain.replace("−", "-"))
    if not _NUMBER.fullmatch(plain):
        return None
    number = float(plain.replace(",", "."))
    return number if math.isfinite(number) else None


def is_empty(cell: str) -> bool:
    """Tell whether a cell says that there is no number.

    >>> is_empty(""), is_empty("NaN"), is_empty("0")
    (True, True, False)
    """
    return cell.lower() in _EMPTY


def cell_error(cell: str, *, name: str, row: int, title: str) -> DataError:
    """Make the error of a cell that holds no number: `table_cell_empty` or `table_cell_text`.

    Args:
        cell: What stands in it.
        name: The table's.
        row: Its row, as a spreadsheet counts them.
        title: Of its column.

    >>> cell_error("71 m²", name="flats.csv", row=3, title="surface").code
    'table_cell_text'
    """
    facts = {"path": name, "row": row, "column": _short(title), "received": _short(cell) or "–"}
    return DataError("table_cell_empty" if is_empty(cell) else "table_cell_text", **facts)


def comma_notes(cells: Iterable[str], *, name: str) -> tuple[str, ...]:
    """Say that decimal commas are read, with the first number that has one; nothing without one.

    >>> comma_notes(["163", "Paris, centre"], name="flats.csv")
    ()
    """
    for cell in cells:
        if "," in cell and read_number(cell) is not None:
            return (t("table.commas", path=name, comma=cell, point=cell.replace(",", ".")),)
    return ()


def _short(text: str) -> str:
    return printable(text if len(text) <= 40 else text[:39] + "…")
