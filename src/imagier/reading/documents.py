"""Lines that stand in one document: how many documents are right, and how far that may be trusted.

A form of six fields is of use when all six are read right. And lines of one document, written by
one hand and photographed in one light, fail together, so that a hundred lines of ten documents say
less than a hundred lines of a hundred: the share of right lines gets a second interval, for which
whole documents are drawn again (`resampling`).

>>> found = count_documents(["a", "a", "b", "b", ""], np.array([True, True, True, False, True]))
>>> found.n, found.correct, found.lines
(3, 2, 5)
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.reading.resampling import ratio_interval
from imagier.testing.intervals import wilson

__all__ = ["Documents", "count_documents", "document_places"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """What the documents say that lines come from.

    Attributes:
        n: Documents; a line that names none is one of its own.
        correct: How many of them have all their lines right.
        interval: Shares of documents that agree, Wilson, 95 %.
        lines: Lines in them.
        line_interval: Shares of right lines that agree, documents drawn again; None where there
            are too few documents or all are equally right.
    """

    n: int
    correct: int
    interval: tuple[float, float]
    lines: int
    line_interval: tuple[float, float] | None

    @property
    def accuracy(self) -> float:
        """Share of the documents all of whose lines are right, 0..1."""
        return self.correct / self.n

    def to_json(self) -> dict[str, Any]:
        """Give the figures as other programs read them."""
        return {
            "accuracy": self.accuracy,
            "interval": list(self.interval),
            "n": self.n,
            "lines": self.lines,
            "line_interval": self.line_interval and list(self.line_interval),
        }


def count_documents(documents: Sequence[str], is_right: NDArray[np.bool_]) -> Documents | None:
    """Count right documents.

    Args:
        documents: The document of each line, empty where it names none, (n,); `()` where nothing
            is known of documents.
        is_right: Whether each line was read right, (n,).

    Returns:
        The figures; None where no document has two lines, so that they would say nothing new.
    """
    places = document_places(documents)
    if places is None:
        return None
    lines, right = np.bincount(places), np.bincount(places, is_right).astype(np.int64)
    n, correct = len(lines), int((right == lines).sum())
    return Documents(
        n=n,
        correct=correct,
        interval=wilson(correct, n),
        lines=len(documents),
        line_interval=ratio_interval(right, lines),
    )


def document_places(documents: Sequence[str]) -> NDArray[np.int64] | None:
    """Number the documents of lines: lines of one document have one number, from 0, (n,).

    Args:
        documents: As `count_documents` has them.

    Returns:
        The numbers; None where no document has two lines.

    >>> document_places(["b", "", "a", "b", ""])
    array([3, 0, 2, 3, 1])
    """
    counts = Counter(name for name in documents if name)
    if not counts or max(counts.values()) < 2:
        return None
    own = [(name, "" if name else f"{line:012d}") for line, name in enumerate(documents)]
    numbers = {one: number for number, one in enumerate(sorted(set(own)))}
    return np.array([numbers[one] for one in own], np.int64)
