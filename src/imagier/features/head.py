"""One layer fitted on fixed features, with its l2 chosen by cross-validation over folds.

With the features f frozen, the error of the head

    E(W, b) = mean over pictures of -log softmax(W f + b)[label] + l2 / 2 |W|²

has a single lowest point, whatever W and b one starts from, and L-BFGS walks to it: no epochs, no
learning rate, no seed. Features are first brought to mean 0 and standard deviation 1, so that l2
means the same for each. They still say the same things many times over, which makes the valley long
and narrow; so the pictures are turned to their principal axes, each axis is scaled so that the
valley would be round if all answers were equally likely, and the walk takes twenty passes over the
pictures instead of two hundred. Directions in which no two pictures differ are left out: with 200
pictures there are 200 axes instead of 1,904, and the result is the same.

Which l2 is best is asked of pictures that were not learnt from: all are parted into folds, each
fold is named by a head that learnt from the others, and the l2 with the least log-loss over all of
them is kept. Then the head is fitted once more, on every picture: none is left unlearnt.

Source: D. C. Liu, J. Nocedal, "On the limited memory BFGS method for large scale optimization",
Mathematical Programming, 1989; D. Böhning, "Multinomial logistic regression algorithm", Annals of
the Institute of Statistical Mathematics, 1992, for the scale of the axes; S. Kornblith et al., "Do
better ImageNet models transfer better?", CVPR 2019, for the protocol.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from imagier.features.lbfgs import minimize
from imagier.features.parts import Head
from imagier.machine import parallel_map

__all__ = ["L2_VALUES", "FittedHead", "HeadTrial", "fit_head"]

L2_VALUES = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003)
PATIENCE = 1  # weaker values that may give no less loss before the search ends
ROUGH, FINE = 1e-3, 1e-4  # no gradient is steeper where a walk ends: of a fold, of the last fit
MOST_STEPS = 60
ROWS = 4096  # pictures whose products are added up at a time
MOST_COPIED = 20_000  # pictures of a fold that are copied apart; of more none is copied
LEAST_STD = 1e-6
LEAST_VARIANCE = 1e-9  # of the largest: axes with less are left out

Numbers = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadTrial:
    """One l2 that was tried.

    Attributes:
        l2: Weight of |W|² / 2 in the error.
        steps: Passes over the pictures, all folds together.
        train_loss: Mean error on the pictures learnt from, the part of l2 left out.
        loss: Mean error on the pictures left out, each picture weighed by its class.
        accuracy: Share of the pictures left out that are named right.
    """

    l2: float
    steps: int
    train_loss: float
    loss: float
    accuracy: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedHead:
    """A head that learnt from all pictures, with the l2 that was best on those left out.

    Attributes:
        head: For features as they are: what brings them to mean 0 and deviation 1 is folded in.
        best: The trial whose l2 was taken.
        trials: All trials, strongest l2 first.
        held_out: For each picture the probabilities by the head that had not learnt from it,
            (N, K); NaN for pictures of no fold.
    """

    head: Head = field(repr=False)
    best: HeadTrial
    trials: tuple[HeadTrial, ...]
    held_out: Numbers = field(repr=False)


def fit_head(
    features: NDArray[np.floating],
    labels: NDArray[np.int64],
    folds: NDArray[np.int64],
    *,
    class_weights: Sequence[float],
    l2_values: Sequence[float] = L2_VALUES,
    threads: int | None = None,
) -> FittedHead:
    """Choose l2 on pictures left out, then fit a head on all of them.

    Args:
        features: Of the pictures, (N, D).
        labels: Of the pictures, (N,).
        folds: The fold in which each picture is left out, 0, 1, 2...; -1 for a picture that is
            always learnt from, (N,). Two folds or more, or one with pictures of no fold beside it.
        class_weights: How much an error counts for each class, (K,).
        l2_values: The values to try, in falling order.
        threads: How many folds are walked side by side; None for one a core.
    """
    problem = _Problem(features, labels, class_weights)
    outs = [folds == fold for fold in range(int(folds.max()) + 1)]
    starts = [problem.start() for _ in outs]
    best: tuple[HeadTrial, Numbers, Numbers] | None = None
    trials: list[HeadTrial] = []
    for l2 in l2_values:
        walks = problem.walk_folds(starts, outs, l2, threads=threads)
        held_out = np.full((len(labels), len(class_weights)), np.nan, np.float32)
        for is_out, walked in zip(outs, walks, strict=True):
            held_out[is_out] = problem.probabilities(walked.parameters, is_out)
        starts = [walked.parameters for walked in walks]
        trial = problem.judge(held_out, l2=l2, walks=walks)
        trials.append(trial)
        if best is None or trial.loss < best[0].loss:
            best = trial, held_out, np.mean(starts, axis=0)
        elif len(trials) - 1 - trials.index(best[0]) > PATIENCE:
            break
    assert best is not None  # noqa: S101 - there is at least one value
    trial, held_out, start = best
    everyone = np.ones(len(labels), bool)
    head = problem.folded(problem.walk(start, everyone, trial.l2, tolerance=FINE).parameters)
    return FittedHead(head=head, best=trial, trials=tuple(trials), held_out=held_out)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Walk:
    """Where a walk ended: W and b side by side, (K, R + 1), passes, error without l2's part."""

    parameters: Numbers
    steps: int
    loss: float


