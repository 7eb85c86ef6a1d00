"""An audit: everything that was found about a set of named pictures before learning."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagier.auditing.cues import Cue
from imagier.auditing.duplicate_groups import DuplicateGroups
from imagier.auditing.label_errors import LabelErrors
from imagier.auditing.series import Series
from imagier.datasets import Dataset, Skipped
from imagier.images import PictureHeader

__all__ = ["Audit", "Judgement", "RankedPicture", "odd_sizes"]

ODD_AREA, ODD_SHAPE = 16.0, 3.0  # times the median area, times the median shape
RELIABLE = 0.7  # accuracy from which a quick recogniser may doubt names
UNBALANCED = 10.0  # times as many pictures as the smallest class
SCORES = {"unreadable": 1.0, "conflict": 1.0, "leak": 0.9, "copy": 0.6, "odd_size": 0.3}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judgement:
    """What a quick recogniser said of each picture without having learnt from it.

    Attributes:
        label_errors: How wrong each name looks.
        accuracy: Share of the pictures that it named as they are named.
        accuracy_by_series: The same with whole series left out; None where there are none.
        described_by: What it looked at: `features` of the backbone, or `edges`.
    """

    label_errors: LabelErrors
    accuracy: float
    accuracy_by_series: float | None
    described_by: str

    @property
    def is_weak(self) -> bool:
        """Whether it errs too often for its doubts to count: its ranking is all that is worth."""
        return self.accuracy < RELIABLE

    @property
    def suspected(self) -> NDArray[np.int64]:
        """The names to look at, the most suspicious first: by the estimate, or the first 1 %."""
        errors = self.label_errors
        order = errors.ranking
        found = order[errors.is_suspected[order]]
        return found[: max(1, len(order) // 100)] if self.is_weak else found


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedPicture:
    """A picture about which something was found.

    Attributes:
        path: Its name below the source.
        label: The name it was given; empty where it could not be read.
        score: How bad it is, 0 to 1: the worst of its findings.
        findings: Codes: `unreadable`, `conflict`, `leak`, `label_error`, `copy`, `odd_size`.
        suggested: The likeliest other name, where the given one is suspected.
        row: Its place in the data set; None where it could not be read.
    """

    path: str
    label: str
    score: float
    findings: tuple[str, ...]
    suggested: str | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Audit:
    """What was found about a set of named pictures.

    Attributes:
        dataset: The pictures that could be read.
        unreadable: The files that could not.
        duplicates: Copies of all kinds.
        judgement: What a quick recogniser said; None where there are too few pictures or classes.
        cues: What gives a class away, most first.
        series: The pattern of names that tells which pictures belong together; None without one.
        headers: What each file's header says, None for a picture without a file, (N,).
        notes: What else the user should know, as sentences.
        seed: What decided by chance.
    """

    dataset: Dataset
    unreadable: tuple[Skipped, ...]
    duplicates: DuplicateGroups
    judgement: Judgement | None
    cues: tuple[Cue, ...]
    series: Series | None
    headers: Sequence[PictureHeader | None]
    notes: tuple[str, ...]
    seed: int

    @property
    def conflicts(self) -> list[tuple[int, ...]]:
        """Copies that bear two names or more, each group as indices."""
        return [group.rows for group in self.duplicates.groups if group.is_conflict]

    @property
    def error_share(self) -> float | None:
        """Share of the names that are suspected; None where none could be judged."""
        judgement = self.judgement
        return None if judgement is None or judgement.is_weak else judgement.label_errors.share

    @property
    def imbalance(self) -> float:
        """How many times as many pictures the largest class has as the smallest."""
        counts = [count for count in self.dataset.counts().values() if count]
        return max(counts) / min(counts) if counts else 1.0

    def ranking(self) -> list[RankedPicture]:
        """Give the pictures about which something was found, the worst first."""
        dataset = self.dataset
        scores = np.zeros(len(dataset))
        found: dict[int, list[str]] = {}

        def mark(row: int, code: str, score: float) -> None:
            found.setdefault(row, []).append(code)
            scores[row] = max(scores[row], score)

        for group in self.duplicates.groups:
            for row in group.rows:
                if group.is_conflict:
                    mark(row, "conflict", SCORES["conflict"])
                if group.is_leak:
                    mark(row, "leak", SCORES["leak"])
                mark(row, "copy", SCORES["copy"])
        errors = self.judgement.label_errors if self.judgement else None
        suspected = set(self.judgement.suspected.tolist() if self.judgement else ())
        if errors is not None:
            for row in suspected:
                mark(row, "label_error", float(errors.scores[row]))
        for row in odd_sizes(self.headers).tolist():
            mark(row, "odd_size", SCORES["odd_size"])
        ranked = [
            RankedPicture(
                path=dataset.names[row],
                label=dataset.classes[dataset.labels[row]],
                score=round(float(scores[row]), 4),
                findings=tuple(codes),
                suggested=dataset.classes[errors.suggested[row]]
                if errors is not None and row in suspected
                else None,
                row=row,
            )
            for row, codes in found.items()
        ]
        ranked += [
            RankedPicture(path=one.path, label="", score=1.0, findings=("unreadable",))
            for one in self.unreadable
        ]
        return sorted(ranked, key=lambda picture: -picture.score)


def odd_sizes(headers: Sequence[PictureHeader | None]) -> NDArray[np.int64]:
    """Find the pictures whose area or shape is far from that of most, as indices."""
    if not headers or any(header is None for header in headers):
        return np.empty(0, np.int64)
    sizes = np.array([(one.height, one.width) for one in headers if one is not None], np.float64)
    sizes = np.maximum(sizes, 1)
    area, shape = np.log(sizes.prod(axis=1)), np.log(sizes[:, 1] / sizes[:, 0])
    is_odd = np.abs(area - np.median(area)) > np.log(ODD_AREA)
    is_odd |= np.abs(shape - np.median(shape)) > np.log(ODD_SHAPE)
    return np.flatnonzero(is_odd)
