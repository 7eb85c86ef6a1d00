import numpy as np

from imagier.learning.calibration import name_limits
from imagier.testing.conformal import coverage_band


def test_limits_cover_new_pictures_of_the_same_kind():
    random = np.random.default_rng(0)
    probabilities = random.dirichlet(np.full(5, 0.4), 4000)
    labels = np.array([random.choice(5, p=row) for row in probabilities])
    rows = name_limits(probabilities[:2000], labels[:2000])
    right = probabilities[np.arange(4000), labels][2000:]
    low, high = coverage_band(2000, 0.1)
    (limit,) = (limit for coverage, limit, _ in rows if coverage == 0.9)
    assert low - 0.02 < np.mean(right >= limit) < high + 0.02
    limits = [limit for _, limit, _ in rows]
    assert limits == sorted(limits, reverse=True)


def test_few_pictures_promise_little_or_nothing():
    probabilities, labels = np.full((60, 2), 0.5), np.zeros(60, np.int64)
    assert max(coverage for coverage, _, _ in name_limits(probabilities, labels)) == 0.98
    assert name_limits(probabilities[:40], labels[:40]) == ()
