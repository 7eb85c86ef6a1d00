"""K-means: exact, never rising, at home with empty clusters, equal points and weights."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.errors import DataError, UsageError
from imagier.kmeans import kmeans, start_centres, steps

LIMIT = 1 + 1e-9


def cloud(n=500, columns=3, seed=0, *, whole=False):
    points = np.random.default_rng(seed).normal(size=(n, columns)) * 40
    return points.round() if whole else points


def plain_cost(points, centres, weights=None):
    squares = ((points[:, None] - centres[None]) ** 2).sum(-1).min(1)
    return float(squares @ (np.ones(len(points)) if weights is None else weights))


@st.composite
def problems(draw):
    """Few points on a coarse grid, so that ties, equal points and empty clusters are common."""
    columns = draw(st.integers(1, 4))
    rows = draw(st.lists(st.tuples(*[st.integers(-4, 4)] * columns), min_size=1, max_size=90))
    masses = draw(st.lists(st.integers(0, 5), min_size=len(rows), max_size=len(rows)))
    scale = draw(st.sampled_from([1.0, 1e-6, 0.1, 1e6]))
    points = np.array(rows, np.float64) * scale + draw(st.sampled_from([0.0, 1e4])) * scale
    weights = np.array(masses, np.float64)
    weights[0] += weights.sum() == 0
    return points, draw(st.integers(1, 12)), weights, draw(st.integers(0, 9))


@given(problems(), st.sampled_from(["kmeans++", "random", "points"]))
def test_the_cost_never_rises(problem, start):
    points, k, weights, seed = problem
    costs = [
        step.inertia for step in steps(points, k, sample_weight=weights, start=start, seed=seed)
    ]
    rounding = 1e-15 * float(weights @ ((points - points.mean(0)) ** 2).sum(1))
    assert [pair for pair in pairwise(costs) if pair[1] > pair[0] * LIMIT + rounding] == []


@given(problems(), st.sampled_from(["kmeans++", "random", "points"]))
def test_the_clusters_are_what_they_say(problem, start):
    points, k, weights, seed = problem
    clusters = kmeans(points, k, sample_weight=weights, start=start, seed=seed)
    labels = clusters.assign(points)
    there = np.unique(points[weights > 0], axis=0)
    assert len(clusters.centres) == min(k, len(there))
    assert clusters.sizes == pytest.approx(np.bincount(labels, weights, len(clusters.sizes)))
    assert clusters.sizes.min() > 0
    spread = float(weights @ ((points - points.mean(0)) ** 2).sum(1))
    plain = plain_cost(points, clusters.centres, weights)
    assert clusters.inertia == pytest.approx(plain, rel=1e-9, abs=1e-15 * spread)
    if k >= len(there):
        assert clusters.inertia == 0
        assert {tuple(row) for row in clusters.centres} == {tuple(row) for row in there}


@given(problems())
def test_a_point_of_weight_three_is_three_points(problem):
    points, k, weights, seed = problem
    begin = start_centres(points, k, sample_weight=weights, seed=seed)
    weighted = kmeans(points, k, sample_weight=weights, start=begin)
    repeated = kmeans(points.repeat(weights.astype(int), axis=0), k, start=begin)
    assert weighted.inertia == pytest.approx(repeated.inertia, rel=1e-9, abs=1e-18)


@pytest.mark.parametrize(("columns", "k"), [(1, 7), (2, 3), (3, 16), (3, 200), (5, 8), (40, 5)])
@pytest.mark.parametrize("whole", [False, True])
def test_the_fast_road_ends_where_the_stream_ends(columns, k, whole):
    points = cloud(3000, columns, whole=whole)
    weights = np.random.default_rng(1).integers(1, 9, len(points)).astype(float)
    *_, last = steps(points, k, sample_weight=weights, seed=4)
    clusters = kmeans(points, k, sample_weight=weights, seed=4)
    assert clusters.inertia == pytest.approx(last.inertia, rel=1e-9)
    assert clusters.centres == pytest.approx(last.centres, rel=1e-9, abs=1e-9)
    assert (clusters.assign(points) == last.labels).all()
    assert (clusters.steps, clusters.has_settled) == (last.number - 1, True)


@pytest.mark.parametrize("columns", [2, 3, 5, 12])
def test_scikit_learn_ends_at_the_same_cost(columns):
    from sklearn.cluster import KMeans

    points = cloud(4000, columns, seed=3)
    weights = np.random.default_rng(2).uniform(0.5, 3, len(points))
    begin = start_centres(points, 9, start="points", seed=5)
    theirs = KMeans(9, init=begin, n_init=1, tol=0, max_iter=1000).fit(points, None, weights)
    ours = kmeans(points, 9, sample_weight=weights, start=begin)
    assert ours.inertia == pytest.approx(theirs.inertia_, rel=1e-9)
    assert ours.centres == pytest.approx(theirs.cluster_centers_, rel=1e-7, abs=1e-7)


def test_an_empty_cluster_takes_the_point_that_costs_most():
    points = np.array([[0.0], [1.0], [2.0], [50.0]])
    clusters = kmeans(points, 2, start=np.array([[1.0], [1000.0]]))
    assert sorted(clusters.centres.ravel().tolist()) == [1.0, 50.0]
    assert clusters.inertia == 2


def test_more_restarts_never_cost_more():
    points = cloud(400, 2)
    costs = [kmeans(points, 12, restarts=n, start="points").inertia for n in (1, 2, 5, 10)]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] < costs[0]


def test_the_same_seed_gives_the_same_bits():
    points = cloud(5000)
    first, again, other = (kmeans(points, 20, seed=seed) for seed in (1, 1, 2))
    assert (first.centres == again.centres).all()
    assert first.inertia == again.inertia != other.inertia


def test_the_points_are_left_as_they_are():
    points = cloud(200)
    before = points.copy()
    kmeans(points, 5)
    list(steps(points, 5))
    assert (points == before).all()


@pytest.mark.parametrize("kind", [np.uint8, np.int32, np.float32, bool])
def test_other_kinds_of_numbers(kind):
    points = (np.random.default_rng(0).random((300, 3)) * 200).astype(kind)
    assert kmeans(points, 4).inertia == kmeans(points.astype(float), 4).inertia


def test_a_column_of_one_value_and_points_in_columns():
    points = np.asfortranarray(np.column_stack([np.ones(400), cloud(400, 2)]))
    assert (kmeans(points, 3).centres[:, 0] == 1).all()
    assert kmeans(points, 3).inertia == pytest.approx(kmeans(points[:, 1:], 3).inertia)


def test_few_steps_are_kept_to():
    clusters = kmeans(cloud(2000), 30, most_steps=2)
    assert (clusters.steps, clusters.has_settled) == (2, False)
    assert clusters.inertia == pytest.approx(plain_cost(cloud(2000), clusters.centres))
    assert len(list(steps(cloud(2000), 30, most_steps=2))) == 5
    assert kmeans(cloud(2000), 30, tolerance=0.01).steps < kmeans(cloud(2000), 30).steps


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"k": 0}, "kmeans_k"),
        ({"points": [1.0, 2.0]}, "kmeans_shape"),
        ({"points": np.zeros((0, 2))}, "kmeans_shape"),
        ({"points": [["a", "b"]]}, "kmeans_shape"),
        ({"points": [[1.0, 2.0], [3.0, float("nan")]]}, "kmeans_not_finite"),
        ({"points": [[1.0, 2.0], [3.0, -1e200]]}, "kmeans_not_finite"),
        ({"sample_weight": [1.0]}, "kmeans_weights_count"),
        ({"sample_weight": [1.0, -1.0, 1.0]}, "kmeans_weight"),
        ({"sample_weight": [0.0, 0.0, 0.0]}, "kmeans_weights_zero"),
        ({"start": "kmeans+"}, "kmeans_start"),
        ({"start": [[1.0, 2.0, 3.0]]}, "kmeans_start_shape"),
        ({"restarts": 0}, "kmeans_restarts"),
        ({"all_reduce": lambda array: array}, "kmeans_start_shared"),
    ],
)
def test_what_is_refused(given, code):
    facts = {"points": [[1.0, 2.0], [3.0, 4.0], [5.0, 9.0]], "k": 2, **given}
    with pytest.raises((UsageError, DataError)) as refused:
        kmeans(**facts)
    assert refused.value.code == code
    assert refused.value.message
    assert refused.value.next_step


def test_a_bad_value_is_named_by_row_and_column():
    with pytest.raises(DataError, match=r"Row 2, column 3 .* inf"):
        kmeans([[1.0, 2.0, 3.0], [1.0, 2.0, float("inf")]], 1)


def test_points_of_another_space_are_not_assigned():
    with pytest.raises(UsageError) as refused:
        kmeans(cloud(10), 2).assign(np.zeros((1, 2)))
    assert refused.value.code == "kmeans_columns"
