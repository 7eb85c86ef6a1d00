import math
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.errors import UsageError
from imagier.formulas import parse_formula
from imagier.gradient import (
    GradientStep,
    Recipe,
    critical_point,
    descend,
    descend_many,
    explain,
    gradient,
    outcome_of,
    run_scipy_methods,
    starts_within,
)
from imagier.i18n import LANGUAGES, use_language

DECK = "0.5*(3*t+4)**2"
ROSENBROCK = "(1-x)**2 + 100*(y-x**2)**2"
NUMBERS = st.floats(-5, 5).map(lambda value: round(value, 3))


def down(text, start, **settings):
    g = parse_formula(text).at
    recipe = Recipe(**settings)
    slope = partial(gradient, g, method="complex")
    steps = list(descend(g, start, recipe, gradient_of=slope))
    return steps, outcome_of(g, steps, recipe, method="complex")


# The deck's numbers


def test_the_deck_s_descent():
    steps, outcome = down(DECK, [0])
    points = [step.point[0] for step in steps]
    assert points[:5] == pytest.approx([0, -1.2, -1.32, -1.332, -1.3332], abs=1e-12)
    assert points[-1] == pytest.approx(-4 / 3, abs=1e-8)
    assert (outcome.reason, outcome.critical_point.kind) == ("flat", "minimum")
    assert outcome.limit == pytest.approx(2 / 9)


def test_values_fall_where_points_rise():
    steps, _ = down(DECK, [-3])
    assert [step.point[0] for step in steps[:3]] == pytest.approx([-3, -1.5, -1.35])
    assert [step.value for step in steps[:3]] == pytest.approx([12.5, 0.125, 0.00125])


@pytest.mark.parametrize(
    ("rate", "reason", "oscillating", "pace"),
    [
        (0.05, "flat", False, 0.55),
        (0.1, "flat", False, 0.1),
        (0.2, "flat", True, 0.8),
        (0.22, "flat", True, 0.98),
        (2 / 9, "steps", True, 1.0),
        (0.23, "diverged", True, 1.07),
        (0.3, "diverged", True, 1.7),
    ],
)
def test_the_deck_s_rates(rate, reason, oscillating, pace):
    _, outcome = down(DECK, [0], rate=rate, most_steps=2000)
    assert (outcome.reason, outcome.is_oscillating) == (reason, oscillating)
    assert outcome.pace == pytest.approx(pace, rel=1e-3)


@given(c=st.floats(0.1, 20), share=st.floats(0.02, 0.98), start=NUMBERS)
def test_below_its_limit_a_parabola_is_descended(c, share, start):
    rate = share * 2 / c
    steps = list(descend(lambda x: c * x[0] ** 2 / 2, [start], Recipe(rate=rate, most_steps=3000)))
    assert steps[-1].reason in ("flat", "still")
    assert abs(steps[-1].point[0]) < 1e-5
    assert all(b.value <= a.value + 1e-12 for a, b in pairwise(steps))


@given(c=st.floats(0.1, 20), share=st.floats(1.05, 5), start=st.floats(0.1, 5))
def test_beyond_its_limit_it_diverges(c, share, start):
    recipe = Recipe(rate=share * 2 / c)
    g = parse_formula(f"{c!r}*x**2/2").at
    steps = list(descend(g, [start], recipe))
    outcome = outcome_of(g, steps, recipe)
    assert outcome.reason == "diverged"
    assert outcome.is_oscillating
    assert outcome.limit == pytest.approx(2 / c, rel=1e-3)


# Equal to other implementations


@given(
    points=st.lists(st.tuples(NUMBERS, NUMBERS), min_size=3, max_size=8, unique_by=lambda p: p[0])
)
def test_a_line_by_descent_equals_the_closed_formula(points):
    x, y = np.array(points).T
    x = x / (np.abs(x).max() or 1)
    if np.ptp(x) < 0.5:
        x = np.linspace(-1, 1, len(x))

    def error(line):
        return np.mean((line[0] * x + line[1] - y) ** 2)

    def slope(line):
        rest = line[0] * x + line[1] - y
        return np.array([2 * np.mean(rest * x), 2 * np.mean(rest)])

    *_, last = descend(error, [0, 0], Recipe(rate=0.3, most_steps=20_000), gradient_of=slope)
    assert last.reason in ("flat", "still")
    assert last.point == pytest.approx(np.polyfit(x, y, 1).tolist(), abs=1e-5)


