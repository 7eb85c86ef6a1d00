"""Curves and formulas of one's own: equal to scipy's curve_fit, found from our own starts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.errors import DataError, UsageError
from imagier.regression import fit, predict

CURVES = {
    "exp": (lambda x, a, b: a * np.exp(b * x), (3.0, -0.6)),
    "power": (lambda x, a, b: a * x**b, (2.0, 1.7)),
    "growth": (lambda x, limit, rate, mid: limit / (1 + np.exp(-rate * (x - mid))), (9.0, 1.8, 3)),
    "a*exp(b*x)+c": (lambda x, a, b, c: a * np.exp(b * x) + c, (4.0, -1.1, 0.5)),
    "a*sin(b*x+c)+d": (lambda x, a, b, c, d: a * np.sin(b * x + c) + d, (2.0, 1.3, 0.4, 5.0)),
    "p/(1+q*x)": (lambda x, p, q: p / (1 + q * x), (6.0, 0.8)),
    "a*x**2+b*x+c": (lambda x, a, b, c: a * x**2 + b * x + c, (1.0, -3.0, 2.0)),
}
X = np.linspace(0.2, 6, 50)


def measured(name, noise=0.05, seed=0):
    function, truth = CURVES[name]
    return function(X, *truth) + np.random.default_rng(seed).normal(0, noise, len(X))


@pytest.mark.parametrize("name", CURVES)
def test_curves_have_the_parameters_and_intervals_of_scipy(name):
    optimize = pytest.importorskip("scipy.optimize")
    function, truth = CURVES[name]
    y = measured(name)
    found = fit(X, y, name)
    expected, covariance = optimize.curve_fit(
        function, X, y, p0=truth, ftol=1e-15, xtol=1e-15, gtol=1e-15
    )
    assert found.errors.squared == pytest.approx(np.mean((function(X, *expected) - y) ** 2))
    if name.startswith("a*sin"):  # the same wave may be written with other signs and turns
        assert np.abs(found.parameters[[0, 1]]) == pytest.approx(np.abs(expected[:2]), rel=1e-6)
        return
    assert found.parameters == pytest.approx(expected, rel=1e-6)
    low, high = np.array(found.intervals(0.95)).T
    t = pytest.importorskip("scipy.stats").t.ppf(0.975, len(X) - len(expected))
    assert (high - low) / 2 == pytest.approx(t * np.sqrt(np.diag(covariance)), rel=1e-5)


def test_a_formula_that_is_a_line_has_the_answer_and_bands_of_a_line():
    y = 2 + 3 * X + np.random.default_rng(0).normal(0, 1, len(X))
    line, typed = fit(X, y), fit(X, y, "slope*x + start")
    assert typed.family.parameters == ("slope", "start")
    assert typed.parameters == pytest.approx(line.parameters[::-1], rel=1e-6)
    new = np.array([[1.0], [7.0]])
    assert predict(typed, new).new == pytest.approx(predict(line, new).new, rel=1e-6)
    assert predict(typed, new).mean == pytest.approx(predict(line, new).mean, rel=1e-6)


def test_an_exponential_of_years_is_found():
    year = np.arange(1990, 2021)
    y = 100 * np.exp(0.04 * (year - 1990))
    a, b = fit(year, y, "exp").parameters
    assert b == pytest.approx(0.04, rel=1e-9)
    assert a == pytest.approx(100 * np.exp(-0.04 * 1990), rel=1e-6)


@given(st.floats(-2, 2).filter(lambda b: abs(b) > 0.05), st.floats(0.1, 100), st.booleans())
def test_exponentials_without_noise_are_found_again(b, a, is_negative):
    a = -a if is_negative else a
    x = np.linspace(0, 4, 12)
    found = fit(x, a * np.exp(b * x), "exp")
    assert found.parameters == pytest.approx([a, b], rel=1e-6)


@given(st.floats(0.3, 3), st.floats(1, 500), st.floats(2, 8))
def test_growths_without_noise_are_found_again(rate, limit, middle):
    x = np.linspace(0, 10, 25)
    found = fit(x, limit / (1 + np.exp(-rate * (x - middle))), "growth")
    assert found.parameters == pytest.approx([limit, rate, middle], rel=1e-5)


@pytest.mark.parametrize("name", ["exp", "power", "growth", "a*exp(b*x)+c", "p/(1+q*x)"])
def test_jacobians_are_those_of_finite_differences(name):
    family = fit(X, measured(name), name).family
    inner = np.array([1.3, 0.4, 2.0])[: len(family.parameters)]
    x, step = X[:, None], 1e-6
    for place in range(len(inner)):
        moved = step * np.eye(len(inner))[place]
        rise = family.values(x, inner + moved) - family.values(x, inner - moved)
        assert family.jacobian(x, inner)[:, place] == pytest.approx(rise / (2 * step), abs=1e-6)
        change = family.reported(inner + moved) - family.reported(inner - moved)
        assert family.reported_jacobian(inner)[:, place] == pytest.approx(
            change / (2 * step), rel=1e-5, abs=1e-7
        )


@pytest.mark.parametrize(
    ("formula", "kind", "code"),
    [
        ("2*x+3", UsageError, "fit_formula_no_parameter"),
        ("a+b", UsageError, "fit_formula_no_column"),
        ("a*x+b+c", DataError, "fit_undetermined"),
        ("a*b*x+c", DataError, "fit_undetermined"),
        ("a*log(-x)", DataError, "fit_no_curve"),
        ("a*open(x)", UsageError, "formula_unknown_function"),
        ("a.real*x", UsageError, "formula_character"),
        ("a*x+", UsageError, "formula_syntax"),
    ],
)
def test_what_formulas_are_refused(formula, kind, code):
    with pytest.raises(kind) as error:
        fit(X, measured("exp"), formula)
    assert error.value.code == code
