import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from imagier.errors import DataError, UsageError
from imagier.formulas import parse_formula
from imagier.gradient import (
    default_step,
    derivative,
    errors_by_step,
    gradient,
    has_corner,
    hessian,
    speeds,
    value_at,
)

METHODS = ("forward", "central", "complex")
NUMBERS = st.floats(-5, 5).map(lambda value: round(value, 3))
SMOOTH = [
    "0.5*(3*t+4)**2",
    "exp(-t**2)",
    "sin(3*t)/(1+t**2)",
    "1/(1+exp(-t))",
    "tanh(t)*t**3",
    "log(2+t**2)",
    "sqrt(1+t**4)",
    "2**t",
    "atan(t)-cosh(t/2)",
]
SURFACES = [
    "x**2 + 3*y**2",
    "(1-x)**2 + 100*(y-x**2)**2",
    "exp(-x*y)*sin(x)",
    "log(1+x**2+y**2)",
    "x**3 - 3*x*y**2 + y*z - z**4/7",
]


def g(t):
    return 0.5 * (3 * t + 4) ** 2


def of_t(text):
    formula = parse_formula(text)
    return lambda t: formula(t=t)


# The deck's numbers


def test_the_deck_s_quotients():
    assert derivative(g, 1, step=0.01, method="forward") == pytest.approx(21.045, rel=1e-12)
    assert derivative(g, 1, step=0.001, method="forward") == pytest.approx(21.0045, rel=1e-12)
    for method in METHODS:
        assert derivative(g, 1, method=method) == pytest.approx(21, rel=1e-6)


@given(t=NUMBERS)
def test_the_deck_s_derivative_is_9t_plus_12(t):
    assert derivative(g, t, method="complex") == pytest.approx(9 * t + 12, rel=1e-14, abs=1e-13)


@given(a=NUMBERS, b=NUMBERS, t=NUMBERS)
def test_the_deck_s_table_of_derivatives(a, b, t):
    assert derivative(lambda t: a * t + b, t, method="complex") == pytest.approx(a, abs=1e-12)
    assert derivative(lambda t: a * t**2, t, method="complex") == pytest.approx(2 * a * t, abs=1e-9)


@given(t=NUMBERS)
def test_the_chain_rule(t):
    outer, inner = of_t("sin(t)+t**2"), of_t("exp(t/3)")
    whole = derivative(lambda t: outer(inner(t)), t, method="complex")
    parts = derivative(outer, inner(t), method="complex") * derivative(inner, t, method="complex")
    assert whole == pytest.approx(parts, rel=1e-12)


# Equal to other implementations


@pytest.mark.parametrize("text", SMOOTH)
@given(t=st.floats(-3, 3))
def test_derivatives_equal_autograd(text, t):
    torch = pytest.importorskip("torch")
    names = {"abs": torch.abs, "log": torch.log, "exp": torch.exp, "sin": torch.sin}
    names |= {"tanh": torch.tanh, "sqrt": torch.sqrt, "atan": torch.atan, "cosh": torch.cosh}
    x = torch.tensor(t, dtype=torch.float64, requires_grad=True)
    eval(text, names, {"t": x}).backward()  # noqa: S307 - our own texts
    exact = float(x.grad)
    assert derivative(of_t(text), t, method="complex") == pytest.approx(exact, rel=1e-12, abs=1e-14)
    assert derivative(of_t(text), t, method="central") == pytest.approx(exact, rel=1e-6, abs=1e-8)
    assert derivative(of_t(text), t, method="forward") == pytest.approx(exact, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("text", SURFACES)
def test_gradients_and_curvatures_equal_autograd(text):
    torch = pytest.importorskip("torch")
    formula = parse_formula(text)
    names = {"log": torch.log, "exp": torch.exp, "sin": torch.sin}

    def of_tensor(x):
        return eval(text, names, dict(zip(formula.variables, x, strict=True)))  # noqa: S307

    for point in np.random.default_rng(0).uniform(-2, 2, (10, len(formula.variables))):
        x = torch.tensor(point, requires_grad=True)
        of_tensor(x).backward()
        exact = x.grad.numpy()
        assert gradient(formula.at, point, method="complex") == pytest.approx(exact, rel=1e-12)
        assert gradient(formula.at, point) == pytest.approx(exact, rel=1e-6, abs=1e-7)
        second = torch.autograd.functional.hessian(of_tensor, torch.tensor(point)).numpy()
        assert hessian(formula.at, point, method="complex") == pytest.approx(second, abs=1e-5)
        assert hessian(formula.at, point) == pytest.approx(second, rel=1e-4, abs=1e-3)


@pytest.mark.parametrize("text", SURFACES)
def test_gradients_equal_scipy(text):
    optimize = pytest.importorskip("scipy.optimize")
    formula = parse_formula(text)
    point = np.linspace(0.3, 1.2, len(formula.variables))
    theirs = optimize.approx_fprime(point, formula.at)
    assert gradient(formula.at, point) == pytest.approx(theirs, rel=1e-5, abs=1e-5)


# The error against the step


@pytest.mark.parametrize("text", SMOOTH)
def test_a_smaller_step_helps_only_until_rounding(text):
    errors = errors_by_step(of_t(text), 0.7)
    sizes = [error.forward_error for error in errors]
    best = sizes.index(min(sizes))
    assert 1e-10 <= errors[best].step <= 1e-6
    assert sizes[0] > 1e3 * sizes[best]
    assert sizes[-1] > 1e3 * sizes[best]
    assert max(error.complex_error for error in errors[3:]) < 1e-5


def test_the_order_of_each_quotient():
    wide, narrow = errors_by_step(math_exp, 1, steps=(1e-2, 1e-3))
    assert wide.forward_error / narrow.forward_error == pytest.approx(10, rel=0.05)
    assert wide.central_error / narrow.central_error == pytest.approx(100, rel=0.05)
    assert wide.complex_error / narrow.complex_error == pytest.approx(100, rel=0.05)
    assert wide.exact == pytest.approx(math.e, rel=1e-15)


def math_exp(t):
    return np.exp(t)


def test_steps_that_leave_the_values_are_left_out():
    errors = errors_by_step(of_t("log(t)"), 0.05)
    assert errors[0].step == 0.01
    assert len(errors) == 15


@given(at=st.floats(-1e6, 1e6))
def test_the_default_step_grows_with_the_place(at):
    for method in METHODS:
        assert at + (h := default_step(at, method)) != at or method == "complex"
        assert h >= default_step(0, method)


# Places without a derivative


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("abs(t)", 0, True),
        ("max(t, 0)", 0, True),
        ("max(t, 0)", 0.5, False),
        ("abs(t)**3", 0, False),
        ("min(2*t, 3*t) + 100*t", 0, True),
        ("exp(t)", 3, False),
        ("0*t", 0, False),
        ("1e-9*abs(t)", 0, True),
        ("t**2", 0, False),
    ],
)
def test_corners_are_seen(text, at, expected):
    assert has_corner(of_t(text), at) is expected


