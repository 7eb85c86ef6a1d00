"""The recommended number of clusters, and the scores it rests on."""

import math

import numpy as np
import pytest

from imagier.errors import UsageError
from imagier.kmeans import choose_k, kmeans


def blobs(k, n=600, columns=2, seed=0, apart=9.0):
    chance = np.random.default_rng(seed)
    turns = 2 * np.pi * np.arange(k) / k
    middles = np.zeros((k, columns))
    middles[:, 0], middles[:, -1] = np.cos(turns), np.sin(turns)
    middles *= apart / (2 * np.sin(np.pi / k))  # so that neighbours are this far apart
    return chance.normal(size=(n, columns)) + middles[np.arange(n) % k]


@pytest.mark.parametrize("k", [2, 3, 5, 8])
@pytest.mark.parametrize("columns", [2, 3])
def test_plain_groups_are_counted(k, columns):
    choice = choose_k(blobs(k, columns=columns))
    assert choice.k == k
    assert choice.agreeing == 3


def test_one_group_is_not_divided():
    choice = choose_k(np.random.default_rng(2).normal(size=(500, 3)))
    assert choice.votes["gap"] == 1
    assert choice.k == 1


def test_the_scores_are_those_of_scikit_learn():
    from sklearn.metrics import calinski_harabasz_score

    points = blobs(3, n=200, apart=4)
    choice = choose_k(points, most=4, restarts=3, seed=0)
    assert [score.k for score in choice.scores] == [1, 2, 3, 4]
    for score in choice.scores[1:]:
        clusters = kmeans(points, score.k, restarts=3, seed=0)
        labels = clusters.assign(points)
        assert score.inertia == clusters.inertia
        assert score.calinski_harabasz == pytest.approx(calinski_harabasz_score(points, labels))
        apart = np.linalg.norm(points[:, None] - clusters.centres, axis=2)
        near, next_one = np.sort(apart, axis=1)[:, :2].T
        plain = np.mean((next_one - near) / np.maximum(near, next_one))
        assert score.silhouette == pytest.approx(plain)
    assert (choice.scores[0].silhouette, choice.scores[0].calinski_harabasz) == (None, None)


@pytest.mark.parametrize(
    ("points", "k"),
    [([[1.0, 2.0]], 1), ([[1.0, 2.0]] * 5, 1), ([[0.0, 0.0], [3.0, 1.0]] * 4, 2)],
)
def test_too_few_places_to_score(points, k):
    choice = choose_k(np.array(points))
    assert (choice.k, choice.votes, choice.scores) == (k, {}, ())


def test_few_points_have_few_candidates():
    choice = choose_k(np.array([[0.0], [1.0], [9.0], [10.0], [30.0]]))
    assert [score.k for score in choice.scores] == [1, 2, 3, 4]
    assert all(math.isfinite(score.gap) for score in choice.scores)


def test_weights_multiply_points():
    points = blobs(3, n=60)
    weights = np.random.default_rng(1).integers(1, 4, 60)
    repeated = choose_k(points.repeat(weights, axis=0))
    assert choose_k(points, sample_weight=weights).scores == repeated.scores


def test_many_points_are_sampled():
    choice = choose_k(blobs(4, n=30_000), most=6)
    assert choice.scored == 4096
    assert choice.k == 4


def test_there_must_be_a_choice():
    with pytest.raises(UsageError) as refused:
        choose_k(blobs(2), most=1)
    assert refused.value.code == "kmeans_most"
