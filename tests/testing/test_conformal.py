from fractions import Fraction
from itertools import combinations

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


def covered(scores, judging, error):
    """Count the others whose set holds the true name, by sets over two names."""
    answers = np.stack([scores, 1 - scores], axis=1)
    labels = np.zeros(len(scores), np.int64)
    limit = set_limit(answers[judging], labels[judging], error)
    return int(prediction_sets(np.delete(answers, judging, axis=0), limit)[:, 0].sum())


@pytest.mark.parametrize("error", [0.1, 0.2, 0.3, 0.5])
@pytest.mark.parametrize(("n", "others"), [(4, 3), (5, 6), (9, 4), (7, 5)])
def test_all_splits_of_a_few_pictures_follow_the_law_exactly(n, others, error):
    """Each split once, no chance left: how many cover c pictures is the law's share of them."""
    stats = pytest.importorskip("scipy.stats", reason="needs the extra imagier[studies]")
    scores = np.random.default_rng(n).permutation(np.linspace(0.03, 0.97, n + others))
    splits = list(combinations(range(n + others), n))
    counts = np.bincount([covered(scores, list(split), error) for split in splits])
    place = int(np.ceil(Fraction(str(1 - error)) * (n + 1)))
    law = stats.betabinom(others, place, n + 1 - place) if place <= n else None
    expected = np.eye(others + 1)[-1] if law is None else law.pmf(np.arange(others + 1))
    shares = np.pad(counts, (0, others + 1 - len(counts))) / len(splits)
    np.testing.assert_allclose(shares, expected, atol=1e-12)


def test_ten_thousand_splits_of_scores_without_ties_follow_the_law():
    """As many judged and judging as in `benchmarks.trust_study`; the next place is told apart."""
    stats = pytest.importorskip("scipy.stats", reason="needs the extra imagier[studies]")
    generator, judging, others = np.random.default_rng(100), 450, 897
    scores = generator.permutation(np.linspace(0.03, 0.97, judging + others))
    counts = [
        covered(scores, generator.permutation(len(scores))[:judging], 0.1) for _ in range(10_000)
    ]
    place = 406  # the 406th of 450: 451 · 0.9 is 405.9
    jitter = generator.random(len(counts))
    p_values = []
    for k in (place - 1, place, place + 1):
        law = stats.betabinom(others, k, judging + 1 - k)
        uniform = law.cdf(counts) - jitter * law.pmf(counts)
        p_values.append(stats.kstest(uniform, "uniform").pvalue)
    assert p_values[1] > 0.001  # fixed with the seed before the first run
    assert max(p_values[0], p_values[2]) < 1e-6


@pytest.mark.parametrize("n", [24, 74, 99, 174, 300, 999])
def test_rounding_moves_no_place(n):
    """The shares of which a model keeps a limit, as the code writes them: 1 − 0.56, 1 − 0.68."""
    scores = np.linspace(0.001, 0.9, n)
    answers = np.stack([1 - scores, scores], axis=1)
    for hundredth in range(50, 100):
        place = int(np.ceil(Fraction(hundredth, 100) * (n + 1)))
        limit = set_limit(answers, np.zeros(n, np.int64), 1 - hundredth / 100)
        assert limit == pytest.approx(1 - scores[place - 1] if place <= n else 0, abs=1e-9)


def test_too_few_pictures_give_sets_of_all_names():
    answers, labels = made(8, np.random.default_rng(0))
    assert set_limit(answers, labels, 0.1) == 0
    assert prediction_sets(answers, 0.0).all()
    assert coverage_band(8, 0.1) == (1.0, 1.0)
