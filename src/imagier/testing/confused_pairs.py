"""The pictures behind the cells of the confusion matrix: who was taken for whom, seen.

"4 shirts were named dress" is a count; the four pictures say whether they are dresses after all,
whether the shirts hang on a hanger like dresses, or whether there is no reason to be seen.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from imagier.testing.evaluation import Evaluation
from imagier.testing.gallery import SMALL, Mistake, mistakes_at, surest_mistakes

if TYPE_CHECKING:
    from imagier.datasets import Dataset

__all__ = ["ConfusedPair", "confused_pairs"]

MOST_PAIRS = 90  # every cell beside the diagonal of ten classes
A_PAIR = 12  # pictures
ALL_IN_ALL = 360


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfusedPair:
    """What one cell of the confusion matrix counts.

    Attributes:
        cell: Its row and its column, from 0.
        given: The name that the pictures bear.
        answered: The name that the recogniser gave them.
        n: How many there are.
        pictures: Some of them, the surest answers first.
    """

    cell: tuple[int, int]
    given: str
    answered: str
    n: int
    pictures: tuple[Mistake, ...]


def confused_pairs(
    evaluation: Evaluation,
    dataset: "Dataset",
    names: tuple[str, ...],
    *,
    pictures: bool = True,
) -> tuple[ConfusedPair, ...]:
    """Give the pairs of names that were confused, the most frequent first, with their pictures.

    Args:
        evaluation: What was answered.
        dataset: The pictures it was asked about.
        names: The recogniser's classes.
        pictures: Whether their pictures are kept, or their names only.
    """
    places = surest_mistakes(evaluation)
    cells = evaluation.labels[places] * len(names) + evaluation.predicted[places]
    found, counts = np.unique(cells, return_counts=True)
    order = np.lexsort((found, -counts))[:MOST_PAIRS]
    each = max(2, min(A_PAIR, ALL_IN_ALL // max(1, len(order))))
    largest = SMALL if pictures else None
    pairs = []
    for cell, n in zip(found[order], counts[order], strict=True):
        row, column = divmod(int(cell), len(names))
        shown = places[cells == cell][:each]
        pairs.append(
            ConfusedPair(
                cell=(row, column),
                given=names[row],
                answered=names[column],
                n=int(n),
                pictures=mistakes_at(evaluation, dataset, names, shown, largest=largest),
            )
        )
    return tuple(pairs)
