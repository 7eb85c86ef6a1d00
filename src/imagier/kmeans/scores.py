"""How many clusters? Three scores that need no labels, and one plain recommendation.

The inertia cannot tell: it falls with every centre added, down to 0 with one for each point.
The elbow of its curve is in the eye of the beholder. Three better questions:

- *Simplified silhouette*: is a point much nearer to its own centre (a) than to the next one (b)?
  The mean of (b - a) / max(a, b), at most 1; the k where it is greatest.
- *Calinski-Harabasz*: how far apart are the centres, against how wide the clusters are?
  (B / (k - 1)) / (W / (n - k)), W the inertia and B what it lacks to that of k = 1; the greatest.
- *Gap*: is log W lower than on points without clusters, drawn evenly from a box around the cloud's
  own axes? The smallest k whose gap is within one error of the greatest gap. (The article compares
  k with k + 1 only, and so says 1 where clusters lie in two far groups.) Only this one can answer
  1, and where it does it decides: the cloud is no more grouped than an even one.

Else the answer is what two of the three say. Where all differ it is the silhouette's, and
`agreeing` is 1: no grouping stands out.

>>> chance = np.random.default_rng(0)
>>> cloud = chance.normal(size=(300, 2)) + 8 * chance.integers(0, 3, 300)[:, None]
>>> choice = choose_k(cloud)
>>> choice.k, choice.votes
(3, {'silhouette': 3, 'calinski_harabasz': 3, 'gap': 3})

Sources: E. Hruschka, L. de Castro and R. Campello 2004 (simplified silhouette); T. Calinski and
J. Harabasz 1974; R. Tibshirani, G. Walther and T. Hastie 2001 (gap). E. Schubert, "Stop using the
elbow criterion for k-means", SIGKDD Explorations 2023.
"""

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imagier.errors import UsageError
from imagier.kmeans.blocks import nearest
from imagier.kmeans.checks import check_points, check_sample_weight
from imagier.kmeans.clusters import Clusters, kmeans

__all__ = ["ClusterChoice", "ClusterScore", "choose_k"]

Numbers = NDArray[np.float64]
_SAMPLE = 4096  # points that are scored; of more, this many are drawn by their weights
_BOXES = 10  # clouds without clusters that the gap compares with


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterScore:
    """What speaks for one number of clusters.

    Attributes:
        k: The number of clusters.
        inertia: The inertia they end with, on the points that were scored.
        silhouette: The simplified silhouette; None for k = 1.
        calinski_harabasz: None for k = 1.
        gap: How much lower log(inertia) is than on clouds without clusters.
        gap_error: The standard error of the gap.
    """

    k: int
    inertia: float
    silhouette: float | None
    calinski_harabasz: float | None
    gap: float
    gap_error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterChoice:
    """A recommended number of clusters, and what it rests on.

    Attributes:
        k: The recommendation.
        votes: What each score says, by its name; empty where there are too few points to score.
        scores: One for each k that was tried, from 1 on.
        scored: How many points were scored.
    """

    k: int
    votes: dict[str, int]
    scores: tuple[ClusterScore, ...]
    scored: int

    @property
    def agreeing(self) -> int:
        """How many of the scores say `k`."""
        return sum(vote == self.k for vote in self.votes.values())


def choose_k(
    points: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    most: int = 10,
    restarts: int = 5,
    seed: int = 0,
) -> ClusterChoice:
    """Recommend a number of clusters.

    Args:
        points: The cloud, (N, D).
        sample_weight: How much each point counts, (N,).
        most: The greatest k to try.
        restarts: Beginnings for each k.
        seed: Makes chance the same each time.

    Raises:
        UsageError: `kmeans_most`, and what `checks` refuses.
    """
    table = check_points(points)
    if most < 2:
        raise UsageError("kmeans_most", received=most)
    chance = np.random.default_rng(seed)
    sample = _sample(table, check_sample_weight(sample_weight, len(table)), chance)
    distinct = len(np.unique(sample, axis=0))
    if distinct < 3:
        return ClusterChoice(k=distinct, votes={}, scores=(), scored=len(sample))
    tried = range(1, min(most, distinct - 1) + 1)
    found = [kmeans(sample, k, restarts=restarts, seed=seed) for k in tried]
    boxes = [_inertias_without_clusters(sample, tried, chance) for _ in range(_BOXES)]
    scores = [_score(sample, clusters, found[0].inertia) for clusters in found]
    scores = [_with_gap(s, np.array([inertias[s.k - 1] for inertias in boxes])) for s in scores]
    votes = _votes(scores)
    return ClusterChoice(k=_winner(votes), votes=votes, scores=tuple(scores), scored=len(sample))