def test_steps_equal_those_of_torch():
    torch = pytest.importorskip("torch")
    for momentum in (0.0, 0.9):
        steps, _ = down(ROSENBROCK, [-1, 1], rate=1e-3, momentum=momentum, most_steps=50)
        x = torch.tensor([-1.0, 1.0], dtype=torch.float64, requires_grad=True)
        optimiser = torch.optim.SGD([x], lr=1e-3, momentum=momentum)
        for step in steps:
            assert step.point == pytest.approx(x.tolist(), rel=1e-10)
            optimiser.zero_grad()
            ((1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2).backward()
            optimiser.step()


@pytest.mark.parametrize(
    ("text", "start"),
    [("x**2 + 3*y**2", [4, 2]), ("exp(x) - 2*x + (y-1)**4 + y**2", [1, 1]), (ROSENBROCK, [0, 0])],
)
def test_the_end_is_that_of_scipy(text, start):
    g = parse_formula(text).at
    _, outcome = down(text, start, line_search=True, most_steps=5000, flat=1e-4)
    found = {
        method.name: method
        for method in run_scipy_methods(g, start, gradient_of=partial(gradient, g))
    }
    assert outcome.last.point == pytest.approx(found["BFGS"].point, abs=5e-3)
    assert outcome.last.value == pytest.approx(found["BFGS"].value, abs=1e-5)
    assert found["BFGS"].steps < outcome.last.number
    assert set(found) == {"CG", "BFGS", "Nelder-Mead"}


def test_a_method_that_meets_infinity_is_silent():
    g = parse_formula("log(x) + 1/y").at
    assert (
        len(run_scipy_methods(g, [1, 1], gradient_of=partial(gradient, g, method="complex"))) == 3
    )


# Quicker ways


def test_momentum_is_quicker_in_a_long_valley():
    plain, _ = down("x**2 + 50*y**2", [4, 2], rate=0.01, most_steps=5000)
    quick, _ = down("x**2 + 50*y**2", [4, 2], rate=0.01, momentum=0.8, most_steps=5000)
    assert quick[-1].reason == plain[-1].reason == "flat"
    assert quick[-1].number < 0.5 * plain[-1].number


@given(start=st.tuples(NUMBERS, NUMBERS))
def test_line_search_never_goes_up(start):
    steps, _ = down(ROSENBROCK, start, line_search=True, most_steps=40)
    assert all(b.value <= a.value for a, b in pairwise(steps))


def test_line_search_keeps_away_from_places_without_value():
    steps, outcome = down("x - log(x)", [3], line_search=True, rate=100.0)
    assert outcome.reason == "flat"
    assert steps[-1].point[0] == pytest.approx(1, abs=1e-7)
    assert all(math.isfinite(step.value) for step in steps)


# Why it stops


@pytest.mark.parametrize(
    ("text", "start", "settings", "reason"),
    [
        ("t", [0], {}, "steps"),
        ("-t**2", [1], {}, "bottomless"),
        ("-exp(t)", [1], {"rate": 1.0}, "bottomless"),
        ("t", [0], {"line_search": True}, "bottomless"),
        ("log(t)", [1], {"rate": 1.5}, "undefined"),
        ("1/t", [0.5], {"rate": 0.125}, "steps"),
        ("1/t", [-1], {"rate": 1.0}, "undefined"),
        ("sqrt(t)", [1], {"rate": 2.5}, "undefined"),
        ("exp(t**2)", [3], {}, "diverged"),
        (ROSENBROCK, [-1, 1], {}, "diverged"),
        ("t**4", [1], {"rate": 1e-15, "still": 1e-12}, "still"),
        ("abs(t)", [1], {}, "steps"),
    ],
)
def test_why_it_stops(text, start, settings, reason):
    steps, outcome = down(text, start, **settings)
    assert outcome.reason == reason
    assert [step.reason for step in steps[:-1]] == [None] * (len(steps) - 1)
    assert [step.number for step in steps] == list(range(len(steps)))


def test_a_slope_of_0_at_the_start_ends_at_once():
    steps, outcome = down("x**2 - y**2", [0, 0])
    assert len(steps) == 1
    assert (outcome.reason, outcome.critical_point.kind, outcome.pace) == ("flat", "saddle", None)


def test_a_saddle_is_reached_along_its_ridge_and_left_beside_it():
    _, on_the_ridge = down("x**2 - y**2 + y**4", [1, 0])
    assert on_the_ridge.critical_point.kind == "saddle"
    _, beside = down("x**2 - y**2 + y**4", [1, 1e-6])
    assert beside.critical_point.kind == "minimum"
    assert beside.last.point == pytest.approx([0, 0.5**0.5], abs=1e-6)


def test_a_start_without_value_is_refused():
    for text in ("1/t", "log(t)"):
        with pytest.raises(UsageError) as caught:
            next(descend(parse_formula(text).at, [0]))
        assert (caught.value.code, caught.value.facts["place"]) == ("no_value", "0")


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"rate": 0}, "descent_rate"),
        ({"rate": -0.1}, "descent_rate"),
        ({"rate": math.nan}, "descent_rate"),
        ({"rate": math.inf}, "descent_rate"),
        ({"momentum": 1}, "descent_momentum"),
        ({"momentum": -0.1}, "descent_momentum"),
        ({"momentum": 0.5, "line_search": True}, "descent_two_ways"),
        ({"most_steps": 0}, "descent_steps"),
        ({"flat": -1}, "descent_tolerance"),
        ({"flat": math.nan}, "descent_tolerance"),
    ],
)
def test_a_recipe_that_cannot_go_down_is_refused(settings, code):
    with pytest.raises(UsageError) as caught:
        Recipe(**settings)
    assert caught.value.code == code


