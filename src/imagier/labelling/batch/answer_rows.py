"""The rows of a file of answers, read one after the other: what was named, and how surely."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imagier.labelling.batch.rows import kind_of
from imagier.tables import original_cell

__all__ = ["AnswerRow", "answer_rows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRow:
    """What two choices a row has.

    Attributes:
        path: The picture.
        labels: The first choice, then the second.
        probabilities: Of both.
        is_stranger: Whether the picture is of none of the classes.
    """

    path: str
    labels: tuple[str, str]
    probabilities: tuple[float, float]
    is_stranger: bool

    @property
    def margin(self) -> float:
        """By how much the first choice is more probable than the second: small where unsure."""
        return self.probabilities[0] - self.probabilities[1]


def answer_rows(out: Path) -> Iterator[AnswerRow]:
    """Give the rows of pictures that were named, of a file that `label_batch` wrote.

    Args:
        out: The file; its rows have two choices at least.
    """
    kind = kind_of(out)
    read = {"jsonl": _of_json, "parquet": _of_parquet}.get(kind)
    yield from read(out) if read else _of_csv(out, "\t" if kind == "tsv" else ",")


def _of_csv(out: Path, delimiter: str) -> Iterator[AnswerRow]:
    with out.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter=delimiter):
            if row["label_2"]:
                yield AnswerRow(
                    path=original_cell(row["path"]),
                    labels=(original_cell(row["label"]), original_cell(row["label_2"])),
                    probabilities=(float(row["probability"]), float(row["probability_2"])),
                    is_stranger=row["stranger"] == "true",
                )


def _of_json(out: Path) -> Iterator[AnswerRow]:
    with out.open(encoding="utf-8") as file:
        for line in file:
            row: dict[str, Any] = json.loads(line)
            if len(row["top"]) > 1:
                (first, sure), (second, less) = row["top"][:2]
                yield AnswerRow(
                    path=row["path"],
                    labels=(first, second),
                    probabilities=(sure, less),
                    is_stranger=row["stranger"] is True,
                )


def _of_parquet(out: Path) -> Iterator[AnswerRow]:
    from pyarrow import parquet

    names = ["path", "label", "label_2", "probability", "probability_2", "stranger"]
    with parquet.ParquetFile(out) as file:
        for batch in file.iter_batches(columns=names):
            for row in batch.to_pylist():
                if row["label_2"]:
                    yield AnswerRow(
                        path=row["path"],
                        labels=(row["label"], row["label_2"]),
                        probabilities=(row["probability"], row["probability_2"]),
                        is_stranger=row["stranger"] is True,
                    )
