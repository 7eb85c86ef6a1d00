"""Absolute and Huber's error: equal to statsmodels, unmoved by a wild point."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.regression import example, fit, fit_table, predict


def cloud(n=60, m=2, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 2, (n, m))
    return x, 1 + x @ np.arange(1, m + 1) + rng.standard_t(2, n)


@pytest.mark.parametrize("seed", range(4))
def test_huber_is_that_of_statsmodels(seed):
    api = pytest.importorskip("statsmodels.api")
    x, y = cloud(seed=seed)
    found = fit(x, y, error="huber")
    model = api.RLM(y, api.add_constant(x), M=api.robust.norms.HuberT())
    expected = model.fit(tol=1e-13, maxiter=500)
    assert found.parameters == pytest.approx(expected.params, rel=1e-6)
    assert found.scale == pytest.approx(expected.scale, rel=1e-6)
    low, high = np.array(found.intervals(0.95)).T
    t = pytest.importorskip("scipy.stats").t.ppf(0.975, found.freedom)
    assert (high - low) / 2 == pytest.approx(t * expected.bse, rel=1e-5)


@pytest.mark.parametrize("seed", range(4))
def test_absolute_is_that_of_statsmodels(seed):
    api = pytest.importorskip("statsmodels.api")
    x, y = cloud(seed=seed)
    found = fit(x, y, error="absolute")
    model = api.QuantReg(y, api.add_constant(x))
    expected = model.fit(q=0.5, vcov="iid", p_tol=1e-12, max_iter=5000)
    assert found.parameters == pytest.approx(expected.params, abs=1e-6)
    low, high = np.array(found.intervals(0.95)).T
    t = pytest.importorskip("scipy.stats").t.ppf(0.975, found.freedom)
    assert (high - low) / 2 == pytest.approx(t * expected.bse, rel=1e-4)


@given(st.integers(0, 10_000), st.floats(-1, 1), st.floats(-1, 1))
def test_no_other_line_has_a_smaller_absolute_error(seed, turn, shift):
    x, y = cloud(n=15, m=1, seed=seed)
    found = fit(x, y, error="absolute")
    b, a = found.parameters
    other = np.abs((a + turn) * x[:, 0] + b + shift - y).mean()
    assert found.errors.absolute <= other + 1e-9


@given(st.integers(0, 10_000))
def test_each_error_is_smallest_where_it_was_made_small(seed):
    x, y = cloud(n=20, m=1, seed=seed)
    squared, absolute = fit(x, y), fit(x, y, error="absolute")
    assert squared.errors.squared <= absolute.errors.squared + 1e-9
    assert absolute.errors.absolute <= squared.errors.absolute + 1e-9


@pytest.mark.parametrize("family", ["exp", "a*exp(b*x)"])
@pytest.mark.parametrize("error", ["absolute", "huber"])
def test_curves_are_robust_too(family, error):
    x = np.linspace(0, 4, 40)
    y = 3 * np.exp(0.5 * x) + np.random.default_rng(0).normal(0, 0.2, 40)
    y[35] += 60
    found, pulled = fit(x, y, family, error=error), fit(x, y, family)
    truth = np.array([3, 0.5])
    away, pulled_away = (np.abs(one.parameters - truth).max() for one in (found, pulled))
    assert away < 0.1 < pulled_away


def test_the_absolute_curve_is_a_smallest_one():
    x = np.linspace(0, 4, 40)
    y = 3 * np.exp(0.5 * x) + np.random.default_rng(0).standard_t(2, 40)
    found = fit(x, y, "exp", error="absolute")
    a, b = found.parameters
    for turn in np.random.default_rng(1).normal(0, 1, (200, 2)) * [0.05, 0.01]:
        other = np.abs((a + turn[0]) * np.exp((b + turn[1]) * x) - y).mean()
        assert found.errors.absolute <= other + 1e-9


def test_the_wild_point_of_pressure_moves_huber_little():
    slopes = {
        error: fit_table(example("pressure"), target="pressure", error=error).fit.parameters[1]
        for error in ("squared", "absolute", "huber")
    }
    assert abs(slopes["huber"] - 0.62) < 0.1
    assert abs(slopes["absolute"] - 0.62) < 0.1
    assert abs(slopes["squared"] - 0.62) > 0.3


@pytest.mark.parametrize("error", ["absolute", "huber"])
def test_points_without_error_have_no_interval(error):
    found = fit([0, 1, 2, 3, 4], [1, 3, 5, 7, 9], error=error)
    assert found.parameters == pytest.approx([1, 2])
    answer = predict(found, np.array([[2.5]]))
    assert answer.values == pytest.approx([6])
    assert (found.intervals(0.95), answer.mean) == (None, None)
