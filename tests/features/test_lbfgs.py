"""L-BFGS walks to the lowest point of a smooth valley, however narrow."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize as scipy_minimize

from imagier.features.lbfgs import minimize


def bowl(curvatures, lowest):
    """Make a quadratic valley, turned, and its gradient."""
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(len(lowest),) * 2))[0]
    matrix = (turn * curvatures) @ turn.T

    def objective(point):
        away = point.astype(np.float64) - lowest
        return float(away @ matrix @ away) / 2, (matrix @ away).astype(np.float32)

    return objective


@given(
    st.lists(st.floats(-5, 5), min_size=2, max_size=8),
    st.integers(0, 3),
)
def test_it_finds_the_lowest_point_of_any_bowl(lowest, powers):
    curvatures = np.logspace(0, powers, len(lowest))
    target = np.array(lowest)
    start = np.zeros(len(lowest), np.float32)
    found = minimize(bowl(curvatures, target), start, steps=300, tolerance=1e-4)
    np.testing.assert_allclose(found, target, atol=2e-2)


def test_it_agrees_with_scipy_on_a_curved_valley():
    def log_sum(point):
        x = point.astype(np.float64)
        terms = np.array([[1.0, 2.0], [-3.0, 0.5], [1.0, -1.5]])
        numbers = np.exp(terms @ x - 0.5)
        return float(numbers.sum()), (terms.T @ numbers).astype(np.float32)

    found = minimize(log_sum, np.array([2.0, -2.0], np.float32), steps=100, tolerance=1e-5)
    expected = scipy_minimize(
        lambda x: tuple(np.float64(one) for one in log_sum(x)), [2.0, -2.0], jac=True, tol=1e-10
    )
    np.testing.assert_allclose(found, expected.x, atol=1e-3)


@pytest.mark.parametrize("steps", [0, 1, 5])
def test_it_takes_no_more_steps_than_allowed_and_never_goes_up(steps):
    objective = bowl(np.logspace(0, 4, 6), np.ones(6))
    start = np.full(6, 3.0, np.float32)
    found = minimize(objective, start, steps=steps, tolerance=0.0)
    assert objective(found)[0] <= objective(start)[0]
    if steps == 0:
        np.testing.assert_array_equal(found, start)


def test_at_the_lowest_point_it_stays():
    start = np.ones(4, np.float32)
    found = minimize(bowl(np.ones(4), np.ones(4)), start, steps=10, tolerance=1e-6)
    np.testing.assert_array_equal(found, start)
