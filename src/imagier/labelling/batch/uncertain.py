"""The pictures most worth naming: those that the model tells apart worst, of different kinds.

Unsure is where the two likeliest names are nearly as probable (margin sampling). Of ten times as
many pictures as are asked for, those of least margin, k-means makes as many groups as are asked
for, by their colours and edges, the unsure weighing most; of each group the least sure picture is
taken. Ten copies of one scene fall into one group and cost one name. Farthest-first choice was not
taken: it likes what is like nothing else, and among photos that is what is broken or empty.

What is taken is copied into a folder with a table, whose column `label` waits for the names:

    names-uncertain/labels.csv    path,label,guess,probability,guess_2,probability_2,source
    names-uncertain/001.png       ...

Sources: T. Scheffer, C. Decomain, S. Wrobel, "Active hidden Markov models for information
extraction", IDA 2001 (margin); F. Zhdanov, "Diverse mini-batch active learning", 2019.
"""

import heapq
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.errors import PictureError, UsageError
from imagier.files import new_folder, printable, write_file
from imagier.i18n import integer, t
from imagier.images import Prepare, decode, linked_file, one_picture, prepare, read_bytes
from imagier.kmeans import kmeans
from imagier.labelling.batch.answer_rows import AnswerRow, answer_rows
from imagier.labelling.batch.archives import ARCHIVES, members, read_member
from imagier.labelling.batch.entries import Member
from imagier.labelling.descriptions import main_directions
from imagier.labelling.histograms import SIDE, describe
from imagier.tables import csv_text

__all__ = ["UncertainPictures", "choose_uncertain", "uncertain_folder"]

TABLE = "labels.csv"
COLUMNS = ("path", "label", "guess", "probability", "guess_2", "probability_2", "source")
_CANDIDATES = 10  # for each picture that is asked for
_SETTINGS = Prepare(height=SIDE, width=SIDE, channels=3, fit="stretch")


@dataclass(frozen=True, slots=True, kw_only=True)
class UncertainPictures:
    """The pictures most worth naming.

    Attributes:
        folder: Where they were copied to, with their table.
        rows: What the model answered about them, the least sure first.
    """

    folder: Path
    rows: tuple[AnswerRow, ...]

    def lines(self) -> Iterator[str]:
        """Say where they are and what to do with them."""
        n = len(self.rows)
        yield t("labelling.batch.uncertain", n=n, count=integer(n), path=printable(self.folder))
        yield t("labelling.batch.uncertain_next", path=printable(self.folder / TABLE))

    def to_json(self) -> dict[str, Any]:
        """Give where they are."""
        return {
            "folder": printable(self.folder),
            "table": printable(self.folder / TABLE),
            "n": len(self.rows),
            "pictures": [printable(row.path) for row in self.rows],
        }


def uncertain_folder(out: Path) -> Path:
    """Name the folder of a file of answers: `names.csv` has `names-uncertain`."""
    return out.with_name(f"{out.stem}-uncertain")


def choose_uncertain(out: Path, n: int) -> UncertainPictures:
    """Copy the pictures most worth naming into a folder, with a table that waits for their names.

    Args:
        out: A finished file of answers, whose rows have two choices.
        n: How many pictures; fewer where fewer differ, or can still be read.

    Raises:
        UsageError: `label_uncertain_exists`, when the folder is there: names may stand in it.
        MachineError: `disk_full` or `cannot_write`.
    """
    folder = uncertain_folder(out)
    if os.path.lexists(folder):
        raise UsageError("label_uncertain_exists", path=printable(folder))
    rows = (row for row in answer_rows(out) if not row.is_stranger)
    candidates = heapq.nsmallest(_CANDIDATES * n, rows, key=lambda row: row.margin)
    readers = _Readers(candidates)
    seen = [(row, point) for row in candidates if (point := readers.point(row)) is not None]
    places = _least_sure_of_groups([p for _, p in seen], [1 - row.margin for row, _ in seen], n)
    chosen = [seen[place][0] for place in places]
    with new_folder(folder) as place:
        table = []
        for number, row in enumerate(chosen, 1):
            name = f"{number:03}{Path(row.path).suffix.lower()[:5]}"
            write_file(place / name, readers.content(row))
            sure, less = row.probabilities
            table.append([name, "", row.labels[0], sure, row.labels[1], less, row.path])
        write_file(place / TABLE, csv_text(COLUMNS, table).encode())
    return UncertainPictures(folder=folder, rows=tuple(chosen))


def _least_sure_of_groups(
    points: Sequence[NDArray[np.float32]], weights: Sequence[float], n: int
) -> list[int]:
    """Group points, which stand in the order of certainty; give the first of each, in order.

    Args:
        points: The pictures, as numbers.
        weights: How unsure each is, 0..1: groups are made where much is unsure.
        n: How many groups.
    """
    if len(points) <= n:
        return list(range(len(points)))
    flat = main_directions(np.stack(points).astype(np.float64))
    weigh = np.maximum(weights, 1e-6)
    groups = kmeans(flat, n, sample_weight=weigh, seed=0).assign(flat)
    return sorted(np.unique(groups, return_index=True)[1].tolist())


class _Readers:
    """Reads pictures by the paths of rows, members of archives among them.

    Args:
        rows: Those that will be read: an archive is walked once for all of its members.
    """

    def __init__(self, rows: Sequence[AnswerRow]) -> None:
        wanted: dict[str, set[str]] = {}
        for row in rows:
            archive, name = _split(row.path)
            if name:
                wanted.setdefault(archive, set()).add(name)
        self._members: Mapping[str, Member] = {
            member.path: member
            for archive, names in wanted.items()
            for member in members(archive)
            if isinstance(member, Member) and member.name in names
        }

    def content(self, row: AnswerRow) -> bytes:
        """Read a picture's file.

        Raises:
            PictureError: It is gone.
        """
        member = self._members.get(row.path)
        return read_bytes(linked_file(row.path)) if member is None else read_member(member)

    def point(self, row: AnswerRow) -> NDArray[np.float32] | None:
        """Describe a picture; None for one that cannot be read any more."""
        try:
            with one_picture():
                picture = decode(self.content(row), name=row.path, wanted=_SETTINGS.wanted)
                return describe(prepare(picture.pixels, _SETTINGS))
        except PictureError:
            return None


def _split(path: str) -> tuple[str, str]:
    """Part a member's path into its archive and its name there; no name for a plain file."""
    for ending in ARCHIVES:
        archive, sign, name = path.partition(f"{ending}/")
        if sign and Path(archive + ending).is_file():
            return archive + ending, name
    return path, ""