@pytest.mark.parametrize("text", ["1/t", "log(t)", "sqrt(t)", "t**(1/3)"])
@pytest.mark.parametrize("method", ["central", "complex"])
def test_where_there_is_no_value_there_is_a_sentence(text, method):
    if (text, method) in {("sqrt(t)", "complex"), ("t**(1/3)", "complex")}:
        assert abs(derivative(of_t(text), 0, method=method)) > 1e9  # it stands upright
        return
    with pytest.raises(UsageError) as caught:
        derivative(of_t(text), 0, method=method)
    assert (caught.value.code, caught.value.facts["place"]) == ("no_value", "0")


def test_an_error_names_the_whole_point():
    with pytest.raises(UsageError) as caught:
        gradient(parse_formula("x/y").at, [1, 0])
    assert caught.value.facts["place"] == "(1; 0)"
    with pytest.raises(UsageError):
        value_at(parse_formula("x/y").at, [1, 0])


@pytest.mark.parametrize("step", [0, -1, math.nan, math.inf])
def test_a_step_must_be_above_0(step):
    with pytest.raises(UsageError) as caught:
        derivative(g, 1, step=step)
    assert caught.value.code == "step_size"
    with pytest.raises(UsageError) as caught:
        gradient(parse_formula("x+y").at, [1, 1], step=step)
    assert caught.value.code == "step_size"


# A table of times and distances


@given(
    gaps=st.lists(st.floats(0.05, 3), min_size=2, max_size=12),
    a=NUMBERS,
    b=NUMBERS,
    c=NUMBERS,
)
def test_speeds_are_exact_on_parabolas(gaps, a, b, c):
    times = np.cumsum(gaps)
    assume(len(times) > 2)
    trip = speeds(times, a * times**2 + b * times + c)
    assert trip.instants == pytest.approx(2 * a * times + b, abs=1e-6)
    total = sum(m * h for m, h in zip(trip.means, np.diff(times), strict=True))
    assert total == pytest.approx(trip.distances[-1] - trip.distances[0], abs=1e-9)


def test_speeds_of_two_lines():
    trip = speeds([0, 2], [10, 250])
    assert (trip.means, trip.instants, trip.mean) == ((120.0,), (120.0, 120.0), 120.0)


@pytest.mark.parametrize(
    ("times", "code"),
    [([], "too_few_times"), ([1], "too_few_times"), ([0, 1, 1], "times_not_rising")],
)
def test_tables_without_speeds(times, code):
    with pytest.raises(DataError) as caught:
        speeds(times, times)
    assert caught.value.code == code


def test_the_line_that_does_not_rise_is_named():
    with pytest.raises(DataError) as caught:
        speeds([0, 1, 0.5, 2], [0, 0, 0, 0])
    assert caught.value.facts == {"line": 3, "time": "0.5", "before": "1"}
