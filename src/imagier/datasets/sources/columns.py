"""Which columns of a table hold the path, the label, the part and the group of a picture.

Their titles tell: `path`, `Filename`, `image_id`; `label`, `ClassId`. Where they do not, the rows
do: the column whose cells name files that are there holds the paths; several columns of 0 and a
single 1 are classes; the only column that is left, if its values repeat, holds the labels. What the
rows told is said. A column without a title is never taken for anything.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from imagier.datasets.parts import are_parts
from imagier.datasets.table_options import TableOptions
from imagier.errors import DataError, UsageError, did_you_mean
from imagier.files import printable
from imagier.i18n import t
from imagier.tables import Record, read_number

__all__ = ["COLUMN_NAMES", "Columns", "find_columns", "is_marked", "is_usual"]

COLUMN_NAMES = {
    "path": (
        *("path", "file", "filename", "file_name", "filepath", "file_path", "image", "image_path"),
        *("picture", "img", "fichier", "chemin", "image_file", "image_name", "img_path"),
        *("img_name", "image_id", "img_id"),
    ),
    "label": (
        *("label", "class", "category", "target", "label_name", "class_name"),
        *("classe", "étiquette", "etiquette", "catégorie", "categorie", "labels", "class_id"),
        *("label_id", "category_id"),
    ),
    "part": ("part", "split", "set", "subset", "partie"),
    "group": ("group", "groupe"),
}
_TEXT_NAMES = ("text", "texte", "transcription", "transcript", "words", "string")
_MOST_COMPARED, _LONGEST_NAME = 100, 40
_LIKENESS = 0.75
_MOST_FILES = 20  # rows by which a column of paths is known
_YES = frozenset(("true", "yes", "x", "vrai", "oui"))
_NO = frozenset(("false", "no", "faux", "non", ""))
_MOST_CLASSES = 10_000

FileLikeness = Callable[[str], int]  # of a cell: 2 a file's name, 1 nearly one, 0 none


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The columns' names as the table writes them; empty where the table has no such column.

    Attributes:
        path: The column that names the pictures.
        label: That of the labels.
        part: That of the parts.
        group: That of the groups.
        one_hot: The columns that are a class each, where there is no column of labels.
        notes: What the rows told where the titles did not, as sentences.
    """

    path: str
    label: str
    part: str
    group: str
    one_hot: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def find_columns(
    columns: Sequence[str],
    *,
    table: str,
    options: TableOptions | None = None,
    rows: Sequence[Record] = (),
    likeness: FileLikeness | None = None,
    is_titled: bool = True,
) -> Columns:
    """Find the columns by their usual names, else by what stands in the first rows.

    Capitals, spaces, `_` and `-` make no difference; the first name wins.

    Args:
        columns: What the table's first line says.
        table: How the table is called in messages.
        options: The columns that the user names.
        rows: The first rows.
        likeness: Tells whether a cell names a file that is there, 2, nearly does, 1, or not, 0.
        is_titled: Whether the first line holds titles; else `columns` are made up.

    Raises:
        DataError: `table_columns` when there is no path or no label; `table_column_twice`;
            `table_several_labels` when rows have a 1 in several columns.
        UsageError: `unknown_column` when there is no column of a name that was given.

    >>> find_columns(["Image", "ClassId", "split", ""], table="labels.csv").label
    'ClassId'
    """
    asked = options or TableOptions()
    found = {role: _first(columns, names) for role, names in COLUMN_NAMES.items()}
    if asked.is_text:
        found["label"] = _first(columns, _TEXT_NAMES) or found["label"]
    found |= _asked(columns, asked, table)
    search = _Search(columns, rows, found, table)
    if not found["path"]:
        found["path"] = search.path(likeness)
    if not found["part"] and asked.label_column is None:
        found["part"] = search.part()
    one_hot = _listed_columns(columns, asked.label_column, table)
    if asked.label_column is not None and not one_hot:
        found["label"] = _named(columns, asked.label_column, "--label-column", table)
    elif one_hot or not found["label"]:
        found["label"], one_hot = ("", one_hot) if one_hot else search.label(is_titled=is_titled)
    for column in (*found.values(), *one_hot):
        if column and list(columns).count(column) > 1:
            raise DataError("table_column_twice", path=table, column=printable(column))
    notes = tuple(search.notes)
    return Columns(**found, one_hot=one_hot, notes=notes)


def _asked(columns: Sequence[str], asked: TableOptions, table: str) -> dict[str, str]:
    given = {"path": asked.path_column, "group": asked.group}
    option = {"path": "--path-column", "group": "--group"}
    return {
        role: _named(columns, name, option[role], table)
        for role, name in given.items()
        if name is not None
    }


def _named(columns: Sequence[str], name: str, option: str, table: str) -> str:
    column = name if name and name in columns else _first(columns, [name])
    if not column:
        raise UsageError(
            "unknown_column",
            path=table,
            column=printable(name),
            columns=_listed(columns),
            option=option,
            suggestion=did_you_mean(name, columns),
        )
    return column


def _listed_columns(columns: Sequence[str], names: str | None, table: str) -> tuple[str, ...]:
    """Take `a,b,c` for three columns, unless one column is called so, or none of them is there."""
    if names is None or names in columns or "," not in names:
        return ()
    wanted = [name.strip() for name in names.split(",")]
    if not any(_first(columns, [name]) for name in wanted):
        return ()
    return tuple(_named(columns, name, "--label-column", table) for name in wanted)


def _first(columns: Sequence[str], names: Sequence[str]) -> str:
    by_name = {_plain(column): column for column in reversed(columns) if column}
    return next((by_name[_plain(name)] for name in names if _plain(name) in by_name), "")


