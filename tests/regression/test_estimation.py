"""Least squares: equal to statsmodels and scipy, and what mathematics says of any smallest sum."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from imagier.errors import DataError, UsageError
from imagier.regression import example, fit, fit_family, fit_table, predict

CLOSE = {"rel": 1e-6, "abs": 1e-9}


def cloud(n=40, m=1, seed=0, offset=0.0):
    rng = np.random.default_rng(seed)
    x = rng.uniform(0, 5, (n, m)) + offset
    y = 2 + x @ np.arange(1, m + 1) + rng.normal(0, 0.7, n)
    return x, y


def reference(x, y, degree=1):
    """Give statsmodels' answer on the plain columns: 1, x, x²... or 1, x₁, x₂..."""
    api = pytest.importorskip("statsmodels.api")
    columns = x if degree == 1 else np.column_stack([x[:, 0] ** p for p in range(1, degree + 1)])
    design = api.add_constant(columns)
    return api.OLS(y, design).fit(), design


# Against statsmodels


@pytest.mark.parametrize("m", [1, 2, 5])
@pytest.mark.parametrize("level", [0.5, 0.95, 0.99])
def test_lines_have_the_coefficients_and_intervals_of_statsmodels(m, level):
    x, y = cloud(m=m)
    found, (expected, _) = fit(x, y), reference(x, y)
    assert found.parameters == pytest.approx(expected.params, **CLOSE)
    intervals = np.array(found.intervals(level))
    assert intervals == pytest.approx(expected.conf_int(1 - level), **CLOSE)
    assert found.r2 == pytest.approx(expected.rsquared, **CLOSE)
    assert found.errors.squared == pytest.approx(expected.ssr / len(y), **CLOSE)
    assert found.scale**2 == pytest.approx(expected.mse_resid, **CLOSE)


@pytest.mark.parametrize("degree", [2, 3, 5])
def test_polynomials_have_the_coefficients_of_statsmodels(degree):
    x, y = cloud(n=60)
    found, (expected, _) = fit(x, y, f"poly:{degree}"), reference(x, y, degree)
    assert found.parameters == pytest.approx(expected.params, rel=1e-6)
    assert np.array(found.intervals(0.95)) == pytest.approx(expected.conf_int(), rel=1e-6)


@pytest.mark.parametrize("m", [1, 3])
def test_the_two_bands_are_those_of_statsmodels(m):
    x, y = cloud(m=m)
    new, _ = cloud(n=7, m=m, seed=1)
    found = predict(fit(x, y), new, level=0.9)
    expected = reference(x, y)[0].get_prediction(np.column_stack([np.ones(7), new]))
    assert found.values == pytest.approx(expected.predicted_mean, **CLOSE)
    assert found.mean == pytest.approx(expected.conf_int(alpha=0.1), **CLOSE)
    assert found.new == pytest.approx(expected.conf_int(obs=True, alpha=0.1), **CLOSE)


def test_all_products_of_several_variables_are_there():
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    x, y = cloud(n=80, m=3)
    found = fit(x, y, "poly:3")
    design = preprocessing.PolynomialFeatures(3).fit_transform(x)
    expected = np.linalg.lstsq(design, y, rcond=None)[0]
    assert len(found.family.parameters) == 20
    assert found.family.parameters[:6] == ("intercept", "x1", "x2", "x3", "x1^2", "x1*x2")
    assert found.parameters == pytest.approx(expected, rel=1e-6)


def test_large_numbers_such_as_years_do_no_harm():
    x, y = cloud(n=30)
    near, far = fit(x, y, "poly:4"), fit(x + 2000, y, "poly:4")
    assert far.values == pytest.approx(near.values, rel=1e-9)
    assert predict(far, x + 2000).mean == pytest.approx(predict(near, x).mean, rel=1e-8)


# What must hold for any points

POINTS = st.lists(
    st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=4, max_size=30
).filter(lambda points: len({x for x, _ in points}) > 2)


@given(POINTS, st.floats(-3, 3), st.floats(-3, 3))
def test_no_other_line_has_a_smaller_error(points, turn, shift):
    x, y = np.array(points, float).T
    found = fit(x, y)
    b, a = found.parameters
    other = np.mean(((a + turn) * x + b + shift - y) ** 2)
    assert found.errors.squared <= other + 1e-9 * (1 + other)


@given(POINTS)
def test_the_errors_of_the_best_line_cancel_out_and_lean_on_nothing(points):
    x, y = np.array(points, float).T
    residuals = fit(x, y).residuals
    assert abs(residuals.sum()) < 1e-8 * (1 + np.abs(y).sum())
    assert abs(residuals @ x) < 1e-7 * (1 + np.abs(y).sum() * np.abs(x).max())


@given(POINTS)
def test_the_three_means_are_in_order(points):
    errors = fit(*np.array(points, float).T).errors
    assert abs(errors.signed) <= errors.absolute + 1e-12
    assert errors.absolute <= errors.squared**0.5 + 1e-12


@given(POINTS, st.floats(0.1, 50), st.floats(-100, 100), st.floats(0.1, 50))
def test_other_units_give_the_same_line_in_other_units(points, factor, shift, height):
    x, y = np.array(points, float).T
    assume(np.ptp(y) > 0)
    plain, other = fit(x, y), fit(factor * x + shift, height * y)
    assert other.values == pytest.approx(height * plain.values, rel=1e-7, abs=1e-6)
    assert other.r2 == pytest.approx(plain.r2, abs=1e-7)