def _sample(
    table: NDArray[np.generic], sample_weight: Numbers | None, chance: np.random.Generator
) -> Numbers:
    if sample_weight is None and len(table) <= _SAMPLE:
        return np.asarray(table, np.float64)
    if (
        sample_weight is not None
        and sample_weight.sum() <= _SAMPLE
        and (sample_weight == np.rint(sample_weight)).all()
    ):
        return np.repeat(np.asarray(table, np.float64), sample_weight.astype(int), axis=0)
    shares = None if sample_weight is None else sample_weight / sample_weight.sum()
    places = chance.choice(len(table), _SAMPLE, p=shares, replace=sample_weight is not None)
    return np.asarray(table[np.sort(places)], np.float64)


def _score(points: Numbers, clusters: Clusters, all_in_one: float) -> ClusterScore:
    k, n = len(clusters.centres), len(points)
    between = all_in_one - clusters.inertia
    return ClusterScore(
        k=k,
        inertia=clusters.inertia,
        silhouette=None if k == 1 else _silhouette(points, clusters.centres),
        calinski_harabasz=None if k == 1 else (between / (k - 1)) / (clusters.inertia / (n - k)),
        gap=math.nan,
        gap_error=math.nan,
    )


def _silhouette(points: Numbers, centres: Numbers) -> float:
    """Give the mean of (b - a) / b, a and b the distances to the nearest centre and to the next."""
    labels, squares = nearest(points, centres)
    second = np.full(len(points), np.inf)
    for j, centre in enumerate(centres):
        apart = points - centre
        far = np.einsum("nd,nd->n", apart, apart)
        second = np.where(labels == j, second, np.minimum(second, far))
    return float(np.mean(1 - np.sqrt(squares / second)))


def _inertias_without_clusters(
    points: Numbers, tried: range, chance: np.random.Generator
) -> list[float]:
    """Cluster points drawn evenly from the box around the cloud, along the cloud's own axes."""
    around = points - points.mean(axis=0)
    axes = np.linalg.svd(around, full_matrices=False)[2]
    turned = around @ axes.T
    drawn = chance.uniform(turned.min(axis=0), turned.max(axis=0), turned.shape)
    return [kmeans(drawn, k, seed=k).inertia for k in tried]


def _with_gap(score: ClusterScore, inertias: Numbers) -> ClusterScore:
    logs = np.log(inertias)
    return ClusterScore(
        k=score.k,
        inertia=score.inertia,
        silhouette=score.silhouette,
        calinski_harabasz=score.calinski_harabasz,
        gap=float(logs.mean() - math.log(score.inertia)),
        gap_error=float(logs.std() * math.sqrt(1 + 1 / len(logs))),
    )


def _votes(scores: list[ClusterScore]) -> dict[str, int]:
    several = scores[1:]
    top = max(scores, key=lambda score: score.gap)
    return {
        "silhouette": max(several, key=lambda score: score.silhouette or 0).k,
        "calinski_harabasz": max(several, key=lambda score: score.calinski_harabasz or 0).k,
        "gap": next(score.k for score in scores if score.gap >= top.gap - top.gap_error),
    }


def _winner(votes: dict[str, int]) -> int:
    if votes["gap"] == 1:
        return 1
    winner, count = Counter(votes.values()).most_common(1)[0]
    return winner if count > 1 else votes["silhouette"]
