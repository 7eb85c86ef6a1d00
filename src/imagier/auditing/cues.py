"""Spurious cues: what gives a class away without being what the class is about.

The famous recogniser of pneumonia knew the hospital by the stamp in the corner; another told wolves
by the snow. What such a picture gives away can be asked for: how well does a *single* cue name the
class, the size of the file, its format, the brightness, what stands in one corner, along the
border? Each cue is judged by the plainest of recognisers, one layer of neurons fitted by least
squares, on pictures it has not learnt from. A single number is first put into eight bins, so that
what is neither lowest nor highest is found as well.

For each class the cue says "it" or "not it"; the *separation* is

    share of the class that is found  -  share of all others that are taken for it,

0 for a cue that says nothing and 1 for one that gives the class away. The cue's figure is that of
the class which it gives away most. Chance alone reaches something too: the names are shuffled 99
times, and the p-value counts how often the best of all cues then does as well.

Measured on 3,068 photos of clothes: nothing honest separates a class by more than 0.36 (the border,
which shows on what the clothes lie); a small stamp on all, four or three of five photos of a class
does by 0.89, 0.76 and 0.55. On whole scenes the background itself may: in CIFAR-10 the border tells
ships by 0.56, which is the sea.

Source: J. R. Zech et al., "Variable generalization performance of a deep learning model to detect
pneumonia in chest radiographs", PLOS Medicine, 2018; P. H. Westfall, S. S. Young, "Resampling-based
multiple testing", 1993, for the best of all cues.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagier.machine import parallel_map

__all__ = ["MOST_PICTURES", "SUSPICIOUS", "Cue", "binned", "judge_cues"]

MOST_PICTURES = 2000
SUSPICIOUS = 0.5  # separation from which a cue is worth a warning
PROVEN = 0.05  # p-value below which it is no accident
LEAST_IN_CLASS = 8  # pictures of a class below which nothing is said about it
BINS = 8
SHUFFLES = 99
L2 = 1e-2
_COLUMNS = 2000  # of shuffled names at a time

Numbers = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """How well one cue alone names the class.

    Attributes:
        name: Such as `brightness` or `corner_top_left`.
        label: The class that it gives away most, as a position.
        separation: Share of that class found less share of the others taken for it.
        accuracy: Share of the pictures whose class it names, among all classes.
        baseline: Share that the most frequent class has.
        p_value: How often the best cue does as well once the names are shuffled.
    """

    name: str
    label: int
    separation: float
    accuracy: float
    baseline: float
    p_value: float

    @property
    def is_suspicious(self) -> bool:
        """Whether it gives a class away, and not by chance."""
        return self.separation >= SUSPICIOUS and self.p_value <= PROVEN


def judge_cues(
    cues: Mapping[str, Numbers],
    labels: NDArray[np.int64],
    folds: NDArray[np.int64],
    *,
    classes: int,
    seed: int = 0,
) -> tuple[Cue, ...]:
    """Judge each cue by how well it names the class of pictures not learnt from.

    Args:
        cues: The numbers of each cue, (N, D).
        labels: The classes, (N,).
        folds: In which fold each picture is left out, (N,).
        classes: How many there are.
        seed: Decides how the names are shuffled.

    Returns:
        The cues, those that give most away first; none where there are too few pictures.
    """
    counts = np.bincount(labels, minlength=classes)
    judged = np.flatnonzero(counts >= LEAST_IN_CLASS)
    if len(judged) < 2 or len(np.unique(folds)) < 2:
        return ()
    names = labels[:, np.newaxis] == judged
    rng = np.random.default_rng(seed)
    orders = [rng.permutation(len(labels)) for _ in range(SHUFFLES)]

    def judge(name: str) -> tuple[str, NDArray[np.float64], float, NDArray[np.float64]]:
        solver = _Solver(cues[name], folds)
        said, scores = solver.answers(names)
        found = _separations(said, names)
        accuracy = float((judged[scores.argmax(axis=1)] == labels).mean())
        return name, found, accuracy, _by_chance(solver, names, orders)

    results = list(parallel_map(judge, cues))
    chance = np.max([by_chance for *_, by_chance in results], axis=0)
    baseline = float(counts.max() / len(labels))
    answers = [
        Cue(
            name=name,
            label=int(judged[found.argmax()]),
            separation=float(max(found.max(), 0.0)),
            accuracy=accuracy,
            baseline=baseline,
            p_value=float((1 + (chance >= found.max()).sum()) / (1 + SHUFFLES)),
        )
        for name, found, accuracy, _ in results
    ]
    return tuple(sorted(answers, key=lambda cue: -cue.separation))


def binned(values: NDArray[np.floating]) -> Numbers:
    """Put numbers into eight bins that hold about as many each, (N, bins).

    >>> binned(np.array([1.0, 1.0, 5.0])).tolist()
    [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
    """
    edges = np.unique(np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1]))
    edges = edges[edges < values.max()] if len(values) else edges
    bins = np.searchsorted(edges, values, side="left")
    table: Numbers = (bins[:, np.newaxis] == np.arange(len(edges) + 1)).astype(np.float32)
    return table[:, table.any(axis=0)]


class _Solver:
    """Least squares with one matrix a fold, whatever the names are."""

    def __init__(self, numbers: Numbers, folds: NDArray[np.int64]) -> None:
        std = numbers.std(axis=0)
        self.table = (numbers - numbers.mean(axis=0)) / np.maximum(std, 1e-6)
        self.outs = [folds == fold for fold in np.unique(folds)]
        self.matrices = [self._matrix(~out) for out in self.outs]

    def _matrix(self, learnt: NDArray[np.bool_]) -> Numbers:
        table = self._with_one(self.table[learnt]).astype(np.float64)
        products = table.T @ table / len(table) + L2 * np.eye(table.shape[1])
        matrix: Numbers = np.linalg.solve(products, table.T / len(table)).astype(np.float32)
        return matrix

    def answers(self, names: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], Numbers]:
        """Say "it" or "not it" for each column of names, on pictures left out, (N, C)."""
        wanted = names.astype(np.float32)
        said = np.zeros(names.shape, bool)
        scores = np.zeros(names.shape, np.float32)
        for out, matrix in zip(self.outs, self.matrices, strict=True):
            learnt = wanted[~out]
            weights = matrix @ learnt
            fitted = self._with_one(self.table[~out]) @ weights
            counts = learnt.sum(axis=0)
            of_class = (fitted * learnt).sum(axis=0) / np.maximum(counts, 1)
            of_others = (fitted.sum(axis=0) - of_class * counts) / np.maximum(
                len(learnt) - counts, 1
            )
            scores[out] = self._with_one(self.table[out]) @ weights
            said[out] = scores[out] > (of_class + of_others) / 2
        return said, scores

    @staticmethod
    def _with_one(table: Numbers) -> Numbers:
        return np.concatenate([table, np.ones((len(table), 1), np.float32)], axis=1)


def _separations(said: NDArray[np.bool_], names: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Give for each column the share found less the share of others taken for it, (C,)."""
    counts = names.sum(axis=0)
    found = (said & names).sum(axis=0) / np.maximum(counts, 1)
    taken = (said & ~names).sum(axis=0) / np.maximum(len(names) - counts, 1)
    return np.asarray(found - taken)


def _by_chance(
    solver: _Solver, names: NDArray[np.bool_], orders: list[NDArray[np.int64]]
) -> NDArray[np.float64]:
    """Give the largest separation for each way in which the names are shuffled, (shuffles,)."""
    classes = names.shape[1]
    at_once = max(1, _COLUMNS // classes)
    found = []
    for start in range(0, len(orders), at_once):
        part = orders[start : start + at_once]
        shuffled = np.concatenate([names[order] for order in part], axis=1)
        said, _ = solver.answers(shuffled)
        found.append(_separations(said, shuffled).reshape(len(part), classes).max(axis=1))
    return np.concatenate(found)