def is_usual(title: str) -> bool:
    """Tell whether a title is a usual name of a column.

    >>> is_usual("File Name"), is_usual("0001.jpg")
    (True, False)
    """
    return _plain(title) in _USUAL


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFC", name[:200]).casefold()
    return folded.replace("_", "").replace(" ", "").replace("-", "")


_USUAL = frozenset(_plain(name) for names in COLUMN_NAMES.values() for name in names)


class _Search:
    """The first rows of a table, asked for what its titles do not tell."""

    def __init__(
        self, columns: Sequence[str], rows: Sequence[Record], found: dict[str, str], table: str
    ) -> None:
        self.notes: list[str] = []
        self._columns = columns
        self._cells = [row.cells for row in rows if row.cells is not None]
        self._found = found
        self._table = table

    def path(self, likeness: FileLikeness | None) -> str:
        """Find the column whose first cells name files that are there, or nearly do."""
        ranks: dict[int, str] = {}
        for column in self._others() if likeness is not None else ():
            written = [cell for cell in self._values(column)[:_MOST_FILES] if cell]
            if written and likeness is not None:
                ranks.setdefault(min(map(likeness, written)), column)
        if max(ranks, default=0):
            column = ranks[max(ranks)]
            self._note("path", column)
            return column
        raise self._missing("path")

    def part(self) -> str:
        """Find a column whose cells all name parts: it never holds the labels."""
        for column in self._others():
            written = [value for value in self._values(column) if value]
            if column != self._found["label"] and are_parts(written):
                self._note("part", column)
                return column
        return ""

    def label(self, *, is_titled: bool) -> tuple[str, tuple[str, ...]]:
        """Find the column of labels, or the columns of 0 and 1 that are a class each."""
        others = self._others()
        if not self._cells:
            raise self._missing("label")
        if not is_titled and len(others) > 1:  # numbers are boxes and sizes rather than classes
            words = [column for column in others if not self._is_numeric(column)]
            others = words if len(words) == 1 else others
        flags = [column for column in others if self._flags(column)]
        if len(flags) > 1 and self._are_classes(flags):
            shown = _listed(flags)
            self.notes.append(t("datasets.one_hot", table=self._table, columns=shown))
            return "", tuple(flags)
        words = [column for column in others if column not in flags]
        if len(flags) > 1 and not any(map(self._repeats, words)):
            shown = _listed(flags)
            raise DataError("table_several_labels", path=self._table, columns=shown)
        others = words or others
        if len(others) == 1 and self._repeats(others[0]):
            self._note("label", others[0])
            return others[0], ()
        raise self._missing("label")

    def _others(self) -> list[str]:
        """Give the columns with a title that are not known to be for something else."""
        taken = {*self._found.values(), ""}
        return [column for column in self._columns[:_MOST_CLASSES] if column not in taken]

    def _values(self, column: str) -> list[str]:
        return [cells.get(column, "").strip() for cells in self._cells]

    def _flags(self, column: str) -> bool:
        """Tell whether a column holds marks alone; words for them must say both yes and no."""
        values = set(self._values(column))
        marks = {_mark(value) for value in values}
        is_plain = all(
            value.casefold() in ("true", "false") or value[:1].isdigit() for value in values
        )
        return None not in marks and (is_plain or len(marks) == 2)

    def _are_classes(self, flags: Sequence[str]) -> bool:
        """Tell whether two thirds of the rows have a single mark: each picture has one name."""
        counts = [sum(is_marked(cells, column) for column in flags) for cells in self._cells]
        return 3 * counts.count(1) >= 2 * len(counts)

    def _is_numeric(self, column: str) -> bool:
        return all(read_number(value) is not None for value in self._values(column))

    def _repeats(self, column: str) -> bool:
        """Tell whether values come again, as labels do and remarks do not."""
        values = [value for value in self._values(column) if value]
        return bool(values) and 2 * len(set(values)) <= len(values)

    def _note(self, role: str, column: str) -> None:
        facts = {"table": self._table, "column": printable(column)}
        self.notes.append(t(f"datasets.{role}_column", **facts))

    def _missing(self, role: str) -> DataError:
        usual = COLUMN_NAMES[role]
        others = self._others()
        return DataError(
            "table_columns",
            path=self._table,
            wanted=role,
            usual=", ".join(usual[:8]),
            columns=_listed(self._columns),
            option=f"--{role}-column",
            suggestion=_rename(others, usual),
        )


def is_marked(cells: Mapping[str, str], column: str) -> bool:
    """Tell whether a row has a mark, such as 1 or x, in the column of a class."""
    return _mark(cells.get(column, "")) is True


@lru_cache(maxsize=4096)
def _mark(cell: str) -> bool | None:
    """Read 1, 1.00, x, yes as a mark, 0 and nothing as none; None for any other cell."""
    text = cell.strip().casefold()
    if text in _YES or text in _NO:
        return text in _YES
    number = read_number(text)
    return bool(number) if number in (0, 1) else None


def _rename(columns: Sequence[str], usual: Sequence[str]) -> str:
    """Find the column whose name comes nearest to a usual one, and say how to call it."""
    for column in columns[:_MOST_COMPARED]:
        for near in get_close_matches(
            column[:_LONGEST_NAME].casefold(), usual, n=1, cutoff=_LIKENESS
        ):
            facts = {"column": printable(column), "usual": near}
            return " " + t("datasets.rename_column", **facts)
    return ""


def _listed(columns: Sequence[str]) -> str:
    shown = [printable(column)[:40] or "“”" for column in columns[:12]]
    return ", ".join(shown) + (", …" if len(columns) > 12 else "")