class _Problem:
    """The pictures on their principal axes, and the walk down the error of a head."""

    def __init__(
        self,
        features: NDArray[np.floating],
        labels: NDArray[np.int64],
        class_weights: Sequence[float],
    ) -> None:
        self.mean, self.std = _moments(features)
        standard: Numbers = features.astype(np.float32)
        standard -= self.mean
        standard /= self.std
        self.variances, self.axes = _principal_axes(standard)
        self.table = _turned(standard, self.axes)
        self.labels = labels
        self.class_weights = np.asarray(class_weights, np.float32)
        self.classes = len(class_weights)

    def start(self) -> Numbers:
        return np.zeros((self.classes, self.table.shape[1] + 1), np.float32)

    def walk(
        self, start: Numbers, learnt: NDArray[np.bool_], l2: float, *, tolerance: float
    ) -> _Walk:
        """Walk from `start` to the lowest point of the error on the pictures `learnt`."""
        table, labels = (
            (self.table, self.labels) if learnt.all() else (self.table[learnt], self.labels[learnt])
        )
        weights = self.class_weights[labels]
        shares = (weights / weights.sum(dtype=np.float64)).astype(np.float32)
        scale = np.sqrt(self.variances / self.classes + l2).astype(np.float32)
        rows = np.arange(len(labels))
        losses: list[float] = []

        def error(scaled: Numbers) -> tuple[float, Numbers]:
            found = scaled.reshape(self.classes, -1)
            straight = found[:, :-1] / scale
            answers = _softmax(table @ straight.T + found[:, -1])
            right = answers[rows, labels]
            loss = -float(shares @ np.log(np.maximum(right, 1e-30)))
            losses.append(loss)
            answers[rows, labels] -= 1
            answers *= shares[:, np.newaxis]
            gradient = np.empty_like(found)
            gradient[:, :-1] = (answers.T @ table + l2 * straight) / scale
            gradient[:, -1] = answers.sum(axis=0)
            penalty = l2 / 2 * float(np.square(straight, dtype=np.float64).sum())
            return loss + penalty, gradient.reshape(-1)

        begun = start.copy()
        begun[:, :-1] *= scale
        found = minimize(error, begun.reshape(-1), steps=MOST_STEPS, tolerance=tolerance)
        parameters = found.reshape(self.classes, -1).copy()
        parameters[:, :-1] /= scale
        return _Walk(parameters=parameters, steps=len(losses), loss=losses[-1])

    def walk_folds(
        self,
        starts: Sequence[Numbers],
        outs: Sequence[NDArray[np.bool_]],
        l2: float,
        *,
        threads: int | None,
    ) -> list[_Walk]:
        """Walk for each fold on the pictures that are not left out in it."""

        def walk(fold: int) -> _Walk:
            return self.walk(starts[fold], ~outs[fold], l2, tolerance=ROUGH)

        return list(parallel_map(walk, range(len(outs)), threads=threads))

    def probabilities(self, parameters: Numbers, rows: NDArray[np.bool_]) -> Numbers:
        return _softmax(self.table[rows] @ parameters[:, :-1].T + parameters[:, -1])

    def judge(self, held_out: Numbers, *, l2: float, walks: "Sequence[_Walk]") -> HeadTrial:
        """Judge the answers for the pictures left out."""
        judged = np.flatnonzero(np.isfinite(held_out[:, 0]))
        labels = self.labels[judged]
        weights = self.class_weights[labels].astype(np.float64)
        right = held_out[judged, labels].astype(np.float64)
        errors = -np.log(np.maximum(right, 1e-30))
        return HeadTrial(
            l2=l2,
            steps=sum(walked.steps for walked in walks),
            train_loss=float(np.mean([walked.loss for walked in walks])),
            loss=float(weights @ errors / weights.sum()),
            accuracy=float((held_out[judged].argmax(axis=1) == labels).mean()),
        )

    def folded(self, parameters: Numbers) -> Head:
        """Give the head for features as they are."""
        turned = parameters[:, :-1].astype(np.float64) @ self.axes.T.astype(np.float64)
        weights = turned / self.std
        bias = parameters[:, -1] - weights @ self.mean.astype(np.float64)
        return Head(weights=weights.astype(np.float32), bias=bias.astype(np.float32))


