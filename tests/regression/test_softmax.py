"""Softmax regression: equal to scikit-learn, and probabilities under all circumstances."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from imagier.errors import DataError
from imagier.regression import example, fit_labels, fit_table, hits_when_left_out
from imagier.regression.softmax import softmax


def clouds(n=90, classes=3, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, classes, n)
    x = rng.normal(0, 1, (n, 2)) + 1.5 * np.column_stack([truth, truth % 2]) + [100, 0]
    return x, tuple(f"class {place}" for place in truth)


@pytest.mark.parametrize("classes", [3, 5])
def test_probabilities_and_coefficients_are_those_of_scikit_learn(classes):
    linear = pytest.importorskip("sklearn.linear_model")
    x, labels = clouds(classes=classes)
    found = fit_labels(x, labels, ("u", "v"))
    scaled = (x - x.mean(axis=0)) / x.std(axis=0)
    model = linear.LogisticRegression(C=1.0, tol=1e-10, max_iter=10_000).fit(scaled, labels)
    assert found.classes == tuple(model.classes_)
    assert found.predict(x) == pytest.approx(model.predict_proba(scaled), abs=1e-5)
    expected = model.coef_.T / x.std(axis=0)[:, None]
    assert found.weights[1:] == pytest.approx(expected, abs=1e-5)


def test_two_classes_are_the_logistic_regression_of_scikit_learn():
    linear = pytest.importorskip("sklearn.linear_model")
    x, labels = clouds(classes=2)
    scaled = (x - x.mean(axis=0)) / x.std(axis=0)
    # each class has its own line here: half the price for the same difference of the two
    model = linear.LogisticRegression(C=2.0, tol=1e-10, max_iter=10_000).fit(scaled, labels)
    found = fit_labels(x, labels, ("u", "v")).predict(x)
    assert found == pytest.approx(model.predict_proba(scaled), abs=1e-5)


def test_it_is_the_network_linear_of_chapter_4():
    torch = pytest.importorskip("torch")
    x, labels = clouds()
    found = fit_labels(x, labels, ("u", "v"))
    layer = torch.nn.Linear(2, 3).double()
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(found.weights[1:].T.copy()))
        layer.bias.copy_(torch.tensor(found.weights[0]))
    answer = torch.softmax(layer(torch.tensor(x)), dim=1)
    assert answer.detach().numpy() == pytest.approx(found.predict(x), abs=1e-12)
    loss = torch.nn.functional.cross_entropy(layer(torch.tensor(x)), torch.tensor(found.truth))
    assert float(loss.detach()) == pytest.approx(found.cross_entropy)


@given(arrays(np.float64, (3, 4), elements=st.floats(-1e6, 1e6)))
def test_softmax_gives_probabilities(z):
    shares = softmax(z)
    assert (shares >= 0).all()
    assert shares.sum(axis=1) == pytest.approx(np.ones(3))
    assert softmax(z + 7) == pytest.approx(shares)


def test_classes_without_overlap_have_finite_coefficients():
    x = np.array([[0.0], [1], [10], [11]])
    found = fit_labels(x, ("a", "a", "b", "b"), ("x",))
    assert np.isfinite(found.weights).all()
    assert found.accuracy == 1
    assert found.baseline == 0.5


def test_the_three_animals():
    found = fit_table(example("animals"), target="animal").labels
    assert found.classes == ("cat", "fox", "hare")
    assert found.accuracy > 0.9
    assert hits_when_left_out(found) > 0.85 * 90
    assert found.weights.sum(axis=1) == pytest.approx(np.zeros(3), abs=1e-9)


def test_a_label_that_was_left_out_entirely_is_a_miss():
    x = np.array([[0.0], [0.1], [5.0]])
    found = fit_labels(x, ("a", "a", "b"), ("x",))
    assert hits_when_left_out(found) == 2


@pytest.mark.parametrize(
    ("labels", "code"),
    [(("a",) * 5, "fit_one_label"), (tuple(map(str, range(101))), "fit_many_labels")],
)
def test_what_labels_are_refused(labels, code):
    with pytest.raises(DataError) as error:
        fit_labels(np.arange(len(labels), dtype=float)[:, None], labels, ("x",))
    assert error.value.code == code