@given(POINTS)
def test_a_new_point_is_less_sure_than_the_curve(points):
    x, y = np.array(points, float).T
    found = fit(x, y)
    assume(found.scale > 1e-9)
    answer = predict(found, x[:, None])
    assert (answer.new[:, 0] < answer.mean[:, 0]).all()
    assert (answer.new[:, 1] > answer.mean[:, 1]).all()
    assert (answer.mean[:, 0] <= answer.values).all()


def test_the_intervals_hold_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(0)
    x = np.linspace(0, 1, 12)
    hits = sum(
        low <= 3 <= high
        for low, high in (
            fit(x, 1 + 3 * x + rng.normal(0, 0.4, 12)).intervals(0.9)[1] for _ in range(400)
        )
    )
    assert 335 <= hits <= 384  # 360 expected; four deviations of 6


# The tables after the deck


def test_turtles():
    found = fit_table(example("turtles"), target="turtles").fit
    assert found.family.parameters == ("intercept", "year")
    assert found.parameters == pytest.approx([116.309, 8.609], abs=1e-3)
    assert found.r2 == pytest.approx(0.971, abs=1e-3)


def test_galton_sons_are_nearer_to_the_mean_than_their_fathers():
    slope = fit_table(example("heights"), target="son").fit.parameters[1]
    assert 0 < slope < 1


def test_one_hot_is_that_of_statsmodels():
    api = pytest.importorskip("statsmodels.api")
    table = example("flats")
    found = fit_table(table, target="price")
    district = table.words("district")
    columns = [table.numbers("surface"), table.numbers("rooms")]
    columns += [[word == name for word in district] for name in ("north", "south")]
    design = api.add_constant(np.array(columns, float).T)
    expected = api.OLS(table.numbers("price"), design).fit()
    assert found.variables.names == ("surface", "rooms", "district=north", "district=south")
    assert found.fit.parameters == pytest.approx(expected.params, rel=1e-6)
    assert np.array(found.fit.intervals(0.95)) == pytest.approx(expected.conf_int(), rel=1e-6)


# What cannot be computed


def test_as_many_points_as_parameters_leave_nothing_to_judge_by():
    found = fit([0, 1, 2], [1, 5, 2], "poly:2")
    assert found.residuals == pytest.approx(np.zeros(3), abs=1e-12)
    assert found.intervals(0.95) is None
    answer = predict(found, np.array([[0.5]]))
    assert (answer.mean, answer.new) == (None, None)


def test_a_target_that_never_varies_has_no_r2():
    assert fit([0, 1, 2, 3], [5, 5, 5, 5]).r2 is None


@pytest.mark.parametrize(
    ("x", "y", "family", "kind", "code"),
    [
        ([0, 1], [1, 2], "poly:2", DataError, "fit_few_points"),
        ([0, 1, 0, 1, 0, 1], [1, 2, 3, 4, 5, 6], "poly:2", DataError, "fit_degree_high"),
        ([[0, 0], [1, 2], [2, 4], [3, 6]], [1, 2, 3, 5], "line", DataError, "fit_collinear"),
        ([[0, 1], [1, 1], [2, 1], [3, 1]], [1, 2, 3, 5], "line", DataError, "fit_collinear"),
        ([0, 1, 2], [1, 2, 4], "power", DataError, "fit_not_positive"),
        ([[0, 1], [1, 0], [2, 1]], [1, 2, 4], "exp", UsageError, "fit_one_variable"),
        ([0, 1, 2], [1, 2, 4], "poly", UsageError, "fit_degree"),
        ([0, 1, 2], [1, 2, 4], "poly:0", UsageError, "fit_degree"),
        ([0, 1, 2], [1, 2, 4], "poly:2.5", UsageError, "fit_degree"),
        ([0, 1, 2], [1, 2, 4], "poly:31", UsageError, "fit_degree"),
        ([0, 1, 2], [1, 2, 4], "lines", UsageError, "fit_unknown_family"),
        ([0, 1, 2], [1, 2, 4], "exp:2", UsageError, "fit_unknown_family"),
        ([0, 1], [1, 2, 4], "line", UsageError, "fit_shapes"),
        ([0, 1, float("nan")], [1, 2, 4], "line", UsageError, "fit_shapes"),
        ([], [], "line", UsageError, "fit_shapes"),
        (np.ones((50, 40)), np.ones(50), "poly:3", UsageError, "fit_many_parameters"),
    ],
)
def test_what_is_refused(x, y, family, kind, code):
    with pytest.raises(kind) as error:
        fit(x, y, family)
    assert error.value.code == code
    assert error.value.message
    assert error.value.next_step


def test_the_collinear_variables_are_named():
    with pytest.raises(DataError) as error:
        fit([[0, 5, 0], [1, 3, 2], [2, 8, 4], [3, 1, 6], [4, 4, 8]], [1, 2, 3, 5, 4])
    assert error.value.facts["name"] == "x3"
    assert "x1" in error.value.facts["others"]
    assert "x2" not in error.value.facts["others"]


def test_an_unknown_error_is_refused():
    x, y = cloud()
    with pytest.raises(UsageError) as error:
        fit_family(x, y, fit(x, y).family, error="cubed")
    assert error.value.code == "fit_unknown_error"