def _turned(table: Numbers, axes: Numbers) -> Numbers:
    """Turn pictures, (N, D), to their principal axes, (N, R), in the memory they have."""
    columns = axes.shape[1]
    for at in range(0, len(table), ROWS):
        rows = slice(at, at + ROWS)
        table[rows, :columns] = table[rows] @ axes
    return table[:, :columns] if len(table) > MOST_COPIED else table[:, :columns].copy()


def _softmax(logits: Numbers) -> Numbers:
    """Turn numbers into shares that add up to 1, in place."""
    logits -= logits.max(axis=1, keepdims=True)
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=1, keepdims=True)
    return logits


def _moments(features: NDArray[np.floating]) -> tuple[Numbers, Numbers]:
    """Give mean and standard deviation of each column, added up in float64."""
    total = np.zeros(features.shape[1])
    squares = np.zeros(features.shape[1])
    for at in range(0, len(features), ROWS):
        part = features[at : at + ROWS].astype(np.float64)
        total += part.sum(axis=0)
        squares += np.square(part).sum(axis=0)
    mean = total / len(features)
    std = np.sqrt(np.maximum(squares / len(features) - np.square(mean), 0))
    return mean.astype(np.float32), np.maximum(std, LEAST_STD).astype(np.float32)


def _principal_axes(table: Numbers) -> tuple[NDArray[np.float64], Numbers]:
    """Give the variance along each principal axis, (R,), and the axes, (D, R).

    The smaller of the two products is taken apart: that of the features with fewer pictures than
    features, else that of the pictures.
    """
    count, columns = table.shape
    if count < columns:
        variances, pictures = np.linalg.eigh((table @ table.T).astype(np.float64) / count)
        kept = variances > LEAST_VARIANCE * variances[-1]
        variances = variances[kept]
        lengths = np.sqrt(variances * count)
        axes = table.T @ (pictures[:, kept] / lengths).astype(np.float32)
        return variances, axes
    products = np.zeros((columns, columns))
    for at in range(0, count, ROWS):
        part = table[at : at + ROWS]
        products += part.T @ part
    variances, axes = np.linalg.eigh(products / count)
    kept = variances > LEAST_VARIANCE * variances[-1]
    return variances[kept], axes[:, kept].astype(np.float32)
