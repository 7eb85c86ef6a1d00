import numpy as np
import pytest

from imagier.testing.conformal import coverage_band, prediction_sets, set_limit


def made(n, generator, k=6):
    logits = generator.normal(size=(n, k)) * 1.5
    answers = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = (answers.cumsum(axis=1) > generator.random((n, 1))).argmax(axis=1)
    return answers, labels


@pytest.mark.parametrize(("n", "error"), [(100, 0.1), (1000, 0.1), (5000, 0.05), (300, 0.2)])
def test_the_band_is_that_of_the_beta_distribution(n, error):
    stats = pytest.importorskip("scipy.stats", reason="needs the extra imagier[studies]")
    place = int(np.ceil((n + 1) * (1 - error)))
    expected = stats.beta.ppf([0.025, 0.975], place, n + 1 - place)
    assert coverage_band(n, error) == pytest.approx(tuple(expected), abs=1e-6)


def test_the_coverage_over_many_draws_follows_its_law():
    """500 draws of 200 pictures, against the beta-binomial law of 2,000 fresh ones."""
    stats = pytest.importorskip("scipy.stats", reason="needs the extra imagier[studies]")
    generator = np.random.default_rng(3)
    covered = []
    for _ in range(500):
        answers, labels = made(2200, generator)
        limit = set_limit(answers[:200], labels[:200], 0.1)
        sets = prediction_sets(answers[200:], limit)
        covered.append(int(sets[np.arange(2000), labels[200:]].sum()))
    law = stats.betabinom(2000, 181, 20)
    uniform = law.cdf(covered) - generator.random(500) * law.pmf(covered)
    assert stats.kstest(uniform, "uniform").pvalue > 0.01


def test_too_few_pictures_give_sets_of_all_names():
    answers, labels = made(8, np.random.default_rng(0))
    assert set_limit(answers, labels, 0.1) == 0
    assert prediction_sets(answers, 0.0).all()
    assert coverage_band(8, 0.1) == (1.0, 1.0)
