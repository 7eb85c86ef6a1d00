"""Questions as a table to fill in, a filled table as decisions, and names as a table to learn from.

The table of questions has the columns path, group, proposed, probability and name; the last is
empty, to be filled with names in any program. What comes back may have lost all but path and name.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from imagier.answers import AnswerTable
from imagier.errors import UsageError, did_you_mean
from imagier.files import is_within, printable
from imagier.labelling.annotation.decisions import Annotations, Decision
from imagier.labelling.annotation.replies import LONGEST_NAME, known_name
from imagier.labelling.annotation.session import Question, Session
from imagier.labelling.names import one_writing
from imagier.tables import Table, original_cell, read_table

__all__ = ["COLUMNS", "FilledTable", "apply_table", "is_beside", "label_table", "question_table"]

COLUMNS = ("path", "group", "proposed", "probability", "name")
_NAME_TITLES = ("name", "label", "nom", "class")


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledTable:
    """What became of the rows of a filled table.

    Attributes:
        named: Pictures that now bear the name of their row.
        empty: Rows without a name.
        unknown: Paths that are no picture of the folder.
        refused: Names that are none of the classes, or too long.
        new: Names that were not known before, each with a known one that comes near, or nothing.
    """

    named: int
    empty: int
    unknown: tuple[str, ...]
    refused: tuple[str, ...]
    new: Mapping[str, str]


def question_table(session: Session, most: int) -> AnswerTable:
    """Give the next questions as a table, a row a picture; a question is never cut.

    Args:
        session: It asks.
        most: How many pictures, the last question's others beside.
    """
    rows: list[Sequence[object]] = []
    for number, question in enumerate(session.questions(), 1):
        if len(rows) >= most:
            break
        rows += _rows(number, question)
    return AnswerTable(columns=COLUMNS, rows=rows)


def apply_table(
    path: Path,
    session: Session,
    *,
    known: Iterable[str],
    is_closed: bool = False,
    accepts: bool = False,
) -> FilledTable:
    """Take the names of a filled table as decisions, a line for each name.

    Args:
        path: The table, with the columns path and name.
        session: Whose pictures it names.
        known: The names so far.
        is_closed: Whether only these may be given.
        accepts: Whether a row without a name takes the one that was proposed.

    Raises:
        UsageError: `annotate_column_missing`.
        DataError, MachineError: What `read_table` refuses.
    """
    table = read_table(path)
    names = list(table.column(_title(table, _NAME_TITLES)))
    if accepts and "proposed" in table.titles:
        pairs = zip(names, table.column("proposed"), strict=True)
        names = [name or proposed for name, proposed in pairs]
    pictures, writings = set(session.paths), list(dict.fromkeys(known))
    first = len(writings)
    named: dict[str, dict[str, None]] = {}
    empty, unknown, refused = 0, [], []
    for cell, text in zip(table.column(_title(table, ("path",))), names, strict=True):
        picture, name = original_cell(cell), one_writing(original_cell(text))
        if not name:
            empty += 1
            continue
        if picture not in pictures:
            unknown.append(picture)
            continue
        same = known_name(name, writings)
        if len(name) > LONGEST_NAME or (same is None and is_closed):
            refused.append(name)
            continue
        if same is None:
            writings.append(name)
        named.setdefault(same or name, {})[picture] = None
    for name, found in named.items():
        session.record(Decision(do="name", name=name, paths=tuple(found)))
    return FilledTable(
        named=sum(map(len, named.values())),
        empty=empty,
        unknown=tuple(unknown),
        refused=tuple(dict.fromkeys(refused)),
        new={name: did_you_mean(name, writings[:first]) for name in writings[first:]},
    )


def label_table(folder: Path, state: Annotations, out: Path) -> AnswerTable:
    """Give the named pictures that are still there as a table to learn from.

    Args:
        folder: The pictures.
        state: Their names.
        out: Where the table will be written: paths begin at its folder where the pictures lie below
            it, else at their own (`is_beside`).
    """
    way = PurePath(os.path.relpath(folder.resolve(), out.parent.resolve()))
    begin = way if is_beside(folder, out) else PurePath()
    rows = [
        ((begin / path).as_posix(), name)
        for path, name in state.names.items()
        if (folder / path).is_file()
    ]
    return AnswerTable(columns=("path", "label"), rows=sorted(rows))


def is_beside(folder: Path, out: Path) -> bool:
    """Tell whether the pictures lie below the folder that a table is written into."""
    return is_within(folder, out.parent)


def _rows(number: int, question: Question) -> Iterable[Sequence[object]]:
    shares = question.probabilities or (None,) * len(question.paths)
    for path, share in zip(question.paths, shares, strict=True):
        yield path, number, question.proposed, None if share is None else f"{share:.4f}", None


def _title(table: Table, usual: Sequence[str]) -> str:
    found = next((title for title in usual if title in table.titles), None)
    if found is None:
        raise UsageError(
            "annotate_column_missing",
            path=table.name,
            column=usual[0],
            columns=printable(", ".join(table.titles))[:200],
            hint=did_you_mean(usual[0], table.titles),
        )
    return found
