"""Does a picture belong to any of the classes? Asked of its features, beside those learnt from.

A softmax shares 100 % out among the classes it knows, a giraffe's too. Two things give a stranger
away. *No class claims it*: in features whose spread within the classes has been made round, each
class draws a picture towards its mean, away from the mean of all (linear discriminant); a picture
between the classes is drawn by none. *It lies where no picture was*: its distance to the nearest
mean, measured by the spread within the classes (Mahalanobis), the axes of the largest spread one by
one and all others alike. Each is divided by its own spread on pictures that were not learnt from,
and the sum is the score: the first tells a class that was left out from those that are known, the
second anything else from both; on photographs and on digits, with classes left out, the sum did
better than either (`docs/decisions/0019-none-of-these.md`).

The threshold is the score that a stated share of the pictures left out exceeds.

Source: K. Lee et al., "A simple unified framework for detecting out-of-distribution samples and
adversarial attacks", NeurIPS 2018; J. Ren et al., "A simple fix to Mahalanobis distance for
improving near-OOD detection", 2021; V. Vovk et al., "Algorithmic learning in a random world", 2005,
for the threshold.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from imagier.onnx_io.strangeness import StrangenessScore

__all__ = [
    "FEWEST",
    "REFUSED",
    "StrangerParts",
    "fit_score",
    "parts_apart",
    "parts_by_folds",
    "scaled_score",
]

REFUSED = 0.02  # share of the pictures of known classes that may be taken for strangers
FEWEST = 50  # pictures not learnt from, below which no threshold for that share can be told
NEAR_RIDGE, FAR_RIDGE = 0.3, 3.0  # of the mean variance, added to that along each axis
AXES, ROUNDS = 64, 8  # largest axes, and the rounds of products in which they are found
MOST_LEARNT = 4_000  # pictures from which means and spread are taken, evenly

Table = NDArray[np.floating]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StrangerParts:
    """A score that is not scaled yet, and what pictures got that it was not fitted on.

    Attributes:
        score: Fitted on all pictures that the model learnt from.
        parts: `near` and `far` of the pictures that judge, each by a score that was fitted
            without it, (n, 2).
    """

    score: StrangenessScore
    parts: NDArray[np.float64]


def fit_score(features: Table, labels: NDArray[np.int64]) -> StrangenessScore:
    """Fit the score on the features of pictures and their classes.

    Args:
        features: Of the pictures learnt from, (n, D).
        labels: Their classes, (n,); a class without pictures claims none.
    """
    step = max(1, -(-len(features) // MOST_LEARNT))
    table, labels = features[::step].astype(np.float32), labels[::step]
    mean = table.mean(axis=0, dtype=np.float64).astype(np.float32)
    table -= mean
    scale = np.float32(1 / max(float(table.std()), 1e-6))  # one for all: keeps the numbers small
    table *= scale
    present = np.unique(labels)
    means = np.stack([table[labels == label].mean(axis=0) for label in present])
    table -= means[np.searchsorted(present, labels)]
    spread: NDArray[np.float32] = table.T @ table / np.float32(len(table))
    variance = max(float(np.trace(spread)) / len(spread), 1e-6)
    rounded = spread + NEAR_RIDGE * variance * np.eye(len(spread), dtype=np.float32)
    claims = np.linalg.solve(rounded, means.T)
    along, axes = _largest_axes(spread)
    rest = max(float(np.trace(spread)) - float(along.sum()), 0) / max(1, len(spread) - len(along))
    weights = (rest + FAR_RIDGE * variance) / (along + FAR_RIDGE * variance) - 1
    turned = means @ axes
    return StrangenessScore(
        mean=mean,
        scale=np.full(len(mean), scale, np.float32),
        claims=claims.astype(np.float32),
        offsets=(-0.5 * (means.T * claims).sum(axis=0)).astype(np.float32),
        axes=axes,
        weights=weights.astype(np.float32),
        pulls=(2 * (means + (turned * weights) @ axes.T).T).astype(np.float32),
        distances=(-np.square(means).sum(axis=1) - np.square(turned) @ weights).astype(np.float32),
    )


def parts_apart(features: Table, labels: NDArray[np.int64], judged: Table) -> StrangerParts:
    """Fit on some pictures, judge by others that were not learnt from.

    Args:
        features: Of the pictures learnt from, (n, D).
        labels: Their classes, (n,).
        judged: Features of the others, (m, D).
    """
    score = fit_score(features, labels)
    return StrangerParts(score=score, parts=score.parts(judged))


def parts_by_folds(
    features: Table, labels: NDArray[np.int64], folds: NDArray[np.int64]
) -> StrangerParts:
    """Fit on all pictures, judge each by what was fitted without its fold.

    Args:
        features: Of the pictures, (n, D).
        labels: Their classes, (n,).
        folds: The fold in which each is left out, 0, 1...; -1 for a picture of none, (n,).
    """
    parts = np.full((len(labels), 2), np.nan)
    for fold in range(int(folds.max()) + 1):
        is_out = folds == fold
        if is_out.any():
            parts[is_out] = fit_score(features[~is_out], labels[~is_out]).parts(features[is_out])
    return StrangerParts(score=fit_score(features, labels), parts=parts[folds >= 0])


def scaled_score(found: StrangerParts) -> tuple[StrangenessScore, NDArray[np.float32]] | None:
    """Weigh the two parts, and bring the threshold to 1 and the median to 0.

    The threshold is exceeded by at most `REFUSED` of the pictures that come, in the mean over
    models, where they are like those that judged (split-conformal).

    Returns:
        The score, and the strangeness of the pictures that judged, (n,); None where they are too
        few for that share, or all alike.
    """
    parts = found.parts
    n = len(parts)
    if n < FEWEST or not np.isfinite(parts).all():
        return None
    middle, high = np.quantile(parts, [0.5, 0.9], axis=0)
    spread = high - middle
    weights = np.where(spread > 0, 1 / np.where(spread > 0, spread, 1), 0)
    weighed = np.sort((parts - middle) @ weights)
    threshold = weighed[min(n, math.ceil((n + 1) * (1 - REFUSED))) - 1]
    median = float(np.median(weighed))
    width = threshold - median
    if width <= 0:
        return None
    near, far = (weights / width).tolist()
    shift = -float(middle @ weights + median) / width
    score = replace(found.score, near_weight=near, far_weight=far, shift=shift)
    strangeness = parts @ np.array([near, far]) + shift
    return score, strangeness.astype(np.float32)


def _largest_axes(spread: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Give the variance along the largest axes, (R,), and the axes, (D, R), by subspace iteration.

    What is found of axes that differ little in their variance may lie anywhere between them, which
    changes no distance by much.
    """
    size = min(AXES, len(spread))
    axes = np.random.default_rng(0).standard_normal((len(spread), size), np.float32)
    for _ in range(ROUNDS):
        axes = np.linalg.qr(spread @ axes)[0]
    along, turn = np.linalg.eigh(axes.T @ spread @ axes)
    return np.maximum(along, 0).astype(np.float32), (axes @ turn).astype(np.float32)