def test_steps_are_small_frozen_values():
    step, *_ = down(DECK, [0])[0]
    assert isinstance(step, GradientStep)
    assert hash(step) == hash(step)
    with pytest.raises(AttributeError):
        step.value = 0


# What the last place is


@pytest.mark.parametrize(
    ("text", "point", "kind"),
    [
        ("t**2", [0], "minimum"),
        ("-cos(t)", [0], "minimum"),
        ("cos(t)", [0], "maximum"),
        ("t**3", [0], "inflection"),
        ("t**3", [5e-5], "inflection"),
        ("-t**5", [1e-3], "inflection"),
        ("t**4", [1e-3], "minimum"),
        ("-t**4", [0], "maximum"),
        ("t**6 + 7", [0], "minimum"),
        ("1e-6*t**2", [0], "minimum"),
        ("1e6*t**2 + 1e6", [0], "minimum"),
        ("5 + 0*t", [3], "flat"),
        ("t - sin(t)", [0], "inflection"),
        ("x**2 + y**2", [0, 0], "minimum"),
        ("-x**2 - y**2", [0, 0], "maximum"),
        ("x*y", [0, 0], "saddle"),
        ("x**2 + y**3", [0, 0], "saddle"),
        ("x**2 + y**4", [0, 0], "minimum"),
        ("x**2 - y**4", [0, 0], "saddle"),
        ("x**2 + y**6", [0, 0], "minimum"),
        ("(x - y)**2", [1, 1], "flat"),
        (ROSENBROCK, [1, 1], "minimum"),
        ("x**2 + y**2 - 2*z**2", [0, 0, 0], "saddle"),
    ],
)
def test_critical_points(text, point, kind):
    assert critical_point(parse_formula(text).at, point, method="complex").kind == kind


@pytest.mark.parametrize(("text", "kind"), [("t**3", "inflection"), ("t**4", "minimum")])
def test_critical_points_where_descents_end(text, kind):
    _, outcome = down(text, [1], most_steps=100_000, flat=1e-5)
    assert (outcome.reason, outcome.critical_point.kind) == ("flat", kind)


