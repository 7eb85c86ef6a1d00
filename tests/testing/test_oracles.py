"""The figures of a test against the libraries that the field trusts, to a millionth.

scikit-learn, statsmodels, torchmetrics and crepes (`imagier[dev]`) compute the same from the same
answers; where one of them defines a figure otherwise, the definition is that of imagier's text.
"""

import numpy as np
import pytest

from imagier.binomial import clopper_pearson
from imagier.testing.calibration import (
    BINS,
    brier_scores,
    calibration,
    fit_temperature,
    with_temperature,
)
from imagier.testing.comparison import compare_answers, holm
from imagier.testing.conformal import coverage_band, prediction_sets, set_limit
from imagier.testing.intervals import wilson
from imagier.testing.metrics import class_rows, confusion, losses, macro_f1, score

CLOSE = 1e-6
CASES = [(300, 3, 0), (1000, 10, 1), (2500, 26, 2)]


def answers_of(n, k, seed):
    """Give probabilities that are often right, (n, k), and true classes, (n,)."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(size=(n, k))
    labels = generator.integers(0, k, n)
    logits[np.arange(n), labels] += 1.5
    answers = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return answers, labels


def calibration_of(answers, labels):
    is_right = answers.argmax(axis=1) == labels
    return calibration(answers.max(axis=1), is_right, brier_scores(answers, labels))


@pytest.fixture(params=CASES, ids=str)
def case(request):
    return answers_of(*request.param)


@pytest.fixture
def torch_metrics():
    pytest.importorskip("torch", reason="needs the extra imagier[train]")
    return pytest.importorskip(
        "torchmetrics.functional.classification", reason="needs the extra imagier[dev]"
    )


@pytest.fixture
def sklearn_metrics():
    return pytest.importorskip("sklearn.metrics", reason="needs the extra imagier[dev]")


def test_accuracy_f1_and_confusion(case, sklearn_metrics, torch_metrics):
    import torch

    answers, labels = case
    k, named = answers.shape[1], answers.argmax(axis=1)
    counts = confusion(labels, named, k)
    rows = class_rows(counts, [str(one) for one in range(k)])
    tensors = torch.tensor(answers), torch.tensor(labels)
    found = score(answers, labels)
    assert found.accuracy == pytest.approx(sklearn_metrics.accuracy_score(labels, named), abs=CLOSE)
    assert found.balanced_accuracy == pytest.approx(
        sklearn_metrics.balanced_accuracy_score(labels, named), abs=CLOSE
    )
    theirs = torch_metrics.multiclass_accuracy(*tensors, num_classes=k, average="micro")
    assert found.accuracy == pytest.approx(float(theirs), abs=CLOSE)
    np.testing.assert_array_equal(counts, sklearn_metrics.confusion_matrix(labels, named))
    np.testing.assert_array_equal(
        counts, torch_metrics.multiclass_confusion_matrix(*tensors, num_classes=k).numpy()
    )
    np.testing.assert_allclose(
        [row.f1 for row in rows],
        sklearn_metrics.f1_score(labels, named, average=None),
        atol=CLOSE,
    )
    theirs = torch_metrics.multiclass_f1_score(*tensors, num_classes=k, average="macro")
    assert macro_f1(rows) == pytest.approx(float(theirs), abs=CLOSE)


def test_log_loss_and_brier_score(case, sklearn_metrics):
    answers, labels = case
    classes = range(answers.shape[1])
    theirs = sklearn_metrics.log_loss(labels, answers, labels=classes)
    assert losses(answers, labels).mean() == pytest.approx(theirs, abs=CLOSE)
    theirs = sklearn_metrics.brier_score_loss(labels, answers, labels=classes, scale_by_half=False)
    assert calibration_of(answers, labels).brier == pytest.approx(theirs, abs=CLOSE)


def test_the_calibration_error(case, torch_metrics):
    import torch

    answers, labels = case
    theirs = torch_metrics.multiclass_calibration_error(
        torch.tensor(answers),
        torch.tensor(labels),
        num_classes=answers.shape[1],
        n_bins=BINS,
        norm="l1",
    )
    assert calibration_of(answers, labels).ece == pytest.approx(float(theirs), abs=CLOSE)


def test_temperature_scaling(case):
    """One inverse temperature by scikit-learn's own calibration, on the same logarithms."""
    pytest.importorskip("sklearn", reason="needs the extra imagier[dev]")
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.frozen import FrozenEstimator

    class Given(ClassifierMixin, BaseEstimator):
        """Answers with what it is asked: rows are logarithms of probabilities."""

        def fit(self, _, labels):
            self.classes_ = np.unique(labels)
            return self

        def decision_function(self, rows):
            return rows

        def predict(self, rows):
            return rows.argmax(axis=1)

    answers, labels = case
    logs = np.log(answers)
    frozen = FrozenEstimator(Given().fit(logs, labels))
    theirs = CalibratedClassifierCV(frozen, method="temperature").fit(logs, labels)
    found = with_temperature(answers, fit_temperature(answers, labels, doubt=0))
    np.testing.assert_allclose(found, theirs.predict_proba(logs), atol=2 * CLOSE)


