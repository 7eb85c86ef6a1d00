"""Tables of votes and of known labels, with the columns that people and tools give them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from imagier.datasets.class_names import equal_numbers
from imagier.errors import DataError, UsageError, did_you_mean
from imagier.files import printable
from imagier.i18n import t
from imagier.labelling.names import one_writing
from imagier.labelling.votes.vote_table import Votes, make_votes
from imagier.tables import Table, read_table

__all__ = ["KnownLabels", "VoteTable", "read_known", "read_votes"]

_ROLES = ("item", "annotator", "label")
# how Toloka, MTurk, Label Studio and people call them; the first is ours
_TITLES = {
    "item": ("item", "task", "task_id", "question", "image", "picture", "path", "file", "élément"),
    "annotator": ("annotator", "worker", "worker_id", "performer", "rater", "user", "annotateur"),
    "label": ("label", "answer", "response", "vote", "class", "étiquette", "réponse"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteTable:
    """Votes, and how their table was read."""

    votes: Votes
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownLabels:
    """Items whose label is known.

    Attributes:
        name: Of the table.
        labels: The label of each item.
        notes: How it was read.
    """

    name: str
    labels: Mapping[str, str]
    notes: tuple[str, ...] = ()

    def as_written(self, labels: Iterable[str]) -> "KnownLabels":
        """Write numbers as the votes write them: 1.0 where they have 1."""
        same = equal_numbers(dict.fromkeys(self.labels.values()), labels)
        found = {item: same.get(label, label) for item, label in self.labels.items()}
        return KnownLabels(name=self.name, labels=found, notes=self.notes)


def read_votes(path: Path, *, columns: Sequence[str] | None = None) -> VoteTable:
    """Read a table of votes.

    Args:
        path: CSV, TSV, JSON lines or Parquet.
        columns: The titles of item, annotator and label; None for the usual ones.

    Raises:
        UsageError: `votes_column_missing`, with the titles there are.
        DataError: What `read_table` and `make_votes` refuse.
        MachineError: `reader_missing`, for Parquet without pyarrow.
    """
    table = read_table(path)
    titles, notes = _titles(table, _ROLES, columns)
    rows = zip(*(table.column(title) for title in titles), strict=True)
    votes = make_votes(rows, name=table.name)
    return VoteTable(votes=votes, notes=(*table.notes, *notes))


def read_known(path: Path, *, columns: Sequence[str] | None = None) -> KnownLabels:
    """Read a table of known labels.

    Args:
        path: CSV, TSV, JSON lines or Parquet, a row an item.
        columns: The titles of item, annotator and label in the votes; those of item and label are
            taken where the table has them.

    Raises:
        UsageError: `votes_column_missing`.
        DataError: `votes_known_twice`, for an item with two labels; what `read_table` refuses.
    """
    table = read_table(path)
    given = None
    if columns is not None and {columns[0], columns[2]} <= set(table.titles):
        given = (columns[0], columns[2])
    titles, notes = _titles(table, ("item", "label"), given)
    labels: dict[str, str] = {}
    for cells in zip(*map(table.column, titles), strict=True):
        item, label = map(one_writing, cells)
        if not item or not label:
            continue
        if labels.setdefault(item, label) != label:
            facts = {"first": printable(labels[item])[:60], "second": printable(label)[:60]}
            raise DataError(
                "votes_known_twice", path=table.name, item=printable(item)[:60], **facts
            )
    return KnownLabels(name=table.name, labels=labels, notes=(*table.notes, *notes))


def _titles(
    table: Table, roles: Sequence[str], given: Sequence[str] | None
) -> tuple[list[str], tuple[str, ...]]:
    """Find the column of each role; note those that are called otherwise."""
    if given is not None:
        return [table.known(title) for title in given], ()
    found, notes = [], []
    folded = {title.casefold(): title for title in reversed(table.titles)}
    for role in roles:
        title = next((folded[name] for name in _TITLES[role] if name in folded), None)
        if title is None:
            raise UsageError(
                "votes_column_missing",
                path=table.name,
                role=role,
                columns=printable(", ".join(table.titles))[:200],
                hint=did_you_mean(role, table.titles),
                example=",".join(_ROLES),
            )
        found.append(title)
        if title.casefold() != role:
            notes.append(t("votes.column_taken", path=table.name, title=title, role=role))
    return found, tuple(notes)
