"""Which columns of a table hold the picture's path, its label, its part and its group."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from imagier.errors import DataError, UsageError, did_you_mean
from imagier.files import printable
from imagier.i18n import t

__all__ = ["COLUMN_NAMES", "Columns", "find_columns"]

COLUMN_NAMES = {
    "path": (
        *("path", "file", "filename", "file_name", "filepath", "file_path", "image", "image_path"),
        *("picture", "img", "fichier", "chemin"),
    ),
    "label": (
        *("label", "class", "category", "target", "label_name", "class_name"),
        *("classe", "étiquette", "etiquette", "catégorie", "categorie"),
    ),
    "part": ("part", "split", "set", "subset", "partie"),
    "group": ("group", "groupe"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The columns' names as the table writes them; empty where the table has no such column."""

    path: str
    label: str
    part: str
    group: str


def find_columns(columns: Sequence[str], *, table: str, group: str | None = None) -> Columns:
    """Find the columns by their usual names; capitals make no difference, the first name wins.

    Args:
        columns: What the table's first line says.
        table: How the table is called in messages.
        group: Name of the group column, where the user gives one.

    Raises:
        DataError: `table_columns` when there is no path or no label; `table_column_twice`.
        UsageError: `unknown_column` when there is no column `group`.

    >>> find_columns(["Image", "Category", "split"], table="labels.csv")
    Columns(path='Image', label='Category', part='split', group='')
    """
    found = {role: _first(columns, names) for role, names in COLUMN_NAMES.items()}
    for role in ("path", "label"):
        if not found[role]:
            raise _missing(columns, role, table)
    if group is not None:
        found["group"] = _first(columns, [group])
        if not found["group"]:
            raise UsageError(
                "unknown_column",
                path=table,
                column=printable(group),
                columns=_listed(columns),
                suggestion=did_you_mean(group, columns),
            )
    for column in found.values():
        if column and list(columns).count(column) > 1:
            raise DataError("table_column_twice", path=table, column=printable(column))
    return Columns(**found)


def _first(columns: Sequence[str], names: Sequence[str]) -> str:
    by_name = {column.casefold(): column for column in reversed(columns)}
    return next((by_name[name.casefold()] for name in names if name.casefold() in by_name), "")


def _missing(columns: Sequence[str], role: str, table: str) -> DataError:
    usual = COLUMN_NAMES[role]
    return DataError(
        "table_columns",
        path=table,
        wanted=role,
        usual=", ".join(usual),
        columns=_listed(columns),
        suggestion=_rename(columns, usual),
    )


def _rename(columns: Sequence[str], usual: Sequence[str]) -> str:
    """Find the column whose name comes nearest to a usual one, and say how to call it."""
    for column in columns:
        for near in get_close_matches(column.casefold(), usual, n=1):
            facts = {"column": printable(column), "usual": near}
            return " " + t("datasets.rename_column", **facts)
    return ""


def _listed(columns: Sequence[str]) -> str:
    shown = [printable(column)[:40] for column in columns[:12]]
    return ", ".join(shown) + (", …" if len(columns) > 12 else "")