@pytest.mark.parametrize(
    ("correct", "n"), [(0, 7), (7, 7), (97, 100), (970, 1000), (59_000, 60_000), (1, 3)]
)
def test_intervals_of_a_share(correct, n):
    proportion = pytest.importorskip(
        "statsmodels.stats.proportion", reason="needs the extra imagier[dev]"
    )
    for found, method in ((wilson, "wilson"), (clopper_pearson, "beta")):
        for level in (0.9, 0.95, 0.99):
            theirs = proportion.proportion_confint(correct, n, alpha=1 - level, method=method)
            np.testing.assert_allclose(found(correct, n, level=level), theirs, atol=CLOSE)


@pytest.mark.parametrize(("b", "c"), [(20, 32), (0, 5), (7, 7), (200, 260), (1, 0)])
def test_mcnemar_and_holm(b, c):
    tables = pytest.importorskip(
        "statsmodels.stats.contingency_tables", reason="needs the extra imagier[dev]"
    )
    from statsmodels.stats.multitest import multipletests

    first = np.repeat([True, False, True], [b, c, 50])
    second = np.repeat([False, True, True], [b, c, 50])
    p = compare_answers(first, second).p_value
    theirs = tables.mcnemar([[50, b], [c, 0]], exact=True).pvalue
    assert p == pytest.approx(theirs, abs=CLOSE)
    many = [p, 0.04, 0.001, 0.5]
    np.testing.assert_allclose(holm(many), multipletests(many, method="holm")[1], atol=CLOSE)


@pytest.mark.parametrize("error", [0.05, 0.1, 0.2])
def test_the_conformal_quantile(case, error):
    answers, labels = case
    n = len(labels) // 2 + 1  # (n + 1)(1 − error) is no whole number, where conventions part
    scores = 1 - answers[np.arange(n), labels[:n]]
    place = np.ceil((n + 1) * (1 - error))
    theirs = np.quantile(scores, place / n, method="inverted_cdf")
    assert 1 - set_limit(answers[:n], labels[:n], error) == pytest.approx(theirs, abs=CLOSE)


@pytest.mark.parametrize("error", [0.05, 0.1, 0.2])
def test_conformal_sets(case, error):
    crepes = pytest.importorskip("crepes", reason="needs the extra imagier[dev]")
    answers, labels = case
    n = len(labels) // 2 + 1
    classifier = crepes.ConformalClassifier()
    classifier.fit(1 - answers[np.arange(n), labels[:n]], seed=0)
    theirs = classifier.predict_set(1 - answers[n:], confidence=1 - error, smoothing=False)
    limit = set_limit(answers[:n], labels[:n], error)
    np.testing.assert_array_equal(prediction_sets(answers[n:], limit), np.asarray(theirs, bool))


@pytest.mark.parametrize(("n", "error"), [(100, 0.1), (1000, 0.1), (50_000, 0.02), (200_000, 0.3)])
def test_the_band_of_the_coverage(n, error):
    stats = pytest.importorskip("scipy.stats", reason="needs the extra imagier[studies]")
    place = int(np.ceil((n + 1) * (1 - error)))
    theirs = stats.beta.ppf([0.025, 0.975], place, n + 1 - place)
    np.testing.assert_allclose(coverage_band(n, error), theirs, atol=CLOSE)