@given(a=st.floats(-3, 3), b=st.floats(-3, 3), turn=st.floats(0, 3))
def test_critical_points_of_turned_parabolas(a, b, turn):
    if min(abs(a), abs(b)) < 0.05:
        return
    c, s = math.cos(turn), math.sin(turn)

    def g(x):
        u, v = c * x[0] + s * x[1], c * x[1] - s * x[0]
        return a * u * u + b * v * v

    found = critical_point(g, [0, 0])
    expected = "saddle" if a * b < 0 else "minimum" if a > 0 else "maximum"
    assert found.kind == expected
    assert found.curvatures == pytest.approx(sorted([2 * a, 2 * b]), abs=1e-4)


# Many starts


def test_many_starts_find_the_lowest_minimum():
    g = parse_formula("(t**2-1)**2 + 0.3*t").at
    starts = starts_within([(-2, 2)], count=30, seed=1)
    found = descend_many(g, starts, Recipe(rate=0.05), gradient_of=None)
    assert found.minima[0].point[0] == pytest.approx(-1.0355, abs=1e-3)
    assert found.minima[0].value < found.minima[1].value
    assert sum(low.starts for low in found.minima) == 30
    *_, last = descend(g, found.minima[0].start, Recipe(rate=0.05))
    assert last.point == found.minima[0].point


def test_starts_that_lead_nowhere_are_counted():
    g = parse_formula("log(t)").at
    found = descend_many(
        g, [[-1.0], [1.0], [50.0]], Recipe(rate=2.0, most_steps=10), gradient_of=None
    )
    assert found.minima == ()
    assert found.lost == {"no_value": 1, "undefined": 1, "steps": 1}


@given(seed=st.integers(0, 1000), low=NUMBERS, size=st.floats(0.01, 10))
def test_starts_are_within_their_bounds_and_the_same_again(seed, low, size):
    bounds = [(low, low + size), (0, 1)]
    starts = starts_within(bounds, count=7, seed=seed)
    assert starts.shape == (7, 2)
    assert (starts >= [low, 0]).all()
    assert (starts <= [low + size, 1]).all()
    assert (starts == starts_within(bounds, count=7, seed=seed)).all()


@pytest.mark.parametrize(
    ("bounds", "count", "code"),
    [
        ([(1, 1)], 1, "starts_bounds"),
        ([(2, 1)], 1, "starts_bounds"),
        ([(0, math.inf)], 1, "starts_bounds"),
        ([(0, 1)], 0, "starts_count"),
    ],
)
def test_starts_that_cannot_be_drawn(bounds, count, code):
    with pytest.raises(UsageError) as caught:
        starts_within(bounds, count=count, seed=0)
    assert caught.value.code == code


# In sentences


@pytest.mark.parametrize(
    ("text", "start", "settings", "words"),
    [
        (DECK, [0], {}, ["the slope is 0", "It is a minimum: the curvature is above 0 (9)"]),
        (DECK, [0], {"rate": 0.2}, ["jump from one side", "0.8 times", "below 0.1111"]),
        (DECK, [0], {"rate": 2 / 9}, ["hardly come closer", "rate smaller than"]),
        (DECK, [0], {"rate": 0.3}, ["go away", "1.7 times", "must stay below 0.2222"]),
        (DECK, [0], {"rate": 1e-4}, ["the most that were allowed", "A larger --rate"]),
        ("t**3", [1], {"most_steps": 10**5, "flat": 1e-5}, ["It is an inflection"]),
        ("-t**2", [1], {}, ["falls without end"]),
        ("-t**2", [0], {}, ["already 0", "It is a maximum"]),
        ("x**2-y**2", [1, 0], {}, ["It is a saddle", "(-2, 2)"]),
        ("(x-y)**2", [1, 0], {}, ["The ground is flat there in one direction"]),
        ("t**2", [1], {"momentum": 0.9}, ["On the way g rose"]),
        ("x**2+3*y**2", [4, 2], {"line_search": True}, ["the curvatures are above 0 (2, 6)"]),
    ],
)
def test_what_is_said(text, start, settings, words):
    _, outcome = down(text, start, **settings)
    recipe = Recipe(**settings)
    for language in LANGUAGES:
        with use_language(language):
            sentences = " ".join(explain(outcome, recipe))
            assert "{" not in sentences
            assert sentences.endswith(".")
    with use_language("en"):
        sentences = " ".join(explain(outcome, recipe))
    for word in words:
        assert word in sentences
