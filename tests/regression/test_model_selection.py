"""The choice of a family, and what is not worth choosing."""

import numpy as np
import pytest

from imagier.errors import DataError
from imagier.regression import example, fit, fit_table, make_family, select_family
from imagier.regression.model_selection import aicc, folds
from imagier.regression.variables import Variable, Variables

VARIABLES = Variables(columns=(Variable(title="x"),), words={})


def make(name, x):
    return make_family(name, VARIABLES, x)


X = np.linspace(0.5, 6, 45)
SHAPES = {
    "line": 3 + 2 * X,
    "poly:2": 3 + 2 * X - 1.5 * X**2,
    "exp": 2 * np.exp(0.7 * X),
    "power": 4 * X**1.6,
    "growth": 20 / (1 + np.exp(-2 * (X - 3))),
}


@pytest.mark.parametrize("family", SHAPES)
def test_the_family_of_the_points_is_found(family):
    y = SHAPES[family] + np.random.default_rng(3).normal(0, 0.25, len(X))
    assert select_family(X[:, None], y, make).best == family


def test_noise_alone_is_given_no_curve():
    y = np.random.default_rng(0).normal(0, 1, len(X))
    assert select_family(X[:, None], y, make, names=("poly:5", "line", "poly:3")).best == "line"


def test_left_out_points_are_predicted_from_the_others():
    y = SHAPES["line"][:20] + np.random.default_rng(0).normal(0, 1, 20)
    x = X[:20]
    found = select_family(x[:, None], y, make, names=("line",))
    rest = [np.delete(np.arange(20), place) for place in range(20)]
    lines = [np.polyfit(x[keep], y[keep], 1) for keep in rest]
    errors = [(np.polyval(line, x[at]) - y[at]) ** 2 for at, line in enumerate(lines)]
    assert found.parts == 20
    assert found.candidates[0].error == pytest.approx(np.mean(errors))


def test_aicc_is_that_of_statsmodels():
    api = pytest.importorskip("statsmodels.api")
    tools = pytest.importorskip("statsmodels.tools.eval_measures")
    y = SHAPES["line"] + np.random.default_rng(0).normal(0, 1, len(X))
    expected = api.OLS(y, api.add_constant(X)).fit()
    constant = len(X) * (np.log(2 * np.pi) + 1)  # the same for all models
    assert aicc(fit(X, y)) == pytest.approx(tools.aicc(expected.llf, len(X), 3) - constant)
    assert aicc(fit(X, y, error="huber")) is None


@pytest.mark.parametrize("count", [1, 2, 20, 21, 1003])
def test_each_point_is_left_out_once(count):
    parts = list(folds(count, seed=0))
    assert sorted(int(place) for part in parts for place in part) == list(range(count))
    assert len(parts) == (count if count <= 20 else 10)


def test_the_same_seed_gives_the_same_choice():
    y = SHAPES["exp"] + np.random.default_rng(0).normal(0, 1, len(X))
    assert select_family(X[:, None], y, make, seed=4) == select_family(X[:, None], y, make, seed=4)


def test_families_that_do_not_fit_say_why():
    found = select_family(np.array([[0.0], [1], [2], [3]]), np.array([1.0, 2, 4, 5]), make)
    refused = {one.family: one.refused.code for one in found.candidates if one.refused}
    assert refused["power"] == "fit_not_positive"
    assert found.best == "line"


def test_where_nothing_fits_the_first_refusal_is_told():
    with pytest.raises(DataError) as error:
        select_family(np.array([[1.0], [2]]), np.array([1.0, 2]), make)
    assert error.value.code == "fit_few_points"


def test_the_examples_choose_what_they_were_drawn_from():
    taken = {
        name: fit_table(example(name), target=target, family="auto").fit.family.name
        for name, target in [("turtles", "turtles"), ("pond", "covered"), ("heights", "son")]
    }
    assert taken == {"turtles": "line", "pond": "growth", "heights": "line"}
